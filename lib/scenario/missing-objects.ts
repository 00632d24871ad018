/** Looks for steps whose objects cannot be there, which would wait for them until they time out. */
import type { ResolvedStep, StepGroup } from './resolved';

/** Objects of one kind that may exist at some point of a scenario, by `namespace/name`. */
export type Objects = ReadonlySet<string>;

/** What a step does about the objects that it is for. */
export interface StepEffect {
  /**
   * `makes`: they are there afterwards, and may be before. `makes anew`: they must not be there before. `changes`: all have to
   * be there. `takes`: all have to be there, and are gone afterwards. `replaces`, `deletes`: some may be missing, but not all.
   */
  readonly does: 'changes' | 'deletes' | 'makes' | 'makes anew' | 'replaces' | 'takes';
  readonly objects: Objects;
}

/** What is known of the objects of one kind. */
export interface Presence {
  /** What a run begins with. */
  readonly before: Objects;
  /** undefined for a step that is for none of them. */
  readonly effectOf: (step: ResolvedStep) => StepEffect | undefined;
  /** Says that some of the objects of a step are missing, or there where they must not be. */
  readonly problem: (step: ResolvedStep, wrong: readonly string[], all: number) => string;
}

/** @returns for each step that cannot be: where it stands, and how to mend it. Of steps that run in parallel, any may come first. */
export function missingObjects(root: StepGroup, { before: first, effectOf, problem }: Presence): readonly string[] {
  const problems: string[] = [];
  const after = (step: ResolvedStep | StepGroup, before: Objects): Objects => {
    if (!('steps' in step)) return afterStep(step, before);
    if (step.kind === 'sequence') return step.steps.reduce((there, each) => after(each, there), before);
    const branches = step.steps.map((each) => made(each));
    const ends = step.steps.map((each, i) => {
      const others = branches.filter((_, j) => j !== i).flatMap((objects) => [...objects]);
      return after(each, others.length === 0 ? before : new Set([...before, ...others]));
    });
    return union(ends);
  };
  const afterStep = (step: ResolvedStep, before: Objects): Objects => {
    const effect = effectOf(step);
    if (effect === undefined) return before;
    const { does, objects } = effect;
    if (does === 'makes') return union([before, objects]);
    const [there, missing] = [[] as string[], [] as string[]];
    for (const object of objects) (before.has(object) ? there : missing).push(object);
    const isAllWanted = does === 'changes' || does === 'takes';
    const wrong = does === 'makes anew' ? there : isAllWanted || missing.length === objects.size ? missing : [];
    if (wrong.length > 0) {
      problems.push(problem(step, wrong, objects.size));
      // Said once: what follows is looked at as if all was well.
      return union([before, objects]);
    }
    if (does === 'deletes' || does === 'takes') return new Set([...before].filter((object) => !objects.has(object)));
    return does === 'changes' ? before : union([before, objects]);
  };
  /** All objects that a step, or one in it, makes. */
  const made = (step: ResolvedStep | StepGroup): Objects => {
    if ('steps' in step) return union(step.steps.map(made));
    const effect = effectOf(step);
    return effect === undefined || ['changes', 'deletes', 'takes'].includes(effect.does) ? new Set() : effect.objects;
  };

  after(root, first);
  return problems;
}

/** `all of its 3 clusters`, or `1 of its 3 clusters`. */
export function someOf(wrong: readonly string[], all: number, noun: string): string {
  return wrong.length === all ? `all of its ${all} ${noun}` : `${wrong.length} of its ${all} ${noun}`;
}

/** The objects of selections, which many steps have in common, computed once each. */
export function remembered<T>(select: (selection: T) => Iterable<NamespacedName>): (selection: T) => Objects {
  const known = new Map<string, Objects>();
  return (selection) => {
    const key = JSON.stringify(selection);
    let objects = known.get(key);
    if (objects === undefined) {
      const names: string[] = [];
      for (const { namespace, name } of select(selection)) names.push(`${namespace}/${name}`);
      objects = new Set(names);
      known.set(key, objects);
    }
    return objects;
  };
}

interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

function union(sets: readonly Objects[]): Objects {
  const [first, ...others] = sets.filter(({ size }) => size > 0);
  if (first === undefined || others.length === 0) return first ?? new Set();
  return new Set([first, ...others].flatMap((set) => [...set]));
}
