import type { ApiObjectMetadata } from 'cdk8s';
import { ApiObject } from 'cdk8s';
import { Resource, type IResource } from 'cdk8s-plus-27';
import { Construct, type IConstruct } from 'constructs';
import { describeProblems } from '../../../crd';
import { checkGenerated } from '../../../crd/generated/check-object';
import { invalidInput, TestbedError } from '../../../errors';
import { isResolved } from '../../../lazy';
import { requireAnnotations, requireDnsSubdomain, requireLabels } from '../../../names';
import type { Manifest } from '../../../upstream';
import { unlessEmpty, withoutUndefined } from '../../../without-undefined';
import { namespaceOf } from '../../bare-metal-host/bmc-credentials';
import { API_VERSIONS, GROUPS, type ApiGroup } from '../api-groups';

/** What every object of Cluster API takes. */
export interface ClusterApiResourceProps {
  /** @default - named as the construct's id, in the namespace of the chart */
  readonly metadata?: ApiObjectMetadata | undefined;
  /**
   * Any other field of its spec, as the API has it; wins over those of the same name that other props give.
   * @default - none
   */
  readonly spec?: Readonly<Record<string, unknown>> | undefined;
}

/** A kind of Cluster API or one of its providers. @internal */
export interface ResourceKind {
  readonly group: ApiGroup;
  readonly kind: string;
  readonly plural: string;
}

/**
 * An object of Cluster API or one of its providers, checked by the definition of the built-in release: what is known when it is
 * constructed is checked then, what comes later (a `Lazy`, a label that is added to `metadata`) when the app is synthesized.
 */
export abstract class ClusterApiResource extends Resource {
  readonly apiObject: ApiObject;
  readonly resourceType: string;

  /**
   * @param labels besides those of its metadata
   * @throws TestbedError (`invalid-input`) for what the API server would refuse
   * @internal
   */
  protected constructor(
    scope: Construct,
    id: string,
    of: ResourceKind,
    { metadata, spec }: ClusterApiResourceProps,
    described: object,
    labels: Readonly<Record<string, string>> = {},
  ) {
    super(scope, id);
    this.resourceType = of.plural;
    const object = {
      apiVersion: API_VERSIONS[of.group],
      kind: of.kind,
      metadata: {
        ...metadata,
        name: metadata?.name ?? id,
        namespace: namespaceOf(this, metadata),
        ...withoutUndefined({ labels: unlessEmpty({ ...labels, ...metadata?.labels }) }),
      },
      spec: withoutUndefined({ ...described, ...spec }),
    };
    if (isResolved(object)) this.check(object);
    this.apiObject = new ApiObject(this, 'Resource', object);
    this.node.addValidation({ validate: () => this.problems() });
  }

  private check(object: Manifest & { readonly spec?: unknown }): void {
    const { metadata } = object;
    requireDnsSubdomain(`name of ${this.node.path},`, metadata.name);
    requireLabels(metadata.labels ?? {});
    requireAnnotations(metadata.annotations ?? {});
    const problems = checkGenerated(object);
    if (problems.length > 0) throw invalidInput(`${this.node.path}: ${describeProblems(problems)}`);
  }

  private problems(): string[] {
    try {
      this.check(this.apiObject.toJson() as Manifest);
      return [];
    } catch (error) {
      if (!(error instanceof TestbedError)) throw error;
      return [error.message];
    }
  }
}

/** An object that is in the cluster already. */
export class ImportedResource extends Construct implements IResource {
  readonly apiVersion: string;
  readonly apiGroup: string;
  readonly kind: string;
  readonly resourceType: string;

  constructor(
    scope: IConstruct,
    id: string,
    { group, kind, plural }: ResourceKind,
    readonly name: string,
  ) {
    super(scope, id);
    this.apiVersion = API_VERSIONS[group];
    this.apiGroup = GROUPS[group];
    this.kind = kind;
    this.resourceType = plural;
    requireDnsSubdomain(`name of ${this.node.path},`, name);
  }

  get resourceName(): string {
    return this.name;
  }
}

/** How objects of the contract v1beta2 name another one. */
export function referenceTo(object: IResource | undefined) {
  return object && { apiGroup: object.apiGroup, kind: object.kind, name: object.name };
}

/** How templates are named. */
export function templateReference(object: IResource) {
  return { templateRef: { apiVersion: object.apiVersion, kind: object.kind, name: object.name } };
}
