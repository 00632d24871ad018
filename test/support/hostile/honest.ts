/** As little of an API server as apply, diff, prune, status, wait and up need of one. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

const KINDS: Readonly<Record<string, readonly (readonly [plural: string, kind: string, namespaced: boolean])[]>> = {
  '/api/v1': [
    ['configmaps', 'ConfigMap', true],
    ['secrets', 'Secret', true],
    ['namespaces', 'Namespace', false],
  ],
  '/apis/coordination.k8s.io/v1': [['leases', 'Lease', true]],
  '/apis/metal3.io/v1alpha1': [['baremetalhosts', 'BareMetalHost', true]],
  '/apis/apiextensions.k8s.io/v1': [['customresourcedefinitions', 'CustomResourceDefinition', false]],
  '/apis/rbac.authorization.k8s.io/v1': [['clusterroles', 'ClusterRole', false]],
};

export const HOST = {
  apiVersion: 'metal3.io/v1alpha1',
  kind: 'BareMetalHost',
  metadata: { name: 'worker-1', namespace: 'default', uid: 'h-1', resourceVersion: '5' },
  spec: { online: true },
  status: { provisioning: { state: 'inspecting' } },
};
const LIST = { apiVersion: 'v1', metadata: { resourceVersion: '7' } };

/** What the API server says. */
export function honest(request: Request): readonly [status: number, body: unknown] {
  const { pathname } = new URL(request.url ?? '/', 'http://honest');
  const as = /as=(\w+)/.exec(request.headers.accept ?? '')?.[1];
  const kinds = KINDS[pathname];
  if (kinds !== undefined) {
    const resources = kinds.map(([name, kind, namespaced]) => ({ name, kind, namespaced }));
    return [200, { kind: 'APIResourceList', groupVersion: pathname.replace(/^\/apis?\//, ''), resources }];
  }
  if (pathname === '/apis') {
    const version = { groupVersion: 'metal3.io/v1alpha1', version: 'v1alpha1' };
    const groups = [{ name: 'metal3.io', versions: [version], preferredVersion: version }];
    return [200, { kind: 'APIGroupList', apiVersion: 'v1', groups }];
  }
  const names = pathname.split('/');
  const last = names.at(-1) ?? '';
  // Whoever applies makes a Lease first, and keeps it.
  const lease = { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', spec: {} };
  const { method } = request;
  if (method === 'POST')
    return [201, { ...lease, metadata: { name: 'applyset.applied', uid: 'u', resourceVersion: '1' } }];
  if (method === 'PUT') return [200, { ...lease, metadata: { name: last, uid: 'u', resourceVersion: '2' } }];
  if (method === 'DELETE') return [200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }];
  if (Object.values(KINDS).some((each) => each.some(([plural]) => plural === last))) {
    const hosts = last === 'baremetalhosts';
    if (as === 'Table') {
      const columnDefinitions = ['Name', 'State'].map((name) => ({ name, type: 'string', priority: 0 }));
      const rows = [{ cells: ['worker-1', 'inspecting'], object: { metadata: HOST.metadata } }];
      return [200, { ...LIST, kind: 'Table', columnDefinitions, rows: hosts ? rows : [] }];
    }
    return [200, { ...LIST, kind: as ?? 'List', items: hosts && as === undefined ? [HOST] : [] }];
  }
  const metadata = { name: last, uid: 'u-1', resourceVersion: '7' };
  if (method === 'PATCH') return [201, { kind: as ?? 'Object', apiVersion: 'v1', metadata }];
  if (pathname === '/api/v1/namespaces/kube-system') return [200, { kind: 'Namespace', apiVersion: 'v1', metadata }];
  return [404, { kind: 'Status', apiVersion: 'v1', metadata: {}, reason: 'NotFound', message: 'not found', code: 404 }];
}

export function answerHonestly(request: Request, given: Response): void {
  const response = given as ServerResponse;
  const [status, body] = honest(request);
  response.writeHead(status, { 'content-type': 'application/json' });
  // A watch begins and says nothing.
  if (request.url?.includes('watch=true')) response.flushHeaders();
  else response.end(JSON.stringify(body));
}
