/** The description of a scenario, checked as a whole, with its defaults filled in. */
import type { ResolvedStep, StepGroup, ResolvedScenario } from './resolved';
import type { Fleet } from '../kinds/bare-metal-host/fleet';
import { fewestProblems } from '../kinds/bare-metal-host/host-rules';
import { imageProblems } from '../kinds/bare-metal-host/image-rules';
import { parseIndexes } from '../kinds/bare-metal-host/indexes';
import { check, describeProblems } from '../crd';
import { invalidInput, TestbedError } from '../errors';
import { resolveFailures } from '../kinds/bare-metal-host/stages/failures';
import { scenarioSchema, STEP_KINDS } from './schema';
import { missingHosts } from './missing-hosts';
import { selectHosts } from './select-hosts';
import type {
  HostSelection,
  ProvisionStep,
  ScenarioProps,
  ScenarioStep,
  StepKind,
  StepKinds,
  StepOptions,
} from './steps';

/** What is run where a description has no scenario: how long its hosts take to settle. */
export const DEFAULT_SCENARIO: ScenarioProps = { name: 'enroll', steps: [{ enroll: {} }] };

/** Kinds of steps that select hosts. */
const HOST_STEPS: ReadonlySet<StepKind> = new Set([
  ...(['enroll', 'provision', 'deprovision', 'powerOn', 'powerOff', 'reboot', 'detach', 'attach'] as const),
  ...(['pause', 'unpause', 'delete', 'churn', 'takeCredentials', 'giveCredentials'] as const),
]);

/**
 * @param fleets the host sets of the description, which the steps select from
 * @param operators how many operators there are
 * @param releases of the operators; [] where they are not known
 * @throws TestbedError (`invalid-input`) naming everything that is not allowed by its path
 */
export function resolveScenario(
  scenario: ScenarioProps,
  fleets: readonly Fleet[],
  operators: number,
  releases: readonly string[] = [],
): ResolvedScenario {
  const shape = check(scenarioSchema, scenario, 'scenario');
  if (shape.length > 0) throw invalidInput(describeProblems(shape));
  const problems: string[] = [];
  const names = new StepNames();
  const defaultTimeout = scenario.timeoutSeconds ?? 600;

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
    const timeoutMs = (timeoutSeconds ?? defaultTimeout) * 1000;
    const timeoutPath = timeoutSeconds === undefined ? 'scenario.timeoutSeconds' : `${path}.timeoutSeconds`;
    if (name !== undefined && !names.take(name)) problems.push(`${path}.name: '${name}' is the name of another step`);
    problems.push(...stepProblems(kind, content as never, `${path}.${kind}`, fleets, operators));
    if (kind === 'provision')
      problems.push(...stepImageProblems(content as ProvisionStep, `${path}.provision.image`, releases));
    return {
      kind,
      props: content,
      name: name ?? '',
      path,
      timeoutMs,
      timeoutPath,
      mayFail,
    } as ResolvedStep;
  };
  const root = group('sequence', scenario.steps, 'scenario.steps');
  // Of steps that are wrong in themselves, nothing can be said about their hosts.
  if (problems.length === 0) problems.push(...missingHosts(root, fleets));
  if (problems.length > 0) throw invalidInput(problems.join('\n'));
  return {
    name: scenario.name ?? 'scenario',
    root: names.fillIn(root),
    scrapeMs: (scenario.scrapeSeconds ?? 5) * 1000,
  };
}

/** The steps of a group and of all groups in it, in the order of the description. */
export function* stepsOf(group: StepGroup): Generator<ResolvedStep, void, undefined> {
  for (const step of group.steps) {
    if ('steps' in step) yield* stepsOf(step);
    else yield step;
  }
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

function stepProblems<K extends StepKind>(
  kind: K,
  props: StepKinds[K],
  path: string,
  fleets: readonly Fleet[],
  operators: number,
): string[] {
  if (HOST_STEPS.has(kind)) return selectionProblems(props as HostSelection, path, fleets);
  if (kind === 'failHosts') {
    const problem = messageOf(() => resolveFailures((props as StepKinds['failHosts']).failures));
    return problem === undefined ? [] : [`${path}.failures: ${problem}`];
  }
  if (kind === 'slowApiServer' && (props as StepKinds['slowApiServer']).stoppedShare === 0)
    return [`${path}.stoppedShare: must be above 0; given 0`];
  const { operator } = props as StepKinds['killOperator'];
  if (kind === 'killOperator' && operator !== undefined && operator > operators)
    return [`${path}.operator: must be from 1 to ${operators}, the operators of the description; given ${operator}`];
  return [];
}

/** Of releases that are not known, it is enough if one takes the image. */
function stepImageProblems({ image }: ProvisionStep, path: string, releases: readonly string[]): readonly string[] {
  if (image === undefined) return [];
  const problemsOf = (release: string) => imageProblems(image, release, path);
  return releases.length === 0 ? fewestProblems(problemsOf) : [...new Set(releases.flatMap(problemsOf))];
}

function selectionProblems(selection: HostSelection, path: string, fleets: readonly Fleet[]): string[] {
  const { hostSets = [], hosts, share, perSecond } = selection;
  const known = fleets.map(({ name }) => name);
  const problems = hostSets.flatMap((name, i) =>
    known.includes(name)
      ? []
      : [`${path}.hostSets[${i}]: '${name}' is not a host set of the description: use ${known.join(', ')}`],
  );
  const indexes = hosts === undefined ? undefined : messageOf(() => parseIndexes(hosts));
  if (indexes !== undefined) problems.push(`${path}.hosts: ${indexes}`);
  if (share === 0) problems.push(`${path}.share: must be above 0; given 0`);
  if (perSecond === 0) problems.push(`${path}.perSecond: must be above 0; given 0`);
  if (problems.length === 0 && selectHosts(fleets, { ...selection, share: 1 }).next().done === true)
    problems.push(`${path}: selects no host of the description`);
  return problems;
}

function messageOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof TestbedError) return error.message;
    throw error;
  }
}
