import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import type { KubernetesObject } from '../../src/kubernetes/objects';

/** What BMO and cert-manager write into objects of ours: not a change that an update should take back. */
const WRITTEN_BY_OTHERS: Readonly<Record<string, readonly string[]>> = {
  BareMetalHost: ['spec.architecture', 'spec.automatedCleaningMode'],
  Secret: ['metadata.labels', 'metadata.ownerReferences', 'metadata.finalizers'],
  CustomResourceDefinition: ['spec.conversion'],
  MutatingWebhookConfiguration: ['webhooks[*].clientConfig.caBundle'],
  ValidatingWebhookConfiguration: ['webhooks[*].clientConfig.caBundle'],
};

/** The name of an object's resource: `parent/Kind/namespace/name`. */
export function resourceNameOf(parent: string, { kind, metadata }: KubernetesObject): string {
  return [parent, kind, metadata.namespace, metadata.name].filter(Boolean).join('/');
}

/**
 * One Kubernetes object as a resource. What a Secret holds is secret to Pulumi too, so that it is encrypted in the state.
 *
 * @param data of a Secret, instead of what the object says
 */
export function kubernetesObject(
  name: string,
  object: KubernetesObject,
  options: pulumi.CustomResourceOptions,
  data: pulumi.Input<unknown> = object['data'],
): kubernetes.apiextensions.CustomResource {
  const args = { ...object, ...(object.kind === 'Secret' && { data: pulumi.secret(data) }) };
  return new kubernetes.apiextensions.CustomResource(name, args as kubernetes.apiextensions.CustomResourceArgs, {
    ignoreChanges: [...(WRITTEN_BY_OTHERS[object.kind] ?? [])],
    ...options,
  });
}
