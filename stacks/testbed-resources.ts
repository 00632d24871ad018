import type * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { App } from 'cdk8s';
import { applyRank, inApplyOrder } from '../lib/order';
import type { TestbedProps } from '../lib/resolve-testbed';
import { Testbed } from '../lib/testbed';
import type { KubernetesObject } from '../src/kubernetes/objects';
import { kubernetesObject, resourceNameOf } from './resources/kubernetes-object';

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
        const resourceName = resourceNameOf(name, object);
        names.push(resourceName);
        return kubernetesObject(resourceName, object, { parent: this, provider: args.provider, dependsOn });
      });
    }
    this.names = names;
    this.registerOutputs({});
  }
}
