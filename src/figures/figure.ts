import type { Figure } from '../report/report';

/** A figure of one run. */
export function figure(
  name: string,
  labels: Figure['labels'],
  unit: Figure['unit'],
  value: number,
  better: Figure['better'],
): Figure {
  // Six digits are more than any measurement here has.
  const short = Number(value.toPrecision(6));
  return { name, labels, unit, value: short, values: [short], better };
}
