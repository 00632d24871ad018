import type { Construct } from 'constructs';

import { CLUSTER_NAME_LABEL } from '../api-groups';
import { requireMachineData } from '../cluster-rules';
import type { MachineMetaData, MachineNetworkData } from '../types';
import {
  ClusterApiResource,
  ImportedResource,
  type ClusterApiResourceProps,
  type ResourceKind,
} from './cluster-api-resource';
import type { ICluster, IMetal3DataTemplate } from './interfaces';

/** What a Metal3DataTemplate is made of. */
export interface Metal3DataTemplateProps extends ClusterApiResourceProps {
  /** The cluster whose machines are told. */
  readonly cluster: ICluster;
  /**
   * What cloud-init of a machine is told.
   * @default - nothing
   */
  readonly metaData?: MachineMetaData | undefined;
  /**
   * What the network of a machine is like.
   * @default - as its host says
   */
  readonly networkData?: MachineNetworkData | undefined;
}

const METAL3_DATA_TEMPLATE: ResourceKind = {
  group: 'infrastructure',
  kind: 'Metal3DataTemplate',
  plural: 'metal3datatemplates',
};

/** What machines are told about themselves. */
export class Metal3DataTemplate extends ClusterApiResource implements IMetal3DataTemplate {
  /** A Metal3DataTemplate that is there already. */
  static fromMetal3DataTemplateName(scope: Construct, id: string, name: string): IMetal3DataTemplate {
    return new ImportedResource(scope, id, METAL3_DATA_TEMPLATE, name);
  }

  /** @throws TestbedError (`invalid-input`) for what the API server or CAPM3's webhook would refuse */
  constructor(scope: Construct, id: string, props: Metal3DataTemplateProps) {
    const { cluster, metaData, networkData } = props;
    requireMachineData({ metaData, networkData }, `Metal3DataTemplate ${id}`);
    const labels = { [CLUSTER_NAME_LABEL]: cluster.name };
    super(scope, id, METAL3_DATA_TEMPLATE, props, { clusterName: cluster.name, metaData, networkData }, labels);
  }
}
