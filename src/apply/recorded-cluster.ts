import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TestbedError } from '../../lib/errors';
import type { KubernetesClient } from '../kubernetes/client';
import { writeFileAtomicSync } from '../util/atomic-file';
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
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
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
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record_;
  } catch (error) {
    throw new TestbedError('environment', `${file} is no JSON: delete it and run again`, { cause: error });
  }
}

function write(stateDir: string, record: Record_): void {
  writeFileAtomicSync(fileIn(stateDir), `${JSON.stringify(record, undefined, 2)}\n`);
}

function fileIn(stateDir: string): string {
  return join(stateDir, 'apply-sets.json');
}
