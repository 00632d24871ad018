import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { applySetIdOf, PART_OF_LABEL, type ApplySetName } from '../../../src/apply/apply-set';
import { KubernetesClient } from '../../../src/kubernetes/client';
import { setsOf } from '../../../src/testbed/sets';

export interface StoredObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly finalizers?: readonly string[] | null;
    readonly deletionTimestamp?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** Kinds that it serves, by group and version. */
const KINDS: Readonly<Record<string, readonly (readonly [name: string, kind: string, namespaced: boolean])[]>> = {
  '/api/v1': [
    ['namespaces', 'Namespace', false],
    ['secrets', 'Secret', true],
    ['nodes', 'Node', false],
  ],
  '/apis/apps/v1': [['deployments', 'Deployment', true]],
  '/apis/coordination.k8s.io/v1': [['leases', 'Lease', true]],
  '/apis/rbac.authorization.k8s.io/v1': [['roles', 'Role', true]],
  '/apis/apiextensions.k8s.io/v1': [['customresourcedefinitions', 'CustomResourceDefinition', false]],
  '/apis/admissionregistration.k8s.io/v1': [
    ['validatingwebhookconfigurations', 'ValidatingWebhookConfiguration', false],
  ],
  '/apis/metal3.io/v1alpha1': [['baremetalhosts', 'BareMetalHost', true]],
  '/apis/cluster.x-k8s.io/v1beta2': [['clusters', 'Cluster', true]],
};

/** `label=value` and `label!=value`, with commas between them. */
function isSelected({ metadata }: StoredObject, selector: string): boolean {
  const labels = (metadata['labels'] ?? {}) as Readonly<Record<string, string>>;
  return selector.split(',').every((term) => {
    const [, label = '', operator, value] = /^([^!=]+)(!=|=)?(.*)$/.exec(term) ?? [];
    if (label === '') return true;
    if (operator === undefined) return labels[label] !== undefined;
    return (labels[label] === value) === (operator === '=');
  });
}

/** The sets of the testbed that is at work. */
export const sets = setsOf('existing', '0123abcd');
/** What an object of one of its sets has, written with server-side apply as all that is ours is. */
export const memberOf = (set: ApplySetName) => ({
  labels: { [PART_OF_LABEL]: applySetIdOf(set) },
  managedFields: [{ manager: 'metal3-testbed', operation: 'Apply' }],
});
/** Written by this package too, and not of a set of this testbed: the mark of another one, or of the command apply. */
export const othersOfOurs = { managedFields: [{ manager: 'metal3-testbed', operation: 'Apply' }] };
export const theirs = { managedFields: [{ manager: 'kubectl', operation: 'Update' }] };

/** An API server in memory, over HTTP: objects by path, finalizers, and every request written down. */
export class FakeApi {
  readonly objects = new Map<string, StoredObject>();
  /** Answers of its own, by `METHOD path`. */
  readonly answers = new Map<string, () => readonly [status: number, body: unknown]>();
  readonly requests: string[] = [];
  readonly client: KubernetesClient;

  private constructor(server: string) {
    this.client = new KubernetesClient({ context: 'fake', server, token: 'none' });
  }

  static async start(t: TestContext): Promise<FakeApi> {
    let api: FakeApi | undefined = undefined;
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const { pathname, searchParams } = new URL(request.url ?? '', 'http://fake');
        const selector = searchParams.get('labelSelector') ?? '';
        const answered = api?.answer(request.method ?? '', pathname, body, selector) ?? ([500, {}] as const);
        const accept = /as=(\w+)/.exec(request.headers.accept ?? '')?.[1];
        const [status, answer] = api?.complete(pathname, answered, accept) ?? answered;
        response.statusCode = status;
        response.setHeader('content-type', 'application/json');
        response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const started = new FakeApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    api = started;
    t.after(async () => {
      await started.client.close();
      server.close();
    });
    return started;
  }

  /** Gives an answer of 200 the fields that each answer of an API server has, where the test says nothing of them. */
  private complete(
    path: string,
    [status, answer]: readonly [number, unknown],
    accept: string | undefined,
  ): readonly [number, unknown] {
    if (status >= 300 || typeof answer !== 'object' || answer === null) return [status, answer];
    if ('resources' in answer) return [status, { kind: 'APIResourceList', ...answer }];
    if ('groups' in answer) return [status, { kind: 'APIGroupList', ...answer }];
    if ('items' in answer) {
      const items = (answer.items as Partial<StoredObject>[]).map((item, i) => ({
        ...item,
        metadata: { name: `item-${i}`, ...item.metadata },
      }));
      return [status, { apiVersion: 'v1', metadata: {}, ...answer, items, kind: accept ?? 'List' }];
    }
    const metadata = 'metadata' in answer ? answer.metadata : {};
    const named = { name: decodeURIComponent(path.split('/').at(-1) ?? ''), ...(metadata as object) };
    return [
      status,
      { apiVersion: 'v1', kind: 'Object', ...answer, ...(accept !== undefined && { kind: accept }), metadata: named },
    ];
  }

  put(path: string, object: Record<string, unknown> = {}): void {
    const [, namespace] = /\/namespaces\/([^/]+)\//.exec(path) ?? [];
    const metadata = {
      name: path.split('/').at(-1) ?? '',
      uid: path,
      ...(namespace !== undefined && { namespace }),
      ...(object['metadata'] as object | undefined),
    };
    this.objects.set(path, { ...object, metadata });
  }

  /** The paths of the requests of one method. */
  sent(method: string): readonly string[] {
    return this.requests.filter((each) => each.startsWith(`${method} `)).map((each) => each.slice(method.length + 1));
  }

  private answer(method: string, path: string, body: string, selector: string): readonly [number, unknown] {
    this.requests.push(`${method} ${path}`);
    const own = this.answers.get(`${method} ${path}`);
    if (own !== undefined) return own();
    const kinds = KINDS[path];
    if (kinds) return [200, { resources: kinds.map(([name, kind, namespaced]) => ({ name, kind, namespaced })) }];
    if (method === 'POST' && this.isCollection(path)) {
      const made = JSON.parse(body) as StoredObject;
      this.put(`${path}/${made.metadata.name}`, made);
      return [201, this.objects.get(`${path}/${made.metadata.name}`)];
    }
    if (method === 'PUT') this.put(path, JSON.parse(body) as Record<string, unknown>);
    const object = this.objects.get(path);
    if (object === undefined)
      return method === 'GET' && this.isCollection(path) ? [200, this.list(path, selector)] : [404, {}];
    if (method === 'DELETE') this.delete(path, object);
    if (method === 'PATCH') {
      const patch = JSON.parse(body) as StoredObject;
      const metadata = { ...object.metadata, ...patch.metadata };
      this.objects.set(path, { ...object, metadata });
      if (metadata.deletionTimestamp !== undefined) this.delete(path, { ...object, metadata });
    }
    return [200, object];
  }

  private delete(path: string, object: StoredObject): void {
    const { metadata } = object;
    if ((metadata.finalizers ?? []).length === 0) this.objects.delete(path);
    else this.objects.set(path, { ...object, metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
  }

  private isCollection(path: string): boolean {
    return Object.entries(KINDS).some(
      ([root, kinds]) => path.startsWith(`${root}/`) && kinds.some(([name]) => path.endsWith(`/${name}`)),
    );
  }

  private list(path: string, selector: string) {
    const plural = path.split('/').at(-1) ?? '';
    const root = path.slice(0, -plural.length);
    const below = path.includes('/namespaces/')
      ? (key: string) => key.startsWith(`${path}/`)
      : (key: string) => key.startsWith(root) && key.split('/').at(-2) === plural;
    const objects = [...this.objects].filter(([key]) => below(key)).map(([, object]) => object);
    return { metadata: { resourceVersion: '1' }, items: objects.filter((object) => isSelected(object, selector)) };
  }
}
