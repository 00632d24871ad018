import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { BareMetalHostSet } from '../bare-metal-host/baremetal-host-set';
import { ClusterPlan } from './cluster-plan';
import type { ClusterSetProps } from './cluster-set-props';

/**
 * Any number of Metal3 clusters that are alike: a `ClusterPlan` as API objects, with the hosts that it makes.
 *
 * Every object is an `ApiObject` below the set, with its own name; for more clusters than a chart should hold, stream the
 * `ClusterPlan` itself.
 */
export class ClusterSet extends Construct {
  /** The description behind the set, cluster by cluster. */
  readonly plan: ClusterPlan;
  /** How many clusters there are. */
  readonly count: number;
  /** The namespaces of the clusters, in the order in which clusters reach them; the set does not create them. */
  readonly namespaces: readonly string[];
  /** The hosts that the set makes; undefined where others make them, or are given a plan's already. */
  readonly hosts: BareMetalHostSet | undefined;
  /** What the clusters are made of, in the order of applying; without the hosts. */
  readonly apiObjects: readonly ApiObject[];

  /**
   * @param props what the clusters are; or a plan that has them, whose hosts are made elsewhere
   * @throws TestbedError (`invalid-input`) for a description that gives no valid clusters. Whether another set of the testbed
   * has the same cluster or endpoint is known where the testbed is resolved.
   */
  constructor(scope: Construct, id: string, props: ClusterPlan | ClusterSetProps) {
    super(scope, id);
    const isGiven = props instanceof ClusterPlan;
    this.plan = isGiven ? props : new ClusterPlan(props);
    if (!isGiven) this.plan.check();
    this.count = this.plan.count;
    this.namespaces = this.plan.namespaces();
    this.hosts =
      isGiven || this.plan.hosts === undefined ? undefined : new BareMetalHostSet(this, 'hosts', this.plan.hosts);
    const shared = this.plan.sharedObjects();
    const apiObjects = shared.map((object, i) => new ApiObject(this, `shared-${i + 1}`, object));
    for (const cluster of this.plan.clusters())
      for (const object of this.plan.objectsOf(cluster))
        apiObjects.push(
          new ApiObject(this, `${cluster.index}/${object.kind}/${object.metadata.name}`.replaceAll('/', '-'), object),
        );
    this.apiObjects = apiObjects;
  }
}
