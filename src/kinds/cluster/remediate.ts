import { API_VERSIONS } from '../../../lib/kinds/cluster/api-groups';
import { isRebooting } from '../../../lib/kinds/cluster/cluster-parts';
import type { ObservedCluster } from '../../../lib/kinds/cluster/kind';
import { isWell } from '../../../lib/kinds/cluster/well';
import { machineKind, type ObservedMachine } from '../../../lib/kinds/machine/kind';
import type { SelectedCluster } from '../../../lib/scenario/select-clusters';
import { ignoreNotFound } from '../../kubernetes/ignore-not-found';
import { pagesOf } from '../../kubernetes/pages';
import { collectionPath } from '../../kubernetes/rest-mapper';
import { keyOf, type Target } from '../../scenario/arrivals';
import { requestChange } from '../../scenario/change-objects';
import { forEachRateLimited } from '../../scenario/rate-limited';
import type { ScenarioRun, StepAction } from '../../scenario/scenario-run';
import { pause } from '../../util/pause';
import { bySelected, changeClusters, machinesOf, OldMachines, selectedClusters } from './change-clusters';

const ANNOTATION = 'cluster.x-k8s.io/remediate-machine';
/** How often it is looked for hosts that were rebooted. */
const LOOK_MS = 1_000;

/** A remediation by rebooting, as CAPM3 tells of it; it has the name of its machine. */
interface Remediation {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly finalizers?: readonly string[] };
  readonly status?: { readonly phase?: string };
}

/** Marks machines as an administrator does, and waits until they were remediated. */
export const remediate: StepAction<'remediate'> = (step, run) => {
  const { role, machineShare = 0 } = step.props;
  const clusters = selectedClusters(step.props, run);
  const selected = bySelected(clusters);
  const marked = new OldMachines(run);
  const rebooted = new Rebooted(run);
  const byReboot = ({ cluster }: SelectedCluster) => isRebooting(cluster.settings.options.healthCheck ?? {});
  const request = async (target: Target, onRetry: () => void) => {
    const isOfRole = (machine: ObservedMachine) => machine.isControlPlane === (role === 'controlPlane');
    const machines = machinesOf(run, target, isOfRole).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const names = new Set(
      machines.slice(0, Math.max(1, Math.floor(machines.length * machineShare))).map(({ name }) => name),
    );
    const chosen = await marked.note(target, ({ name }) => names.has(name));
    if (byReboot(selected(target))) rebooted.expect(chosen);
    for (const machine of chosen) await requestChange(run, machineKind, machine, annotated(''), onRetry);
  };
  const isThere = (cluster: ObservedCluster | undefined) => {
    if (cluster === undefined || !isWell(cluster)) return false;
    const machines = marked.of(cluster);
    // A host that is not well after its reboot is given up: another machine takes its place.
    const isDone = byReboot(selected(cluster))
      ? machines.every((each) => rebooted.isDone(each))
      : marked.areGone(cluster);
    return machines.length > 0 && isDone;
  };
  const meanwhile = (_: unknown, until: AbortSignal, onRetry: () => void) =>
    clusters.some(byReboot) ? rebooted.follow(until, onRetry) : Promise.resolve();
  const goal = { field: 'well', word: 'remediated' } as const;
  return changeClusters(step, clusters, { goal, request, meanwhile, isThere }, run);
};

const annotated = (value: string | null) => ({ metadata: { annotations: { [ANNOTATION]: value } } });

/**
 * Machines whose hosts are rebooted. The mark is the administrator's to take off once that is done: as long as it is there,
 * the machine counts as unhealthy, and CAPM3 would give it up in the end.
 */
class Rebooted {
  private readonly expected = new Map<string, ObservedMachine>();
  private readonly unmarked = new Set<string>();
  private readonly done = new Set<string>();

  constructor(private readonly run: ScenarioRun) {}

  expect(machines: readonly ObservedMachine[]): void {
    for (const machine of machines) this.expected.set(keyOf(machine), machine);
  }

  isDone(machine: ObservedMachine): boolean {
    return this.done.has(keyOf(machine));
  }

  async follow(until: AbortSignal, onRetry: () => void): Promise<void> {
    const seen = new Set<string>();
    for (; !until.aborted; await pause(LOOK_MS, until)) {
      if (this.done.size === this.expected.size) continue;
      const remediations = await this.list(until);
      for (const key of remediations.keys()) seen.add(key);
      const ready = [...this.expected].filter(([key]) => {
        const remediation = remediations.get(key);
        return remediation !== undefined && !this.unmarked.has(key) && isRebooted(remediation);
      });
      await forEachRateLimited(ready, { signal: until }, async ([key, machine]) => {
        await requestChange(this.run, machineKind, machine, annotated(null), onRetry);
        this.unmarked.add(key);
      });
      for (const key of this.expected.keys()) if (seen.has(key) && !remediations.has(key)) this.done.add(key);
    }
  }

  private async list(signal: AbortSignal): Promise<ReadonlyMap<string, Remediation>> {
    const found = new Map<string, Remediation>();
    const path = collectionPath(API_VERSIONS.infrastructure, 'metal3remediations');
    const list = async () => {
      for await (const { items } of pagesOf<Remediation>(this.run.live.client, path, { signal }))
        for (const each of items) found.set(keyOf(each.metadata), each);
    };
    await ignoreNotFound(list());
    return found;
  }
}

/** CAPM3 lets go of a remediation once the host is on again and its Node is back. */
function isRebooted({ metadata, status = {} }: Remediation): boolean {
  return status.phase === 'Waiting' && (metadata.finalizers ?? []).length === 0;
}
