/** What a cluster is made of that is like one that was recorded. */
import { addressOf, addressValue } from '../../../../lib/kinds/bare-metal-host/address-plan';
import { hostAnnotations, PAUSED_BY_CAPM3 } from '../../../../lib/kinds/bare-metal-host/manifests';
import { GROUPS } from '../../../../lib/kinds/cluster/api-groups';
import { clusterSecrets } from '../../../../lib/kinds/cluster/cluster-secrets';
import { clusterKind } from '../../../../lib/kinds/cluster/kind';
import type { SelectedCluster } from '../../../../lib/scenario/select-clusters';
import type { Manifest } from '../../../../lib/upstream';
import { withoutUndefined } from '../../../../lib/without-undefined';
import { groupKindOf } from '../../../kubernetes/rest-mapper';
import { keyOf } from '../../../scenario/arrivals';
import { isApplied, type Copied } from '../write-object';
import { isHost, isOf, type GraphNode, type StoredObject } from '../object-graph';
import { placementOf, type PlacedHost } from './placement';
import type { Recording } from './recording';
import { Renaming } from './renaming';

/** On a Cluster whose parts are not all there yet; its value means nothing. */
export const SEEDING = 'metal3-testbed/seeding';
export interface Likeness {
  readonly steps: readonly (readonly Copied[])[];
  readonly renaming: Renaming;
}

/**
 * A cluster as it would be by now if it had been brought up as the recorded one was, but paused.
 *
 * @param seed what the keys follow from where the set does not say it
 * @param placement the hosts of both
 */
export function likenessOf(
  recording: Recording,
  { plan, cluster }: SelectedCluster,
  seed: string,
  placement = placementOf([recording], [{ plan, cluster }]),
): Likeness {
  const hosts = placement.get(keyOf(cluster)) ?? [];
  const modelHosts = placement.get(keyOf(recording.cluster)) ?? [];
  const renaming = renamingOf(recording, { plan, cluster }, modelHosts, hosts);
  const given = new Map(secretsOf({ plan, cluster }, seed).map((each) => [each.metadata.name, each]));
  const nodes = recording.steps.flat();
  for (const { kind, object } of nodes) {
    if (kind.kind !== 'Secret') continue;
    const { name } = object.metadata;
    const other = given.get(renaming.text(name));
    if (other === undefined) continue;
    const before = dataOf(object);
    for (const [field, value] of Object.entries(dataOf(other)))
      if (before[field] !== undefined && /^tls\.(crt|key)$/.test(field))
        renaming.pem(decoded(before[field]), decoded(value));
  }
  const described = new Map(
    plan.describedBy(cluster).map((each) => [`${groupKindOf(each)} ${each.metadata.name}`, each]),
  );
  const specs = specsOf(hosts);
  const modelSpecs = specsOf(modelHosts);
  const copy = (node: GraphNode): Copied => {
    const { kind, object } = node;
    const { apiVersion, metadata, status, ...rest } = object as StoredObject & { readonly status?: object };
    const name = renaming.text(metadata.name);
    const copied = renaming.value(rest) as Readonly<Record<string, unknown>>;
    const key = `${groupKindOf(kind)} ${name}`;
    const ofPlan = described.get(key);
    let annotations = renaming.value(metadata.annotations);
    const isCluster = isOf(node, GROUPS.core, clusterKind.kind);
    let { spec } = copied as { readonly spec?: object };
    if (ofPlan !== undefined && spec !== undefined) spec = { ...spec, ...(ofPlan['spec'] as object) };
    if (isCluster) {
      spec = { ...spec, paused: true };
      annotations = { ...annotations, [SEEDING]: '' };
    }
    if (isHost(node)) {
      spec = hostSpec(spec, specs.get(name), modelSpecs.get(metadata.name));
      annotations = { ...annotations, [hostAnnotations.paused]: PAUSED_BY_CAPM3 };
    }
    const data = kind.kind === 'Secret' ? secretData(object, given.get(name), renaming) : copied['data'];
    return {
      of: node,
      kind,
      object: withoutUndefined({
        ...{ ...copied, apiVersion, kind: kind.kind, spec, data },
        metadata: {
          name,
          namespace: cluster.namespace,
          labels: renaming.value(metadata.labels),
          annotations,
          finalizers: metadata.finalizers,
        },
      }),
      owners: [...node.owners].map(([owner, reference]) => ({
        owner,
        reference: { ...reference, name: renaming.text(reference.name) },
      })),
      status: status === undefined ? undefined : statusOf(node, renaming.value(status)),
      // By it Cluster API's managers connect to the cluster, and again half a minute later where its kubeconfig is missing.
      isStatusLast: isCluster,
      managedFields: isApplied(metadata.managedFields) ? metadata.managedFields : undefined,
    };
  };
  return { steps: recording.steps.map((step) => step.map(copy)), renaming };
}

function renamingOf(
  recording: Recording,
  { plan, cluster }: SelectedCluster,
  modelHosts: readonly PlacedHost[],
  hosts: readonly PlacedHost[],
): Renaming {
  const { cluster: model } = recording;
  const renaming = new Renaming();
  const renamed = (name: string) => cluster.name + name.slice(model.name.length);
  const isNamedAfter = (name: string) => name === model.name || name.startsWith(`${model.name}-`);
  const pools = poolsOf({ plan, cluster });
  const modelPools = poolsOf(recording);
  for (const node of recording.steps.flat()) {
    const { name, namespace } = node.object.metadata;
    if (isOf(node, GROUPS.ipam, 'IPAddress')) {
      const { address = '', pool } = (node.object['spec'] ?? {}) as {
        readonly address?: string;
        readonly pool?: { readonly name: string };
      };
      const [from, to] = [modelPools.get(pool?.name ?? ''), pools.get(renamed(pool?.name ?? ''))];
      if (from === undefined || to === undefined) continue;
      const other = shifted(address, from, to);
      renaming.address(address, other);
      renaming.name(name, `${renamed(name.slice(0, -dashed(address).length))}${dashed(other)}`);
      continue;
    }
    if (isNamedAfter(name)) renaming.name(name, renamed(name));
    renaming.name(namespace, cluster.namespace);
  }
  renaming.name(model.name, cluster.name);
  renaming.endpoints(model.endpoint, cluster.endpoint);
  modelHosts.forEach(({ host: { name, bootMACAddress } }, i) => {
    const other = hosts[i]?.host;
    if (other === undefined) return;
    renaming.name(name, other.name);
    if (bootMACAddress !== undefined && other.bootMACAddress !== undefined)
      renaming.address(bootMACAddress, other.bootMACAddress);
  });
  return renaming;
}

/** The first address of each pool of a cluster, by the name of its IPPool; '' where all clusters have the same. */
function poolsOf({ plan, cluster }: SelectedCluster): ReadonlyMap<string, string> {
  const pools = new Map<string, string>();
  for (const { kind, metadata, ...object } of plan.describedBy(cluster)) {
    if (kind !== 'IPPool') continue;
    const { pools: ranges = [] } = object['spec'] as {
      readonly pools?: readonly { readonly start?: string; readonly subnet?: string }[];
    };
    pools.set(metadata.name, ranges[0]?.start ?? '');
  }
  return pools;
}

function shifted(address: string, from: string, to: string): string {
  if (from === '' || to === '') return address;
  const value = addressValue(address) - addressValue(from) + addressValue(to);
  return addressOf(value, address.includes(':') ? 6 : 4);
}

/** As IPAM names an address. */
function dashed(address: string): string {
  return address.replaceAll(/[.:]/g, '-');
}

/** What each host is to be, by its name. */
function specsOf(hosts: readonly PlacedHost[]): ReadonlyMap<string, object> {
  return new Map(hosts.map(({ fleet, host }) => [host.name, fleet.manifest(host).spec]));
}

/** What a host is to be by its set, where that is something else than for the recorded one. */
function hostSpec(spec: object | undefined, own: object = {}, model: object = {}): object {
  const before = model as Readonly<Record<string, unknown>>;
  const others = Object.entries(own).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key]));
  return { ...spec, ...Object.fromEntries(others) };
}

/** What a Cluster is known to be from the beginning; all else is for its managers to say once they have looked at it. */
const KNOWN_OF_CLUSTERS: ReadonlySet<string> = new Set(['ControlPlaneInitialized', 'InfrastructureReady', 'Paused']);

interface Condition {
  readonly type: string;
  readonly status?: string;
}

function statusOf(node: GraphNode, status: object): object {
  // A host's credentials are others, and are looked at anew.
  if (isHost(node)) return { ...status, goodCredentials: {}, triedCredentials: {} };
  const { conditions, ...others } = status as { readonly conditions?: readonly Condition[] };
  if (conditions === undefined) return status;
  const isCluster = isOf(node, GROUPS.core, clusterKind.kind);
  const known = isCluster ? conditions.filter(({ type }) => KNOWN_OF_CLUSTERS.has(type)) : conditions;
  return { ...others, conditions: known.map(paused) };
}

/** As a manager says of what belongs to a paused Cluster: it would write that once more otherwise, of each object. */
function paused(condition: Condition): Condition {
  if (condition.type !== 'Paused' || condition.status !== 'False') return condition;
  return { ...condition, status: 'True', ...{ reason: 'Paused', message: 'Cluster spec.paused is set to true' } };
}

function secretsOf({ plan, cluster }: SelectedCluster, seed: string): readonly Manifest[] {
  const { keySeed, certificateAuthority: authority } = plan.props;
  const isExternal = cluster.settings.etcd === 'external';
  return clusterSecrets(
    cluster,
    { seed: authority === undefined ? (keySeed ?? seed) : undefined, authority },
    isExternal,
  );
}

function secretData(object: object, given: Manifest | undefined, renaming: Renaming): object {
  const before = dataOf(object);
  if (given !== undefined) return { ...before, ...dataOf(given) };
  return Object.fromEntries(
    Object.entries(before).map(([key, value]) => [
      key,
      Buffer.from(renaming.text(decoded(value)), 'utf8').toString('base64'),
    ]),
  );
}

function dataOf(object: object): Readonly<Record<string, string>> {
  return (object as { readonly data?: Readonly<Record<string, string>> }).data ?? {};
}

function decoded(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8');
}
