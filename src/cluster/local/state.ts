/** Where a local cluster keeps what, below its state folder. */
import { join } from 'node:path';
import { writeFileAtomicSync } from '../../util/atomic-file';
import { readBoundedSync } from '../../util/read-bounded';

/** The ports a cluster was last started on, all on 127.0.0.1. */
export interface Ports {
  readonly apiServer: number;
  readonly etcd: number;
  /** etcd insists on listening for peers, of which there are none. */
  readonly etcdPeer: number;
  /** Of kube-controller-manager; absent where the cluster has none. */
  readonly controllerManager?: number | undefined;
}

/** The paths below a state folder. */
export interface StateLayout {
  readonly dir: string;
  /** Says that the folder is a local cluster's, on which ports it was, and whether it has a controller manager. */
  readonly record: string;
  readonly kubeconfig: string;
  /** What the controller manager talks to the API server with. */
  readonly controllerManagerKubeconfig: string;
  readonly lock: string;
  readonly pki: string;
  /** etcd's data. */
  readonly data: string;
  /** Pid files and logs. */
  readonly run: string;
}

/** The paths below a state folder. */
export function stateLayout(dir: string): StateLayout {
  const at = (name: string) => join(dir, name);
  return {
    dir,
    record: at('cluster.json'),
    kubeconfig: at('kubeconfig'),
    lock: at('lock'),
    pki: at('pki'),
    data: at('etcd'),
    run: at('run'),
    controllerManagerKubeconfig: join(at('pki'), 'controller-manager.kubeconfig'),
  };
}

/** The ports of the last start; undefined where the folder holds no cluster. */
export function readPorts(layout: StateLayout): Ports | undefined {
  try {
    const { ports } = JSON.parse(readBoundedSync(layout.record).toString()) as { ports?: Partial<Ports> };
    if (!isPort(ports?.apiServer) || !isPort(ports.etcd) || !isPort(ports.etcdPeer)) return undefined;
    const { apiServer, etcd, etcdPeer, controllerManager } = ports;
    return { apiServer, etcd, etcdPeer, controllerManager: isPort(controllerManager) ? controllerManager : undefined };
  } catch {
    return undefined;
  }
}

/** Writes down the ports, before anything listens on them. */
export function writePorts(layout: StateLayout, ports: Ports): void {
  writeFileAtomicSync(layout.record, JSON.stringify({ kind: 'local', ports }, undefined, 2) + '\n');
}

/** Whether a value is a TCP port that can be listened on. */
export function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
}
