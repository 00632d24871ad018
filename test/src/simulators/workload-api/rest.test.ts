/** The REST interface of one simulated cluster, as clients meet it over TLS. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { after, before, describe, it } from 'node:test';
import type { KeyPair } from '../../../../src/cluster/local/issue';
import { until } from '../../../../src/util/until';
import { ecdsaCa, rsaCa } from '../../../support/certificates';
import { clientOf, controlPlane, facts, machine, served } from '../../../support/workload-cluster';

const WAIT = { deadlineMs: 30_000 };
const NODES = '/api/v1/nodes';
const MAPS = '/api/v1/namespaces/default/configmaps';

/** What these tests look at in an answer, whatever it is. */
interface Body {
  readonly kind: string;
  readonly reason: string;
  readonly message: string;
  readonly groupVersion: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly deletionTimestamp?: string;
  };
  readonly items: readonly Body[];
  readonly data: Readonly<Record<string, string>>;
  readonly spec: { readonly unschedulable?: boolean };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly reason: string }[] };
  readonly details: { readonly causes: readonly { readonly reason: string }[] };
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
  readonly versions: readonly string[];
  readonly groups: readonly { readonly name: string; readonly preferredVersion: { readonly groupVersion: string } }[];
  readonly resources: readonly { readonly name: string }[];
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Empty where it is not JSON. */
  readonly body: Body;
}

type Server = Awaited<ReturnType<typeof served>>;

let ca: KeyPair;
let other: KeyPair;
let server: Server;
let second: Server;
let session: ClientHttp2Session;
const sessions: ClientHttp2Session[] = [];

async function open(to: Server, of: KeyPair, shown: KeyPair | undefined): Promise<ClientHttp2Session> {
  const opened = connect(to.server, { ca: of.cert, cert: shown?.cert, key: shown?.key });
  sessions.push(opened);
  opened.on('error', () => undefined);
  await once(opened, 'connect');
  return opened;
}

async function send(method: string, path: string, body?: unknown, headers: object = {}, on = session): Promise<Answer> {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const stream = on.request({ ':method': method, ':path': path, accept: 'application/json', ...type, ...headers });
  stream.end(body === undefined ? undefined : Buffer.isBuffer(body) ? body : JSON.stringify(body));
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const answered = once(stream, 'response') as Promise<[Readonly<Record<string, unknown>>]>;
  const [[head]] = await Promise.all([answered, once(stream, 'end')]);
  const text = Buffer.concat(chunks).toString();
  const isJson = String(head['content-type']).startsWith('application/json');
  return {
    status: Number(head[':status']),
    headers: head,
    text,
    body: (isJson ? JSON.parse(text) : {}) as Body,
  };
}

const patch = (path: string, kind: string, body: unknown) =>
  send('PATCH', path, body, { 'content-type': `application/${kind}+json` });

/** A watch: what has come, and the stream. */
function watch(path: string, query: string, on = session, accept = 'application/json') {
  const stream: ClientHttp2Stream = on.request({ ':path': `${path}?watch=true&${query}`, accept });
  const events: {
    type: string;
    object: { kind: string; metadata: Record<string, unknown>; rows?: { cells: unknown[] }[] };
  }[] = [];
  let text = '';
  stream.on('error', () => undefined);
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop()!;
    for (const line of lines) events.push(JSON.parse(line) as (typeof events)[number]);
  });
  const types = () =>
    events.map(({ type, object }) => `${type} ${(object.metadata['name'] as string | undefined) ?? ''}`.trim());
  return { events, types, stream, settle: (count: number) => until(() => events.length >= count, WAIT) };
}

before(async () => {
  [ca, other] = await Promise.all([rsaCa(), ecdsaCa()]);
  server = await served(facts('one', [controlPlane('one-a'), machine('one-w')]), ca);
  second = await served(facts('two', [controlPlane('two-a')]), other);
  session = await open(server, ca, await clientOf(ca));
});

after(async () => {
  for (const each of sessions) each.destroy();
  await Promise.all([server.close(), second.close()]);
});

describe('who may come in', () => {
  it('refuses clients without a certificate, with another cluster’s, and with one that has expired', async () => {
    const past = { notBefore: new Date(Date.now() - 172_800_000), notAfter: new Date(Date.now() - 3_600_000) };
    for (const shown of [undefined, await clientOf(other), await clientOf(ca, past)]) {
      const { status, body } = await send('GET', NODES, undefined, {}, await open(server, ca, shown));
      assert.equal(status, 401);
      assert.partialDeepStrictEqual(body, { kind: 'Status', status: 'Failure', reason: 'Unauthorized', code: 401 });
    }
    assert.equal((await send('GET', NODES)).status, 200);
    const stranger = await open(second, other, await clientOf(other));
    assert.equal((await send('GET', NODES, undefined, {}, stranger)).body.items[0]?.metadata.name, 'two-a');
  });

  it('answers HTTP/1.1 as well', async () => {
    const { cert, key } = await clientOf(ca);
    const asked = httpsRequest(`${server.server}/version`, { ca: ca.cert, cert, key, agent: false }).end();
    const [answer] = (await once(asked, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
    let text = '';
    for await (const chunk of answer) text += String(chunk);
    assert.equal(answer.statusCode, 200);
    assert.partialDeepStrictEqual(JSON.parse(text), { major: '1', minor: '34', gitVersion: 'v1.34.1' });
  });
});

describe('discovery', () => {
  it('is had in one answer, and group by group', async () => {
    const v2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const whole = await send('GET', '/apis', undefined, { accept: `${v2},application/json` });
    assert.equal(whole.headers['content-type'], v2);
    assert.equal(whole.body.kind, 'APIGroupDiscoveryList');
    const names = whole.body.items.map((each) => each.metadata.name);
    const plain = await send('GET', '/apis');
    assert.deepEqual(
      plain.body.groups.map((each) => each.name),
      names,
    );
    for (const { preferredVersion } of plain.body.groups) {
      const { body } = await send('GET', `/apis/${preferredVersion.groupVersion}`);
      assert.equal(body.groupVersion, preferredVersion.groupVersion);
      for (const { name } of body.resources)
        if (!name.includes('/'))
          assert.equal((await send('GET', `/apis/${preferredVersion.groupVersion}/${name}`)).status, 200);
    }
    assert.deepEqual((await send('GET', '/api')).body.versions, ['v1']);
    assert.equal((await send('GET', '/apis/none')).status, 404);
  });

  it('answers in JSON where Protocol Buffers are only preferred, and says so where nothing else will do', async () => {
    const accept = 'application/vnd.kubernetes.protobuf';
    assert.equal(
      (await send('GET', NODES, undefined, { accept: `${accept}, */*` })).headers['content-type'],
      'application/json',
    );
    assert.equal((await send('GET', NODES, undefined, { accept: `${accept},application/json` })).status, 200);
    assert.equal((await send('GET', NODES, undefined, { accept })).status, 406);
  });
});

describe('lists', () => {
  it('come in pages that have all of it once, and a version to watch from', async () => {
    const found: string[] = [];
    let next = '';
    let version = '';
    do {
      const { body } = await send('GET', `/api/v1/pods?limit=3&continue=${next}`);
      assert.ok(body.items.length <= 3);
      found.push(...body.items.map((each) => each.metadata.name));
      version ||= body.metadata.resourceVersion;
      assert.equal(body.metadata.resourceVersion, version);
      next = body.metadata.continue ?? '';
    } while (next !== '');
    const { body } = await send('GET', '/api/v1/pods');
    assert.deepEqual(
      found,
      body.items.map((each) => each.metadata.name),
    );
    assert.equal((await send('GET', '/api/v1/pods?continue=nonsense')).status, 400);
  });

  it('are selected by labels and fields', async () => {
    const names = async (query: string) => {
      const { body } = await send('GET', `/api/v1/namespaces/kube-system/pods?${query}`);
      return body.items.map((each) => each.metadata.name.replace(/-one-.*|-[a-z0-9]{5}$/, ''));
    };
    const label = (text: string) => names(`labelSelector=${encodeURIComponent(text)}`);
    assert.deepEqual(await label('component in (etcd, kube-scheduler),tier=control-plane'), ['etcd', 'kube-scheduler']);
    assert.deepEqual(await label('component,component notin (etcd,kube-scheduler)'), [
      'kube-apiserver',
      'kube-controller-manager',
    ]);
    assert.deepEqual(await label('!component,k8s-app!=kube-dns'), ['kube-proxy', 'kube-proxy']);
    assert.deepEqual(await names('fieldSelector=spec.nodeName%3Done-w'), ['kube-proxy']);
    assert.deepEqual(await names('fieldSelector=metadata.name%3Detcd-one-a,status.phase!%3DFailed'), ['etcd']);
    assert.equal((await send('GET', '/api/v1/pods?fieldSelector=spec.nonsense%3Da')).status, 400);
    assert.equal((await send('GET', '/api/v1/pods?labelSelector=a%3D%3D%3Db')).status, 400);
  });

  it('are tables where they are wanted, and metadata where that is', async () => {
    const table = await send('GET', NODES, undefined, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    });
    assert.equal(table.body.kind, 'Table');
    const cells = table.body.rows.map((row) => [row.cells[0], row.cells[1], row.cells[2], row.cells[4]]);
    assert.deepEqual(cells, [
      ['one-a', 'Ready', 'control-plane', 'v1.34.1'],
      ['one-w', 'Ready', '<none>', 'v1.34.1'],
    ]);
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const { body } = await send('GET', NODES, undefined, { accept });
    assert.equal(body.kind, 'PartialObjectMetadataList');
    assert.deepEqual(Object.keys(body.items[0] ?? {}), ['kind', 'apiVersion', 'metadata']);
  });
});

describe('writes', () => {
  it('are refused with 409 from an old version, and where the name is taken', async () => {
    const made = await send('POST', MAPS, { metadata: { name: 'a' }, data: { x: '1' } });
    assert.equal(made.status, 201);
    const { resourceVersion } = made.body.metadata;
    const again = await send('POST', MAPS, { metadata: { name: 'a' } });
    assert.deepEqual([again.status, again.body.reason], [409, 'AlreadyExists']);
    const changed = await patch(`${MAPS}/a`, 'merge-patch', { data: { y: '2', x: null } });
    assert.deepEqual(changed.body.data, { y: '2' });
    assert.equal(changed.body.metadata.uid, made.body.metadata.uid);
    for (const old of [
      await patch(`${MAPS}/a`, 'strategic-merge-patch', { metadata: { resourceVersion }, data: { z: '3' } }),
      await send('PUT', `${MAPS}/a`, { metadata: { name: 'a', resourceVersion }, data: {} }),
    ])
      assert.deepEqual([old.status, old.body.reason], [409, 'Conflict']);
    const put = await send('PUT', `${MAPS}/a`, { metadata: { name: 'a' }, data: { q: '' } });
    assert.deepEqual([put.status, put.body.data], [200, { q: '' }]);
    // Nothing is new in it.
    const same = await patch(`${MAPS}/a`, 'merge-patch', { data: { q: '' } });
    assert.equal(same.body.metadata.resourceVersion, put.body.metadata.resourceVersion);
  });

  it('keep status and the rest apart', async () => {
    const before = (await send('GET', `${NODES}/one-w`)).body;
    const main = await patch(`${NODES}/one-w`, 'merge-patch', {
      status: { phase: 'x' },
      spec: { unschedulable: true },
    });
    assert.deepEqual(main.body.status, before.status);
    assert.equal(main.body.spec.unschedulable, true);
    const condition = { type: 'Ready', status: 'False', reason: 'Broken' };
    const status = await patch(`${NODES}/one-w/status`, 'strategic-merge-patch', {
      spec: {},
      status: { conditions: [condition] },
    });
    assert.equal(status.body.spec.unschedulable, true);
    assert.equal(status.body.status.conditions.length, before.status.conditions.length);
    assert.equal(status.body.status.conditions.find((each) => each.type === 'Ready')?.reason, 'Broken');
    await patch(`${NODES}/one-w`, 'merge-patch', { spec: { unschedulable: null } });
  });

  it('say what is wrong with what they are given', async () => {
    const status = async (body: unknown, path = MAPS, method = 'POST') => (await send(method, path, body)).status;
    assert.equal(await status({ metadata: { name: 'No Name' } }), 422);
    assert.equal(await status({ metadata: {} }), 422);
    assert.equal(await status({ kind: 'Secret', metadata: { name: 'b' } }), 400);
    assert.equal(await status([1]), 400);
    assert.equal(await status(Buffer.from('{"a":')), 400);
    assert.equal(await status({ metadata: { name: 'b', labels: { a: 1 } } }), 400);
    assert.equal(await status({ metadata: { name: 'b' } }, '/api/v1/namespaces/none/configmaps'), 404);
    assert.equal(await status({ metadata: { name: 'b' } }, '/api/v1/configmaps'), 405);
    assert.equal(await status(undefined, `${MAPS}/none`, 'GET'), 404);
    assert.equal(await status(undefined, '/api/v1/namespaces/kube-system', 'DELETE'), 403);
    const apply = await send('PATCH', `${MAPS}/b`, {}, { 'content-type': 'application/apply-patch+yaml' });
    assert.equal(apply.status, 404);
    await send('POST', MAPS, { metadata: { name: 'b' } });
    const refused = await send('PATCH', `${MAPS}/b`, {}, { 'content-type': 'application/apply-patch+yaml' });
    assert.equal(refused.status, 415);
    assert.match(refused.body.message, /no server-side apply/);
  });

  it('wait for finalizers, and take a namespace’s objects with it', async () => {
    await send('POST', '/api/v1/namespaces', { metadata: { name: 'mine' } });
    await send('POST', '/api/v1/namespaces/mine/configmaps', { metadata: { name: 'held', finalizers: ['a/b'] } });
    const held = '/api/v1/namespaces/mine/configmaps/held';
    assert.ok((await send('DELETE', held)).body.metadata.deletionTimestamp);
    assert.equal((await send('GET', held)).status, 200);
    await patch(held, 'merge-patch', { metadata: { finalizers: null } });
    assert.equal((await send('GET', held)).status, 404);
    await send('POST', '/api/v1/namespaces/mine/secrets', { metadata: { name: 's' }, stringData: { a: 'b' } });
    assert.equal((await send('GET', '/api/v1/namespaces/mine/secrets/s')).body.data.a, 'Yg==');
    assert.equal((await send('DELETE', '/api/v1/namespaces/mine')).body.status, 'Success');
    assert.equal((await send('GET', '/api/v1/namespaces/mine/secrets/s')).status, 404);
  });

  it('change nothing in a dry run', async () => {
    assert.equal((await send('POST', `${MAPS}?dryRun=All`, { metadata: { name: 'dry' } })).status, 201);
    assert.equal((await send('GET', `${MAPS}/dry`)).status, 404);
    assert.equal((await send('DELETE', `${NODES}/one-w?dryRun=All`)).status, 200);
    assert.equal((await send('GET', `${NODES}/one-w`)).status, 200);
  });

  it('evict pods, unless a budget forbids it; whoever owns them makes new ones', async () => {
    const system = '/api/v1/namespaces/kube-system';
    const dns = async () => {
      const { body } = await send('GET', `${system}/pods?labelSelector=k8s-app%3Dkube-dns`);
      return body.items.map((each) => each.metadata.name);
    };
    const [pod] = await dns();
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod } };
    const budgets = '/apis/policy/v1/namespaces/kube-system/poddisruptionbudgets';
    const spec = { minAvailable: '100%', selector: { matchLabels: { 'k8s-app': 'kube-dns' } } };
    await send('POST', budgets, { metadata: { name: 'b' }, spec });
    const refused = await send('POST', `${system}/pods/${pod}/eviction`, eviction);
    assert.equal(refused.status, 429);
    assert.equal(refused.body.details.causes[0]?.reason, 'DisruptionBudget');
    await send('DELETE', `${budgets}/b`);
    assert.equal((await send('POST', `${system}/pods/${pod}/eviction`, eviction)).status, 201);
    assert.ok(await until(async () => (await dns()).length === 2, WAIT));
    assert.ok(!(await dns()).includes(pod!));
    const etcd = (await send('GET', `${system}/pods/etcd-one-a`)).body.metadata.uid;
    await send('DELETE', `${system}/pods/etcd-one-a`);
    assert.notEqual((await send('GET', `${system}/pods/etcd-one-a`)).body.metadata.uid, etcd);
  });
});

describe('watches', () => {
  it('tell what happens from a version on, and nothing before it', async () => {
    const { resourceVersion } = (await send('GET', MAPS)).body.metadata;
    await send('POST', MAPS, { metadata: { name: 'w1' } });
    const watched = watch(MAPS, `resourceVersion=${resourceVersion}`);
    await watched.settle(1);
    await patch(`${MAPS}/w1`, 'merge-patch', { data: { a: 'b' } });
    await send('DELETE', `${MAPS}/w1`);
    await watched.settle(3);
    assert.deepEqual(watched.types(), ['ADDED w1', 'MODIFIED w1', 'DELETED w1']);
    const versions = watched.events.map(({ object }) => Number(object.metadata['resourceVersion']));
    assert.deepEqual(
      versions,
      [...new Set(versions)].sort((a, b) => a - b),
    );
    watched.stream.close();
  });

  it('begin with what is there and say where that ends, as informers ask for it', async () => {
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const watched = watch(NODES, query);
    await watched.settle(3);
    assert.deepEqual(watched.types(), ['ADDED one-a', 'ADDED one-w', 'BOOKMARK']);
    const { kind, metadata } = watched.events[2]!.object;
    assert.equal(kind, 'Node');
    assert.deepEqual(metadata['annotations'], { 'k8s.io/initial-events-end': 'true' });
    watched.stream.close();
    assert.equal((await send('GET', `${NODES}?watch=true&sendInitialEvents=true`)).status, 422);
  });

  it('see objects come into a selection and leave it', async () => {
    const { resourceVersion } = (await send('GET', MAPS)).body.metadata;
    const watched = watch(MAPS, `resourceVersion=${resourceVersion}&labelSelector=in%3Dyes`);
    await send('POST', MAPS, { metadata: { name: 's1' } });
    await patch(`${MAPS}/s1`, 'merge-patch', { metadata: { labels: { in: 'yes' } } });
    await patch(`${MAPS}/s1`, 'merge-patch', { data: { a: 'b' } });
    await patch(`${MAPS}/s1`, 'merge-patch', { metadata: { labels: { in: 'no' } } });
    await send('DELETE', `${MAPS}/s1`);
    await watched.settle(3);
    await send('POST', MAPS, { metadata: { name: 's2', labels: { in: 'yes' } } });
    await watched.settle(4);
    assert.deepEqual(watched.types(), ['ADDED s1', 'MODIFIED s1', 'DELETED s1', 'ADDED s2']);
    watched.stream.close();
  });

  it('are told to begin anew where what they have missed is forgotten', async () => {
    const { resourceVersion } = (await send('GET', MAPS)).body.metadata;
    await send('POST', MAPS, { metadata: { name: 'busy' } });
    for (let i = 0; i < 100; i++) await patch(`${MAPS}/busy`, 'merge-patch', { data: { i: String(i) } });
    for (const version of [resourceVersion, '1', String(Number(resourceVersion) + 1e9)]) {
      const { status, body } = await send('GET', `${MAPS}?watch=true&resourceVersion=${version}`);
      assert.deepEqual([status, body.reason], [410, 'Expired']);
    }
  });

  it('come as tables too, and end when their time is over', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const watched = watch(NODES, 'timeoutSeconds=1', session, accept);
    await once(watched.stream, 'end');
    assert.deepEqual(
      watched.events.map(({ object }) => object.rows![0]!.cells[0]),
      ['one-a', 'one-w'],
    );
  });
});

describe('hostile clients', () => {
  it('send bodies that are too large, too deep or of no known type, and are refused', async () => {
    const large = await send('POST', MAPS, Buffer.alloc(4 * 1024 * 1024, 32));
    assert.equal(large.status, 413);
    const deep = await send('POST', MAPS, Buffer.from(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`));
    assert.equal(deep.status, 400);
    assert.equal((await send('POST', MAPS, Buffer.from('a: b'), { 'content-type': 'application/yaml' })).status, 415);
    const protobuf = { 'content-type': 'application/vnd.kubernetes.protobuf' };
    for (const bytes of ['nonsense', 'k8s\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff', 'k8s\0\n\x7f', 'k8s\0'])
      assert.ok([400, 415].includes((await send('POST', MAPS, Buffer.from(bytes, 'latin1'), protobuf)).status), bytes);
    for (const path of [
      '/api/v1/namespaces/%',
      '/api/v1/namespaces/default/configmaps/__proto__',
      '/constructor',
      '/apis/toString/v1/x',
    ])
      assert.ok([400, 404].includes((await send('GET', path)).status), path);
    assert.equal((await send('GET', NODES)).status, 200);
  });

  it('open 10,000 watches and get 500; the other cluster does not notice', async () => {
    const stranger = await open(second, other, await clientOf(other));
    const admin = await clientOf(ca);
    let accepted = 0;
    let refused = 0;
    const streams: ClientHttp2Stream[] = [];
    for (let i = 0; i < 10_000 && refused < 500; i += 200) {
      const hostile = await open(server, ca, admin);
      const answers = Array.from({ length: 200 }, async () => {
        const stream = hostile.request({ ':path': `${NODES}?watch=true&resourceVersion=0` });
        streams.push(stream);
        stream.on('error', () => undefined).resume();
        const [head] = (await once(stream, 'response')) as [Readonly<Record<string, unknown>>];
        if (head[':status'] === 200) accepted++;
        else if (head[':status'] === 429) refused++;
      });
      await Promise.all(answers);
      assert.equal((await send('GET', NODES, undefined, {}, stranger)).status, 200);
    }
    assert.equal(accepted, 500);
    assert.equal(refused, 500);
    for (const stream of streams) stream.close();
    assert.ok(await until(() => server.cluster.store.watchCount === 0, WAIT));
    const again = watch(NODES, 'resourceVersion=0');
    await again.settle(2);
    assert.deepEqual(again.types(), ['ADDED one-a', 'ADDED one-w']);
    again.stream.close();
    assert.ok(await until(() => server.cluster.store.watchCount === 0, WAIT));
  });

  it('read too slowly and are cut off; others are told all the same', async () => {
    const admin = await clientOf(ca);
    const slow = await open(server, ca, admin);
    const stuck = slow.request({ ':path': `${MAPS}?watch=true&resourceVersion=0` });
    const closed = once(stuck, 'close');
    stuck.on('error', () => undefined);
    await once(stuck, 'response');
    stuck.pause();
    const quick = watch(MAPS, 'resourceVersion=0&labelSelector=slow');
    const big = 'x'.repeat(500_000);
    await send('POST', MAPS, { metadata: { name: 'slow', labels: { slow: '' } }, data: { big } });
    for (let i = 0; i < 20; i++) await patch(`${MAPS}/slow`, 'merge-patch', { data: { i: String(i) } });
    await quick.settle(21);
    assert.equal(quick.events.length, 21);
    assert.ok(await until(() => server.cluster.store.watchCount === 1, WAIT), 'the slow watch is still there');
    slow.destroy();
    await closed;
    quick.stream.close();
  });
});
