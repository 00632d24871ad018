/** Where the time of a cluster goes, from when it was made until it was available. */
import { bareMetalHostFace } from '../bare-metal-host/kind-face';
import { firstTime, type Life, type Lives, type Phase } from '../life';
import { machineFace } from '../machine/kind-face';

/** The phases of what happens to a machine, without those that are of a cluster as a whole. */
const NAMES = {
  data: 'bootstrap data',
  host: 'waiting for a host',
  provisioning: 'provisioning',
  node: 'node',
} as const;

/**
 * The way of the first machine of the control plane, and, once that is there, of the machine that was ready last: what
 * the others did meanwhile was nothing that the cluster waited for. A phase begins where the one before ends; what was done
 * before that takes no time of its own. The first that is not over is the last.
 */
export function clusterPhases(cluster: Life, lives: Lives): readonly Phase[] {
  const condition = (type: string) => firstTime(cluster, `condition ${type}`, 'True');
  const way = new Way(cluster.seenAt, condition('Available') !== undefined);
  const key = `${cluster.namespace}/${cluster.name}`;
  const machines = lives
    .having(machineFace.kind, 'cluster', key)
    // Those of another cluster that had its name before or after are no part of it.
    .filter(({ seenAt, goneAt = Infinity }) => goneAt > cluster.seenAt && seenAt < (cluster.goneAt ?? Infinity))
    .toSorted((a, b) => a.seenAt - b.seenAt);
  const first = machines.find((machine) => firstTime(machine, 'role', 'control plane') !== undefined);

  way.go('infrastructure', condition('InfrastructureReady'));
  way.go('first machine made', first?.seenAt);
  if (first !== undefined) machinePhases(way, first, lives, 'first machine');
  // Where etcd is others', it has nothing of it.
  if (first !== undefined) way.passing('first machine: etcd', firstTime(first, 'condition EtcdMemberHealthy', 'True'));
  way.go('control plane initialized', condition('ControlPlaneInitialized'));
  way.go('control plane available', condition('ControlPlaneAvailable'));
  const last = lastReady(machines, condition('Available'));
  if (last !== undefined && last !== first) {
    way.go('last machine made', last.seenAt);
    machinePhases(way, last, lives, 'last machine');
    way.go('last machine: ready', firstTime(last, 'condition Ready', 'True'));
  }
  way.go('available', condition('Available'));
  return way.phases;
}

/** The machine that was ready last, of those that the cluster waited for; one that is not ready yet, where there is one. */
function lastReady(machines: readonly Life[], until: number = Infinity): Life | undefined {
  const ready = (machine: Life) => firstTime(machine, 'condition Ready', 'True') ?? Infinity;
  return machines
    .filter(({ seenAt, goneAt = Infinity }) => seenAt <= until && goneAt >= until)
    .filter((machine) => until === Infinity || ready(machine) <= until)
    .reduce<Life | undefined>(
      (last, each) => (last === undefined || ready(each) > ready(last) ? each : last),
      undefined,
    );
}

function machinePhases(way: Way, machine: Life, lives: Lives, which: string): void {
  const name = (phase: string) => `${which}: ${phase}`;
  way.go(name(NAMES.data), firstTime(machine, 'condition BootstrapConfigReady', 'True'));
  const { host, at } = hostOf(machine, lives);
  way.go(name(NAMES.host), at);
  way.go(name(NAMES.provisioning), host && firstTime(host, 'state', 'provisioned', at));
  way.go(name(NAMES.node), machine.transitions.find(({ field, to }) => field === 'node' && to !== '')?.at);
}

/** The host that a machine is on, and since when. */
function hostOf(machine: Life, lives: Lives): { readonly host?: Life; readonly at?: number } {
  const infrastructure = machine.transitions.find(({ field, to }) => field === 'infrastructure' && to !== '')?.to;
  if (infrastructure === undefined) return {};
  const taken = lives.having(bareMetalHostFace.kind, 'consumer', infrastructure).flatMap((host) => {
    const at =
      firstTime(host, 'consumer', infrastructure, machine.seenAt) ?? firstTime(host, 'consumer', infrastructure);
    return at === undefined ? [] : [{ host, at }];
  });
  return (
    taken.reduce<(typeof taken)[number] | undefined>(
      (first, each) => (first === undefined || each.at < first.at ? each : first),
      undefined,
    ) ?? {}
  );
}

/** Phases one after the other. */
class Way {
  readonly phases: Phase[] = [];

  /** @param isDone whether it got to its end, so that what was not seen of it was nothing that it waited for */
  constructor(
    private at: number,
    private readonly isDone: boolean,
  ) {}

  /** @param end undefined where it is not over, and nothing comes after it */
  go(name: string, end: number | undefined): void {
    if (end !== undefined || this.isDone) this.passing(name, end);
    else if (this.phases.length === 0 || this.phases.at(-1)?.end !== undefined)
      this.phases.push({ name, start: this.at, end });
  }

  /** One that may be left out. */
  passing(name: string, end: number | undefined): void {
    const isOver = this.phases.length === 0 || this.phases.at(-1)?.end !== undefined;
    if (!isOver || end === undefined || end <= this.at) return;
    this.phases.push({ name, start: this.at, end });
    this.at = end;
  }
}
