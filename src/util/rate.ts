/** Before that, a rate says nothing yet: the first objects are made while connections open and controllers wake up. */
const MIN_WINDOW_MS = 3_000;
/** As few that have been done, in the time that the rate is of, say nothing either. */
const MIN_DONE = 5;

/** How fast something goes on, of about its last seconds. */
export class Rate {
  private readonly samples: { readonly at: number; readonly done: number }[] = [];

  /** @param windowMs of how many milliseconds */
  constructor(private readonly windowMs: number) {}

  /**
   * @param at on the clock of performance.now()
   * @param done how much is done by now, in all
   * @param left how much is to be done; undefined where that is not known
   * @returns how much is done in a second, and in how many seconds the rest is, where that can be told yet
   */
  tell(
    at: number,
    done: number,
    left: number | undefined,
  ): { readonly perSecond: number; readonly remainingSeconds: number | undefined } {
    const { samples } = this;
    samples.push({ at, done });
    while (samples.length > 2 && at - (samples[0]?.at ?? at) > this.windowMs) samples.shift();
    const first = samples[0] ?? { at, done };
    const lately = { done: done - first.done, ms: at - first.at };
    return {
      perSecond: lately.ms > 0 ? Math.max(0, (lately.done / lately.ms) * 1000) : 0,
      remainingSeconds: remainingSeconds(left, lately),
    };
  }
}

function remainingSeconds(
  left: number | undefined,
  lately: { readonly done: number; readonly ms: number },
): number | undefined {
  if (left === undefined || lately.ms < MIN_WINDOW_MS || lately.done < Math.min(MIN_DONE, left)) return undefined;
  return lately.done <= 0 ? undefined : (Math.max(0, left) * lately.ms) / lately.done / 1000;
}
