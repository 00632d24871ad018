/** What a registry says an image is: an index of images for several platforms, or one image, a list of layers. */
import { TestbedError } from '../../../lib/errors';
import { quoted } from '../../../lib/visible';
import { isMap } from '../../util/is-map';
import { isDigest } from './reference';

/** A part of an image by its digest. */
export interface Descriptor {
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly mediaType: string;
}

export type Manifest =
  | { readonly type: 'index'; readonly manifests: readonly (Descriptor & { readonly platform?: ImagePlatform })[] }
  | { readonly type: 'image'; readonly layers: readonly Descriptor[] };

interface ImagePlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
}

/** Everything that a manifest may be, of OCI and of Docker. */
export const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const LAYER_TYPE =
  /^application\/vnd\.(?:oci\.image\.layer(?:\.nondistributable)?\.v1|docker\.image\.rootfs(?:\.foreign)?\.diff)\.tar(?:[.+](?:gzip|zstd))?$/;
/** Docker itself stops at 127 layers. */
const MAX_PARTS = 1000;

/**
 * @param name of the image, for errors
 * @throws TestbedError (`environment`) for what is neither
 */
export function parseManifest(bytes: Buffer, name: string): Manifest {
  const wrong = (what: string) => new TestbedError('environment', `the manifest of ${name} ${what}`);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    throw wrong('is not valid JSON');
  }
  if (!isMap(value)) throw wrong('is not one');
  const { manifests, layers } = value;
  // One text that two programs would read in two ways.
  if (manifests !== undefined && layers !== undefined) throw wrong('is an index and an image at once');
  if (value['schemaVersion'] !== 2)
    throw wrong(`has schemaVersion ${quoted(JSON.stringify(value['schemaVersion']) ?? 'none', 20)}, and 2 is read`);
  const parts = manifests ?? layers;
  if (!Array.isArray(parts)) throw wrong('names neither images nor layers');
  if (parts.length > MAX_PARTS) throw wrong(`has ${parts.length} parts, and at most ${MAX_PARTS} are read`);
  const descriptors = parts.map((part: unknown) => {
    const descriptor = descriptorOf(part);
    if (descriptor === undefined) throw wrong('has a part without a digest, size or type');
    return descriptor;
  });
  if (manifests !== undefined) return { type: 'index', manifests: descriptors };
  for (const { mediaType } of descriptors)
    if (!LAYER_TYPE.test(mediaType)) throw wrong(`has a layer of type ${quoted(mediaType, 100)}, which is not read`);
  return { type: 'image', layers: descriptors };
}

function descriptorOf(part: unknown): (Descriptor & { platform?: ImagePlatform }) | undefined {
  if (!isMap(part)) return undefined;
  const { digest, size, mediaType, platform } = part;
  if (!isDigest(digest) || typeof mediaType !== 'string') return undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined;
  const { os, architecture, variant } = isMap(platform) ? platform : {};
  if (typeof os !== 'string' || typeof architecture !== 'string') return { digest, size, mediaType };
  return {
    digest,
    size,
    mediaType,
    platform: { os, architecture, variant: typeof variant === 'string' ? variant : undefined },
  };
}

/** This machine as images name it, with the variants whose programs it runs. */
const ARCHITECTURES: Readonly<
  Partial<Record<string, { readonly name: string; readonly variants: readonly string[] }>>
> = {
  x64: { name: 'amd64', variants: ['v1'] },
  arm64: { name: 'arm64', variants: ['v8'] },
  arm: { name: 'arm', variants: ['v7', 'v6', 'v5'] },
  ia32: { name: '386', variants: [] },
  ppc64: { name: 'ppc64le', variants: [] },
};

/**
 * The image of an index that runs on this machine.
 *
 * @param name of the image, for errors
 * @throws TestbedError (`environment`) where there is none: which there are
 */
export function choosePlatform(
  { manifests }: Extract<Manifest, { type: 'index' }>,
  name: string,
  machine: string = process.arch,
): Descriptor {
  const { name: architecture, variants } = ARCHITECTURES[machine] ?? { name: machine, variants: [] };
  const fitting = manifests.filter(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === architecture,
  );
  // Without one before those with, the newest of these first.
  for (const wanted of [undefined, '', ...variants]) {
    const found = fitting.find(({ platform }) => platform?.variant === wanted);
    if (found !== undefined) return found;
  }
  const [only] = manifests;
  if (only !== undefined && manifests.length === 1 && only.platform === undefined) return only;
  const has = manifests
    .filter(({ platform }) => platform !== undefined && platform.os !== 'unknown')
    .map(({ platform }) => [platform?.os, platform?.architecture, platform?.variant].filter(Boolean).join('/'));
  throw new TestbedError(
    'environment',
    `${name} has no image for linux/${architecture}: it has ${has.length === 0 ? 'none' : quoted(has.join(', '), 300)}`,
  );
}
