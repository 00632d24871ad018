/** Each fault that the API of clusters can have. */
import type { WorkloadApiFault } from '../../../lib/scenario/workload-api-faults';
import { conditionsOf, type Conditioned } from '../../support/clusters/conditions';
import { addWorkers, seen, touch, type FaultRun } from './cluster-faults';
import type { FaultLab } from './witness';

const notTrue = (type: string) => (object: Conditioned) => {
  const status = conditionsOf(object).get(type)?.status;
  return status !== undefined && status !== 'True';
};
const half = (which: number) => (i: number) => i % 2 === which;

/** The faults of requests, of nodes and of kubelets, for clusters with at least one worker. */
function commonRuns(of: FaultLab, seconds: number): readonly FaultRun[] {
  const workers = of.clusters.length;
  return [
    {
      name: 'latency of 50 ms (p99 1 s)',
      faults: [{ fault: { latency: { medianMilliseconds: 50, p99Milliseconds: 1_000 } } }],
      seconds,
    },
    {
      name: 'errors and resets, of a half of the requests each',
      faults: [
        { fault: { errors: [429, 500, 503], requestShare: 0.5 }, isFor: half(0) },
        { fault: { resets: true, requestShare: 0.5 }, isFor: half(1) },
      ],
      seconds,
    },
    lostNodes(of, 'workers not ready', { nodes: 'notReady', nodesOf: 'workers' }, seconds),
    lostNodes(of, 'workers gone', { nodes: 'gone', nodesOf: 'workers' }, seconds),
    {
      name: 'one more worker each, whose kubelet does not come',
      faults: [{ fault: { nodes: 'neverJoin' } }],
      seconds,
      more: workers,
      meanwhile: async () => {
        await addWorkers(of);
        // Where the Metal3 provider takes the provider ID from the Node, the Machine stays in phase Provisioning until then.
        const waits = (machine: Conditioned) =>
          conditionsOf(machine).get('InfrastructureReady')?.status === 'True' && machine.status?.nodeRef === undefined;
        await seen(
          of,
          'Machine',
          (all) => all.filter(waits).length >= workers,
          'a Machine each that waits for its Node',
        );
      },
    },
  ];
}

function lostNodes(of: FaultLab, name: string, fault: WorkloadApiFault, seconds: number): FaultRun {
  const areSeen = (all: readonly Conditioned[]) => all.filter(notTrue('NodeReady')).length >= of.clusters.length;
  const meanwhile = () => seen(of, 'Machine', areSeen, 'a Machine of each cluster whose Node is lost');
  return { name, faults: [{ fault }], seconds, meanwhile };
}

/** For longer than Cluster API takes to see it. */
function unreached(of: FaultLab, name: string, fault: WorkloadApiFault): FaultRun {
  const meanwhile = () =>
    seen(of, 'Cluster', (all) => all.every(notTrue('RemoteConnectionProbe')), 'each Cluster that is not reached');
  return { name, faults: [{ fault }], seconds: 100, meanwhile };
}

function etcdFault(of: FaultLab, name: string, fault: WorkloadApiFault, seconds: number): FaultRun {
  const meanwhile = async () => {
    await touch(of, 'KubeadmControlPlane');
    const areSeen = (all: readonly Conditioned[]) => all.every(notTrue('EtcdClusterHealthy'));
    await seen(of, 'KubeadmControlPlane', areSeen, 'each control plane whose etcd is not well');
  };
  // The kubeadm control plane provider looks at etcd when something else changes, or after ten minutes.
  const afterwards = () => touch(of, 'KubeadmControlPlane');
  return { name, faults: [{ fault }], seconds, meanwhile, afterwards };
}

/** Faults in short: a few seconds each. */
export function shortFaultRuns(of: FaultLab): readonly FaultRun[] {
  return commonRuns(of, 4);
}

const SECONDS = 30;

/** Every fault, each of all clusters. */
export function longFaultRuns(of: FaultLab): readonly FaultRun[] {
  const ofRequests = (name: string, fault: WorkloadApiFault): FaultRun => ({
    name: `${name}, of a half of the requests`,
    faults: [{ fault: { ...fault, requestShare: 0.5 } }],
    seconds: SECONDS,
  });
  return [
    ...[429, 500, 503, 504].map((code) => ofRequests(`errors ${code}`, { errors: [code] })),
    ofRequests('resets', { resets: true }),
    ...commonRuns(of, SECONDS),
    lostNodes(of, 'control-plane nodes not ready', { nodes: 'notReady', nodesOf: 'controlPlane' }, SECONDS),
    lostNodes(of, 'control-plane nodes gone', { nodes: 'gone', nodesOf: 'controlPlane' }, SECONDS),
    etcdFault(of, 'etcd: a member with an alarm', { etcd: 'memberUnhealthy' }, SECONDS),
    etcdFault(of, 'etcd: no quorum', { etcd: 'noQuorum' }, SECONDS),
    // The kubeadm control plane provider does not check the certificate of etcd.
    { name: 'etcd: an expired certificate', faults: [{ fault: { expiredCertificate: 'etcd' } }], seconds: SECONDS },
    { name: 'events of watches held', faults: [{ fault: { slowWatch: {} } }], seconds: SECONDS },
    {
      name: 'events of watches 5 s late',
      faults: [{ fault: { slowWatch: { milliseconds: 5_000 } } }],
      seconds: SECONDS,
    },
    unreached(of, 'connections refused', { unreachable: 'refused' }),
    unreached(of, 'silent', { unreachable: 'silent' }),
    unreached(of, 'an expired certificate', { expiredCertificate: 'apiServer' }),
    unreached(of, 'errors 503, of all requests', { errors: [503] }),
  ];
}
