import * as pulumi from '@pulumi/pulumi';
import type { ClusterPlan, ClusterReleases } from '../../lib/kinds/cluster/cluster-plan';
import { clusterKind } from '../../lib/kinds/cluster/kind';
import { withPlainErrors } from '../plain-errors';
import type { ClusterFleetArgs } from './cluster-fleet-args';
import type { ClusterFleetInputs } from './cluster-fleet-state';
import { describedClusters, planOfSet, type DescribedClusterSet } from './described-clusters';
import { unwrapped } from './described-set';
import { checkedPlace, commonInputs, FleetResource, namesOf, type AsInputs } from './fleet-resource';
import type { FleetNames, Readiness } from './fleet-state';
import { packageProvider } from './package-provider';

/**
 * A set of Metal3 clusters on a management cluster, however many, with the hosts that the set makes, as one resource of Pulumi:
 * its state holds the parameters and a few counts, no object and no credential or key in the clear.
 *
 * What a `HostFleet` does with hosts this does with clusters: a preview says how many objects would be added, changed and
 * removed; where an update fails half-way or is killed, the next one goes on; deleting waits for clusters to be gone, with
 * their machines, before it takes their hosts away.
 */
export class ClusterFleet extends pulumi.ComponentResource {
  /** How many clusters are described. */
  readonly count: pulumi.Output<number>;
  /** How many machines they have in all. */
  readonly machines: pulumi.Output<number>;
  /** The namespaces of the clusters, and of what they share. */
  readonly namespaces: pulumi.Output<readonly string[]>;
  /** How the clusters are called. */
  readonly clusterNames: pulumi.Output<FleetNames>;
  /** Content of the management cluster's kubeconfig, or the path of one, known once the clusters are there; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Name of the ApplySet. */
  readonly set: pulumi.Output<string>;
  /** How many objects there are, by `Kind.group`. */
  readonly objects: pulumi.Output<Readonly<Record<string, number>>>;
  /** What the clusters had come to when they were last looked at; undefined where nothing was waited for. */
  readonly readiness: pulumi.Output<Readiness | undefined>;

  /** @throws TestbedError (`invalid-input`) for a description that gives no valid clusters, before anything is done */
  constructor(name: string, args: ClusterFleetArgs, opts?: pulumi.ComponentResourceOptions) {
    const { described, place } = withPlainErrors(() => checked(name, args, opts));
    const { clusterSet, secrets, plan } = described;
    const { releases } = args;
    const { kubeconfig } = place.connection;
    // What is not to be shown is among the inputs of the child alone.
    const hidden = { keySeed: undefined, certificateAuthority: undefined, hosts: undefined, provider: undefined };
    super('metal3-testbed:index:ClusterFleet', name, { ...args, ...hidden, kubeconfig }, opts);
    const known = pulumi
      .all([clusterSet, releases])
      .apply(([set, of]) =>
        withPlainErrors(() =>
          facesOf(plan ?? planLater(name, unwrapped(set) as DescribedClusterSet, of as ClusterReleases)),
        ),
      );
    // What is refused only then is refused here, and nowhere else.
    const accepted = plan === undefined ? known.apply(() => clusterSet) : clusterSet;
    const face = pulumi.unsecret(known);
    this.count = face.apply(({ clusterNames }) => clusterNames.count);
    this.machines = face.apply(({ machines }) => machines);
    this.clusterNames = face.apply(({ clusterNames }) => clusterNames);
    this.namespaces = face.apply(({ namespaces }) => namespaces);
    const inputs = {
      ...commonInputs(place, args, this.urn),
      clusterSet: accepted,
      secrets,
      releases,
    } as AsInputs<ClusterFleetInputs>;
    const made = new FleetResource<ClusterFleetInputs>('ClusterFleet', PROVIDER, name, inputs, { parent: this });
    this.objects = made.objects;
    this.readiness = made.readiness;
    this.set = made.set;
    this.kubeconfig = pulumi.all([kubeconfig, made.id]).apply(([content]) => content);
    const { count, objects, readiness } = this;
    this.registerOutputs({ count, objects, readiness });
  }
}

const PROVIDER = packageProvider('cluster-fleet');

/** Everything that can be refused before anything is registered. */
function checked(name: string, args: ClusterFleetArgs, opts: pulumi.ComponentResourceOptions | undefined) {
  const described = describedClusters(name, args);
  return { described, place: checkedPlace({ type: 'ClusterFleet', name, kind: clusterKind }, args, opts) };
}

function planLater(name: string, set: DescribedClusterSet, releases: ClusterReleases | undefined): ClusterPlan {
  return planOfSet(`ClusterFleet ${name}`, set, { releases });
}

/** What others want to know of the clusters. */
function facesOf(plan: ClusterPlan) {
  return { clusterNames: namesOf(plan), machines: plan.machines, namespaces: plan.namespaces() };
}
