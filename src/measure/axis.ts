import type { Series } from '../report/report';
import { rounded } from './percentiles';

/** Points in time are no closer than this, and no more than a drawing can show. */
const LEAST_SECONDS = 1;
const MOST_POINTS = 600;

/** The times that all series of a run share. */
export interface Axis {
  /** Seconds since the run began, ascending, evenly spaced but for the last. */
  readonly at: readonly number[];
  readonly stepSeconds: number;
  /** When the run began, in milliseconds on the monotonic clock. */
  readonly epoch: number;
}

/** @param epoch @param end when the run began and ended, in milliseconds on the monotonic clock */
export function axisOf(epoch: number, end: number): Axis {
  const seconds = Math.max(0, end - epoch) / 1000;
  const stepSeconds = Math.max(LEAST_SECONDS, Math.ceil(seconds / MOST_POINTS));
  const count = Math.floor(seconds / stepSeconds) + 1;
  const at = Array.from({ length: count }, (_, i) => i * stepSeconds);
  if (seconds > (at.at(-1) ?? 0)) at.push(rounded(seconds));
  return { at, stepSeconds, epoch };
}

/** The first point of the axis that is not before a time; the last one for what comes after the end. */
export function indexOf({ at, stepSeconds, epoch }: Axis, time: number): number {
  const position = Math.ceil((time - epoch) / 1000 / stepSeconds);
  return Math.min(at.length - 1, Math.max(0, position));
}

/** Something that was measured now and then. */
export interface MeasuredSeries extends Omit<Series, 'values'> {
  /** In the order in which it was measured. */
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

/** The same on the axis: a measurement goes to the point that follows it, of several the last. */
export function onAxis({ points, ...series }: MeasuredSeries, axis: Axis): Series {
  const values = axis.at.map((): number | null => null);
  for (const { at, value } of points) values[indexOf(axis, at)] = Number(value.toPrecision(6));
  return { ...series, values };
}
