import type { IConstruct } from 'constructs';
import type { HostClaims } from './host-registry';
import { HostRegistry } from './host-registry';

/** The release of the operator that takes care of a namespace's hosts; undefined where that is not known. */
export type ReleaseOf = (namespace: string) => string | undefined;

interface HostScope {
  readonly releaseOf: ReleaseOf;
  readonly registry: HostRegistry;
  readonly hosts: (HostClaims & { readonly path: string })[];
}

const scopes = new WeakMap<IConstruct, HostScope>();

/**
 * Makes the constructs a testbed of their own: within it no two hosts may share a name, MAC or BMC address, and hosts
 * outside do not matter. Without one, the whole app is one testbed.
 */
export function bindHostScope(constructs: readonly IConstruct[], releaseOf: ReleaseOf): void {
  const scope = newScope(releaseOf);
  for (const construct of constructs) scopes.set(construct, scope);
}

/** @throws TestbedError (`invalid-input`) where another host of the testbed has the same name, MAC or BMC address */
export function claimHost(construct: IConstruct, host: HostClaims): void {
  const scope = scopeOf(construct);
  scope.hosts.push({ ...host, path: construct.node.path });
  scope.registry.add(host);
}

/** The release that a host of the construct is to be right for, where its testbed says so. */
export function hostReleaseOf(construct: IConstruct, namespace: string): string | undefined {
  return scopeOf(construct).releaseOf(namespace);
}

function scopeOf(construct: IConstruct): HostScope {
  const ancestors = construct.node.scopes;
  const bound = ancestors.findLast((ancestor) => scopes.has(ancestor)) ?? construct.node.root;
  const existing = scopes.get(bound);
  if (existing !== undefined) return existing;
  const scope = newScope(() => undefined);
  scopes.set(bound, scope);
  return scope;
}

function newScope(releaseOf: ReleaseOf): HostScope {
  const hosts: HostScope['hosts'] = [];
  const registry = new HostRegistry((id) => {
    const host = hosts[id];
    if (host === undefined) throw new RangeError(`no host ${id}`);
    return { claims: host, label: `${host.namespace}/${host.name} (${host.path})` };
  });
  return { releaseOf, registry, hosts };
}
