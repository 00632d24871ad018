/** Each fault that the API of clusters can have. */
import type { WorkloadApiFault } from '../../../lib/scenario/workload-api-faults';
import { conditionsOf, type Conditioned } from '../../support/clusters/conditions';
import { addWorkers, seen, touch, type FaultRun } from './cluster-faults';
import type { FaultLab } from './witness';

const notTrue = (type: string) => (object: Conditioned) => {
  const status = conditionsOf(object).get(type)?.status;
  return status !== undefined && status !== 'True';
};

const LATENCY: WorkloadApiFault = { latency: { medianMilliseconds: 50, p99Milliseconds: 1_000 } };

/** Faults at the same time, each for as many of the clusters as the others. */
function shared(faults: readonly WorkloadApiFault[]): FaultRun['faults'] {
  return faults.map((fault, i) => ({ fault, isFor: (cluster) => cluster % faults.length === i }));
}

function lateKubelets(of: FaultLab, seconds: number): FaultRun {
  const workers = of.clusters.length;
  return {
    name: 'one more worker each, whose kubelet does not come',
    faults: [{ fault: { nodes: 'neverJoin' } }],
    seconds,
    more: workers,
    meanwhile: async () => {
      await addWorkers(of);
      // Where the Metal3 provider takes the provider ID from the Node, the Machine stays in phase Provisioning until then.
      const waits = (machine: Conditioned) =>
        conditionsOf(machine).get('InfrastructureReady')?.status === 'True' && machine.status?.nodeRef === undefined;
      await seen(of, 'Machine', (all) => all.filter(waits).length >= workers, 'a Machine each that waits for its Node');
    },
  };
}

/** @param faults of nodes, one of which each cluster has */
function lostNodes(of: FaultLab, name: string, faults: readonly WorkloadApiFault[], seconds: number): FaultRun {
  const areSeen = (all: readonly Conditioned[]) => all.filter(notTrue('NodeReady')).length >= of.clusters.length;
  const meanwhile = () => seen(of, 'Machine', areSeen, 'a Machine of each cluster whose Node is lost');
  return { name, faults: shared(faults), seconds, meanwhile };
}

/**
 * For so long that Cluster API gives the connections up: of clusters that can be reached again before, it says for ten minutes
 * that they cannot (docs/findings.md).
 *
 * @param faults one of which each cluster has
 */
function unreached(of: FaultLab, name: string, faults: readonly WorkloadApiFault[]): FaultRun {
  const meanwhile = () =>
    seen(of, 'Cluster', (all) => all.every(notTrue('RemoteConnectionProbe')), 'each Cluster that is not reached');
  return { name, faults: shared(faults), seconds: 100, meanwhile };
}

/** @param faults one of which each cluster has */
function etcdFault(of: FaultLab, name: string, faults: readonly WorkloadApiFault[], seconds: number): FaultRun {
  const meanwhile = async () => {
    await touch(of, 'KubeadmControlPlane');
    const areSeen = (all: readonly Conditioned[]) => all.every(notTrue('EtcdClusterHealthy'));
    await seen(of, 'KubeadmControlPlane', areSeen, 'each control plane whose etcd is not well');
  };
  // The kubeadm control plane provider looks at etcd when something else changes, or after ten minutes.
  const afterwards = () => touch(of, 'KubeadmControlPlane');
  return { name, faults: shared(faults), seconds, meanwhile, afterwards };
}

const OF_NODES: readonly (readonly [name: string, fault: WorkloadApiFault])[] = [
  ['workers not ready', { nodes: 'notReady', nodesOf: 'workers' }],
  ['workers gone', { nodes: 'gone', nodesOf: 'workers' }],
  ['control-plane nodes not ready', { nodes: 'notReady', nodesOf: 'controlPlane' }],
  ['control-plane nodes gone', { nodes: 'gone', nodesOf: 'controlPlane' }],
];
const OF_ETCD: readonly (readonly [name: string, fault: WorkloadApiFault])[] = [
  ['etcd: a member with an alarm', { etcd: 'memberUnhealthy' }],
  ['etcd: no quorum', { etcd: 'noQuorum' }],
];
/** The kubeadm control plane provider does not check the certificate of etcd. */
const EXPIRED_ETCD: FaultRun['faults'][number] = { fault: { expiredCertificate: 'etcd' } };
/** So that there are events. */
const SILENT: FaultRun['faults'][number] = { fault: { nodes: 'notReady' } };
const OF_WATCHES: readonly (readonly [name: string, fault: WorkloadApiFault])[] = [
  ['events of watches held', { slowWatch: {} }],
  ['events of watches 5 s late', { slowWatch: { milliseconds: 5_000 } }],
];
const UNREACHED: readonly (readonly [name: string, fault: WorkloadApiFault])[] = [
  ['connections refused', { unreachable: 'refused' }],
  ['silent', { unreachable: 'silent' }],
  ['an expired certificate', { expiredCertificate: 'apiServer' }],
  ['errors 503, of all requests', { errors: [503] }],
];
const CODES = [429, 500, 503, 504];
const second = <T>([, fault]: readonly [string, T]) => fault;

/** Every fault in as few runs as there can be, several at the same time, each for a part of the clusters. */
export function mixedFaultRuns(of: FaultLab): readonly FaultRun[] {
  const ofRequests = [...CODES.map((code) => ({ errors: [code] })), { resets: true } as const];
  const halves = ofRequests.map((fault) => ({ ...fault, requestShare: 0.5 }));
  return [
    { name: 'latency, errors and resets', faults: shared([LATENCY, ...halves]), seconds: 10 },
    { name: 'events of watches late, or held', faults: [...shared(OF_WATCHES.map(second)), SILENT], seconds: 10 },
    lostNodes(of, 'nodes not ready, or gone', OF_NODES.map(second), 10),
    lateKubelets(of, 10),
    etcdFault(of, 'etcd: a member with an alarm, or no quorum', OF_ETCD.map(second), 10),
    { name: 'etcd: an expired certificate', faults: [EXPIRED_ETCD], seconds: 10 },
    unreached(of, 'refused, silent, expired, or errors 503', UNREACHED.map(second)),
  ];
}

const SECONDS = 30;

/** Every fault by itself, each of all clusters. */
export function longFaultRuns(of: FaultLab): readonly FaultRun[] {
  const ofRequests = (name: string, fault: WorkloadApiFault): FaultRun => ({
    name: `${name}, of a half of the requests`,
    faults: [{ fault: { ...fault, requestShare: 0.5 } }],
    seconds: SECONDS,
  });
  return [
    { name: 'latency of 50 ms (p99 1 s)', faults: [{ fault: LATENCY }], seconds: SECONDS },
    ...CODES.map((code) => ofRequests(`errors ${code}`, { errors: [code] })),
    ofRequests('resets', { resets: true }),
    ...OF_NODES.map(([name, fault]) => lostNodes(of, name, [fault], SECONDS)),
    lateKubelets(of, SECONDS),
    ...OF_ETCD.map(([name, fault]) => etcdFault(of, name, [fault], SECONDS)),
    { name: 'etcd: an expired certificate', faults: [EXPIRED_ETCD], seconds: SECONDS },
    ...OF_WATCHES.map(([name, fault]) => ({ name, faults: [{ fault }, SILENT], seconds: SECONDS })),
    ...UNREACHED.map(([name, fault]) => unreached(of, name, [fault])),
  ];
}
