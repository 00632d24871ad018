import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { ProgramName, ProgramSpec } from './catalog';

/** The folder of this package's cache: `$XDG_CACHE_HOME/metal3-testbed`, else `~/.cache/metal3-testbed`. */
export function cacheDir(env: NodeJS.ProcessEnv): string {
  // The XDG specification: a path that is not absolute is to be ignored.
  const base = env['XDG_CACHE_HOME'];
  return join(base && isAbsolute(base) ? base : join(env['HOME'] || homedir(), '.cache'), 'metal3-testbed');
}

/** This machine as Go names it: `linux-amd64`. */
export function platform(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  return `${process.platform}-${arch}`;
}

/** Where a downloaded program lies. A home may be shared between machines, so the platform is part of it. */
export function downloadedFile(cache: string, releaseId: string, name: ProgramName): string {
  return join(cache, platform(), releaseId, name);
}

/** Where a program built with Go lies. */
export function builtFile(cache: string, spec: ProgramSpec, version: string): string {
  return join(cache, platform(), `${spec.name}-${version}-go-build`, spec.name);
}

/** Where a program of an image lies, by the digest of the image. */
export function imageFile(cache: string, name: ProgramName, digest: string): string {
  return join(cache, platform(), `image-${digest.replace(':', '-')}`, name);
}
