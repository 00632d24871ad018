import type { Operation } from '../util/events';

/** How a program is fetched that the machine does not have. */
export interface FetchOptions extends Operation {
  readonly env: NodeJS.ProcessEnv;
  /** The most bytes that a download may have. @default 536870912 */
  readonly maxBytes?: number | undefined;
}
