import type { Construct } from 'constructs';

import { withoutUndefined } from '../../../without-undefined';
import type { SecretReference } from '../../bare-metal-host/schema';
import { selector, writtenImage } from '../cluster-parts';
import { requireImage, requireSelector } from '../cluster-rules';
import type { HostSelector, MachineImage } from '../cluster-set-props';
import {
  ClusterApiResource,
  ImportedResource,
  type ClusterApiResourceProps,
  type ResourceKind,
} from './cluster-api-resource';
import type { IMetal3DataTemplate, IMetal3MachineTemplate } from './interfaces';

/** What a Metal3MachineTemplate is made of. */
export interface Metal3MachineTemplateProps extends ClusterApiResourceProps {
  /** What hosts are provisioned with. */
  readonly image: MachineImage;
  /**
   * Which hosts machines may be put on, of those in the namespace.
   * @default - any
   */
  readonly hostSelector?: HostSelector | undefined;
  /**
   * What machines are told about themselves.
   * @default - nothing
   */
  readonly dataTemplate?: IMetal3DataTemplate | undefined;
  /**
   * Secret with user data, instead of what the bootstrap provider makes.
   * @default - that
   */
  readonly userData?: SecretReference | undefined;
  /**
   * How the disks of a host are cleaned before it is used again.
   * @default - what the host says
   */
  readonly automatedCleaningMode?: 'disabled' | 'metadata' | undefined;
  /**
   * Whether a machine that replaces another is put on the same host.
   * @default - unsaid, which is false
   */
  readonly nodeReuse?: boolean | undefined;
}

const METAL3_MACHINE_TEMPLATE: ResourceKind = {
  group: 'infrastructure',
  kind: 'Metal3MachineTemplate',
  plural: 'metal3machinetemplates',
};

/** What machines are on: hosts, with what they are provisioned with. */
export class Metal3MachineTemplate extends ClusterApiResource implements IMetal3MachineTemplate {
  /** A Metal3MachineTemplate that is there already. */
  static fromMetal3MachineTemplateName(scope: Construct, id: string, name: string): IMetal3MachineTemplate {
    return new ImportedResource(scope, id, METAL3_MACHINE_TEMPLATE, name);
  }

  /** @throws TestbedError (`invalid-input`) for what the API server or CAPM3's webhook would refuse */
  constructor(scope: Construct, id: string, props: Metal3MachineTemplateProps) {
    const { image, hostSelector, dataTemplate, userData, automatedCleaningMode, nodeReuse } = props;
    requireImage(image, `Metal3MachineTemplate ${id}`);
    requireSelector(hostSelector, `Metal3MachineTemplate ${id}`);
    super(scope, id, METAL3_MACHINE_TEMPLATE, props, {
      nodeReuse,
      template: {
        spec: withoutUndefined({
          automatedCleaningMode,
          dataTemplate: dataTemplate && { name: dataTemplate.name },
          hostSelector: selector(hostSelector),
          image: writtenImage(image),
          userData,
        }),
      },
    });
  }
}
