import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { KINDS } from '../../lib/kinds';
import type { KubernetesObject } from '../../src/kubernetes/objects';

/** What controllers write into objects of ours: not a change that an update should take back. */
const WRITTEN_BY_OTHERS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(KINDS.map(({ kind, writtenByControllers = [] }) => [kind, writtenByControllers])),
  Secret: ['metadata.labels', 'metadata.ownerReferences', 'metadata.finalizers'],
  CustomResourceDefinition: ['spec.conversion'],
  MutatingWebhookConfiguration: ['webhooks[*].clientConfig.caBundle'],
  ValidatingWebhookConfiguration: ['webhooks[*].clientConfig.caBundle'],
};

type ResourceClass = new (name: string, args: never, opts?: pulumi.CustomResourceOptions) => pulumi.CustomResource;

/** The classes of the kinds that are built in; a kind that is not among them is a custom one. */
const CLASSES: Readonly<Record<string, ResourceClass>> = {
  'v1/ConfigMap': kubernetes.core.v1.ConfigMap,
  'v1/Namespace': kubernetes.core.v1.Namespace,
  'v1/Secret': kubernetes.core.v1.Secret,
  'v1/Service': kubernetes.core.v1.Service,
  'v1/ServiceAccount': kubernetes.core.v1.ServiceAccount,
  'apps/v1/Deployment': kubernetes.apps.v1.Deployment,
  'rbac.authorization.k8s.io/v1/ClusterRole': kubernetes.rbac.v1.ClusterRole,
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': kubernetes.rbac.v1.ClusterRoleBinding,
  'rbac.authorization.k8s.io/v1/Role': kubernetes.rbac.v1.Role,
  'rbac.authorization.k8s.io/v1/RoleBinding': kubernetes.rbac.v1.RoleBinding,
  'apiextensions.k8s.io/v1/CustomResourceDefinition': kubernetes.apiextensions.v1.CustomResourceDefinition,
  'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration':
    kubernetes.admissionregistration.v1.MutatingWebhookConfiguration,
  'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration':
    kubernetes.admissionregistration.v1.ValidatingWebhookConfiguration,
};

/** The name of an object's resource: `parent/Kind/namespace/name`. */
export function resourceNameOf(parent: string, { kind, metadata }: KubernetesObject): string {
  return [parent, kind, metadata.namespace, metadata.name].filter(Boolean).join('/');
}

/**
 * The object as one that is deleted in the background. Pulumi's own choice, after all that it owns, needs a garbage collector
 * even where there is nothing to collect: on an API server without controllers the object would never go.
 */
export function deletedAtOnce({ metadata, ...rest }: KubernetesObject): KubernetesObject {
  const annotations = { ...metadata.annotations, 'pulumi.com/deletionPropagationPolicy': 'background' };
  return { ...rest, metadata: { ...metadata, annotations } };
}

/**
 * One Kubernetes object as a resource. What others are known to write into it is ignored, and what a Secret holds is
 * secret to Pulumi too, so that it is encrypted in the state.
 *
 * @param data of a Secret, instead of what the object says
 */
export function kubernetesObject(
  name: string,
  object: KubernetesObject,
  opts: pulumi.CustomResourceOptions,
  data: pulumi.Input<unknown> = object['data'],
): pulumi.CustomResource {
  const { apiVersion, kind } = object;
  const Class = CLASSES[`${apiVersion}/${kind}`] ?? kubernetes.apiextensions.CustomResource;
  const args = kind === 'Secret' ? { ...object, data: pulumi.secret(data) } : object;
  return new Class(name, args as never, { ignoreChanges: [...(WRITTEN_BY_OTHERS[kind] ?? [])], ...opts });
}
