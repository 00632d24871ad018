import { statSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { invalidInput } from '../../lib/errors';

/** Where manifests come from: a URL, a YAML file, or a folder that kustomize renders. */
export type Source =
  | { readonly type: 'url'; readonly url: URL }
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'kustomization'; readonly path: string };

const archivePattern = /\.(tar|tgz|tbz2?|txz|gz|bz2|xz|zst|zip|7z)$/i;
const kustomizations = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/**
 * @param text a URL, or a path relative to the folder
 * @throws TestbedError (`invalid-input`) for an archive, a URL without TLS or with credentials, and a path where nothing is
 */
export function sourceOf(text: string, folder: string): Source {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { type: 'url', url: requireUrl(text) };
  const path = resolve(folder, text);
  refuseArchive(path);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw invalidInput(`${path} does not exist: give a URL, a YAML file or a kustomize folder`);
  if (found.isFile()) return { type: 'file', path };
  if (!found.isDirectory()) throw invalidInput(`${path} is neither a file nor a folder`);
  if (!kustomizations.some((name) => existsSync(join(path, name)))) {
    throw invalidInput(
      `${path} has no kustomization.yaml: give a kustomize folder such as config/default, or a YAML file`,
    );
  }
  return { type: 'kustomization', path };
}

/**
 * A URL that may be fetched: with TLS, but for this machine itself. Credentials have no place in it, since it is written
 * into the lock file.
 */
export function requireUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw invalidInput(`'${text.replace(/\/\/[^/]*@/, '//')}' is not a valid URL`);
  if (url.username !== '' || url.password !== '') {
    throw invalidInput(`the URL of ${url.host} has credentials in it, which would be written down: leave them out`);
  }
  const isOwnMachine = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isOwnMachine)) {
    throw invalidInput(`${url.href} is not fetched: use https (http on this machine alone), or a path for a file`);
  }
  refuseArchive(url.pathname);
  return url;
}

/** An archive could write anywhere when it is unpacked, and a release's manifests need none. */
function refuseArchive(path: string): void {
  if (archivePattern.test(path)) {
    throw invalidInput(`${path} is an archive: unpack it, and give its YAML file or kustomize folder`);
  }
}
