/** The steps that replace the machines of clusters. */
import { createHash } from 'node:crypto';
import type { PlannedCluster, ClusterPlan } from '../../../lib/kinds/cluster/cluster-plan';
import { CONTROL_PLANE } from '../../../lib/kinds/cluster/cluster-parts';
import { upgraded } from '../../../lib/kinds/cluster/cluster-settings';
import { clusterKind, type ObservedCluster } from '../../../lib/kinds/cluster/kind';
import { isWell } from '../../../lib/kinds/cluster/well';
import type { ObservedMachine } from '../../../lib/kinds/machine/kind';
import type { UpgradeStep } from '../../../lib/scenario/cluster-steps';
import type { Manifest } from '../../../lib/upstream';
import { keyOf, type Target } from '../../scenario/arrivals';
import { sendChange } from '../../scenario/change-objects';
import { forEachRateLimited } from '../../scenario/rate-limited';
import { watchOf, type ScenarioRun, type StepAction } from '../../scenario/scenario-run';
import { memoryOf } from '../../scenario/step-memory';
import { pause } from '../../util/pause';
import { bySelected, changeClusters, OldMachines, selectedClusters } from './change-clusters';
import { asOwn } from './own-clusters';
import { controlPlanePath, machineDeploymentPath } from './parts';
import {
  changeTopology,
  inGroups,
  inVariables,
  type Operation,
  type Topology,
  type TopologyVariable,
} from './topology';

const isControlPlane = (machine: ObservedMachine) => machine.isControlPlane;
/** How often it is looked for control planes that are done. */
const LOOK_MS = 250;

export const upgrade: StepAction<'upgrade'> = (step, run) => {
  const clusters = selectedClusters(step.props, run);
  const selected = bySelected(clusters);
  const old = new OldMachines(run);
  /** Clusters whose workers are still to be told. */
  const waiting = new Map<string, Upgraded>();
  const request = async (target: Target, onRetry: () => void) => {
    const { plan, cluster } = selected(target);
    const next = upgradedCluster(plan, cluster, step.props);
    await old.note(target);
    if (plan.props.clusterClass !== undefined) {
      await changeTopology(run, target, (topology) => topologyOperations(topology, next), onRetry);
      return;
    }
    waiting.set(keyOf(target), next);
    await applyTemplates(run, step.name, next);
    await sendChange(run, controlPlanePath(target), controlPlanePatch(next), onRetry);
  };
  const meanwhile = async (_: unknown, until: AbortSignal, onRetry: () => void) => {
    while (!until.aborted) {
      const ready = [...waiting.values()].filter(({ cluster }) => isControlPlaneDone(run, cluster, old));
      for (const { cluster } of ready) waiting.delete(keyOf(cluster));
      await forEachRateLimited(ready, { signal: until }, async (next) => {
        for (const { name } of next.cluster.settings.groups)
          await sendChange(run, machineDeploymentPath(next.cluster, name), workersPatch(next, name), onRetry);
      });
      await pause(LOOK_MS, until);
    }
  };
  const isThere = (cluster: ObservedCluster | undefined) =>
    cluster !== undefined && !waiting.has(keyOf(cluster)) && old.areGone(cluster) && isWell(cluster);
  const goal = { field: 'well', word: 'upgraded' } as const;
  return changeClusters(step, clusters, { goal, request, meanwhile, isThere }, run);
};

/** What a cluster is to be. */
interface Upgraded {
  readonly cluster: PlannedCluster;
  readonly version: string;
  /** By role, where it is another than it is described with. */
  readonly templates: ReadonlyMap<string, Manifest>;
  /** The Cluster, where all else follows from its topology. */
  readonly described: Manifest | undefined;
}

function upgradedCluster(plan: ClusterPlan, cluster: PlannedCluster, { version, image }: UpgradeStep): Upgraded {
  const settings = upgraded(cluster.settings, version, image);
  const [before, after] = [plan.describedBy(cluster), plan.describedBy({ ...cluster, settings })];
  const templates = new Map<string, Manifest>();
  for (const template of after.filter(({ kind }) => kind === 'Metal3MachineTemplate')) {
    const { name } = template.metadata;
    const text = JSON.stringify(template['spec']);
    const last = before.find((each) => each.kind === template.kind && each.metadata.name === name);
    if (JSON.stringify(last?.['spec']) === text) continue;
    // What a template says is not changed: machines that were made from it would not be replaced.
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
    const renamed = { ...template, metadata: { ...template.metadata, name: `${name}-${hash}` } };
    templates.set(name.slice(cluster.name.length + 1), renamed);
  }
  const described = after.find(({ kind }) => kind === clusterKind.kind && plan.props.clusterClass !== undefined);
  return { cluster, version, templates, described };
}

async function applyTemplates({ live, signal }: ScenarioRun, task: string, { templates }: Upgraded): Promise<void> {
  const objects = [...templates.values()].map((each) => asOwn(live, each));
  if (objects.length > 0) await live.applier.apply(objects, { task, signal });
}

function infrastructureRef({ templates }: Upgraded, role: string) {
  const template = templates.get(role);
  return template === undefined ? undefined : { name: template.metadata.name };
}

function controlPlanePatch(next: Upgraded) {
  const reference = infrastructureRef(next, CONTROL_PLANE);
  return { spec: { version: next.version, machineTemplate: reference && { spec: { infrastructureRef: reference } } } };
}

function workersPatch(next: Upgraded, group: string) {
  return { spec: { template: { spec: { version: next.version, infrastructureRef: infrastructureRef(next, group) } } } };
}

/** Workers are not to be newer than their control plane. */
function isControlPlaneDone(run: ScenarioRun, { namespace, name }: Target, old: OldMachines): boolean {
  const cluster = watchOf(run, clusterKind).get(namespace, name);
  if (cluster === undefined || !old.areGone(cluster, isControlPlane)) return false;
  const { desired, current, upToDate, available } = cluster.controlPlane;
  return [current, upToDate, available].every((count) => count === desired);
}

function topologyOperations(topology: Topology, { described, version }: Upgraded): readonly Operation[] {
  const wanted = (described?.['spec'] as { readonly topology?: Topology } | undefined)?.topology;
  const valuesOf = (variables: readonly TopologyVariable[] = []) => variables.filter(({ name }) => name === 'image');
  const groups = wanted?.workers?.machineDeployments ?? [];
  return [
    { op: 'replace', path: '/version', value: version },
    ...inVariables(topology.variables ?? [], '/variables', valuesOf(wanted?.variables)),
    ...inGroups(
      topology,
      () => true,
      (group, path) =>
        inVariables(
          group.variables?.overrides ?? [],
          `${path}/variables/overrides`,
          valuesOf(groups.find(({ name }) => name === group.name)?.variables?.overrides),
        ),
    ),
  ];
}

export const rollout: StepAction<'rollout'> = (step, run) => {
  const { role } = step.props;
  const clusters = selectedClusters(step.props, run);
  const selected = bySelected(clusters);
  const old = new OldMachines(run);
  const [ofControlPlane, ofWorkers] = [role !== 'workers', role !== 'controlPlane'];
  const request = async (target: Target, onRetry: () => void) => {
    const { plan, cluster } = selected(target);
    // Machines are made anew that are older than this.
    const now = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const after = memoryOf(run).keep(`time of ${keyOf(target)}`, now);
    await old.note(target, (machine) => (machine.isControlPlane ? ofControlPlane : ofWorkers));
    const patch = { spec: { rollout: { after } } };
    if (plan.props.clusterClass === undefined) {
      if (ofControlPlane) await sendChange(run, controlPlanePath(target), patch, onRetry);
      if (!ofWorkers) return;
      for (const { name } of cluster.settings.groups)
        await sendChange(run, machineDeploymentPath(target, name), patch, onRetry);
      return;
    }
    await changeTopology(
      run,
      target,
      (topology) => rolloutOperations(topology, after, { ofControlPlane, ofWorkers }),
      onRetry,
    );
  };
  const isThere = (cluster: ObservedCluster | undefined) =>
    cluster !== undefined && old.areGone(cluster) && isWell(cluster);
  const goal = { field: 'well', word: 'rolled out' } as const;
  return changeClusters(step, clusters, { goal, request, isThere }, run);
};

function rolloutOperations(
  topology: Topology,
  after: string,
  { ofControlPlane, ofWorkers }: { readonly ofControlPlane: boolean; readonly ofWorkers: boolean },
): readonly Operation[] {
  return [
    ...(ofControlPlane ? [{ op: 'add', path: '/controlPlane/rollout', value: { after } } as const] : []),
    ...inGroups(
      topology,
      () => ofWorkers,
      (group, path) => [{ op: 'add', path: `${path}/rollout`, value: { ...group.rollout, after } }],
    ),
  ];
}
