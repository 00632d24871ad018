import type { Construct } from 'constructs';

import { withoutUndefined } from '../../../without-undefined';
import { CLUSTER_NAME_LABEL, DEPLOYMENT_NAME_LABEL } from '../api-groups';
import { deletion } from '../cluster-parts';
import { requireKubernetesVersion, requireRollout } from '../cluster-rules';
import {
  ClusterApiResource,
  ImportedResource,
  referenceTo,
  type ClusterApiResourceProps,
  type ResourceKind,
} from './cluster-api-resource';
import type { DeletionTimeouts } from './deletion-timeouts';
import type { ICluster, IKubeadmConfigTemplate, IMachineDeployment, IMetal3MachineTemplate } from './interfaces';

/** What a MachineDeployment is made of. */
export interface MachineDeploymentProps extends ClusterApiResourceProps, DeletionTimeouts {
  /** The cluster that its machines are part of. */
  readonly cluster: ICluster;
  /** Kubernetes version of its machines, such as `v1.35.0`. */
  readonly version: string;
  /** How its machines become Nodes. */
  readonly bootstrap: IKubeadmConfigTemplate;
  /** What its machines are on. */
  readonly infrastructure: IMetal3MachineTemplate;
  /**
   * How many machines.
   * @default 1
   */
  readonly replicas?: number | undefined;
  /**
   * Labels of its machines.
   * @default - none but Cluster API's
   */
  readonly machineLabels?: Readonly<Record<string, string>> | undefined;
  /**
   * Failure domain of its machines.
   * @default - none
   */
  readonly failureDomain?: string | undefined;
  /**
   * How many machines there may be beyond `replicas` while they are replaced, as a number or a share such as `25%`.
   * @default 1
   */
  readonly maxSurge?: number | string | undefined;
  /**
   * How many may be missing meanwhile, as a number or a share such as `25%`.
   * @default 0
   */
  readonly maxUnavailable?: number | string | undefined;
}

const MACHINE_DEPLOYMENT: ResourceKind = { group: 'core', kind: 'MachineDeployment', plural: 'machinedeployments' };

/** Worker machines that are alike. */
export class MachineDeployment extends ClusterApiResource implements IMachineDeployment {
  /** A MachineDeployment that is there already. */
  static fromMachineDeploymentName(scope: Construct, id: string, name: string): IMachineDeployment {
    return new ImportedResource(scope, id, MACHINE_DEPLOYMENT, name);
  }

  /** @throws TestbedError (`invalid-input`) for what the API server or Cluster API's webhook would refuse */
  constructor(scope: Construct, id: string, props: MachineDeploymentProps) {
    const { cluster, version, bootstrap, infrastructure, replicas = 1, machineLabels, failureDomain } = props;
    const { maxSurge = 1, maxUnavailable = 0 } = props;
    requireKubernetesVersion(version, `MachineDeployment ${id}`);
    requireRollout({ maxSurge, maxUnavailable }, `MachineDeployment ${id}`);
    const clusterName = cluster.name;
    const labels = {
      [CLUSTER_NAME_LABEL]: clusterName,
      [DEPLOYMENT_NAME_LABEL]: props.metadata?.name ?? id,
    };
    super(
      scope,
      id,
      MACHINE_DEPLOYMENT,
      props,
      {
        clusterName,
        replicas,
        rollout: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels: { ...machineLabels, ...labels } },
          spec: withoutUndefined({
            clusterName,
            version,
            failureDomain,
            bootstrap: { configRef: referenceTo(bootstrap) },
            infrastructureRef: referenceTo(infrastructure),
            deletion: deletion(props),
          }),
        },
      },
      { [CLUSTER_NAME_LABEL]: clusterName },
    );
  }
}
