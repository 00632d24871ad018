import { MAX_METRICS_BYTES, Samples, type WantedFamily } from './samples';

/**
 * Reads Prometheus' text format line by line, and keeps what is wanted: an operator with 10,000 hosts has tens of
 * megabytes of which a few hundred values matter.
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * @throws an error where they have no end
 */
export async function readMetrics(
  lines: AsyncIterable<string> | Iterable<string>,
  wanted: readonly WantedFamily[],
): Promise<Samples> {
  const families = new Map(wanted.map((family) => [family.name, family]));
  const samples = new Samples();
  let length = 0;
  for await (const line of lines) {
    length += line.length + 1;
    if (length > MAX_METRICS_BYTES) throw new Error(`there are more than ${MAX_METRICS_BYTES} bytes of metrics`);
    const end = nameEnd(line);
    const kept = end === 0 ? undefined : families.get(line.slice(0, end));
    if (kept === undefined) continue;
    const close = line[end] === '{' ? line.lastIndexOf('}') : end - 1;
    const value = numberOf(line.slice(close + 1));
    if (Number.isNaN(value)) continue;
    samples.add(line.slice(0, end), kept.labels.length === 0 ? {} : labelsOf(line.slice(end + 1, close), kept), value);
  }
  return samples;
}

/** Where the name of a line's metric ends; 0 for comments and empty lines. */
function nameEnd(line: string): number {
  if (line === '' || line.startsWith('#')) return 0;
  for (let i = 0; i < line.length; i++) {
    const character = line[i];
    if (character === '{' || character === ' ') return i;
  }
  return 0;
}

/** A value may be followed by a time. */
function numberOf(text: string): number {
  const [value = ''] = text.trim().split(' ');
  if (value === '+Inf') return Infinity;
  return value === '' ? NaN : Number(value);
}

/** The wanted labels in the wanted order, '' for one that is not there. */
function labelsOf(text: string, { labels: wanted, shortened }: WantedFamily): Record<string, string> {
  const labels = Object.fromEntries(wanted.map((name) => [name, '']));
  for (const [, name = '', escapedValue = ''] of text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
    if (!Object.hasOwn(labels, name)) continue;
    const value = escapedValue.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    labels[name] = shortened === undefined ? value : shortened(name, value);
  }
  return labels;
}
