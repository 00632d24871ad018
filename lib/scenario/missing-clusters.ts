import type { ClusterPlan } from '../kinds/cluster/cluster-plan';
import { isClusterStep } from './cluster-step-problems';
import { missingObjects, remembered, someOf, type Objects, type StepEffect } from './missing-objects';
import type { ResolvedStep, StepGroup } from './resolved';
import { selectClusters, selectsClusters } from './select-clusters';
import type { ClusterSelection } from './selections';
import { shapesOf } from '../kinds/cluster/shapes';
import { stepsOf } from './steps-of';
import type { StepKind } from './steps';

const EFFECTS: ReadonlyMap<StepKind, StepEffect['does']> = new Map([
  ['create', 'makes anew'],
  // Each reaches its goal for a cluster that is not there.
  ['delete', 'deletes'],
  ['churn', 'replaces'],
  ['move', 'takes'],
  ...(['pause', 'unpause', 'scaleControlPlane', 'scaleWorkers', 'upgrade', 'rollout', 'remediate'] as const).map(
    (kind) => [kind, 'changes'] as const,
  ),
]);

/** The clusters that steps are for, by `namespace/name`. */
export class ClustersOfSteps {
  private readonly selected: (selection: ClusterSelection) => Objects;

  constructor(
    private readonly root: StepGroup,
    private readonly plans: readonly ClusterPlan[],
  ) {
    this.selected = remembered(function* (selection: ClusterSelection) {
      for (const { cluster } of selectClusters(plans, selection)) yield cluster;
    });
  }

  /** Those that a run begins with: all but those that are made by the first step that is for them. */
  get before(): Objects {
    const before = new Set(this.selected({}));
    const met = new Set<string>();
    for (const step of [...stepsOf(this.root)].filter(isForClusters))
      for (const cluster of this.of(step)) {
        if (step.kind === 'create' && !met.has(cluster)) before.delete(cluster);
        met.add(cluster);
      }
    return before;
  }

  /** Those that are first made by a step that has them start available, but for the models of the others. */
  get seeded(): Objects {
    const seeded = new Set<string>();
    const met = new Set<string>();
    for (const step of [...stepsOf(this.root)].filter(isForClusters)) {
      const isSeeding = step.kind === 'create' && step.props.state !== undefined;
      const likes = isSeeding
        ? shapesOf(selectClusters(this.plans, step.props)).flatMap(({ like }) =>
            like.map(({ cluster }) => keyOf(cluster)),
          )
        : [];
      for (const cluster of likes) if (!met.has(cluster)) seeded.add(cluster);
      for (const cluster of this.of(step)) met.add(cluster);
    }
    return seeded;
  }

  /** @returns for each step whose clusters are not there, or there already: where it stands, and how to mend it */
  missing(): readonly string[] {
    const problem = ({ path, kind }: ResolvedStep, wrong: readonly string[], all: number) => {
      const which = `${path}.${kind}: ${someOf(wrong, all, 'clusters')} are`;
      if (kind === 'create')
        return `${which} there already by then, such as ${wrong[0]}: delete them before, or select others`;
      return `${which} not there by then, such as ${wrong[0]}: make them with a step 'create' before, or select others`;
    };
    return missingObjects(this.root, { before: this.before, effectOf: (step) => this.effectOf(step), problem });
  }

  /** Of a step that {@link isForClusters}. */
  of({ kind, props }: ResolvedStep): Objects {
    const { clusterSets, clusters, share } = props as ClusterSelection;
    // The share of a churn is that of one round; over time it takes all.
    return this.selected({ clusterSets, clusters, share: kind === 'churn' ? undefined : share });
  }

  private effectOf(step: ResolvedStep): StepEffect | undefined {
    const does = EFFECTS.get(step.kind);
    return does === undefined || !isForClusters(step) ? undefined : { does, objects: this.of(step) };
  }
}

/** Whether a step changes clusters that it selects. */
export function isForClusters({ kind, props }: Pick<ResolvedStep, 'kind' | 'props'>): boolean {
  return EFFECTS.has(kind) && (isClusterStep(kind) || selectsClusters(props as ClusterSelection));
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
