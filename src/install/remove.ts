/** Taking an installation off a cluster again, in the order that finalizers need. */
import { TestbedError } from '../../lib/errors';
import { inApplyOrder } from '../../lib/order';
import type { Listener } from '../events';
import type { KubernetesClient } from '../kubernetes/client';
import { describeObject, type KubernetesObject } from '../kubernetes/objects';
import { collectionPath } from '../kubernetes/resources';
import { bareMetalHostKind } from '../../lib/baremetal-host/kind';
import { objectPath, objectsPath } from '../watch/paths';

const HOSTS_PATH = objectsPath(bareMetalHostKind);
import { inParallel } from '../util/in-parallel';
import { waitFor } from '../util/wait-for';
import { Deleter } from './deleter';
import type { Inventory } from './inventory';
import type { ObjectMetadata } from './metadata';

export interface RemoveOptions {
  /** Says what keeps the hosts from being deleted by whoever plays them; undefined where nothing does. */
  readonly playerProblem: () => Promise<string | undefined>;
  /** How long each step may take, in milliseconds. @default 120000 */
  readonly timeoutMs?: number;
  readonly listener?: Listener;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 120_000;
const IN_FLIGHT = 32;

/**
 * Deletes hosts, then their Secrets, then the hosts' namespaces, then operators and cert-manager, then the CRDs: each
 * while that is still there which has to clear its finalizers. Where nobody is left to do so, the finalizers are taken
 * off here, with a warning: the hosts are fake, and no machine is left running. Only what this package has written is
 * deleted; CRDs of which others have objects stay.
 *
 * @throws TestbedError (`timeout`) naming what does not go; running it again goes on
 */
export async function remove(client: KubernetesClient, inventory: Inventory, options: RemoveOptions): Promise<void> {
  const steps = new Removal(new Deleter(client, options.signal), options);
  const { objects, hostNamespaces } = inventory;
  const isNamespace = ({ kind }: KubernetesObject) => kind === 'Namespace';
  const isOfHosts = (object: KubernetesObject) => isNamespace(object) && hostNamespaces.includes(object.metadata.name);
  const isCrd = ({ kind }: KubernetesObject) => kind === 'CustomResourceDefinition';

  await steps.hosts();
  await steps.secrets(hostNamespaces);
  await steps.objects('namespaces of the hosts', objects.filter(isOfHosts));
  // What was applied last goes first: webhooks before the pods that answer them.
  const rest = inApplyOrder(objects).reverse();
  await steps.objects(
    'operator and cert-manager',
    rest.filter((object) => !isNamespace(object) && !isCrd(object)),
  );
  await steps.objects(
    'namespaces',
    rest.filter((object) => isNamespace(object) && !isOfHosts(object)),
  );
  await steps.leases(inventory.leases ?? []);
  await steps.crds(objects.filter(isCrd));
}

class Removal {
  constructor(
    private readonly deleter: Deleter,
    private readonly options: RemoveOptions,
  ) {}

  async hosts(): Promise<void> {
    const { deleter } = this;
    const task = 'hosts';
    const hosts = await deleter.ours(HOSTS_PATH);
    if (hosts.length === 0) return;
    const pathOf = ({ metadata: { namespace, name } }: ObjectMetadata) =>
      objectPath(bareMetalHostKind, namespace ?? 'default', name);
    await this.each(hosts, (host) => deleter.delete(pathOf(host), host));
    const gone = async () => naming(await deleter.ours(HOSTS_PATH), 'host');
    let problem = await this.options.playerProblem();
    if (problem === undefined) {
      problem = await this.wait(task, gone).then(
        () => undefined,
        (error: unknown) => {
          if (error instanceof TestbedError && error.code === 'timeout') return error.message;
          throw error;
        },
      );
      if (problem === undefined) return;
    }
    const left = await deleter.ours(HOSTS_PATH);
    this.warn(task, `${problem}; metal3-testbed takes the finalizers off ${left.length} hosts itself`);
    await this.each(left, (host) => deleter.clearFinalizers(pathOf(host)));
    await this.wait(task, gone);
  }

  async secrets(namespaces: readonly string[]): Promise<void> {
    const { deleter } = this;
    const path = ({ metadata }: ObjectMetadata) =>
      `${collectionPath('v1', 'secrets', metadata.namespace)}/${metadata.name}`;
    const ours = async () => {
      const secrets: ObjectMetadata[] = [];
      for (const name of namespaces) secrets.push(...(await deleter.ours(collectionPath('v1', 'secrets', name))));
      return secrets;
    };
    const secrets = await ours();
    if (secrets.length === 0) return;
    await this.each(secrets, (secret) => deleter.delete(path(secret), secret));
    // The operator marks the Secret of a host, and takes the mark off with the host, which is gone: nobody comes back.
    await this.each(await ours(), (secret) => deleter.clearFinalizers(path(secret)));
    await this.wait('Secrets', async () => naming(await ours(), 'Secret'));
  }

  /** Those that are still there and that this package wrote, one after the other. */
  async objects(task: string, objects: readonly KubernetesObject[]): Promise<void> {
    const { deleter } = this;
    const paths: string[] = [];
    for (const object of objects) {
      const path = await deleter.pathOf(object);
      const found = path === undefined ? undefined : await deleter.get(path);
      if (path === undefined || found === undefined) continue;
      if (!deleter.isOurs(found)) {
        this.warn(task, `${describeObject(object)} stays: it is not the one that was put there`);
        continue;
      }
      await deleter.delete(path, found);
      paths.push(path);
    }
    if (paths.length === 0) return;
    await this.wait(task, async () => {
      for (const path of paths) {
        const why = await deleter.whyLeft(path);
        if (why !== undefined) return why;
      }
      return undefined;
    });
  }

  /** Their holders are gone by now, and would have kept them alive. */
  async leases(leases: readonly KubernetesObject[]): Promise<void> {
    for (const lease of leases) {
      const path = await this.deleter.pathOf(lease);
      const found = path === undefined ? undefined : await this.deleter.get(path);
      if (path !== undefined && found !== undefined) await this.deleter.delete(path, found);
    }
  }

  async crds(crds: readonly KubernetesObject[]): Promise<void> {
    const unused: KubernetesObject[] = [];
    for (const crd of crds) {
      const { group, names, versions } = crd['spec'] as CrdSpec;
      const apiVersion = `${group}/${versions[0]?.name ?? ''}`;
      const left = await this.deleter.list(collectionPath(apiVersion, names.plural));
      // What BMO makes of its own accord has lost its host; of other kinds, somebody has objects.
      const foreign = left.filter(() => !MADE_BY_OPERATOR.has(names.kind));
      if (foreign.length > 0) {
        this.warn('CRDs', `${describeObject(crd)} stays: there are ${foreign.length} ${names.plural} of others`);
        continue;
      }
      await this.each(left, ({ metadata }) =>
        this.deleter.clearFinalizers(
          `${collectionPath(apiVersion, names.plural, metadata.namespace)}/${metadata.name}`,
        ),
      );
      unused.push(crd);
    }
    await this.objects('CRDs', unused);
  }

  private warn(task: string, detail: string): void {
    this.options.listener?.({ type: 'warning', task, detail });
  }

  private each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    return inParallel(items, IN_FLIGHT, work, this.options.signal);
  }

  private wait(what: string, missing: () => Promise<string | undefined>): Promise<void> {
    const { listener, signal, timeoutMs = TIMEOUT_MS } = this.options;
    return waitFor({ task: `${what} deleted`, deadlineMs: timeoutMs, listener, signal }, missing);
  }
}

/** Kinds of which the operator makes one for each host, or shares one among them. */
const MADE_BY_OPERATOR: ReadonlySet<string> = new Set([
  'FirmwareSchema',
  'HardwareData',
  'HostFirmwareComponents',
  'HostFirmwareSettings',
]);

interface CrdSpec {
  readonly group: string;
  readonly names: { readonly kind: string; readonly plural: string };
  readonly versions: readonly { readonly name: string }[];
}

/** @returns undefined for none */
function naming(objects: readonly ObjectMetadata[], kind: string): string | undefined {
  const names = objects.slice(0, 3).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  if (names.length === 0) return undefined;
  return `${objects.length} ${kind}s still there: ${names.join(', ')}${objects.length > names.length ? ', …' : ''}`;
}
