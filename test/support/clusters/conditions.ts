/** What the objects of clusters say of themselves. */
import { API_VERSIONS } from '../../../lib/kinds/cluster/api-groups';
import type { KubernetesClient } from '../../../src/kubernetes/client';
import { collectionPath } from '../../../src/kubernetes/rest-mapper';

const { core: CORE, infrastructure: INFRASTRUCTURE } = API_VERSIONS;

/** Kinds that have conditions. */
export const KINDS = {
  Cluster: [CORE, 'clusters'],
  KubeadmControlPlane: [API_VERSIONS.controlPlane, 'kubeadmcontrolplanes'],
  MachineDeployment: [CORE, 'machinedeployments'],
  MachineSet: [CORE, 'machinesets'],
  Machine: [CORE, 'machines'],
  MachineHealthCheck: [CORE, 'machinehealthchecks'],
  KubeadmConfig: [API_VERSIONS.bootstrap, 'kubeadmconfigs'],
  Metal3Cluster: [INFRASTRUCTURE, 'metal3clusters'],
  Metal3Machine: [INFRASTRUCTURE, 'metal3machines'],
} as const;
export type KindName = keyof typeof KINDS;

/** Those that are false while all is well. */
const FALSE_IS_WELL: ReadonlySet<string> = new Set([
  ...['Deleting', 'Paused', 'Remediating', 'RollingOut', 'ScalingDown', 'ScalingUp', 'Updating'],
]);
/** What stays as it was when a Machine has been remediated, whatever has become of it. */
const LEFT_BEHIND = 'ExternallyRemediated';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}
export interface Conditioned {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly phase?: string;
    readonly version?: string;
    readonly nodeRef?: { readonly name: string };
    readonly deprecated?: { readonly v1beta1?: { readonly conditions?: readonly Condition[] } };
  };
}

export async function listed(client: KubernetesClient, kind: KindName, namespace: string): Promise<Conditioned[]> {
  const [apiVersion, plural] = KINDS[kind];
  const path = collectionPath(apiVersion, plural, namespace);
  const { items } = await client.request<{ readonly items: Conditioned[] }>('GET', path);
  return items;
}

/** Each condition of an object, those of the API before v1beta2 by a `~`. */
export function conditionsOf({ status = {} }: Conditioned): Map<string, Condition> {
  const old = status.deprecated?.v1beta1?.conditions ?? [];
  return new Map([
    ...(status.conditions ?? []).map((each) => [each.type, each] as const),
    ...old.map((each) => [`~${each.type}`, each] as const),
  ]);
}

/** What is not as it is in a cluster that is well: a line for each condition. Empty also where there are no objects. */
export async function unwell(client: KubernetesClient, namespace: string): Promise<string[]> {
  const lines: string[] = [];
  for (const kind of Object.keys(KINDS) as KindName[])
    for (const object of await listed(client, kind, namespace)) {
      const conditions = conditionsOf(object);
      if (conditions.size === 0) lines.push(`${kind} ${object.metadata.name} has no condition`);
      for (const [name, { type, status, reason = '', message = '' }] of conditions) {
        if (type === LEFT_BEHIND || status === (FALSE_IS_WELL.has(type) ? 'False' : 'True')) continue;
        lines.push(`${kind} ${object.metadata.name}: ${name} is ${status}: ${reason} ${message}`);
      }
    }
  return lines;
}
