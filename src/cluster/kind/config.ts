/** kind's own description of a cluster, written from ours. */
import { stringify } from 'yaml';
import { invalidInput } from '../../../lib/errors';

/** A port of the node that is reachable on this machine. */
export interface PortMapping {
  /** Port on this machine, 1 to 65535. */
  readonly hostPort: number;
  /** Port on the control-plane node, 1 to 65535. */
  readonly nodePort: number;
  /** @default '127.0.0.1': nobody else reaches it */
  readonly listenAddress?: string;
  /** @default 'TCP' */
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
}

/** What a kind cluster is made of. */
export interface KindClusterShape {
  /**
   * Name of the cluster, and first part of its containers' names: lower-case letters, digits, '.' and '-', at most 49
   * characters.
   * @default 'metal3-testbed'
   */
  readonly name?: string;
  /** @default - kind's own, which belongs to its release */
  readonly nodeImage?: string;
  /** Worker nodes beside the one control plane. @default 0 */
  readonly workers?: number;
  /** @default - none but the API server's, which is a free one */
  readonly ports?: readonly PortMapping[];
  /**
   * Where images of a registry are pulled from instead, tried in order: `{ 'quay.io': ['http://10.0.0.5:5000'] }`. The
   * registry itself is tried last.
   * @default - none
   */
  readonly registryMirrors?: Readonly<Record<string, readonly string[]>>;
}

export const DEFAULT_KIND_NAME = 'metal3-testbed';
/** A node's name is a host name of at most 63 characters, and `-control-plane` is appended. */
const LONGEST_NAME = 63 - '-control-plane'.length;
/** Where containerd looks for hosts.toml files on a node. */
const CERTS_DIR = '/etc/containerd/certs.d';

/** @throws TestbedError (`invalid-input`) naming every part that is not allowed */
export function checkShape(shape: KindClusterShape): void {
  const problems: string[] = [];
  const { name = DEFAULT_KIND_NAME, workers = 0, ports = [], registryMirrors = {} } = shape;
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name) || name.length > LONGEST_NAME) {
    problems.push(
      `'${name}' is not a valid name for a kind cluster: use lower-case letters, digits, '.' and '-', at most ${LONGEST_NAME} characters`,
    );
  }
  if (!Number.isInteger(workers) || workers < 0) problems.push(`${workers} workers: give a whole number from 0 on`);
  for (const { hostPort, nodePort } of ports) {
    for (const port of [hostPort, nodePort]) {
      if (!Number.isInteger(port) || port < 1 || port > 65_535) problems.push(`port ${port}: give one from 1 to 65535`);
    }
  }
  for (const [registry, endpoints] of Object.entries(registryMirrors)) {
    // It becomes the name of a folder.
    if (!/^[a-z0-9]([a-z0-9.:-]*[a-z0-9])?$/i.test(registry))
      problems.push(`'${registry}' is not a valid registry: give its host, such as quay.io`);
    for (const endpoint of endpoints) {
      if (!/^https?:\/\/[^\s"\\@]+$/.test(endpoint))
        problems.push(`mirror of ${registry}: give its URL, such as http://10.0.0.5:5000, without credentials`);
    }
  }
  if (problems.length > 0) throw invalidInput(problems.join('; '));
}

/**
 * The text that `kind create cluster --config` reads.
 *
 * @param mirrorsDir folder on this machine with what `mirrorFiles` gives; mounted where there are mirrors
 */
export function kindConfig(shape: KindClusterShape, mirrorsDir: string): string {
  const hasMirrors = Object.keys(shape.registryMirrors ?? {}).length > 0;
  const mounts = hasMirrors
    ? { extraMounts: [{ hostPath: mirrorsDir, containerPath: CERTS_DIR, readOnly: true }] }
    : {};
  const extraPortMappings = (shape.ports ?? []).map(({ hostPort, nodePort, listenAddress, protocol }) => ({
    hostPort,
    containerPort: nodePort,
    listenAddress: listenAddress ?? '127.0.0.1',
    protocol: protocol ?? 'TCP',
  }));
  return stringify({
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    kind: 'Cluster',
    name: shape.name ?? DEFAULT_KIND_NAME,
    nodes: [
      {
        role: 'control-plane',
        ...mounts,
        extraPortMappings: extraPortMappings.length > 0 ? extraPortMappings : undefined,
      },
      ...Array.from({ length: shape.workers ?? 0 }, () => ({ role: 'worker', ...mounts })),
    ],
    containerdConfigPatches: hasMirrors ? MIRROR_PATCHES : undefined,
  });
}

/** containerd 1 and 2 keep the setting at different places, and each passes over the other's. */
const MIRROR_PATCHES = ['io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.images'].map(
  (plugin) => `[plugins."${plugin}".registry]\n  config_path = "${CERTS_DIR}"\n`,
);

/** The files by which containerd finds the mirrors: path below the folder that is mounted, and content. */
export function mirrorFiles(shape: KindClusterShape): readonly { readonly path: string; readonly content: string }[] {
  return Object.entries(shape.registryMirrors ?? {}).map(([registry, endpoints]) => ({
    path: `${registry}/hosts.toml`,
    content: endpoints.map((endpoint) => `[host."${endpoint}"]\n  capabilities = ["pull", "resolve"]\n`).join(''),
  }));
}
