/** Looks for steps whose hosts cannot be there, which would wait for them until they time out. */
import type { Fleet } from '../kinds/bare-metal-host/fleet';
import type { ResolvedStep, StepGroup } from './resolved';
import { selectHosts } from './select-hosts';
import type { HostSelection, StepKind } from './steps';

/** Kinds of steps that change hosts, and do not make them. */
const CHANGES: ReadonlySet<StepKind> = new Set([
  ...(['provision', 'deprovision', 'powerOn', 'powerOff', 'reboot', 'detach', 'attach', 'pause', 'unpause'] as const),
  ...(['takeCredentials', 'giveCredentials'] as const),
]);
/** Kinds that reach their goal for a host that is not there, so that some may be missing, but not all. */
const TOLERANT: ReadonlySet<StepKind> = new Set(['delete', 'churn'] as const);

/** The hosts that may exist at some point of a scenario, by `namespace/name`. A run begins without any. */
type Hosts = ReadonlySet<string>;

/**
 * @returns for each step that selects hosts which no step before it makes: where it stands, and how to mend it. Of steps
 * that run in parallel, any may come first.
 */
export function missingHosts(root: StepGroup, fleets: readonly Fleet[]): readonly string[] {
  const problems: string[] = [];
  const selections = new Map<string, Hosts>();
  const selected = (step: ResolvedStep): Hosts => {
    const { hostSets, hosts, share } = step.props as HostSelection;
    // The share of a churn is that of one round; over time it takes all.
    const selection = { hostSets, hosts, share: step.kind === 'churn' ? undefined : share };
    const key = JSON.stringify(selection);
    const known = selections.get(key) ?? new Set([...selectHosts(fleets, selection)].map(({ host }) => keyOf(host)));
    selections.set(key, known);
    return known;
  };

  const after = (step: ResolvedStep | StepGroup, before: Hosts): Hosts => {
    if (!('steps' in step)) return afterStep(step, before);
    if (step.kind === 'sequence') return step.steps.reduce((there, each) => after(each, there), before);
    const branches = step.steps.map((each) => made(each));
    const ends = step.steps.map((each, i) => {
      const others = branches.filter((_, j) => j !== i).flatMap((hosts) => [...hosts]);
      return after(each, others.length === 0 ? before : new Set([...before, ...others]));
    });
    return union(ends);
  };
  const afterStep = (step: ResolvedStep, before: Hosts): Hosts => {
    if (step.kind === 'enroll') return union([before, selected(step)]);
    if (!CHANGES.has(step.kind) && !TOLERANT.has(step.kind)) return before;
    const hosts = selected(step);
    const missing = [...hosts].filter((host) => !before.has(host));
    if (missing.length === hosts.size || (missing.length > 0 && !TOLERANT.has(step.kind))) {
      problems.push(problemOf(step, missing, hosts.size));
      // Said once: what follows is looked at as if they had been made.
      return union([before, hosts]);
    }
    if (step.kind === 'churn') return union([before, hosts]);
    return step.kind === 'delete' ? new Set([...before].filter((host) => !hosts.has(host))) : before;
  };
  /** All hosts that a step, or one in it, makes. */
  const made = (step: ResolvedStep | StepGroup): Hosts => {
    if ('steps' in step) return union(step.steps.map(made));
    return step.kind === 'enroll' || step.kind === 'churn' ? selected(step) : new Set();
  };

  after(root, new Set());
  return problems;
}

function problemOf({ path, kind }: ResolvedStep, missing: readonly string[], all: number): string {
  const which = missing.length === all ? `all of its ${all} hosts` : `${missing.length} of its ${all} hosts`;
  return (
    `${path}.${kind}: ${which} are not there by then, such as ${missing[0]}: ` +
    `begin with a step 'enroll' that makes them${missing.length === all ? '' : ', or select fewer'} (a run begins without hosts)`
  );
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

function union(sets: readonly Hosts[]): Hosts {
  const [first, ...others] = sets.filter(({ size }) => size > 0);
  if (first === undefined || others.length === 0) return first ?? new Set();
  return new Set([first, ...others].flatMap((set) => [...set]));
}
