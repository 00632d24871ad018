import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { App } from 'cdk8s';
import { applyRank, inApplyOrder } from '../lib/order';
import type { TestbedProps } from '../lib/resolve-testbed';
import { Testbed } from '../lib/testbed';
import type { KubernetesObject } from '../src/kubernetes/objects';

/** What BMO and cert-manager write into objects of ours: not a change that an update should take back. */
const WRITTEN_BY_OTHERS: Readonly<Record<string, readonly string[]>> = {
  BareMetalHost: ['spec.architecture', 'spec.automatedCleaningMode'],
  Secret: ['metadata.labels', 'metadata.ownerReferences', 'metadata.finalizers'],
  CustomResourceDefinition: ['spec.conversion'],
  MutatingWebhookConfiguration: ['webhooks[*].clientConfig.caBundle'],
  ValidatingWebhookConfiguration: ['webhooks[*].clientConfig.caBundle'],
};

export interface TestbedResourcesArgs {
  /** The cluster. */
  readonly provider: kubernetes.Provider;
  /** @default the blog's: an operator in test mode and 10 hosts */
  readonly testbed?: TestbedProps;
}

/**
 * Every object of a testbed as a resource of its own, each kind after those that it needs. For sets of a few hundred
 * hosts at most: a resource a host takes Pulumi about a third of a second.
 */
export class TestbedResources extends pulumi.ComponentResource {
  /** Names of the resources, in the order of applying. */
  readonly names: readonly string[];

  constructor(name: string, args: TestbedResourcesArgs, options?: pulumi.ComponentResourceOptions) {
    super('metal3-testbed:index:TestbedResources', name, {}, options);
    const testbed = new Testbed(new App(), 'testbed', args.testbed);
    const objects = testbed.charts.flatMap((chart) => chart.toJson() as KubernetesObject[]);
    const names: string[] = [];
    let previous: pulumi.Resource[] = [];
    for (const group of Map.groupBy(inApplyOrder(objects), ({ kind }) => applyRank(kind)).values()) {
      const dependsOn = previous;
      previous = group.map((object) => {
        const resourceName = [name, object.kind, object.metadata.namespace, object.metadata.name]
          .filter(Boolean)
          .join('/');
        names.push(resourceName);
        return new kubernetes.apiextensions.CustomResource(resourceName, secretData(object), {
          parent: this,
          provider: args.provider,
          dependsOn,
          ignoreChanges: [...(WRITTEN_BY_OTHERS[object.kind] ?? [])],
        });
      });
    }
    this.names = names;
    this.registerOutputs({});
  }
}

/** Credentials are secrets to Pulumi too, so that they are encrypted in the state. */
function secretData(object: KubernetesObject): kubernetes.apiextensions.CustomResourceArgs {
  const data = object.kind === 'Secret' ? { data: pulumi.secret(object['data']) } : {};
  return { ...object, ...data } as unknown as kubernetes.apiextensions.CustomResourceArgs;
}
