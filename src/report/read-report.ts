import { check } from '../../lib/crd';
import { invalidInput } from '../../lib/errors';
import { quoted } from '../../lib/visible';
import { metricKey } from './metrics';
import { isMap } from '../util/is-map';
import { readBounded } from '../util/read-bounded';
import { REPORT_VERSION, reportSchema, type Report } from './report';
import { upgradeVersion1 } from './version-1';
import { upgradeVersion2 } from './version-2';

/** A report of a day has a few. */
const MAX_BYTES = 256 * 1024 * 1024;
/** The last second that a date can be (a year of four digits), which exporters write. */
const LAST_SECOND = Date.parse('9999-12-31T23:59:59Z') / 1000;
/** More problems than these say nothing new. */
const SHOWN = 10;

/**
 * Reads a report.json, of the versions before this one too.
 *
 * @throws TestbedError (`invalid-input`) for a file that cannot be read, is not valid JSON, is of another version, or is not a report
 */
export async function readReport(file: string): Promise<Report> {
  const text = await readBounded(file, MAX_BYTES)
    .then(String)
    .catch((error: NodeJS.ErrnoException) => {
      throw invalidInput(
        `report ${file} cannot be read (${error.code}): name a report.json that 'metal3-testbed run' has written`,
      );
    });
  return parseReport(text, file);
}

/**
 * @param text content of a report.json
 * @param file what errors call it
 * @throws TestbedError (`invalid-input`) as {@link readReport}
 */
export function parseReport(text: string, file: string): Report {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidInput(`${file} is not valid JSON: give a report.json that 'metal3-testbed run' has written`);
  }
  const version = (value as { version?: unknown } | null)?.version;
  if (isMap(value) && version === 1) value = upgradeVersion2(upgradeVersion1(value));
  else if (isMap(value) && version === 2) value = upgradeVersion2(value);
  else if (typeof version === 'number' && version !== REPORT_VERSION) {
    throw invalidInput(
      `${file} has version ${version} of the format, and this metal3-testbed reads versions 1 to ${REPORT_VERSION}: ` +
        `use the release that wrote it, or run the scenario again`,
    );
  }
  const problems = check(reportSchema, value, '').map(({ path, message }) => `${path || 'report'}: ${message}`);
  if (problems.length === 0) problems.push(...contradictions(value as Report));
  if (problems.length > 0) {
    const more = problems.length > SHOWN ? [`and ${problems.length - SHOWN} more`] : [];
    throw invalidInput(
      `${file} is not a report of a run (report.schema.json says what one holds):\n` +
        [...problems.slice(0, SHOWN), ...more].map((line) => `  ${line}`).join('\n'),
    );
  }
  return value as Report;
}

/** What a schema cannot say: lists that belong together, and names that must differ. */
function* contradictions({
  startedAt,
  steps,
  metrics,
  distributions,
  waterfalls,
  environment,
  series,
}: Report): Generator<string> {
  yield* repeats('steps', steps, ({ name }) => name);
  yield* repeats('metrics', metrics, metricKey);
  yield* repeats(
    'series.series',
    series.series,
    ({ group, kind, name, unit }) => `${group} ${kind ?? ''} ${name} in ${unit}`,
  );
  const startedSecond = Date.parse(startedAt) / 1000;
  if (Number.isNaN(startedSecond)) yield `startedAt: must be a valid time; given ${quoted(startedAt, 64)}`;
  const isTime = (seconds: number) => startedSecond + seconds <= LAST_SECOND;
  for (const [i, at] of series.at.entries()) {
    if (!isTime(at)) yield `series.at[${i}]: must be before the year 10000; given ${at} s after startedAt`;
  }
  for (const [i, { start, end }] of steps.entries()) {
    if (!isTime(end)) yield `steps[${i}].end: must be before the year 10000; given ${end} s after startedAt`;
    if (end < start) yield `steps[${i}].end: must not be before its start, ${start}; given ${end}`;
  }
  for (const [i, { percentiles }] of distributions.entries()) {
    if (!isAscending(percentiles)) yield `distributions[${i}].percentiles: must ascend`;
  }
  yield* repeats('environment.unlikeProduction', environment.unlikeProduction ?? [], ({ option }) => option);
  for (const [i, { phases }] of waterfalls.entries()) {
    const follow = phases.every(({ start, end }, p) => start <= end && start >= (phases[p - 1]?.end ?? 0));
    if (!follow) yield `waterfalls[${i}].phases: must follow each other in time`;
  }
  if (!isAscending(series.at)) yield 'series.at: must ascend';
  for (const [i, { values }] of series.series.entries()) {
    if (values.length !== series.at.length) {
      yield `series.series[${i}].values: must have one value for each of the ${series.at.length} times; given ${values.length}`;
    }
  }
}

function* repeats<T>(path: string, items: readonly T[], keyOf: (item: T) => string): Generator<string> {
  const seen = new Map<string, number>();
  for (const [i, item] of items.entries()) {
    const key = keyOf(item);
    const earlier = seen.get(key);
    if (earlier !== undefined) yield `${path}[${i}]: must differ from [${earlier}]; both are ${key}`;
    else seen.set(key, i);
  }
}

function isAscending(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value >= values[i - 1]!);
}
