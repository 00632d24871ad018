import type { IResource } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';

import {
  ClusterApiResource,
  ImportedResource,
  templateReference,
  type ClusterApiResourceProps,
  type ResourceKind,
} from './cluster-api-resource';
import type { IClusterClass } from './interfaces';

/** Worker machines of a class. */
export interface MachineDeploymentClass {
  /** What it is called in the class. */
  readonly class: string;
  /** Template of how its machines become Nodes. */
  readonly bootstrap: IResource;
  /** Template of what its machines are on. */
  readonly infrastructure: IResource;
}

/** What a ClusterClass is made of. */
export interface ClusterClassProps extends ClusterApiResourceProps {
  /** Template of what clusters run on, such as a Metal3ClusterTemplate. */
  readonly infrastructure: IResource;
  /** Template of their control planes, such as a KubeadmControlPlaneTemplate. */
  readonly controlPlane: IResource;
  /**
   * Template of what their control plane machines are on.
   * @default - none: the control plane has no machines
   */
  readonly machineInfrastructure?: IResource | undefined;
  /**
   * Their worker machines.
   * @default - none
   */
  readonly machineDeployments?: readonly MachineDeploymentClass[] | undefined;
  /**
   * What each cluster says, as the API has it.
   * @default - nothing
   */
  readonly variables?: readonly Readonly<Record<string, unknown>>[] | undefined;
  /**
   * How templates follow from the variables, as the API has it.
   * @default - they do not
   */
  readonly patches?: readonly Readonly<Record<string, unknown>>[] | undefined;
}

const CLUSTER_CLASS: ResourceKind = { group: 'core', kind: 'ClusterClass', plural: 'clusterclasses' };

/** What clusters with a `spec.topology` have in common. */
export class ClusterClass extends ClusterApiResource implements IClusterClass {
  /** A ClusterClass that is there already. */
  static fromClusterClassName(scope: Construct, id: string, name: string): IClusterClass {
    return new ImportedResource(scope, id, CLUSTER_CLASS, name);
  }

  /** @throws TestbedError (`invalid-input`) for what the API server would refuse */
  constructor(scope: Construct, id: string, props: ClusterClassProps) {
    const { infrastructure, controlPlane, machineInfrastructure, machineDeployments = [], variables, patches } = props;
    const machines = machineInfrastructure && { machineInfrastructure: templateReference(machineInfrastructure) };
    super(scope, id, CLUSTER_CLASS, props, {
      infrastructure: templateReference(infrastructure),
      controlPlane: { ...templateReference(controlPlane), ...machines },
      workers:
        machineDeployments.length === 0
          ? undefined
          : {
              machineDeployments: machineDeployments.map((each) => ({
                class: each.class,
                bootstrap: templateReference(each.bootstrap),
                infrastructure: templateReference(each.infrastructure),
              })),
            },
      variables,
      patches,
    });
  }
}
