import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { KubernetesClient } from '../kubernetes/client';
import { writeFileAtomicSync } from '../util/atomic-file';
import { isMap } from '../util/is-map';
import { makeFolder } from '../util/make-folder';
import { damaged, readJsonFile } from '../util/read-json-file';
import { clusterUid } from './cluster-identity';

/** Which cluster each set was applied to; no credential. */
type Record_ = Readonly<Record<string, { readonly clusterUid: string; readonly server: string }>>;

/** The UID of the cluster that a set was last applied to; undefined where it never was from this state folder. */
export function recordedCluster(stateDir: string, set: string): string | undefined {
  return Object.hasOwn(read(stateDir), set) ? read(stateDir)[set]?.clusterUid : undefined;
}

/** Remembers the cluster that a set is about to be applied to. */
export async function recordCluster(
  stateDir: string,
  set: string,
  client: KubernetesClient,
  signal?: AbortSignal,
): Promise<void> {
  if (recordedCluster(stateDir, set) !== undefined) return;
  const uid = await clusterUid(client, signal);
  makeFolder(resolve(stateDir));
  const entries = [...Object.entries(read(stateDir)), [set, { clusterUid: uid, server: client.server }]];
  write(stateDir, Object.fromEntries(entries) as Record_);
}

/** Forgets a cluster that is about to be deleted: the next one in this folder is another. */
export function forgetCluster(stateDir: string, server: string): void {
  const left = Object.entries(read(stateDir)).filter(([, record]) => record.server !== server);
  if (left.length > 0) write(stateDir, Object.fromEntries(left));
  else rmSync(fileIn(stateDir), { force: true });
}

function read(stateDir: string): Record_ {
  const file = fileIn(stateDir);
  const record = readJsonFile(file);
  if (record === undefined) return {};
  const isEntry = (each: unknown) =>
    isMap(each) && typeof each['clusterUid'] === 'string' && typeof each['server'] === 'string';
  if (!isMap(record) || !Object.values(record).every(isEntry)) throw damaged(file);
  return record as Record_;
}

function write(stateDir: string, record: Record_): void {
  writeFileAtomicSync(fileIn(stateDir), `${JSON.stringify(record, undefined, 2)}\n`);
}

function fileIn(stateDir: string): string {
  return join(stateDir, 'apply-sets.json');
}
