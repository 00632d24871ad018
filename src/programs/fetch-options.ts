import type { Listener } from '../events';

/** How a program is fetched that the machine does not have. */
export interface FetchOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly listener?: Listener | undefined;
  readonly signal?: AbortSignal | undefined;
}
