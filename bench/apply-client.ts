/**
 * The measured program of the benchmarks post, ssa, apply and apply-again: `apply-client.js HOW KUBECONFIG NAME COUNT`. Tells
 * on file descriptor 3 what it used, and how long it took once it was connected.
 */
// Not all of the library: constructs take a tenth of a second to load, and are not what is measured.
import { Fleet } from '../lib/kinds/bare-metal-host/fleet';
import { Applier } from '../src/apply/apply';
import { FIELD_MANAGER } from '../src/kubernetes/field-manager';
import { KubernetesClient } from '../src/kubernetes/client';
import { readKubeconfig } from '../src/kubernetes/kubeconfig';
import type { KubernetesObject } from '../src/kubernetes/objects';
import { collectionPath, itemPath } from '../src/kubernetes/rest-mapper';
import { tellUsage } from './tell-usage';

/** What the bare benchmarks keep in flight: all that the connections carry, with which they are fastest. */
const IN_FLIGHT = 128;
const PLURALS: Readonly<Record<string, string>> = { Secret: 'secrets', BareMetalHost: 'baremetalhosts' };

type Send = (client: KubernetesClient, object: KubernetesObject) => Promise<unknown>;

const post: Send = (client, object) =>
  client.request('POST', collectionPath(object.apiVersion, PLURALS[object.kind] ?? '', 'default'), { body: object });

const ssa: Send = (client, object) => {
  const { apiVersion, kind } = object;
  const resource = { apiVersion, kind, plural: PLURALS[kind] ?? '', namespaced: true, defaultNamespace: 'default' };
  return client.request('PATCH', itemPath(resource, 'default', object.metadata.name), {
    query: { fieldManager: FIELD_MANAGER, force: false, fieldValidation: 'Strict' },
    contentType: 'application/apply-patch+yaml',
    body: object,
  });
};

function* objectsOf(fleet: Fleet): Generator<KubernetesObject> {
  for (const host of fleet.hosts()) yield* fleet.objectsOf(host) as unknown as KubernetesObject[];
}

async function sendAll(client: KubernetesClient, fleet: Fleet, send: Send): Promise<void> {
  const objects = objectsOf(fleet);
  const worker = async () => {
    for (let next = objects.next(); next.done !== true; next = objects.next()) await send(client, next.value);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

async function main(): Promise<void> {
  const [how, kubeconfig = '', name = '', count] = process.argv.slice(2);
  const client = new KubernetesClient(await readKubeconfig(kubeconfig));
  await client.request('GET', '/version');
  const fleet = new Fleet({ name, count: Number(count) });
  const start = performance.now();
  if (how === 'post') await sendAll(client, fleet, post);
  else if (how === 'ssa') await sendAll(client, fleet, ssa);
  else await new Applier(client).apply(objectsOf(fleet), { task: 'apply', set: { name } });
  const seconds = (performance.now() - start) / 1000;
  await client.close();
  tellUsage({ seconds });
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
  process.exitCode = 1;
});
