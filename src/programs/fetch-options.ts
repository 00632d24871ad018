import type { Listener } from '../util/events';

/** How a program is fetched that the machine does not have. */
export interface FetchOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly listener?: Listener | undefined;
  /** The most bytes that a download may have. @default 536870912 */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
