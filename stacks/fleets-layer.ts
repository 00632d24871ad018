/** What layers of fleets have in common. */
import * as pulumi from '@pulumi/pulumi';
import { invalidInput } from '../lib/errors';
import { layerOutputs } from './layer-outputs';
import type { FleetArgs } from './resources/fleet-args';
import type { Readiness } from './resources/fleet-state';

/** A value for each fleet of the layer, by its name. */
export type ByFleet<T> = pulumi.Output<Readonly<Record<string, T>>>;

/** The names of fleets, with what they put out. */
export function byFleet<F, T>(fleets: ReadonlyMap<string, F>, valueOf: (fleet: F) => pulumi.Output<T>): ByFleet<T> {
  const values = [...fleets].map(([name, fleet]) => [name, valueOf(fleet)] as const);
  return pulumi.all(Object.fromEntries(values)) as unknown as ByFleet<T>;
}

/** The sum of what each fleet puts out. */
export function sumOf<F>(fleets: ReadonlyMap<string, F>, valueOf: (fleet: F) => pulumi.Output<number>) {
  return pulumi.all([...fleets.values()].map(valueOf)).apply((counts) => counts.reduce((sum, count) => sum + count, 0));
}

/** The kubeconfig, known once all fleets are there; a secret. @param where what the fleets were told */
export function kubeconfigOf(
  fleets: ReadonlyMap<string, { readonly kubeconfig: pulumi.Output<string> }>,
  where: Pick<FleetArgs, 'kubeconfig'>,
): pulumi.Output<string> {
  const known = pulumi.all([...fleets.values()].map(({ kubeconfig }) => kubeconfig));
  // Without fleets it is still one that others may go on with.
  return pulumi.secret(pulumi.all([known, where.kubeconfig ?? '']).apply(([[first], given]) => first ?? given));
}

/** What fleets had come to that waited for something. */
export function readinessOf(
  fleets: ReadonlyMap<string, { readonly readiness: pulumi.Output<Readiness | undefined> }>,
): ByFleet<Readiness> {
  const all = byFleet(fleets, ({ readiness }) => readiness);
  return all.apply((states) =>
    Object.fromEntries(Object.entries(states).filter((entry): entry is [string, Readiness] => entry[1] !== undefined)),
  );
}

/**
 * The sets of a layer, each with its name.
 *
 * @param what `host`
 * @param name what a set is called that has no name
 * @throws TestbedError (`invalid-input`) for a value other than a list, and for two sets of one name
 */
export function namedSets<T extends { readonly name?: string | undefined }>(
  what: string,
  name: string,
  sets: readonly T[],
): readonly (readonly [string, T])[] {
  const given: unknown = sets;
  if (!Array.isArray(given))
    throw invalidInput(`${what}Sets decides which fleets there are: give a list that is known when the program runs`);
  const named = sets.map((set) => [set.name ?? name, set] as const);
  requireNamesOnce(
    what,
    named.map(([each]) => each),
  );
  return named;
}

/** @throws TestbedError (`invalid-input`) for two sets of one name */
function requireNamesOnce(what: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw invalidInput(`two ${what} sets are named '${twice}': give one of them another name`);
}

/**
 * Where the fleets of a layer go.
 *
 * @throws TestbedError (`invalid-input`) unless exactly one of them says it
 */
export async function clusterOf(
  layer: string,
  clusterStack: string | undefined,
  where: Pick<FleetArgs, 'kubeconfig' | 'provider'>,
): Promise<Pick<FleetArgs, 'kubeconfig' | 'provider'>> {
  const isGiven = where.kubeconfig !== undefined || where.provider !== undefined;
  if (isGiven && clusterStack === undefined) return where;
  if (!isGiven && clusterStack !== undefined) {
    const { kubeconfig } = await layerOutputs<{ kubeconfig: pulumi.Output<string> }>(clusterStack, ['kubeconfig']);
    return { kubeconfig };
  }
  throw invalidInput(
    `the layer ${layer} has ${isGiven ? 'both' : 'neither'} clusterStack and kubeconfig: give one of them`,
  );
}
