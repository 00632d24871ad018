/** Container images as tests need them, good and bad: written byte by byte, with no code of what reads them. */
import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';

/** A member of a tar. */
export interface TarMember {
  readonly name: string;
  readonly content?: string | Buffer;
  /** ustar's letter of it: 0 file, 1 hard link, 2 symbolic link, 3 device, 5 folder, x and L what comes before a file. @default '0' */
  readonly type?: string;
  readonly target?: string;
  readonly mode?: number;
  /** What the header says, where that is not the content's size. */
  readonly size?: number;
}

const BLOCK = 512;

/** A tar of POSIX's ustar format, with two empty blocks at its end. */
export function tar(members: readonly TarMember[]): Buffer {
  return Buffer.concat([...members.flatMap(member), Buffer.alloc(2 * BLOCK)]);
}

/** One member, without an end behind it. */
export function member({ name, content = '', type = '0', target = '', mode = 0o755, size }: TarMember): Buffer[] {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number) =>
    header.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  header.write(name, 0, 100);
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size ?? bytes.length, 124, 11);
  octal(0, 136, 11);
  header.write(type, 156);
  header.write(target, 157, 100);
  header.write('ustar\u000000', 257, 'latin1');
  header.fill(' ', 148, 156);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    'latin1',
  );
  return [header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)];
}

/** What comes before a member and says its path, and more, in any length. */
export function paxHeader(attributes: Readonly<Record<string, string>>): TarMember {
  const records = Object.entries(attributes).map(([name, value]) => {
    const rest = ` ${name}=${value}\n`;
    let length = Buffer.byteLength(rest);
    // The length counts its own digits.
    while (Buffer.byteLength(`${length}${rest}`) !== length) length = Buffer.byteLength(`${length}${rest}`);
    return `${length}${rest}`;
  });
  return { name: 'PaxHeaders/0', type: 'x', content: records.join('') };
}

export interface Blob {
  readonly bytes: Buffer;
  readonly digest: string;
  readonly mediaType: string;
}

export const digestOf = (bytes: Buffer | string, algorithm = 'sha256') =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;

export function blob(bytes: Buffer | string, mediaType: string): Blob {
  return { bytes: Buffer.from(bytes), digest: digestOf(bytes), mediaType };
}

export type Packing = 'none' | 'gzip' | 'zstd';
/** Whose media types are used. */
export type Flavour = 'oci' | 'docker';

const LAYER_TYPES = {
  oci: { none: '', gzip: '+gzip', zstd: '+zstd', base: 'application/vnd.oci.image.layer.v1.tar' },
  docker: { none: '', gzip: '.gzip', zstd: '.zstd', base: 'application/vnd.docker.image.rootfs.diff.tar' },
};

export function layer(
  content: readonly TarMember[] | Buffer,
  packing: Packing = 'gzip',
  flavour: Flavour = 'oci',
): Blob {
  const bytes = Buffer.isBuffer(content) ? content : tar(content);
  const packed = { none: () => bytes, gzip: () => gzipSync(bytes), zstd: () => zstdCompressSync(bytes) }[packing]();
  return blob(packed, LAYER_TYPES[flavour].base + LAYER_TYPES[flavour][packing]);
}

/** An image, or an index of some. */
export interface Image {
  readonly manifest: Blob;
  /** What it names. */
  readonly blobs: readonly Blob[];
  readonly images: readonly Image[];
}

const descriptor = ({ bytes, digest, mediaType }: Blob) => ({ mediaType, digest, size: bytes.length });

/** @param layers from the bottom */
export function image(layers: readonly Blob[], flavour: Flavour = 'oci'): Image {
  const types = {
    oci: ['application/vnd.oci.image.config.v1+json', 'application/vnd.oci.image.manifest.v1+json'],
    docker: ['application/vnd.docker.container.image.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'],
  } as const;
  const [configType, mediaType] = types[flavour];
  const config = blob(JSON.stringify({ os: 'linux', rootfs: { type: 'layers', diff_ids: [] } }), configType);
  const content = { schemaVersion: 2, mediaType, config: descriptor(config), layers: layers.map(descriptor) };
  return { manifest: blob(JSON.stringify(content), mediaType), blobs: [config, ...layers], images: [] };
}

/** `linux/arm64/v8`; undefined for one that says no platform. */
export function index(
  images: readonly (readonly [platform: string | undefined, image: Image])[],
  flavour: Flavour = 'oci',
): Image {
  const mediaType = {
    oci: 'application/vnd.oci.image.index.v1+json',
    docker: 'application/vnd.docker.distribution.manifest.list.v2+json',
  }[flavour];
  const manifests = images.map(([platform, { manifest }]) => {
    const [os, architecture, variant] = platform?.split('/') ?? [];
    return { ...descriptor(manifest), ...(platform && { platform: { os, architecture, variant } }) };
  });
  const content = { schemaVersion: 2, mediaType, manifests };
  return { manifest: blob(JSON.stringify(content), mediaType), blobs: [], images: images.map(([, each]) => each) };
}

/** This machine as an index names it. */
export const HERE = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;

/** An image that has a program in it, and nothing else. */
export function programImage(path: string, program: string): Image {
  return image([layer([{ name: path, content: program }])]);
}

/** Sends an image, and all that it names, to a registry. */
export async function push(
  origin: string,
  repository: string,
  pushed: Image,
  tag: string,
  authorization = '',
): Promise<void> {
  const send = async (method: string, url: string, body?: Buffer, type = 'application/octet-stream') => {
    const response = await fetch(url, {
      method,
      headers: { 'content-type': type, ...(authorization !== '' && { authorization }) },
      ...(body && { body: new Uint8Array(body) }),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status}`);
    return response.headers.get('location') ?? '';
  };
  const base = `${origin}/v2/${repository}`;
  for (const { bytes, digest } of pushed.blobs) {
    const at = new URL(await send('POST', `${base}/blobs/uploads/`), origin);
    at.searchParams.set('digest', digest);
    await send('PUT', at.href, bytes);
  }
  for (const each of pushed.images) await push(origin, repository, each, each.manifest.digest, authorization);
  await send('PUT', `${base}/manifests/${tag}`, pushed.manifest.bytes, pushed.manifest.mediaType);
}
