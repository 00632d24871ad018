import type { Construct } from 'constructs';

import { workersConfig } from '../cluster-parts';
import {
  ClusterApiResource,
  ImportedResource,
  type ClusterApiResourceProps,
  type ResourceKind,
} from './cluster-api-resource';
import type { IKubeadmConfigTemplate } from './interfaces';

/** What a KubeadmConfigTemplate is made of. */
export interface KubeadmConfigTemplateProps extends ClusterApiResourceProps {
  /**
   * What kubeadm is told, as the API has it.
   * @default - Nodes named and labelled as Metal3 needs them
   */
  readonly kubeadmConfigSpec?: Readonly<Record<string, unknown>> | undefined;
}

const KUBEADM_CONFIG_TEMPLATE: ResourceKind = {
  group: 'bootstrap',
  kind: 'KubeadmConfigTemplate',
  plural: 'kubeadmconfigtemplates',
};

/** How worker machines become Nodes. */
export class KubeadmConfigTemplate extends ClusterApiResource implements IKubeadmConfigTemplate {
  /** A KubeadmConfigTemplate that is there already. */
  static fromKubeadmConfigTemplateName(scope: Construct, id: string, name: string): IKubeadmConfigTemplate {
    return new ImportedResource(scope, id, KUBEADM_CONFIG_TEMPLATE, name);
  }

  /** @throws TestbedError (`invalid-input`) for what the API server would refuse */
  constructor(scope: Construct, id: string, props: KubeadmConfigTemplateProps = {}) {
    const spec = props.kubeadmConfigSpec ?? workersConfig();
    super(scope, id, KUBEADM_CONFIG_TEMPLATE, props, { template: { spec } });
  }
}
