/** A step as it is drawn, in pixels from where the axis begins. */
export interface BarSpan {
  readonly left: number;
  readonly right: number;
  /** What its name takes. */
  readonly name: number;
  readonly isFault: boolean;
}

/** Where a bar and its name stand. */
export interface BarPlace {
  readonly lane: number;
  /** On the bar, behind it or before it: never half on it. */
  readonly side: 'left' | 'on' | 'right';
  /** How much of its name there is room for. */
  readonly room: number;
}

/** Room between a name that stands beside its bar and the next one. */
const SPACE = 8;
/** From here on names are cut instead of put below each other. */
const MOST_LANES = 5;

/**
 * Puts each bar with its name into the first lane that has room for both; faults have lanes of their own, below all. A short
 * step may have a long name, which stands beside it.
 *
 * @param bars from the first on
 * @param end to where names may go on
 */
export function placesOf(bars: readonly BarSpan[], end: number): readonly BarPlace[] {
  const taken: (readonly [from: number, to: number])[][] = [];
  const places = bars.map((): BarPlace => ({ lane: 0, side: 'on', room: 0 }));
  for (const isFault of [false, true]) {
    const first = isFault ? taken.length : 0;
    for (const [i, bar] of bars.entries()) {
      if (bar.isFault !== isFault) continue;
      const whole = spansOf(bar).filter(({ from, to }) => from >= -SPACE && to <= end + SPACE);
      const isFree = (lane: number, from: number, to: number) =>
        (taken[lane] ?? []).every((each) => from >= each[1] || to <= each[0]);
      const lanes = Array.from({ length: MOST_LANES }, (_, lane) => first + lane);
      const found = lanes.flatMap((lane) =>
        whole.filter(({ from, to }) => isFree(lane, from, to)).map((span) => ({ lane, ...span })),
      )[0];
      const { left, right, name } = bar;
      // No bar stands on another, whatever becomes of its name.
      const alone = lanes.find((lane) => (taken[lane] ?? []).every((each) => left >= each[1] || right <= each[0]));
      const { lane, side, from, to } = found ?? {
        ...{ lane: alone ?? first + MOST_LANES - 1, side: 'on' as const, from: left, to: right },
      };
      (taken[lane] ??= []).push([from, to]);
      places[i] = { lane, side, room: side === 'on' ? right - left : name };
    }
  }
  return places;
}

/** What a bar takes with its name on it, behind it and before it; a name that fits on it stands there. */
function spansOf({ left, right, name }: BarSpan) {
  if (name <= right - left) return [{ side: 'on', from: left, to: right } as const];
  return [
    { side: 'right', from: left, to: right + name + SPACE } as const,
    { side: 'left', from: left - name - SPACE, to: right } as const,
  ];
}
