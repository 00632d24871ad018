import type { Metric } from '../report/report';

/** A metric of one run. */
export function metric(
  name: string,
  labels: Metric['labels'],
  unit: Metric['unit'],
  value: number,
  better: Metric['better'],
): Metric {
  // Six digits are more than any measurement here has.
  const short = Number(value.toPrecision(6));
  return { name, labels, unit, value: short, values: [short], better };
}

/** Adds metrics of one thing to a list; those that have no value are left out. */
export function metricAdder(metrics: Metric[], labels: Metric['labels']) {
  return (
    name: string,
    more: Metric['labels'],
    unit: Metric['unit'],
    value: number | undefined,
    better: Metric['better'],
  ): void => {
    if (value !== undefined) metrics.push(metric(name, { ...labels, ...more }, unit, value, better));
  };
}
