/** Which build of which program simulates the hosts: said wherever that matters, remembered, and not changed unasked. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { nameOfSimulator, type SimulatorKind } from './names';

/** One program that simulates hosts. */
export interface Build {
  /** `kwok`, or the namespace of the operator that it is. */
  readonly name: string;
  /** The release: of kwok what it says itself, of an operator what is described. */
  readonly version: string;
  /** `sha256:<hex>` of its file; absent for one that runs in the cluster. */
  readonly digest?: string | undefined;
  /** The image that it is from. */
  readonly image?: string | undefined;
}

/** What simulates the hosts of a testbed. */
export interface SimulatorBuilds {
  readonly simulator: SimulatorKind;
  /** One, or one for each operator; empty where an earlier version of this package did not write them down. */
  readonly builds: readonly Build[];
}

/** @returns what tells a file from another in its place: `sha256:<hex>` */
export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest('hex')}`;
}

/** `the Bare Metal Operator v0.13.2 in test mode (sha256 0123456789ab)`. */
export function describeSimulator({ simulator, builds }: SimulatorBuilds): string {
  const each = [...new Set(builds.map(describeBuild))];
  const [only = ''] = each;
  if (simulator === 'kwok') return `${nameOfSimulator(simulator)} ${only}`.trimEnd();
  if (each.length > 1) return `the Bare Metal Operators ${each.join(' and ')} in test mode`;
  const [version = '', ...mark] = only.split(/ (?=\()/);
  return [nameOfSimulator(simulator), version, 'in test mode', ...mark].filter((part) => part !== '').join(' ');
}

/** `v0.13.2 (sha256 0123456789ab)`: what tells it from any other, short enough to be read. */
export function describeBuild({ version, digest, image }: Build): string {
  const ofImage = /@(sha256:[0-9a-f]+)$/.exec(image ?? '')?.[1];
  if (ofImage !== undefined) return `${version} (image ${short(ofImage)})`;
  if (digest !== undefined) return `${version} (${short(digest)})`;
  return image === undefined ? version : `${version} (image ${image})`;
}

function short(digest: string): string {
  return digest.replace(':', ' ').slice(0, 'sha256 '.length + 12);
}

/** A build, and the other that is in its place now. */
interface BuildChange {
  readonly last: Build;
  readonly now: Build;
}

/**
 * The first that has become another build since the last time, although the description says the same.
 *
 * @param hasVersions whether the description says versions; without, every other file is another build
 */
export function changedBuild(
  before: readonly Build[],
  now: readonly Build[],
  hasVersions = true,
): BuildChange | undefined {
  for (const build of now) {
    const last = before.find(({ name }) => name === build.name);
    if (last?.digest === undefined || build.digest === undefined || last.digest === build.digest) continue;
    if (!hasVersions || last.version === build.version) return { last, now: build };
  }
  return undefined;
}

/** That it has changed, in a sentence. @param name as its reader knows it */
export function describeChange(name: string, { last, now }: BuildChange): string {
  return `${name} ${describeBuild(now)} is not the build of last time, ${describeBuild(last)}`;
}

/**
 * What has become another build since the last time, although the description says the same.
 *
 * @returns a sentence for the first
 */
export function changeOfBuild(before: SimulatorBuilds, now: SimulatorBuilds): string | undefined {
  const { simulator } = now;
  if (before.simulator !== simulator) return undefined;
  const change = changedBuild(before.builds, now.builds, simulator === 'bmo');
  return change && describeChange(nameOfSimulator(simulator), change);
}
