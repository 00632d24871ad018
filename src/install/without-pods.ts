import type { KubernetesObject } from '../kubernetes/objects';

/** Kinds that do nothing without pods, and webhooks that nobody would answer. */
const NEEDS_PODS: ReadonlySet<string> = new Set([
  'Service',
  'Deployment',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
]);

/** Those that a cluster without pods can use: the operator runs beside it as a process, and its webhook is off. */
export function withoutPods(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return objects.filter(({ kind }) => !NEEDS_PODS.has(kind));
}
