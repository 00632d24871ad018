/**
 * What library code tells whoever listens. Nothing but `src/cli` prints.
 *
 * A task is named by its noun ("kube-apiserver", "hosts"); it starts, may progress, and is done or fails by an
 * exception of the call that was given the listener.
 */
export type TestbedEvent =
  | { readonly type: 'start'; readonly task: string; readonly detail?: string }
  | {
      readonly type: 'progress';
      readonly task: string;
      readonly detail?: string;
      /** How much is done, in `unit`: `bytes`, `packages`, or what objects of a kind are called. */
      readonly done?: number;
      /** How much there is, in `unit`; absent while it is unknown. */
      readonly total?: number;
      readonly unit?: string;
      /** How much of it comes in a second now. */
      readonly perSecond?: number;
      /** Requests under way. */
      readonly inFlight?: number;
      /** Requests that were sent again. */
      readonly retries?: number;
      /** How long the rest takes at this rate. */
      readonly remainingSeconds?: number;
      /** How many hosts are in each provisioning state. */
      readonly states?: Readonly<Record<string, number>>;
    }
  | { readonly type: 'done'; readonly task: string; readonly detail?: string; readonly seconds: number }
  | { readonly type: 'warning'; readonly task: string; readonly detail: string };

/** Receives the events of one operation, in order. Must not throw. */
export type Listener = (event: TestbedEvent) => void;

/** How a caller follows what it has begun, and ends it. */
export interface Operation {
  /** @default none */
  readonly listener?: Listener | undefined;
  /** Aborting stops what was started. @default none */
  readonly signal?: AbortSignal | undefined;
}
