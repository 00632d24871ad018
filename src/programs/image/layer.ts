/** A layer of an image: a tar, packed or not, of which names are listed and one file is taken out. Nothing is unpacked. */
import { createReadStream, writeSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { Parser } from 'tar/parse';
import type { ReadEntry } from 'tar/read-entry';
import { TestbedError } from '../../../lib/errors';
import { quoted } from '../../../lib/visible';
import { isFileError } from '../cache-error';
import type { ImageLimits } from './limits';

/** What a layer has under a name. */
export type Entry =
  | { readonly type: 'file'; readonly position: number }
  | { readonly type: 'directory' | 'other' }
  /** A second name of a file, by the first. */
  | { readonly type: 'hard link'; readonly target: string }
  | { readonly type: 'symbolic link'; readonly target: string };

/** What a layer adds to the layers below it, and takes away of them. */
export interface LayerContent {
  /** By path: `usr/local/bin/etcd`. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Paths of which the layers below no longer count. */
  readonly removed: ReadonlySet<string>;
  /** Folders of which what the layers below have in them no longer counts. */
  readonly opaque: ReadonlySet<string>;
}

/** What may still be taken of an image: all its layers share it. */
export class Budget {
  private unpacked: number;
  private characters: number;

  constructor(private readonly limits: ImageLimits) {
    this.unpacked = limits.unpackedBytes;
    this.characters = limits.nameCharacters;
  }

  unpack(bytes: number): void {
    this.unpacked -= bytes;
    if (this.unpacked < 0)
      throw broken(`unpacks to more than ${this.limits.unpackedBytes} bytes, which no image of a program does`);
  }

  name(text: string): void {
    // What a name costs besides its characters.
    this.characters -= text.length + 64;
    if (this.characters < 0) throw broken('has more names in it than any image of a program');
  }
}

/** Of Docker and OCI: `.wh.NAME` takes NAME away, `.wh..wh..opq` all that is in the folder. */
const REMOVAL = '.wh.';
const OPAQUE = '.wh..wh..opq';
const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** Frames that are no data; zstd:chunked begins with none, other packers may. */
const ZSTD_SKIPPED = Buffer.from([0x2a, 0x4d, 0x18]);

function broken(what: string, options?: ErrorOptions): TestbedError {
  return new TestbedError('environment', `a layer ${what}`, options);
}

/**
 * Reads what is in a layer.
 *
 * @throws TestbedError (`environment`) for what is not a tar, a name that leads out of the image, and more than is taken
 */
export async function listLayer(file: string, budget: Budget): Promise<LayerContent> {
  const entries = new Map<string, Entry>();
  const removed = new Set<string>();
  const opaque = new Set<string>();
  let position = -1;
  await readTar(file, budget, (each) => {
    position++;
    each.resume();
    budget.name(each.path);
    const path = pathInImage(each.path);
    const slash = path.lastIndexOf('/');
    const folder = slash < 0 ? '' : path.slice(0, slash);
    const name = path.slice(slash + 1);
    if (name === OPAQUE) opaque.add(folder);
    else if (name.startsWith(REMOVAL)) removed.add(join(folder, name.slice(REMOVAL.length)));
    else if (path !== '') {
      const entry = entryOf(each, position);
      if ('target' in entry) budget.name(entry.target);
      entries.set(path, entry);
    }
    // Folders need no entry of their own. Each is looked at once: the one above it was made with it.
    for (
      let above = folder;
      above !== '' && !entries.has(above);
      above = above.slice(0, above.lastIndexOf('/') + 1).replace(/\/$/, '')
    ) {
      budget.name(above);
      entries.set(above, { type: 'directory' });
    }
  });
  return { entries, removed, opaque };
}

/**
 * Writes a file of a layer.
 *
 * @param position which entry of the layer it is, as {@link listLayer} has it
 * @throws TestbedError (`environment`) as there, and for one that is larger than any program
 */
export async function extractFile(
  file: string,
  position: number,
  output: FileHandle,
  { budget, maxBytes }: { readonly budget: Budget; readonly maxBytes: number },
): Promise<void> {
  let at = -1;
  let isWhole = false;
  await readTar(
    file,
    budget,
    (each) => {
      at++;
      if (at !== position) return void each.resume();
      if (each.size > maxBytes)
        throw broken(`has a program of ${each.size} bytes, and at most ${maxBytes} are taken of one`);
      each.on('data', (chunk: Buffer) => {
        for (let done = 0; done < chunk.length;) done += writeSync(output.fd, chunk, done);
      });
      each.on('end', () => (isWhole = true));
      return undefined;
    },
    () => isWhole,
  );
  if (!isWhole) throw broken('ends in the middle of the program');
}

/** The path of a name in a layer, from the root of the image on and without it: `./usr//bin/` is `usr/bin`. */
export function pathInImage(name: string): string {
  if (name.includes('\0')) throw broken(`has the name '${quoted(name, 100)}', which no file has`);
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw broken(`has the name '${quoted(name, 100)}', which would lead out of the image`);
  return parts.join('/');
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function entryOf({ type, linkpath = '' }: ReadEntry, position: number): Entry {
  switch (type) {
    case 'File':
    case 'OldFile':
    case 'ContiguousFile':
      return { type: 'file', position };
    case 'Directory':
    case 'GNUDumpDir':
      return { type: 'directory' };
    case 'Link':
      return { type: 'hard link', target: linkpath };
    case 'SymbolicLink':
      return { type: 'symbolic link', target: linkpath };
    default:
      return { type: 'other' };
  }
}

/** Reads a tar entry by entry, until it ends or enough was read. */
async function readTar(
  file: string,
  budget: Budget,
  onEntry: (entry: ReadEntry) => void,
  isEnough: () => boolean = () => false,
): Promise<void> {
  let isAtEnd = false;
  let problem: Error | undefined;
  const fail = (error: unknown) => {
    problem ??= error as Error;
  };
  const requireNoProblem = () => {
    if (problem !== undefined) throw problem;
  };
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      try {
        onEntry(entry);
      } catch (error) {
        fail(error);
        entry.resume();
      }
    },
  });
  parser.on('error', fail);
  // Zeros, or anything, may follow, of which the parser would keep all.
  parser.on('eof', () => (isAtEnd = true));
  // Names and attributes that no file has, which would be kept in memory; the parser leaves them out.
  parser.on('ignoredEntry', (entry: ReadEntry) => {
    if (entry.meta) fail(broken(`has a name or attributes of ${entry.size} bytes`));
  });
  const source = await unpacked(file);
  try {
    let isFirst = true;
    for await (const chunk of source as AsyncIterable<Buffer>) {
      budget.unpack(chunk.length);
      // The parser would unpack what is packed twice, and count nothing of it.
      if (isFirst && packing(chunk) !== undefined) throw broken('is packed more than once');
      isFirst = false;
      parser.write(chunk);
      requireNoProblem();
      if (isAtEnd || isEnough()) return;
    }
    parser.end();
    requireNoProblem();
  } catch (error) {
    if (error instanceof TestbedError || isFileError(error)) throw error;
    throw broken(`cannot be read: ${quoted(error instanceof Error ? error.message : '', 200)}`, { cause: error });
  } finally {
    source.destroy();
  }
}

/** What a layer is packed from. Its type may say one thing and its bytes another: those are what is read. */
async function unpacked(file: string) {
  const handle = await open(file, 'r');
  const head = Buffer.alloc(4);
  try {
    await handle.read(head, 0, head.length, 0);
  } finally {
    await handle.close();
  }
  const packed = createReadStream(file, { highWaterMark: 256 * 1024 });
  const kind = packing(head);
  if (kind === undefined) return packed;
  const unpacking = kind === 'gzip' ? createGunzip() : createZstdDecompress();
  packed.on('error', (error) => unpacking.destroy(error));
  unpacking.on('close', () => packed.destroy());
  return packed.pipe(unpacking);
}

function packing(head: Buffer): 'gzip' | 'zstd' | undefined {
  if (head.subarray(0, 2).equals(GZIP)) return 'gzip';
  const isSkipped = head.length >= 4 && (head[0] ?? 0) >> 4 === 5 && head.subarray(1, 4).equals(ZSTD_SKIPPED);
  return isSkipped || head.subarray(0, 4).equals(ZSTD) ? 'zstd' : undefined;
}
