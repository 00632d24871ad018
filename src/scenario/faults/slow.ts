import { sendSignal } from '../../process/signal';
import { pause } from '../../util/pause';

/** A slice of time, of which a process stands still for a part: short to clients, long to a scheduler. */
const SLICE_MS = 100;

export interface Slowness {
  /** How much of the time processes stand still. */
  readonly stoppedShare: number;
  readonly forSeconds: number;
  readonly signal: AbortSignal | undefined;
}

/** Stops and continues processes, over and over. They run on afterwards, whatever happens. */
export async function slowDown(pids: readonly number[], { stoppedShare, forSeconds, signal }: Slowness): Promise<void> {
  const send = (what: NodeJS.Signals) => pids.forEach((pid) => sendSignal(pid, what));
  const end = performance.now() + forSeconds * 1000;
  try {
    while (performance.now() < end) {
      send('SIGSTOP');
      await pause(SLICE_MS * stoppedShare, signal);
      send('SIGCONT');
      await pause(SLICE_MS * (1 - stoppedShare), signal);
    }
  } finally {
    send('SIGCONT');
  }
}
