import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { TestbedError } from '../../lib/errors';
import { cacheDir } from '../programs/cache';
import { writeFileAtomicSync } from '../util/atomic-file';
import { readBoundedSync } from '../util/read-bounded';

/** What manifests may have: a hundred times what a release has. */
export const MAX_MANIFEST_BYTES = 32 * 1024 * 1024;

/** SHA-256 in hexadecimal, which is also all that the name of a cached file is made of. */
export const sha256Pattern = /^[0-9a-f]{64}$/;

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Where this machine keeps manifests, each under the SHA-256 of its content: no name from outside becomes a path. */
export class ManifestCache {
  private readonly folder: string;

  constructor(env: NodeJS.ProcessEnv) {
    this.folder = join(cacheDir(env), 'manifests');
  }

  fileOf(digest: string): string {
    if (!sha256Pattern.test(digest)) throw new RangeError(`'${digest}' is not a valid SHA-256`);
    return join(this.folder, `${digest}.yaml`);
  }

  /** @returns the content; undefined where it is not there; `changed` where it is not what it was */
  get(digest: string): Uint8Array | 'changed' | undefined {
    try {
      const bytes = readBoundedSync(this.fileOf(digest), MAX_MANIFEST_BYTES);
      return sha256(bytes) === digest ? bytes : 'changed';
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      throw new TestbedError('environment', `the cache ${this.folder} cannot be read (${code}); set XDG_CACHE_HOME`, {
        cause: error,
      });
    }
  }

  /**
   * @param isPrivate whether nobody else on this machine may read it: it holds what the environment held
   * @returns the SHA-256 that the content is kept under
   */
  put(bytes: Uint8Array, isPrivate = false): string {
    const digest = sha256(bytes);
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o755 });
      writeFileAtomicSync(this.fileOf(digest), bytes, isPrivate ? 0o600 : 0o644);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new TestbedError(
        'environment',
        `the cache ${this.folder} cannot be written (${code}); set XDG_CACHE_HOME`,
        {
          cause: error,
        },
      );
    }
    return digest;
  }
}
