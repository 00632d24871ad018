/**
 * What kwok cannot see: the Secrets that hosts name. Hosts whose Secret is missing, or lacks what the operator needs, are
 * told so by an annotation, on which kwok's stages act as the operator does.
 *
 * Hosts whose credentials are good are never written to, and where nothing can be found out they are taken for good: a
 * fleet does not wait for this watch, and lives on without it.
 */
import { hostAnnotations } from '../../lib/kinds/bare-metal-host/manifests';
import { ApiError } from '../kubernetes/api-error';
import type { KubernetesClient } from '../kubernetes/client';
import { collectionPath } from '../kubernetes/rest-mapper';
import type { LiveObject } from '../../lib/kinds/kind';
import { CollectionWatch, keyOf, type Observer } from '../watch/collection-watch';

interface HostObject extends LiveObject {
  readonly spec?: { readonly bmc?: { readonly address?: string; readonly credentialsName?: string } };
  readonly status?: Readonly<
    Partial<Record<'goodCredentials' | 'triedCredentials', { readonly credentials?: { readonly name?: string } }>>
  >;
}

interface SecretObject extends LiveObject {
  readonly data?: Readonly<Record<string, string>> | null;
}

/** The little of a host that counts here. */
interface WatchedHost {
  readonly namespace: string;
  readonly name: string;
  readonly secret: string;
  readonly hasAddress: boolean;
  /** Whether this very Secret was looked at for it, or it was registered with it: the operator then holds it by a finalizer. */
  readonly isSecretHeld: boolean;
  readonly isDeleting: boolean;
  /** What its annotation says. */
  readonly told: string | undefined;
}

/** How the operator begins what it says of a Secret that is there. */
const INVALID = 'Validation error with BMC credentials';

/** What is wrong with a Secret that is there; undefined for nothing. Never what it holds. */
type Verdict = string | undefined;

const HOSTS_PATH = collectionPath('metal3.io/v1alpha1', 'baremetalhosts');
const SECRETS_PATH = collectionPath('v1', 'secrets');
/** Objects that are listed at a time; Secrets may be large. */
const PAGE_SIZE = 250;

export class CredentialsWatch {
  private readonly hosts = new Map<string, WatchedHost>();
  private readonly hostsOfSecret = new Map<string, Set<string>>();
  private readonly secrets = new Map<string, Verdict>();
  private readonly watches: readonly { start(): Promise<void>; stop(): Promise<void>; failure: unknown }[];
  /** Hosts to be looked at, and those that are, which are looked at once more where they change meanwhile. */
  private readonly waiting = new Set<string>();
  private readonly busy = new Set<string>();
  private isReady = false;
  private isStopped = false;

  constructor(
    private readonly client: KubernetesClient,
    private readonly parallel = 16,
  ) {
    const options = { pageSize: PAGE_SIZE, outageMs: Infinity };
    const secrets: Observer<SecretObject> = {
      put: (secret) => this.putSecret(keyOf(secret), verdictOf(secret)),
      remove: (key) => this.removeSecret(key),
      keys: () => this.secrets.keys(),
      changed: () => undefined,
    };
    const hosts: Observer<HostObject> = {
      put: (host) => this.putHost(host),
      remove: (key) => this.removeHost(key),
      keys: () => this.hosts.keys(),
      changed: () => undefined,
    };
    // Secrets first: no host is to be told of one that merely was not seen yet.
    this.watches = [
      new CollectionWatch(this.client, SECRETS_PATH, secrets, options),
      new CollectionWatch(this.client, HOSTS_PATH, hosts, options),
    ];
  }

  /** What ended it for good, if anything did. */
  get failure(): unknown {
    return this.watches.find(({ failure }) => failure !== undefined)?.failure;
  }

  /** @throws ApiError where it is not allowed, or there are no hosts */
  async start(): Promise<void> {
    for (const watch of this.watches) await watch.start();
    this.isReady = true;
    this.work();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    for (const watch of this.watches) await watch.stop();
  }

  private putSecret(key: string, verdict: Verdict): void {
    const isNew = !this.secrets.has(key) || this.secrets.get(key) !== verdict;
    this.secrets.set(key, verdict);
    if (isNew) this.lookAtHostsOf(key);
  }

  private removeSecret(key: string): void {
    this.secrets.delete(key);
    this.lookAtHostsOf(key);
  }

  private putHost(object: HostObject): void {
    const { namespace, name, annotations, deletionTimestamp } = object.metadata;
    const { address = '', credentialsName = '' } = object.spec?.bmc ?? {};
    const { goodCredentials, triedCredentials } = object.status ?? {};
    const secret = credentialsName === '' ? '' : `${namespace}/${credentialsName}`;
    const told = annotations?.[hostAnnotations.credentialsError];
    const key = keyOf(object);
    const before = this.hosts.get(key);
    const isLookedAt = told !== undefined || triedCredentials?.credentials?.name === credentialsName;
    const host: WatchedHost = {
      namespace,
      name,
      secret,
      hasAddress: address !== '',
      told,
      isSecretHeld:
        secret !== '' &&
        (goodCredentials?.credentials?.name === credentialsName ||
          (before?.secret === secret && before.isSecretHeld) ||
          (isLookedAt && this.secrets.has(secret))),
      isDeleting: deletionTimestamp !== undefined,
    };
    this.hosts.set(key, host);
    if (before?.secret !== host.secret) {
      if (before) this.hostsOfSecret.get(before.secret)?.delete(key);
      const hosts = this.hostsOfSecret.get(host.secret) ?? new Set();
      this.hostsOfSecret.set(host.secret, hosts.add(key));
    }
    if (this.problemOf(host) !== host.told) this.lookAt(key);
  }

  private removeHost(key: string): void {
    const host = this.hosts.get(key);
    this.hosts.delete(key);
    this.waiting.delete(key);
    if (host === undefined) return;
    const hosts = this.hostsOfSecret.get(host.secret);
    hosts?.delete(key);
    if (hosts?.size === 0) this.hostsOfSecret.delete(host.secret);
  }

  private lookAtHostsOf(secret: string): void {
    for (const key of this.hostsOfSecret.get(secret) ?? []) this.lookAt(key);
  }

  private lookAt(key: string): void {
    this.waiting.add(key);
    this.work();
  }

  private work(): void {
    if (!this.isReady) return;
    for (const key of this.waiting) {
      if (this.busy.size >= this.parallel || this.isStopped) return;
      if (this.busy.has(key)) continue;
      this.waiting.delete(key);
      const host = this.hosts.get(key);
      if (host === undefined || this.problemOf(host) === host.told) continue;
      this.busy.add(key);
      void this.tell(host)
        .catch(() => undefined)
        .then(() => {
          this.busy.delete(key);
          this.work();
        });
    }
  }

  /** What a host is to be told of its credentials, as the operator words it. */
  private problemOf(host: WatchedHost): string | undefined {
    const { secret, hasAddress, isSecretHeld, isDeleting, told } = host;
    // One that goes goes without credentials.
    if (secret === '' || isDeleting) return undefined;
    if (!this.secrets.has(secret)) {
      // One that is held is there as it was.
      if (isSecretHeld) return told?.startsWith(INVALID) ? told : undefined;
      return `BMC CredentialsName secret doesn't exist The BMC secret ${secret} does not exist`;
    }
    return hasAddress ? this.secrets.get(secret) : undefined;
  }

  private async tell(host: WatchedHost): Promise<void> {
    const { namespace, name, secret } = host;
    if (secret !== '' && !host.isDeleting && !this.secrets.has(secret)) {
      // The two watches are not in step: a Secret that came with its host may be on its way.
      const found = await this.findSecret(secret);
      if (found) this.putSecret(secret, verdictOf(found));
    }
    const current = this.hosts.get(`${namespace}/${name}`);
    if (current === undefined || current.secret !== secret) return;
    const problem = this.problemOf(current);
    if (problem === current.told) return;
    const path = collectionPath('metal3.io/v1alpha1', 'baremetalhosts', namespace);
    await this.client.request('PATCH', `${path}/${name}`, {
      body: { metadata: { annotations: { [hostAnnotations.credentialsError]: problem ?? null } } },
      contentType: 'application/merge-patch+json',
    });
  }

  private async findSecret(key: string): Promise<SecretObject | undefined> {
    const [namespace = '', name = ''] = key.split('/');
    try {
      return await this.client.request<SecretObject>('GET', `${collectionPath('v1', 'secrets', namespace)}/${name}`);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }
}

/** The operator trims white space, and looks for the user name first. */
function verdictOf({ data }: SecretObject): Verdict {
  const isEmpty = (key: string) =>
    Buffer.from(data?.[key] ?? '', 'base64')
      .toString('utf8')
      .trim() === '';
  if (isEmpty('username')) return `${INVALID}: Missing BMC connection detail 'username' in credentials`;
  if (isEmpty('password')) return `${INVALID}: Missing BMC connection details 'password' in credentials`;
  return undefined;
}
