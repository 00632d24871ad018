import {
  array,
  boolean,
  dateTime,
  described,
  enumeration,
  integer,
  jsonSchema,
  map,
  nullable,
  number,
  object,
  required,
  string,
  type Schema,
  type SchemaNode,
} from '../../lib/crd';
import { SIMULATOR_KINDS } from '../simulators/names';
import { ASKED, CREATED } from './asked';

export type * from './types';

/**
 * What a run of a scenario found, as `report.json` holds it: everything in plain numbers and lists, so that a report can be
 * read without this package, and any two can be compared metric by metric. The types and the published schema
 * (`report.schema.json`) are both made from the lines below.
 */

/** Raised with every change of the shape: a reader takes the versions it knows, and no unknown field. */
export const REPORT_VERSION = 3;

const count = integer({ minimum: 0 });
const seconds = number({ minimum: 0 });

/** A field that every report has, with what it means. */
const field = <T>(description: string, schema: Schema<T>) => required(described(description, schema));

const unit = enumeration('seconds', 'objects', 'objects per second', 'per second', 'count', 'bytes', 'cores', 'share');

const environment = described(
  'All that somebody needs to know to measure the same again.',
  object({
    version: field('Version of metal3-testbed.', string()),
    node: field('Version of Node.js.', string()),
    machine: required(
      object({
        cpu: field('The name of the processor.', string()),
        cores: field('How many cores Node.js sees.', count),
        memoryGB: field('Memory of the machine, in GB.', number({ minimum: 0 })),
        kernel: field('The kernel and its release.', string()),
        loadBefore: field(
          'Load of the minute before the run: what else the machine was doing.',
          number({ minimum: 0 }),
        ),
      }),
    ),
    clusters: required(
      array(
        object({
          name: required(string()),
          kind: required(enumeration('local', 'kind', 'existing')),
          kubernetes: field("The API server's own version.", string()),
        }),
      ),
    ),
    simulator: field(
      'What simulated the hosts.',
      object({ kind: required(enumeration(...SIMULATOR_KINDS)), version: required(string()) }),
    ),
    operators: field(
      'Each operator, with the arguments and the environment that it was started with.',
      array(
        object({
          name: required(string()),
          arguments: required(array(string())),
          environment: required(map(string())),
        }),
      ),
    ),
    managers: field(
      'Each manager that takes care of clusters, with the arguments and the environment that it was started with.',
      array(
        object({
          name: required(string()),
          version: required(string()),
          arguments: required(array(string())),
          environment: required(map(string())),
        }),
      ),
    ),
    unlikeProduction: described(
      'What the environment was not: each way in which it was unlike production, as it was described and really ran (not known, in a report of an earlier version).',
      array(
        object({
          option: field('Names it, the same in every report: such as operators.testMode.', string({ minLength: 1 })),
          here: field('What there was, such as: the Bare Metal Operator in test mode.', string({ minLength: 1 })),
          production: field('What production has in its place.', string({ minLength: 1 })),
        }),
      ),
    ),
    sets: field(
      'Each set of the description.',
      array(
        object({
          kind: field('Kind of its objects, such as BareMetalHost.', string()),
          name: required(string()),
          objects: required(count),
          namespaces: required(count),
        }),
      ),
    ),
  }),
);
const stepResult = described(
  'One step of the scenario, or one fault.',
  object({
    name: field('Unique in the report.', string({ minLength: 1 })),
    action: field('What it does: a kind of step or of fault.', string()),
    fault: described('Whether it breaks something on purpose (false).', boolean()),
    start: field('Seconds since the run began.', seconds),
    end: field('Seconds since the run began.', seconds),
    kind: described('Kind of the objects that it was to change (none).', string()),
    objects: field('Objects that it was to change.', count),
    done: field('Objects that got where it was to take them.', count),
    late: field('The first few that did not, namespace/name, each with why.', array(string())),
  }),
);
const metric = described(
  'One number, named and labelled as a Prometheus metric is.',
  object({
    name: field('Such as transition_seconds or step_objects_per_second.', string({ pattern: '^[a-z][a-z0-9_]*$' })),
    labels: field(
      'As a Prometheus metric has them, such as kind, step, from, to and quantile; a quantile is a number from 0 to 1.',
      map(string()),
    ),
    unit: required(unit),
    value: field('The median of the runs.', number()),
    values: field('The value of each run that has it.', array(number(), { minItems: 1 })),
    better: field('Which way is an improvement: what compare goes by.', enumeration('lower', 'higher', 'neither')),
  }),
);
const distribution = described(
  'How long one state change took, over all its hosts.',
  object({
    kind: field('Kind of the objects.', string()),
    step: required(string()),
    from: field(
      `The state before; '${ASKED}' for the whole way from the request to where the step takes an object; '${CREATED}' for the way of one that the step made to a condition.`,
      string(),
    ),
    to: required(string()),
    count: field('How many objects made this change.', count),
    percentiles: field(
      'In seconds, from the 0th to the 100th percentile: 101 numbers, ascending.',
      array(seconds, { minItems: 101, maxItems: 101 }),
    ),
  }),
);
const series = described(
  'What went up and down over the run.',
  object({
    group: field(
      'states stack up to the number of objects of a kind; conditions are how many have each; the other groups are lines too.',
      enumeration('states', 'conditions', 'throughput', 'operator', 'manager', 'workload-api', 'api-server', 'process'),
    ),
    kind: described('Kind of the objects, of states, conditions and throughput.', string()),
    name: field('Such as available, reconcile queue, patch baremetalhosts.', string()),
    unit: required(unit),
    values: field('One for each time of the axis; null where nothing was measured then.', array(nullable(number()))),
  }),
);
const waterfall = described(
  'Where the time of one object went, from when it was made until it was all that it is to be.',
  object({
    kind: field('Kind of the object.', string()),
    step: field('The step that made it.', string()),
    object: field('namespace/name', string()),
    rank: field(
      'Whether it is the one in the middle of those that the step made, or one of those that took longest.',
      enumeration('median', 'slowest'),
    ),
    of: field('How many objects the step made.', count),
    done: field('Whether it got there; else its last phase was not over when the run ended.', boolean()),
    seconds: field('All of it.', seconds),
    phases: field(
      'What it waited for, one after the other, in seconds since it was made.',
      array(object({ name: required(string({ minLength: 1 })), start: required(seconds), end: required(seconds) })),
    ),
  }),
);
const report = described(
  'What a run of a scenario found, or several runs merged.',
  object({
    version: field('Version of this format.', integer({ minimum: REPORT_VERSION, maximum: REPORT_VERSION })),
    name: field("The scenario's name.", string({ minLength: 1 })),
    startedAt: field(
      'When the first run began, by the wall clock. Every other time here is of the monotonic clock.',
      dateTime(),
    ),
    runs: field(
      'How many runs the metrics are medians of; steps, distributions, waterfalls and series are those of the run in the middle.',
      integer({ minimum: 1 }),
    ),
    environment: required(environment),
    steps: required(array(stepResult)),
    metrics: required(array(metric)),
    distributions: required(array(distribution)),
    waterfalls: field('Of each step that makes objects with phases, a few of them.', array(waterfall)),
    series: field(
      'What went up and down, all on one axis.',
      object({ at: field('Seconds since the run began, ascending.', array(seconds)), series: required(array(series)) }),
    ),
  }),
);
/** The parts of a report that have a name of their own in TypeScript; the types of these names are made from them. */
export const reportTypes = {
  Report: report,
  Environment: environment,
  StepResult: stepResult,
  Metric: metric,
  Distribution: distribution,
  Series: series,
  Waterfall: waterfall,
  Unit: unit,
} satisfies Readonly<Record<string, Schema>>;

export const reportSchema: SchemaNode = report;

/** The same as a JSON Schema document, as the package publishes it. */
export function reportJsonSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://unpkg.com/metal3-testbed/report.schema.json',
    title: 'Report of metal3-testbed',
    ...jsonSchema(report),
  };
}
