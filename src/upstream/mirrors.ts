import { realpathSync } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';
import { TestbedError, invalidInput } from '../../lib/errors';
import { requireUrl, type Source } from './source';

/**
 * The setting: `PREFIX=REPLACEMENT` of URLs, several with commas between them, the longest prefix first. A replacement
 * is a URL, or the absolute path of a folder that has the same files:
 * `https://github.com/=https://mirror.example/github/,https://raw.example/=/srv/air-gapped/`
 */
export const mirrorsVariable = 'METAL3_TESTBED_MIRRORS';

interface Mirror {
  /** Ends with `/`, so that no other host begins like it. */
  readonly prefix: string;
  readonly replacement: string;
}

/**
 * What is read in place of a URL.
 *
 * @throws TestbedError (`invalid-input`) for a setting that is none, or a URL that would lead out of the folder
 */
export function mirrored(url: URL, env: NodeJS.ProcessEnv): Source {
  const mirror = readMirrors(env[mirrorsVariable] ?? '')
    .filter(({ prefix }) => url.href.startsWith(prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length)[0];
  if (mirror === undefined) return { type: 'url', url };
  const rest = url.href.slice(mirror.prefix.length);
  if (isAbsolute(mirror.replacement)) return { type: 'file', path: fileIn(mirror.replacement, rest, url) };
  return { type: 'url', url: requireUrl(mirror.replacement.replace(/\/*$/, '/') + rest) };
}

function readMirrors(setting: string): readonly Mirror[] {
  const rules = setting
    .split(',')
    .map((rule) => rule.trim())
    .filter((rule) => rule !== '');
  return rules.map((rule) => {
    const [, prefix, replacement] = /^([^=]+)=(.+)$/.exec(rule) ?? [];
    if (prefix === undefined || replacement === undefined) {
      throw invalidInput(`${mirrorsVariable} has '${rule}': write PREFIX=REPLACEMENT, a URL and a URL or folder`);
    }
    if (!isAbsolute(replacement)) requireUrl(replacement);
    return { prefix: requireUrl(prefix).href.replace(/\/*$/, '/'), replacement };
  });
}

/** The path in the folder; neither dots nor links in it lead out. */
function fileIn(folder: string, rest: string, url: URL): string {
  const names = rest
    .split('/')
    .filter((name) => name !== '')
    .map(decoded);
  if (url.search !== '' || names.some((name) => name === undefined || /^\.{1,2}$|[/\\\0]/.test(name))) {
    throw invalidInput(`${url.href} names no file in ${folder}, to which ${mirrorsVariable} maps it`);
  }
  const path = join(folder, ...(names as string[]));
  try {
    const [real, root] = [realpathSync(path), realpathSync(folder)];
    if (real.startsWith(root.endsWith(sep) ? root : root + sep)) return real;
  } catch {
    throw new TestbedError('environment', `${path} does not exist, to which ${mirrorsVariable} maps ${url.href}`);
  }
  throw invalidInput(`${path} is a link out of ${folder}, to which ${mirrorsVariable} maps ${url.href}`);
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}
