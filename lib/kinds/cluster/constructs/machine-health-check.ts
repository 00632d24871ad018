import type { Construct } from 'constructs';

import { CLUSTER_NAME_LABEL } from '../api-groups';
import { remediationBy, unhealthyMachines } from '../cluster-parts';
import { requireHealthCheck } from '../cluster-rules';
import type { ClusterHealthCheck } from '../types';
import {
  ClusterApiResource,
  ImportedResource,
  templateReference,
  type ClusterApiResourceProps,
  type ResourceKind,
} from './cluster-api-resource';
import type { ICluster, IMachineHealthCheck, IMetal3RemediationTemplate } from './interfaces';

/** What a MachineHealthCheck is made of. */
export interface MachineHealthCheckProps
  extends
    ClusterApiResourceProps,
    Pick<
      ClusterHealthCheck,
      | 'nodeStartupTimeoutSeconds'
      | 'unhealthyInRange'
      | 'unhealthyLessThanOrEqualTo'
      | 'unhealthyMachineConditions'
      | 'unhealthyNodeConditions'
    > {
  /** The cluster whose machines are looked at. */
  readonly cluster: ICluster;
  /** Labels of the machines that are looked at, beside that of their cluster. */
  readonly matchLabels: Readonly<Record<string, string>>;
  /**
   * What is done about an unhealthy machine.
   * @default - it is replaced
   */
  readonly remediation?: IMetal3RemediationTemplate | undefined;
}

const MACHINE_HEALTH_CHECK: ResourceKind = { group: 'core', kind: 'MachineHealthCheck', plural: 'machinehealthchecks' };

/** Which machines of a cluster are not well, and what is done about them. */
export class MachineHealthCheck extends ClusterApiResource implements IMachineHealthCheck {
  /** A MachineHealthCheck that is there already. */
  static fromMachineHealthCheckName(scope: Construct, id: string, name: string): IMachineHealthCheck {
    return new ImportedResource(scope, id, MACHINE_HEALTH_CHECK, name);
  }

  /** @throws TestbedError (`invalid-input`) for what the API server or Cluster API's webhook would refuse */
  constructor(scope: Construct, id: string, props: MachineHealthCheckProps) {
    const { cluster, matchLabels, remediation, ...check } = props;
    requireHealthCheck(check, `MachineHealthCheck ${id}`);
    super(
      scope,
      id,
      MACHINE_HEALTH_CHECK,
      props,
      {
        clusterName: cluster.name,
        selector: { matchLabels: { [CLUSTER_NAME_LABEL]: cluster.name, ...matchLabels } },
        checks: unhealthyMachines(check),
        remediation: remediationBy(check, remediation && templateReference(remediation).templateRef),
      },
      { [CLUSTER_NAME_LABEL]: cluster.name },
    );
  }
}
