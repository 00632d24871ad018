import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { stringify } from 'yaml';

/** An API server with one node, gone when the test is over. @returns its kubeconfig */
export async function serveOneNode(t: TestContext, ready: 'True' | 'False' = 'True'): Promise<string> {
  const server = createServer((_, response) => {
    const conditions = [{ type: 'Ready', status: ready, message: 'container runtime network not ready' }];
    response.setHeader('content-type', 'application/json');
    const items = [{ metadata: { name: 'lab-control-plane' }, status: { conditions } }];
    response.end(JSON.stringify({ kind: 'NodeList', apiVersion: 'v1', metadata: {}, items }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const name = 'kind-lab';
  return stringify({
    'current-context': name,
    clusters: [{ name, cluster: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } }],
    users: [{ name, user: { token: 'secret-of-the-cluster' } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  });
}
