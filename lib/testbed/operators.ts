import type { Fleet } from '../kinds/bare-metal-host/fleet';
import type { BareMetalOperatorProps } from '../components/baremetal-operator';
import { defaultVersion, namespaceOf } from '../components/baremetal-operator/releases';
import { checkHostRelease } from '../kinds/bare-metal-host/host-release';
import type { BareMetalHostManifest } from '../kinds/bare-metal-host/manifests';
import { invalidInput } from '../errors';
import { isAtLeast, isVersion } from '../version';

/** Which operator brings the CRDs where none is told to: one of the newest release, whose CRDs have what all need. */
export function crdOwner(operators: readonly BareMetalOperatorProps[]): number {
  const versions = operators.map(({ version = defaultVersion }) => version);
  return versions.reduce((best, version, i) => {
    const isNewer =
      isVersion(version) && !(isVersion(versions[best] ?? '') && isAtLeast(versions[best] ?? '', version));
    return isNewer ? i : best;
  }, 0);
}

/**
 * Checks that every host has exactly one operator, and that no test-mode operator has hosts that differ in `online`:
 * all hosts of one test-mode BMO share one fake machine, and would be switched on and off for ever. And that no host says
 * what its operator's release does not know.
 *
 * @throws TestbedError (`invalid-input`)
 */
export function checkOperators(operators: readonly BareMetalOperatorProps[], fleets: readonly Fleet[]): void {
  const watchers = new Map<string, BareMetalOperatorProps>();
  const global = operators.filter(({ watchedNamespaces = [] }) => watchedNamespaces.length === 0);
  if (global.length > 0 && operators.length > 1) {
    throw invalidInput(
      `${operators.length} operators, of which ${global.length} watch all namespaces: give each operator its own watchedNamespaces`,
    );
  }
  for (const operator of operators) {
    for (const namespace of operator.watchedNamespaces ?? []) {
      if (watchers.has(namespace))
        throw invalidInput(`namespace ${namespace} is watched by two operators: give it to one of them`);
      watchers.set(namespace, operator);
    }
  }
  requireOwnNames(operators);
  if (operators.length === 0) return;
  const seen = new Map<BareMetalOperatorProps, { readonly online: boolean; readonly host: string }>();
  for (const fleet of fleets) {
    for (const host of sampleOf(fleet, global.length === 0)) {
      const operator = global[0] ?? watchers.get(host.namespace);
      if (operator === undefined) {
        throw invalidInput(
          `no operator watches namespace ${host.namespace}, where host set ${fleet.name} has hosts: add it to watchedNamespaces of one`,
        );
      }
      const release = releaseFor([operator], host.namespace);
      if (release !== undefined) checkHostRelease(host.manifest, release, `host ${host.namespace}/${host.name}`);
      if (operator.testMode !== true) continue;
      const online = host.online;
      const other = seen.get(operator);
      if (other === undefined) seen.set(operator, { online, host: `${host.namespace}/${host.name}` });
      else if (other.online !== online) {
        throw invalidInput(
          `hosts ${other.host} (online: ${other.online}) and ${host.namespace}/${host.name} (online: ${online}) have one test-mode operator, which would switch both on and off for ever: give them namespaces of their own, and an operator with watchedNamespaces for each`,
        );
      }
    }
  }
}

/**
 * The release that hosts of a namespace are to be right for.
 *
 * @returns undefined where no operator takes care of them, or its version is not a release
 */
export function releaseFor(operators: readonly BareMetalOperatorProps[], namespace: string): string | undefined {
  const operator = operators.find(
    ({ watchedNamespaces = [] }) => watchedNamespaces.length === 0 || watchedNamespaces.includes(namespace),
  );
  return operator && releasesOf([operator])[0];
}

/** The release as whose hosts kwok's behave: the newest that is described, or else the default one. */
export function newestRelease(operators: readonly BareMetalOperatorProps[]): string {
  const { version = defaultVersion } = operators[crdOwner(operators)] ?? {};
  return isVersion(version) ? version : defaultVersion;
}

/** The releases of operators, without those whose version is none. */
export function releasesOf(operators: readonly BareMetalOperatorProps[]): readonly string[] {
  return operators.map(({ version = defaultVersion }) => version).filter(isVersion);
}

function requireOwnNames(operators: readonly BareMetalOperatorProps[]): void {
  const names = operators.map(namespaceOf);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw invalidInput(`two operators run in namespace ${twice}: give each a namespace of its own`);
}

interface Sample {
  readonly namespace: string;
  readonly name: string;
  readonly online: boolean;
  readonly manifest: BareMetalHostManifest;
}

/**
 * Hosts that stand for all of a fleet: each where overrides may differ, otherwise the first, and where namespaces matter
 * one in each.
 */
function* sampleOf(fleet: Fleet, perNamespace: boolean): Generator<Sample> {
  if (fleet.count === 0) return;
  const online = fleet.props.online ?? true;
  if (fleet.hasOverrides) {
    for (const host of fleet.hosts())
      yield { ...host, online: host.override?.online ?? online, manifest: fleet.manifest(host) };
    return;
  }
  const first = fleet.nth(0);
  const manifest = fleet.manifest(first);
  for (const namespace of perNamespace ? fleet.namespaces() : [first.namespace])
    yield { namespace, name: first.name, online, manifest };
}
