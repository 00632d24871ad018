import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { requireFreeEndpoints } from '../../../src/managers/workload-endpoints';
import { tempDir } from '../../support/temp-dir';

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
});
