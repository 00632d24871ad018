import type { Construct } from 'constructs';

import { withoutUndefined } from '../../../without-undefined';
import { certificatesExpiry, controlPlaneConfig, deletion } from '../cluster-parts';
import { requireKubernetesVersion, requireOddControlPlanes } from '../cluster-rules';
import {
  ClusterApiResource,
  ImportedResource,
  referenceTo,
  type ClusterApiResourceProps,
  type ResourceKind,
} from './cluster-api-resource';
import type { DeletionTimeouts } from './deletion-timeouts';
import type { IKubeadmControlPlane, IMetal3MachineTemplate } from './interfaces';

/** What a KubeadmControlPlane is made of. */
export interface KubeadmControlPlaneProps extends ClusterApiResourceProps, DeletionTimeouts {
  /** Kubernetes version of its machines, such as `v1.35.0`. */
  readonly version: string;
  /** What its machines are on. */
  readonly machineTemplate: IMetal3MachineTemplate;
  /**
   * How many machines: an odd number where etcd is stacked.
   * @default 1
   */
  readonly replicas?: number | undefined;
  /**
   * What kubeadm is told, as the API has it.
   * @default - keys of ECDSA P-256, and Nodes named and labelled as Metal3 needs them
   */
  readonly kubeadmConfigSpec?: Readonly<Record<string, unknown>> | undefined;
  /**
   * How many machines there may be beyond `replicas` while they are replaced: 1, or 0 for three and more.
   * @default 1
   */
  readonly maxSurge?: 0 | 1 | undefined;
  /**
   * When the certificates of its machines end (RFC 3339), so that nobody has to ask their API servers.
   * @default '2100-01-01T00:00:00Z'
   */
  readonly certificatesExpiry?: string | undefined;
}

const KUBEADM_CONTROL_PLANE: ResourceKind = {
  group: 'controlPlane',
  kind: 'KubeadmControlPlane',
  plural: 'kubeadmcontrolplanes',
};

/** The control plane of a cluster, made by kubeadm. */
export class KubeadmControlPlane extends ClusterApiResource implements IKubeadmControlPlane {
  /** A KubeadmControlPlane that is there already. */
  static fromKubeadmControlPlaneName(scope: Construct, id: string, name: string): IKubeadmControlPlane {
    return new ImportedResource(scope, id, KUBEADM_CONTROL_PLANE, name);
  }

  /** @throws TestbedError (`invalid-input`) for what the API server or the provider's webhook would refuse */
  constructor(scope: Construct, id: string, props: KubeadmControlPlaneProps) {
    const { version, replicas = 1, machineTemplate, kubeadmConfigSpec, maxSurge = 1 } = props;
    requireKubernetesVersion(version, `KubeadmControlPlane ${id}`);
    const config: Readonly<Record<string, unknown>> = kubeadmConfigSpec ?? controlPlaneConfig();
    const { etcd } = (config['clusterConfiguration'] ?? {}) as { readonly etcd?: { readonly external?: object } };
    if (etcd?.external === undefined) requireOddControlPlanes(replicas, `replicas of KubeadmControlPlane ${id}`);
    super(scope, id, KUBEADM_CONTROL_PLANE, props, {
      version,
      replicas,
      rollout: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge } } },
      machineTemplate: {
        metadata: { annotations: certificatesExpiry(props.certificatesExpiry) },
        spec: withoutUndefined({
          infrastructureRef: referenceTo(machineTemplate),
          deletion: deletion(props),
        }),
      },
      kubeadmConfigSpec: config,
    });
  }
}
