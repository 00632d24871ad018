import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { inProcess, toResult } from '../measure';
import type { Benchmark } from '../benchmark';
import { etcdOf, onCluster } from '../support/bench-cluster';

const SYNCS = 500;
const PUTS = 3_000;
const IN_FLIGHT = 32;
/** About what a host takes in etcd. */
const BYTES = 1_500;

export const storage: Benchmark = {
  name: 'storage',
  results: ['fsync', 'etcd-put'],
  description:
    'what is below the API server: writes to the disk, and puts to etcd (without fsync, as the local cluster runs it)',
  async run() {
    const fsync = await inProcess(syncFile);
    const put = await onCluster(({ dir }) => inProcess(() => putAll(dir)));
    return [toResult('fsync', SYNCS, fsync), toResult('etcd-put', PUTS, put, 'through its JSON gateway')];
  },
};

function syncFile(): void {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-bench-'));
  const file = openSync(join(dir, 'fsync'), 'w');
  const block = Buffer.alloc(BYTES, 'x');
  for (let i = 0; i < SYNCS; i++) {
    writeSync(file, block);
    fdatasyncSync(file);
  }
  closeSync(file);
  rmSync(dir, { recursive: true });
}

async function putAll(dir: string): Promise<void> {
  const { url, ca, cert, key } = etcdOf(dir);
  const pool = new Pool(url, { connections: 8, connect: { ca, cert, key } });
  const value = Buffer.alloc(BYTES, 'x').toString('base64');
  let next = 0;
  const worker = async () => {
    while (next < PUTS) {
      const name = Buffer.from(`bench/${next++}`).toString('base64');
      const { body } = await pool.request({
        method: 'POST',
        path: '/v3/kv/put',
        body: JSON.stringify({ key: name, value }),
      });
      await body.dump();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  await pool.close();
}
