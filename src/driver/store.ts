/**
 * What a scenario that runs in the cluster leaves there: for whoever asks its report; for the next pod, how far it has
 * come.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { TestbedError } from '../../lib/errors';
import type { KubernetesClient } from '../kubernetes/client';
import { RUN_FIELD_MANAGER } from '../kubernetes/field-manager';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import { collectionPath } from '../kubernetes/rest-mapper';
import { serverSideApply } from '../kubernetes/server-side-apply';
import type { ProgressStore } from '../scenario/progress';

/** What one ConfigMap holds: it may have 1 MiB, in base64. */
const CHUNK_BYTES = 700_000;
const MOST_CHUNKS = 100;
/** Of a report that is read back. */
const MOST_BYTES = 256 * 1024 ** 2;

interface ConfigMap {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** Where the report of a run in a namespace is kept. */
export function reportPlace(client: KubernetesClient, namespace: string): Place {
  return { client, namespace, name: 'report' };
}

/** A text that is kept in ConfigMaps. */
export interface Place {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly name: string;
}

/**
 * Keeps a text, in place of one that was kept before. The first part is written last: by it the text is there as a whole. Until
 * then it leads to the parts of the one before, which are others.
 */
export async function storeText(place: Place, text: string): Promise<void> {
  const { client, namespace, name: ofText } = place;
  const bytes = gzipSync(text);
  const chunks = Math.max(1, Math.ceil(bytes.length / CHUNK_BYTES));
  if (chunks > MOST_CHUNKS)
    throw new TestbedError('environment', `${ofText} has ${bytes.length} bytes, more than can be kept in the cluster`);
  const before = chunks === 1 ? undefined : await readPart(place, partName(ofText, 0));
  const side = before?.data?.['side'] === 'a' ? 'b' : 'a';
  for (let i = chunks - 1; i >= 0; i--) {
    const chunk = bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES).toString('base64');
    const name = partName(ofText, i, side);
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: i === 0 ? { chunks: String(chunks), side } : undefined,
      binaryData: { chunk },
    };
    const path = `${collectionPath('v1', 'configmaps', namespace)}/${name}`;
    await serverSideApply(client, path, object, RUN_FIELD_MANAGER);
  }
}

/** @returns undefined where there is none @throws TestbedError (`environment`) where it is not as it was written */
export async function storedText(place: Place): Promise<string | undefined> {
  const { namespace, name } = place;
  const first = await readPart(place, partName(name, 0));
  if (first === undefined) return undefined;
  const { data = {} } = first;
  const chunks = Number(data['chunks']);
  if (!Number.isInteger(chunks) || chunks < 1 || chunks > MOST_CHUNKS) throw damaged(namespace);
  const parts: Buffer[] = [];
  for (let i = 0; i < chunks; i++) {
    const part = i === 0 ? first : await readPart(place, partName(name, i, data['side']));
    const chunk = part?.binaryData?.['chunk'];
    if (chunk === undefined) throw damaged(namespace);
    parts.push(Buffer.from(chunk, 'base64'));
  }
  try {
    return gunzipSync(Buffer.concat(parts), { maxOutputLength: MOST_BYTES }).toString();
  } catch {
    throw damaged(namespace);
  }
}

/** Where it is written down how far a run has come. What is damaged there is of no use, and the run begins anew. */
export function progressStore(place: Place): ProgressStore {
  return {
    read: async () => {
      try {
        return await storedText(place);
      } catch (error) {
        if (error instanceof TestbedError && error.code === 'environment') return undefined;
        throw error;
      }
    },
    write: (text) => storeText(place, text),
  };
}

function readPart({ client, namespace }: Place, name: string): Promise<ConfigMap | undefined> {
  return ignoreNotFound(client.request<ConfigMap>('GET', `${collectionPath('v1', 'configmaps', namespace)}/${name}`));
}

function damaged(namespace: string): TestbedError {
  return new TestbedError(
    'environment',
    `what is kept of the run in namespace ${namespace} is damaged: delete the namespace`,
  );
}

function partName(name: string, i: number, side = ''): string {
  return i === 0 ? `${name}-0` : `${name}-${side}-${i}`;
}
