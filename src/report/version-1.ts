/** Reports of version 1, which knew no kind but BareMetalHost. */
import { bareMetalHostFace } from '../../lib/kinds/bare-metal-host/kind-face';
import { isMap } from '../util/is-map';

type Fields = Readonly<Record<string, unknown>>;

const { kind } = bareMetalHostFace;
const UNITS: Readonly<Record<string, string>> = { hosts: 'objects', 'hosts per second': 'objects per second' };
/** Those metrics that were of hosts; the others are of programs. */
const OF_HOSTS = /^(step|transition)_/;
const GROUPS_OF_HOSTS: ReadonlySet<unknown> = new Set(['states', 'throughput']);
/** Version 1's word for where an object settles. */
const SETTLED: Readonly<Record<string, string>> = { 'at rest': 'settled' };

/**
 * What a report of version 1 says, as version 2 says it. Nothing is checked here: what is wrong stays as it is, so that
 * whoever checks the result names it.
 */
export function upgradeVersion1(report: Fields): Fields {
  const { figures, ...rest } = report;
  const others = stepsWithoutHosts(report['steps']);
  return {
    ...rest,
    version: 2,
    ...change(rest, 'environment', upgradeEnvironment),
    ...change(rest, 'steps', each(upgradeStep)),
    ...change(
      { metrics: figures },
      'metrics',
      each((metric) => upgradeMetric(metric, others)),
    ),
    ...change(rest, 'distributions', each(upgradeDistribution)),
    ...change(rest, 'series', (series) => ({ ...series, ...change(series, 'series', each(upgradeSeries)) })),
  };
}

/** One field changed, where it is there and is a map or a list. */
function change(fields: Fields, name: string, how: (value: Fields) => unknown): Fields {
  const value = fields[name];
  return typeof value === 'object' && value !== null ? { [name]: how(value as Fields) } : {};
}

const each =
  (how: (item: Fields) => Fields) =>
  (items: unknown): unknown =>
    Array.isArray(items) ? items.map((item: unknown) => (isMap(item) ? how(item) : item)) : items;

/** A field that has another name now. */
function renamed(fields: Fields, from: string, to: string): Fields {
  if (!(from in fields)) return fields;
  const { [from]: value, ...rest } = fields;
  return { ...rest, [to]: value };
}

function lookedUp(table: Readonly<Record<string, string>>, value: unknown): unknown {
  return typeof value === 'string' ? (table[value] ?? value) : value;
}

function upgradeEnvironment(environment: Fields): Fields {
  const upgraded = renamed(environment, 'hostSets', 'sets');
  return {
    ...upgraded,
    ...change(
      upgraded,
      'sets',
      each((set) => ({ kind, ...renamed(set, 'hosts', 'objects') })),
    ),
  };
}

function upgradeStep(step: Fields): Fields {
  const upgraded = renamed(renamed(step, 'kind', 'action'), 'hosts', 'objects');
  return upgraded['objects'] === 0 ? upgraded : { ...upgraded, kind };
}

/** The names of the steps that are for no host in particular. */
function stepsWithoutHosts(steps: unknown): ReadonlySet<unknown> {
  const all = Array.isArray(steps) ? steps.filter(isMap) : [];
  return new Set(all.filter(({ hosts }) => hosts === 0).map(({ name }) => name));
}

/** @param others steps that are for no host in particular */
function upgradeMetric(metric: Fields, others: ReadonlySet<unknown>): Fields {
  const { name, labels } = metric;
  if (typeof name !== 'string' || !OF_HOSTS.test(name)) return metric;
  return {
    ...metric,
    name: name.replaceAll('_hosts', '_objects').replaceAll('_host_', '_object_'),
    unit: lookedUp(UNITS, metric['unit']),
    labels: isMap(labels) && !others.has(labels['step']) ? { kind, ...labels } : labels,
  };
}

function upgradeDistribution(distribution: Fields): Fields {
  return { kind, ...distribution, to: lookedUp(SETTLED, distribution['to']) };
}

function upgradeSeries(series: Fields): Fields {
  if (!GROUPS_OF_HOSTS.has(series['group'])) return series;
  return { ...series, kind, unit: lookedUp(UNITS, series['unit']) };
}
