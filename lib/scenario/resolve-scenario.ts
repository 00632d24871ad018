/** The description of a scenario, checked as a whole, with its defaults filled in. */
import type { ResolvedStep, StepGroup, ResolvedScenario } from './resolved';
import { UNNAMED_SCENARIO } from './resolved';
import { check, describeProblems } from '../crd';
import { invalidInput } from '../errors';
import { scenarioSchema, STEP_KINDS } from './schema';
import { courseProblems } from './cluster-course';
import { ClustersOfSteps, isForClusters } from './missing-clusters';
import { missingHosts } from './missing-hosts';
import { stepProblems, type Described } from './step-problems';
import type { ScenarioProps, ScenarioStep, StepKind, StepOptions } from './steps';

/** What is run where a description has no scenario: how long its hosts take to settle. */
export const DEFAULT_SCENARIO: ScenarioProps = { name: 'enroll', steps: [{ enroll: {} }] };

/** @throws TestbedError (`invalid-input`) naming everything that is not allowed by its path */
export function resolveScenario(scenario: ScenarioProps, of: Partial<Described>): ResolvedScenario {
  const described: Described = { fleets: [], clusterSets: [], managers: [], operators: 1, releases: [], ...of };
  const shape = check(scenarioSchema, scenario, 'scenario');
  if (shape.length > 0) throw invalidInput(describeProblems(shape));
  const problems: string[] = [];
  const names = new StepNames();

  const group = (kind: StepGroup['kind'], steps: readonly ScenarioStep[], path: string): StepGroup => ({
    kind,
    steps: steps.flatMap((step, i) => resolve(step, `${path}[${i}]`) ?? []),
  });
  const resolve = (step: ScenarioStep, path: string): ResolvedStep | StepGroup | undefined => {
    const kind = kindOf(step);
    if (kind === undefined) {
      problems.push(`${path}: must have exactly one of ${GROUPS_AND_KINDS.join(', ')}; given ${givenIn(step)}`);
      return undefined;
    }
    const content = (step as Readonly<Record<string, unknown>>)[kind];
    if (kind === 'sequence' || kind === 'parallel') {
      for (const option of ['name', 'timeoutSeconds', 'mayFail'] as const)
        if (option in step) problems.push(`${path}.${option}: goes to the steps of a ${kind}, not to the ${kind}`);
      return group(kind, content as readonly ScenarioStep[], `${path}.${kind}`);
    }
    const { name, timeoutSeconds, mayFail = false } = step as StepOptions;
    const timeoutPath = timeoutSeconds === undefined ? 'scenario.timeoutSeconds' : `${path}.timeoutSeconds`;
    if (name !== undefined && !names.take(name)) problems.push(`${path}.name: '${name}' is the name of another step`);
    problems.push(...stepProblems(kind, content as never, `${path}.${kind}`, described));
    const seconds = timeoutSeconds ?? scenario.timeoutSeconds;
    const timeoutMs = seconds === undefined ? UNSET : seconds * 1000;
    return { kind, props: content, name: name ?? '', path, timeoutMs, timeoutPath, mayFail } as ResolvedStep;
  };
  const root = group('sequence', scenario.steps, 'scenario.steps');
  // Of steps that are wrong in themselves, nothing can be said about their hosts and clusters.
  if (problems.length > 0) throw invalidInput(problems.join('\n'));
  const clusters = new ClustersOfSteps(root, described.clusterSets);
  problems.push(...missingHosts(root, described.fleets), ...clusters.missing());
  if (problems.length === 0) problems.push(...courseProblems(root, clusters, described.clusterSets));
  if (problems.length > 0) throw invalidInput(problems.join('\n'));
  const timed = withTimeouts(root, (step) => (isForClusters(step) ? clusters.of(step).size : 0));
  return {
    name: scenario.name ?? UNNAMED_SCENARIO,
    root: names.fillIn(timed),
    scrapeMs: (scenario.scrapeSeconds ?? 5) * 1000,
  };
}

const GROUPS_AND_KINDS = [...STEP_KINDS, 'sequence', 'parallel'] as const;
type Key = (typeof GROUPS_AND_KINDS)[number];

function keysOf(step: object): readonly Key[] {
  return GROUPS_AND_KINDS.filter((key) => (step as Readonly<Record<string, unknown>>)[key] !== undefined);
}

function kindOf(step: ScenarioStep): Key | undefined {
  const keys = keysOf(step);
  return keys.length === 1 ? keys[0] : undefined;
}

function givenIn(step: ScenarioStep): string {
  return keysOf(step).join(' and ') || 'none';
}

/** Gives every step a name of its own; those that the description gives go first. */
class StepNames {
  private readonly taken = new Set<string>();

  /** @returns whether nobody had it */
  take(name: string): boolean {
    if (this.taken.has(name)) return false;
    this.taken.add(name);
    return true;
  }

  fillIn(group: StepGroup): StepGroup {
    return {
      ...group,
      steps: group.steps.map((step) => {
        if ('steps' in step) return this.fillIn(step);
        return step.name === '' ? { ...step, name: this.free(step.kind) } : step;
      }),
    };
  }

  private free(kind: StepKind): string {
    for (let i = 1; ; i++) {
      const name = i === 1 ? kind : `${kind} ${i}`;
      if (this.take(name)) return name;
    }
  }
}

/** Of a step before its time is known. */
const UNSET = -1;
const TIMEOUT_MS = 600_000;
/** As `up` has it: a cluster takes about 7 seconds of a core, of which there may be one. */
const CLUSTER_MS = 30_000;

/** Gives each step a time where the scenario says none. */
function withTimeouts(group: StepGroup, clustersOf: (step: ResolvedStep) => number): StepGroup {
  const timed = (step: ResolvedStep): ResolvedStep =>
    step.timeoutMs !== UNSET ? step : { ...step, timeoutMs: TIMEOUT_MS + clustersOf(step) * CLUSTER_MS };
  return {
    ...group,
    steps: group.steps.map((step) => ('steps' in step ? withTimeouts(step, clustersOf) : timed(step))),
  };
}
