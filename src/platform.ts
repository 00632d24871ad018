import { App, type Chart } from 'cdk8s';
import { Testbed } from '../lib/testbed';
import { type TestbedProps } from '../lib/resolve-testbed';
import type { KubernetesObject } from './kubernetes/objects';

/** Kinds that do nothing without pods, and webhooks that nobody would answer. */
const NEEDS_PODS: ReadonlySet<string> = new Set([
  'Service',
  'Deployment',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
]);

/** All objects of a testbed but its hosts, which are streamed. */
export function platformObjects(props: TestbedProps): readonly KubernetesObject[] {
  const testbed = new Testbed(new App(), 'testbed', props);
  // The hosts are in a chart of their own, which is not asked for its objects.
  return testbed.charts
    .filter((chart) => chart !== testbed.hosts)
    .flatMap((chart: Chart) => chart.toJson() as KubernetesObject[]);
}

/** Those that a cluster without pods can use: the operator runs beside it as a process, and its webhook is off. */
export function withoutPods(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return objects.filter(({ kind }) => !NEEDS_PODS.has(kind));
}
