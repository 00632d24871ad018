/** What a scenario that runs in the cluster leaves there for whoever asks: its report, and what it wrote down of its testbed. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { TestbedError } from '../../lib/errors';
import type { KubernetesClient } from '../kubernetes/client';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import { collectionPath } from '../kubernetes/rest-mapper';
import { serverSideApply } from '../kubernetes/server-side-apply';
import { readState, type TestbedState } from '../testbed/state';
import { isMap } from '../util/is-map';

/** What one ConfigMap holds: it may have 1 MiB, in base64. */
const CHUNK_BYTES = 700_000;
const MOST_CHUNKS = 100;
/** Of a report that is read back. */
const MOST_BYTES = 256 * 1024 ** 2;
const NAME = 'report';

/** What is left of a run. */
export interface StoredRun {
  /** `report.json`. */
  readonly report: string;
  readonly state: TestbedState | undefined;
}

interface ConfigMap {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** Keeps a report, in place of one that was kept before. The first part is written last: by it the report is there as a whole. */
export async function storeRun(
  client: KubernetesClient,
  namespace: string,
  report: string,
  stateDir: string,
): Promise<void> {
  const bytes = gzipSync(report);
  const chunks = Math.max(1, Math.ceil(bytes.length / CHUNK_BYTES));
  if (chunks > MOST_CHUNKS)
    throw new TestbedError('environment', `the report has ${bytes.length} bytes, more than can be kept in the cluster`);
  const state = readState(stateDir);
  for (let i = chunks - 1; i >= 0; i--) {
    const chunk = bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES).toString('base64');
    const name = partName(i);
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: i === 0 ? { chunks: String(chunks), state: JSON.stringify(state ?? null) } : undefined,
      binaryData: { chunk },
    };
    const path = `${collectionPath('v1', 'configmaps', namespace)}/${name}`;
    await serverSideApply(client, path, object, 'metal3-testbed-run');
  }
}

/** @returns undefined where no run has come to its end @throws TestbedError (`environment`) for what no run has written */
export async function storedRun(client: KubernetesClient, namespace: string): Promise<StoredRun | undefined> {
  const read = (i: number) =>
    ignoreNotFound(client.request<ConfigMap>('GET', `${collectionPath('v1', 'configmaps', namespace)}/${partName(i)}`));
  const first = await read(0);
  if (first === undefined) return undefined;
  const chunks = Number(first.data?.['chunks']);
  const damaged = () =>
    new TestbedError(
      'environment',
      `what is kept of the run in namespace ${namespace} is damaged: delete the namespace`,
    );
  if (!Number.isInteger(chunks) || chunks < 1 || chunks > MOST_CHUNKS) throw damaged();
  const parts: Buffer[] = [];
  for (let i = 0; i < chunks; i++) {
    const chunk = (i === 0 ? first : await read(i))?.binaryData?.['chunk'];
    if (chunk === undefined) throw damaged();
    parts.push(Buffer.from(chunk, 'base64'));
  }
  try {
    const report = gunzipSync(Buffer.concat(parts), { maxOutputLength: MOST_BYTES }).toString();
    const state: unknown = JSON.parse(first.data?.['state'] ?? 'null');
    return { report, state: isMap(state) ? (state as unknown as TestbedState) : undefined };
  } catch {
    throw damaged();
  }
}

function partName(i: number): string {
  return `${NAME}-${i}`;
}
