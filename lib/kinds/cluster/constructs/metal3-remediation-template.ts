import type { Construct } from 'constructs';

import {
  ClusterApiResource,
  ImportedResource,
  type ClusterApiResourceProps,
  type ResourceKind,
} from './cluster-api-resource';
import type { IMetal3RemediationTemplate } from './interfaces';

/** What a Metal3RemediationTemplate is made of. */
export interface Metal3RemediationTemplateProps extends ClusterApiResourceProps {
  /**
   * How many times a host is switched off and on before its machine is replaced.
   * @default 1
   */
  readonly retryLimit?: number | undefined;
  /**
   * How long it has each time until its Node is well, in seconds, from 100.
   * @default 600
   */
  readonly timeoutSeconds?: number | undefined;
}

const METAL3_REMEDIATION_TEMPLATE: ResourceKind = {
  group: 'infrastructure',
  kind: 'Metal3RemediationTemplate',
  plural: 'metal3remediationtemplates',
};

/** What CAPM3 does about an unhealthy machine: its host is switched off and on. */
export class Metal3RemediationTemplate extends ClusterApiResource implements IMetal3RemediationTemplate {
  /** A Metal3RemediationTemplate that is there already. */
  static fromMetal3RemediationTemplateName(scope: Construct, id: string, name: string): IMetal3RemediationTemplate {
    return new ImportedResource(scope, id, METAL3_REMEDIATION_TEMPLATE, name);
  }

  /** @throws TestbedError (`invalid-input`) for what the API server or CAPM3's webhook would refuse */
  constructor(scope: Construct, id: string, props: Metal3RemediationTemplateProps = {}) {
    const { retryLimit = 1, timeoutSeconds = 600 } = props;
    const strategy = { type: 'Reboot', retryLimit, timeoutSeconds };
    super(scope, id, METAL3_REMEDIATION_TEMPLATE, props, { template: { spec: { strategy } } });
  }
}
