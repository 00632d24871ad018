/**
 * Faults on their way to pods of the API of workload clusters: a ConfigMap each in its namespace. They are there for a pod that
 * takes the place of another, and end by themselves at their time.
 */
import { randomBytes } from 'node:crypto';
import { TestbedError } from '../../../lib/errors';
import type { KubernetesClient } from '../../kubernetes/client';
import { RUN_FIELD_MANAGER } from '../../kubernetes/field-manager';
import { ignoreNotFound } from '../../kubernetes/ignore-not-found';
import { collectionPath } from '../../kubernetes/rest-mapper';
import { serverSideApply } from '../../kubernetes/server-side-apply';
import { isPlannedFault, type FaultSource, type PlannedFault } from './planned-fault';

const LABEL = 'app.kubernetes.io/component';
const COMPONENT = 'workload-api-fault';
const SELECTOR = `${LABEL}=${COMPONENT}`;
const PREFIX = 'workload-api-fault-';
const FIELD = 'fault.json';
/** A ConfigMap may have 1 MiB: some 20,000 clusters. */
const MOST_BYTES = 1_000_000;

type Requests = Pick<KubernetesClient, 'request'>;

interface ConfigMap {
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * @param id of one that is to last longer or less long than was written
 * @returns its id, by which it is ended
 * @throws TestbedError (`invalid-input`) where it is for more clusters than are written down at once
 */
export async function writeFaultConfigMap(
  client: Requests,
  namespace: string,
  planned: PlannedFault,
  id = randomBytes(8).toString('hex'),
): Promise<string> {
  const text = JSON.stringify(planned);
  if (text.length > MOST_BYTES)
    throw new TestbedError(
      'invalid-input',
      `a fault is for ${planned.clusters.length} clusters, and ${MOST_BYTES} bytes of names are written down at once: give clusterSets or a share, and several steps`,
    );
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${PREFIX}${id}`, namespace, labels: { [LABEL]: COMPONENT } },
    data: { [FIELD]: text },
  };
  await serverSideApply(client, pathOf(namespace, id), object, RUN_FIELD_MANAGER);
  return id;
}

export async function removeFaultConfigMap(client: Requests, namespace: string, id: string): Promise<void> {
  await ignoreNotFound(client.request('DELETE', pathOf(namespace, id)));
}

/** The ids of those that are written down. */
export async function faultConfigMapIds(client: Requests, namespace: string): Promise<readonly string[]> {
  return (await list(client, namespace)).map(idOf);
}

/** What a pod sees of them, as of its last look. */
export function faultConfigMaps(client: Requests, namespace: string): FaultSource {
  let found = new Map<string, ConfigMap>();
  return {
    refresh: async () => {
      found = new Map((await list(client, namespace)).map((each) => [idOf(each), each]));
    },
    ids: () => [...found.keys()].sort(),
    read: (id) => {
      const config = found.get(id);
      if (config === undefined) return undefined;
      const planned = parse(config.data?.[FIELD]);
      if (!isPlannedFault(planned))
        throw new TestbedError('environment', `ConfigMap ${config.metadata.name} is no fault: delete it`);
      return { ...planned, id };
    },
    // Whoever wrote it takes it away: pods have no right to.
    remove: (id) => void found.delete(id),
  };
}

async function list(client: Requests, namespace: string): Promise<readonly ConfigMap[]> {
  const path = collectionPath('v1', 'configmaps', namespace);
  const options = { query: { labelSelector: SELECTOR } };
  const { items } = await client.request<{ readonly items: readonly ConfigMap[] }>('GET', path, options);
  return items.filter(({ metadata }) => metadata.name.startsWith(PREFIX));
}

function idOf({ metadata }: ConfigMap): string {
  return metadata.name.slice(PREFIX.length);
}

function pathOf(namespace: string, id: string): string {
  return `${collectionPath('v1', 'configmaps', namespace)}/${PREFIX}${id}`;
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
