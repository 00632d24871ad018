import type { ClusterPlan } from '../kinds/cluster/cluster-plan';
import { missingObjects, remembered, someOf, type Objects, type StepEffect } from './missing-objects';
import type { ResolvedStep, StepGroup } from './resolved';
import { selectClusters, selectsClusters } from './select-clusters';
import type { ClusterSelection, StepKind } from './steps';

const EFFECTS: ReadonlyMap<StepKind, StepEffect['does']> = new Map(
  (['pause', 'unpause'] as const).map((kind) => [kind, 'changes'] as const),
);

/** The clusters that steps are for. */
export class ClustersOfSteps {
  /** Of a selection, by `namespace/name`. */
  private readonly selected: (selection: ClusterSelection) => Objects;

  constructor(
    private readonly root: StepGroup,
    plans: readonly ClusterPlan[],
  ) {
    this.selected = remembered(function* (selection: ClusterSelection) {
      for (const { cluster } of selectClusters(plans, selection)) yield cluster;
    });
  }

  /** Those that a run begins with. */
  get before(): Objects {
    return this.selected({});
  }

  /** @returns for each step whose clusters are not there, or there already: where it stands, and how to mend it */
  missing(): readonly string[] {
    const problem = ({ path, kind }: ResolvedStep, wrong: readonly string[], all: number) =>
      `${path}.${kind}: ${someOf(wrong, all, 'clusters')} are not there by then, such as ${wrong[0]}`;
    return missingObjects(this.root, { before: this.before, effectOf: (step) => this.effectOf(step), problem });
  }

  private effectOf(step: ResolvedStep): StepEffect | undefined {
    const does = EFFECTS.get(step.kind);
    const selection = step.props as ClusterSelection;
    if (does === undefined || !selectsClusters(selection)) return undefined;
    const { clusterSets, clusters, share } = selection;
    return { does, objects: this.selected({ clusterSets, clusters, share }) };
  }
}
