/** What a state folder remembers of its kind cluster. */
import { join } from 'node:path';
import { writeFileAtomicSync } from '../../util/atomic-file';
import { readBoundedSync } from '../../util/read-bounded';
import type { EngineName } from './engine';

/** The paths below a state folder. */
export interface KindLayout {
  readonly dir: string;
  /** Says that the cluster is this folder's. */
  readonly record: string;
  readonly kubeconfig: string;
  readonly lock: string;
  /** kind's description of the cluster. */
  readonly config: string;
  /** hosts.toml files, which the nodes have mounted. */
  readonly mirrors: string;
}

export function kindLayout(dir: string): KindLayout {
  const at = (name: string) => join(dir, name);
  return {
    dir,
    record: at('cluster.json'),
    kubeconfig: at('kubeconfig'),
    lock: at('lock'),
    config: at('kind.yaml'),
    mirrors: at('certs.d'),
  };
}

/** Written before anything is created, so that what an interrupted run leaves is known to be ours. */
export interface KindRecord {
  readonly kind: 'kind';
  readonly name: string;
  readonly engine: EngineName;
  /** `creating`: kind has not said that it is done. */
  readonly phase: 'creating' | 'created';
  /** The description with which it is made. */
  readonly config: string;
  readonly nodeImage?: string;
  /** Whether somebody else made it, who may have hosts on it. */
  readonly adopted?: boolean;
}

export function writeRecord(layout: KindLayout, record: KindRecord): void {
  writeFileAtomicSync(layout.record, `${JSON.stringify(record, undefined, 2)}\n`);
}

/** @returns undefined where the folder holds no kind cluster */
export function readRecord(layout: KindLayout): KindRecord | undefined {
  try {
    const record = JSON.parse(readBoundedSync(layout.record).toString()) as Partial<KindRecord>;
    return record.kind === 'kind' && typeof record.name === 'string' ? (record as KindRecord) : undefined;
  } catch {
    return undefined;
  }
}
