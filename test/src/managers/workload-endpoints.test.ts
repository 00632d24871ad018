import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { processFolder } from '../../../src/managers/ports';
import { requireFreeEndpoints } from '../../../src/managers/workload-endpoints';
import { startProcess, stopProcess } from '../../../src/simulators/background-process';
import { kwokSimulator } from '../../../src/simulators/kwok';
import { WORKLOAD_API } from '../../../src/simulators/workload-api-process';
import { atEnd, tempDir } from '../../support/temp-dir';

const cluster = (name: string, host: string, port: number) => ({ namespace: name, name, endpoint: { host, port } });

describe('the endpoints of clusters that are to be simulated on this machine', () => {
  it('are refused where another process listens, and named', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    t.after(() => other.close());
    const { port } = other.address() as AddressInfo;
    const clusters = [cluster('c-1', '127.0.0.1', port), cluster('c-2', '127.0.0.2', port)];
    await assert.rejects(requireFreeEndpoints(tempDir(t), clusters), {
      code: 'environment',
      message: `other processes listen where clusters are to be served: 127.0.0.1:${port} (cluster c-1/c-1); stop them (another testbed: 'metal3-testbed down --state-dir DIR'), or choose other ports with endpointPort of the cluster set`,
    });
  });

  it('are fine where nobody listens, and where they are of other machines', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    other.close();
    await once(other, 'close');
    await requireFreeEndpoints(tempDir(t), [cluster('c-1', '127.0.0.1', port), cluster('c-2', '192.0.2.1', 443)]);
  });

  it('may still be served by a testbed that is brought up beside, which gives up the clusters of its last run', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    t.after(() => other.close());
    const { port } = other.address() as AddressInfo;
    const [dir, beside] = [tempDir(t), tempDir(t)];
    const program = join(dir, 'workload-api');
    const script = `const address = process.argv[process.argv.indexOf('--server-address') + 1].split(':');
require('node:http').createServer((request, response) => response.end('127.0.0.1:${port}')).listen(Number(address[1]), address[0]);`;
    writeFileSync(program, `#!${process.execPath}\n${script}\n`);
    chmodSync(program, 0o755);
    const kubeconfig = join(dir, 'kubeconfig');
    writeFileSync(kubeconfig, 'apiVersion: v1\n');
    const folder = processFolder(beside, WORKLOAD_API);
    atEnd(t, () => stopProcess(folder, {}, WORKLOAD_API));
    const form = { ...kwokSimulator([]), beside: undefined };
    await startProcess({ stateDir: folder, name: WORKLOAD_API, program, kubeconfig, ...form });
    const clusters = [cluster('c-1', '127.0.0.1', port)];
    await requireFreeEndpoints(dir, clusters, [beside]);
    await assert.rejects(requireFreeEndpoints(dir, clusters), { code: 'environment' });
  });
});
