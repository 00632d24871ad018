import { invalidInput } from '../../lib/errors';
import type { Component } from '../../lib/components/component';
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

/**
 * @param why the cluster has no pods
 * @throws TestbedError (`invalid-input`) for components that do nothing without them
 */
export function refuseWithoutPods(components: readonly Component[], why: string): void {
  const names = components.filter(({ needsPods }) => needsPods).map(({ name }) => name);
  if (names.length === 0) return;
  throw invalidInput(
    `clusterApi: ${names.join(', ')} run in pods, and ${why}: use kind or an existing cluster, such as one that metal3-testbed up has brought up, which runs them beside it; in a program of Pulumi give managers: { folder } for an embedded control plane; or leave clusterApi out`,
  );
}
