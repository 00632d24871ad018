import { invalidInput } from '../../../lib/errors';
import { quoted } from '../../../lib/visible';

/** An image as people name it, with nothing left to defaults. */
export interface ImageReference {
  /** The host, with its port if it has one: `docker.io`, `127.0.0.1:5000`. */
  readonly registry: string;
  /** `library/nginx`. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:<hex>` or `sha512:<hex>`. */
  readonly digest?: string;
}

/** Where an image is asked for. */
export interface RegistryPlace {
  /** The host whose credentials are used: as in `registry` of a reference. */
  readonly registry: string;
  readonly repository: string;
  /** `https://registry-1.docker.io`. */
  readonly origin: string;
}

/** The setting: `PREFIX=REPLACEMENT` of images, several with commas between them, the longest prefix first. */
export const REGISTRIES_VARIABLE = 'METAL3_TESTBED_REGISTRIES';

/** As the OCI distribution specification has them. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const MAX_NAME = 255;
const DOCKER_HUB = 'docker.io';

export function isDigest(text: unknown): text is string {
  return typeof text === 'string' && DIGEST.test(text);
}

/**
 * Reads an image's name as container engines do: without a registry it is one of Docker Hub, and without a tag and a digest
 * the tag is `latest`.
 *
 * @throws TestbedError (`invalid-input`)
 */
export function parseReference(text: string): ImageReference {
  const wrong = (what: string) =>
    invalidInput(
      `image '${quoted(text, 200)}' ${what}: write it as REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:HEX`,
    );
  if (text.length > 1024) throw wrong('is longer than any image is named');
  const [beforeDigest = '', digest, ...more] = text.split('@');
  if (more.length > 0) throw wrong('has more than one digest');
  if (digest !== undefined && !isDigest(digest)) throw wrong('has no valid digest: sha256 has 64 hexadecimal digits');
  const colon = beforeDigest.indexOf(':', beforeDigest.lastIndexOf('/') + 1);
  const tag = colon < 0 ? undefined : beforeDigest.slice(colon + 1);
  if (tag !== undefined && !TAG.test(tag)) throw wrong('has no valid tag');

  const name = colon < 0 ? beforeDigest : beforeDigest.slice(0, colon);
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash).toLowerCase();
  const isHost = /[.:]/.test(first) || first === 'localhost';
  const registry = !isHost || first === 'index.docker.io' ? DOCKER_HUB : first;
  const path = isHost ? name.slice(slash + 1) : name;
  if (!isValidHost(registry)) throw wrong('has no valid registry');
  if (!REPOSITORY.test(path) || path.length > MAX_NAME) throw wrong('has no valid repository, in lower case');
  const repository = registry === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path;
  return { registry, repository, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}

/** The whole name: what a lock file knows an image by. */
export function formatReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/**
 * Where an image is asked for: at its own registry, or at the one that the environment maps it to.
 *
 * @throws TestbedError (`invalid-input`) for a setting that is none, and for plain HTTP to another machine
 */
export function placeOf(reference: ImageReference, env: NodeJS.ProcessEnv): RegistryPlace {
  const whole = `${reference.registry}/${reference.repository}`;
  const mirror = readMirrors(env[REGISTRIES_VARIABLE] ?? '')
    .filter(({ prefix }) => whole === prefix || whole.startsWith(`${prefix}/`))
    .sort((a, b) => b.prefix.length - a.prefix.length)[0];
  if (mirror === undefined) {
    const { registry, repository } = reference;
    return { registry, repository, origin: originOf(registry) };
  }
  const rest = [mirror.repository, whole.slice(mirror.prefix.length + 1)].filter((part) => part !== '').join('/');
  if (rest === '')
    throw invalidInput(`${REGISTRIES_VARIABLE} maps ${whole} to ${mirror.registry}, which is not a valid repository`);
  return { registry: mirror.registry, repository: rest, origin: mirror.origin };
}

interface Mirror {
  readonly prefix: string;
  readonly registry: string;
  /** Empty for all of a registry. */
  readonly repository: string;
  readonly origin: string;
}

function readMirrors(setting: string): readonly Mirror[] {
  const rules = setting
    .split(',')
    .map((rule) => rule.trim())
    .filter((rule) => rule !== '');
  return rules.map((rule) => {
    // A user name or password in it would be shown.
    const wrong = (what: string) =>
      invalidInput(
        `${REGISTRIES_VARIABLE} ${what}: write PREFIX=REPLACEMENT, such as quay.io=mirror.example/quay or quay.io/metal3-io=127.0.0.1:5000`,
      );
    const [, from, scheme, to] = /^([^=]+)=(?:(https?):\/\/)?([^=]+)$/.exec(rule) ?? [];
    if (from === undefined || to === undefined) throw wrong('has a rule that is not one');
    if (/@/.test(rule)) throw wrong('has an @ in it; credentials are taken from the configuration of Docker');
    const prefix = splitName(from);
    const replacement = splitName(to);
    if (prefix === undefined || replacement === undefined)
      throw wrong(`has '${quoted(rule, 200)}', which names no registries`);
    if (scheme === 'http' && !isLoopback(replacement.registry))
      throw invalidInput(
        `${REGISTRIES_VARIABLE} has http://${replacement.registry}: plain HTTP is for loopback only; use https://`,
      );
    return {
      prefix: [prefix.registry, prefix.repository].filter((part) => part !== '').join('/'),
      ...replacement,
      origin: scheme === undefined ? originOf(replacement.registry) : `${scheme}://${replacement.registry}`,
    };
  });
}

function splitName(text: string): { readonly registry: string; readonly repository: string } | undefined {
  const [host = '', ...path] = text.trim().replace(/\/+$/, '').split('/');
  const registry = host.toLowerCase();
  const repository = path.join('/');
  if (!isValidHost(registry) || repository.length > MAX_NAME) return undefined;
  return repository === '' || REPOSITORY.test(repository) ? { registry, repository } : undefined;
}

function isValidHost(host: string): boolean {
  if (!HOST.test(host) || host.length > MAX_NAME) return false;
  const port = /:(\d+)$/.exec(host.replace(/^\[.*\]/, ''))?.[1];
  return (port === undefined || (Number(port) > 0 && Number(port) < 65_536)) && URL.canParse(`https://${host}`);
}

function originOf(registry: string): string {
  if (registry === DOCKER_HUB) return 'https://registry-1.docker.io';
  return `${isLoopback(registry) ? 'http' : 'https'}://${registry}`;
}

/** Whether a host, with its port or without, is this machine: what is sent there nobody else reads. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
}
