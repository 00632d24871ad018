/** What goes wrong with the API of workload clusters because somebody wants it to. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { connect, type ClientHttp2Session } from 'node:http2';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { WorkloadApiFault } from '../../../../lib/scenario/workload-api-faults';
import type { KeyPair } from '../../../../src/cluster/local/issue';
import type { ApiObject } from '../../../../src/simulators/workload-api/api-object';
import { WorkloadCluster } from '../../../../src/simulators/workload-api/cluster';
import { drawLatency, drawOf } from '../../../../src/simulators/workload-api/draws';
import { faultFolder, removeFault, writeFault } from '../../../../src/simulators/workload-api/fault-files';
import { FaultCounts, Faults, type ClusterFaults } from '../../../../src/simulators/workload-api/faults';
import { EtcdMembers } from '../../../../src/simulators/workload-api/etcd';
import type { ClusterFacts, HostFacts } from '../../../../src/simulators/workload-api/facts';
import { resource } from '../../../../src/simulators/workload-api/resources';
import { issueIdentity } from '../../../../src/simulators/workload-api/server-identity';
import { until } from '../../../../src/util/until';
import { ecdsaCa } from '../../../support/certificates';
import { atEnd, tempDir } from '../../../support/temp-dir';
import { clientOf, controlPlane, facts, machine, served } from '../../../support/workload-cluster';

const NODES = '/api/v1/nodes';
const MAPS = '/api/v1/namespaces/default/configmaps';
const WAIT = { deadlineMs: 30_000, everyMs: 5 };
const NOW = Date.UTC(2026, 5, 1);

/** Faults from files, with what was told of them. */
function faultsIn(folder: string) {
  const changed: string[][] = [];
  const lines: string[] = [];
  const counts = new FaultCounts();
  const faults = new Faults({
    source: faultFolder(folder),
    counts,
    onChange: (keys) => changed.push([...keys].sort()),
    log: (line) => lines.push(line),
  });
  return { faults, changed, lines, counts };
}

/** What one fault does to a cluster. */
function of(t: TestContext, fault: WorkloadApiFault, key = 'c/c'): ClusterFaults {
  const folder = tempDir(t);
  const { faults } = faultsIn(folder);
  atEnd(t, () => faults.stop());
  writeFault(folder, { fault, clusters: [key], until: Date.now() + 600_000, seed: 'a' });
  faults.reload();
  return faults.of(key)!;
}

describe('faults that are written down', () => {
  it('are in force for their clusters until their file goes', (t) => {
    const folder = tempDir(t);
    const { faults, changed } = faultsIn(folder);
    atEnd(t, () => faults.stop());
    const planned = { fault: { unreachable: 'refused' }, until: NOW + 1_000, seed: 'a' } as const;
    const id = writeFault(folder, { ...planned, clusters: ['a/a', 'b/b'] });
    const file = join(folder, readdirSync(folder)[0]!);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    faults.reload(NOW);
    faults.reload(NOW);
    assert.deepEqual(changed, [['a/a', 'b/b']]);
    assert.equal(faults.of('a/a')?.unreachable, 'refused');
    assert.equal(faults.of('c/c'), undefined);
    assert.deepEqual([...faults.clusters((key) => key !== 'b/b')], [['unreachable', 1]]);
    const second = writeFault(folder, { ...planned, fault: { unreachable: 'silent' }, clusters: ['b/b'] });
    removeFault(folder, id);
    faults.reload(NOW);
    assert.equal(faults.of('a/a'), undefined);
    assert.equal(faults.of('b/b')?.unreachable, 'silent');
    // One that is written anew lasts as long as it says then.
    writeFault(folder, { ...planned, fault: { unreachable: 'silent' }, clusters: ['b/b'], until: NOW + 9_000 }, second);
    faults.reload(NOW + 8_000);
    assert.equal(faults.of('b/b')?.unreachable, 'silent');
    removeFault(folder, second);
    faults.reload(NOW);
    assert.equal(faults.of('b/b'), undefined);
  });

  it('end at their time by themselves, and are there for a process that starts meanwhile', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW });
    const folder = tempDir(t);
    const before = faultsIn(folder);
    writeFault(folder, { fault: { errors: [503] }, clusters: ['a/a'], until: NOW + 60_000, seed: 'a' });
    before.faults.reload();
    before.faults.stop();
    const { faults, changed } = faultsIn(folder);
    faults.reload();
    assert.deepEqual(faults.of('a/a')?.fate?.(), { delayMs: 0, code: 503, isReset: false });
    t.mock.timers.tick(59_999);
    assert.notEqual(faults.of('a/a'), undefined);
    t.mock.timers.tick(1);
    assert.equal(faults.of('a/a'), undefined);
    assert.deepEqual(changed, [['a/a'], ['a/a']]);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('are left out, with a word once, where nobody here has written them', (t) => {
    const folder = tempDir(t);
    const { faults, lines } = faultsIn(folder);
    writeFileSync(join(folder, 'workload-api-fault-0123456789abcdef.json'), '{"fault":');
    writeFileSync(join(folder, 'workload-api-fault-0123456789abcdee.json'), '{"fault": {}, "until": 9e15}');
    mkdirSync(join(folder, 'workload-api-fault-0123456789abcdea.json'));
    writeFileSync(join(folder, 'workload-api.json'), '{}');
    faults.reload();
    faults.reload();
    assert.equal(lines.length, 3, lines.join('\n'));
    assert.ok(lines.every((line) => /^fault 0123456789abcde[aef] is left out: /.test(line)));
    assert.deepEqual(faults.all, []);
  });

  it('draw the same for a cluster on every run, and something else for another', (t) => {
    const drawn = (key: string) => {
      const { fate } = of(t, { errors: [500, 502, 503], requestShare: 0.5 }, key);
      return Array.from({ length: 1_000 }, () => fate!().code);
    };
    const first = drawn('a/a');
    assert.deepEqual(drawn('a/a'), first);
    assert.notDeepEqual(drawn('b/b'), first);
    assert.ok(Math.abs(first.filter((code) => code !== undefined).length - 500) < 60);
    for (const code of [500, 502, 503]) assert.ok(first.filter((each) => each === code).length > 120);
  });

  it('add up where several are in force', (t) => {
    const folder = tempDir(t);
    const { faults, counts } = faultsIn(folder);
    atEnd(t, () => faults.stop());
    const rest = { clusters: ['a/a'], until: Date.now() + 60_000, seed: 'a' };
    writeFault(folder, { ...rest, fault: { latency: { milliseconds: 10 } } });
    writeFault(folder, { ...rest, fault: { latency: { milliseconds: 20 } } });
    writeFault(folder, { ...rest, fault: { slowWatch: { milliseconds: 500 } } });
    writeFault(folder, { ...rest, fault: { unreachable: 'silent' } });
    writeFault(folder, { ...rest, fault: { unreachable: 'refused' } });
    faults.reload();
    const found = faults.of('a/a')!;
    assert.equal(found.fate!().delayMs, 30);
    assert.equal(found.watchDelayMs, 500);
    assert.equal(found.unreachable, 'refused');
    assert.deepEqual([...counts.counts], [['latency', 2]]);
  });
});

describe('times that answers wait', () => {
  const draw = drawOf('a seed');
  const drawn = (latency: WorkloadApiFault['latency']) =>
    Array.from({ length: 20_000 }, () => drawLatency(latency!, draw)).sort((a, b) => a - b);
  const about = (value: number, wanted: number) =>
    assert.ok(Math.abs(value - wanted) < wanted * 0.1, `${value} is not about ${wanted}`);
  const quantile = (times: readonly number[], share: number) => times[Math.floor(times.length * share)]!;

  it('are spread as they are described', () => {
    assert.deepEqual(new Set(drawn({ milliseconds: 7 })), new Set([7]));
    const even = drawn({ leastMilliseconds: 100, mostMilliseconds: 300 });
    assert.ok(even[0]! >= 100 && even.at(-1)! <= 300);
    about(quantile(even, 0.5), 200);
    about(quantile(even, 0.25), 150);
    const exponential = drawn({ meanMilliseconds: 100 });
    about(exponential.reduce((sum, each) => sum + each, 0) / exponential.length, 100);
    about(quantile(exponential, 0.5), 100 * Math.LN2);
    const logNormal = drawn({ medianMilliseconds: 20, p99Milliseconds: 400 });
    about(quantile(logNormal, 0.5), 20);
    about(quantile(logNormal, 0.99), 400);
  });
});

/** A simulated cluster, and a client of it. */
async function open(t: TestContext, machines = [controlPlane('a'), machine('w')], etcd?: KeyPair) {
  const server = await served(facts('one', machines), ca, etcd);
  atEnd(t, () => server.close());
  const admin = await clientOf(ca);
  const session = async (): Promise<ClientHttp2Session> => {
    const opened = connect(server.server, { ca: ca.cert, ...admin });
    opened.on('error', () => undefined);
    atEnd(t, () => opened.destroy());
    await once(opened, 'connect');
    return opened;
  };
  return { ...server, session };
}

/** @returns the status and the text of an answer, or the code of the error in its place */
async function ask(session: ClientHttp2Session, path: string, method = 'GET', body?: object) {
  const stream = session.request({ ':method': method, ':path': path, 'content-type': 'application/json' });
  stream.end(body === undefined ? undefined : JSON.stringify(body));
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  try {
    const [head] = (await once(stream, 'response')) as [Readonly<Record<string, unknown>>];
    await once(stream, 'end');
    return `${String(head[':status'])} ${text}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function watchOf(session: ClientHttp2Session, path: string) {
  const stream = session.request({ ':path': `${path}?watch=true&resourceVersion=0` });
  const names: string[] = [];
  let rest = '';
  stream.on('error', () => undefined);
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) names.push((JSON.parse(line) as { object: ApiObject }).object.metadata.name);
  });
  return { stream, names };
}

let ca: KeyPair;
before(async () => {
  ca = await ecdsaCa();
});

describe('a cluster with a fault', () => {
  it('answers late, and at once again afterwards', async (t) => {
    const { endpoint, session } = await open(t);
    const client = await session();
    await endpoint.suffer(of(t, { latency: { milliseconds: 300 } }));
    const start = performance.now();
    assert.match(await ask(client, NODES), /^200 /);
    assert.ok(performance.now() - start >= 290);
    assert.match(await ask(client, MAPS, 'POST', { metadata: { name: 'late' } }), /^201 /);
    // One that its client has given up is not answered, and harms nobody.
    const given = client.request({ ':path': NODES });
    given.close();
    await once(given, 'close');
    await endpoint.suffer(undefined);
    assert.match(await ask(client, `${MAPS}/late`), /^200 /);
  });

  it('answers with the codes that it is told to, with a Status', async (t) => {
    const { endpoint, session, counts } = await open(t);
    const client = await session();
    await endpoint.suffer(of(t, { errors: [503] }));
    const answer = await ask(client, NODES);
    assert.match(answer, /^503 /);
    assert.equal((JSON.parse(answer.slice(4)) as { code: number }).code, 503);
    assert.match(await ask(client, MAPS, 'POST', { metadata: { name: 'a' } }), /^503 /);
    await endpoint.suffer(undefined);
    assert.match(await ask(client, `${MAPS}/a`), /^404 /);
    assert.ok([...counts.all()].some(({ verb, code, count }) => verb === 'GET' && code === 503 && count === 1));
  });

  it('resets connections, and takes others', async (t) => {
    const { endpoint, session } = await open(t);
    const client = await session();
    await endpoint.suffer(of(t, { resets: true }));
    assert.equal(await ask(client, NODES), 'ECONNRESET');
    const second = await session();
    assert.equal(await ask(second, NODES), 'ECONNRESET');
    await endpoint.suffer(undefined);
    assert.match(await ask(await session(), NODES), /^200 /);
  });

  it('refuses connections and closes those that were open, and listens at its address again', async (t) => {
    const { endpoint, session } = await open(t);
    const client = await session();
    const closed = once(client, 'close');
    await endpoint.suffer(of(t, { unreachable: 'refused' }));
    await closed;
    await assert.rejects(session(), { code: 'ECONNREFUSED' });
    await endpoint.suffer(undefined);
    assert.match(await ask(await session(), NODES), /^200 /);
  });

  it('falls silent, and goes on with what was waiting', async (t) => {
    const { cluster, endpoint, session, faultCounts } = await open(t);
    const client = await session();
    const { stream, names } = watchOf(client, MAPS);
    await once(stream, 'response');
    const faults = of(t, { unreachable: 'silent' });
    cluster.watchDelay.change(faults.watchDelayMs, () => undefined);
    await endpoint.suffer(faults);
    let answered = '';
    void ask(client, NODES).then((text) => (answered = text));
    const opening = session();
    assert.ok(await until(() => faultCounts.counts.get('unreachable') === 2, WAIT));
    cluster.writes.create(resource('v1', 'configmaps'), 'default', { metadata: { name: 'unseen' } }, { dryRun: false });
    const isOver = await Promise.race([opening.then(() => true), new Promise((resolve) => setTimeout(resolve, 200))]);
    assert.equal(isOver, undefined, 'a connection came about');
    assert.equal(answered, '');
    assert.ok(!names.includes('unseen'));
    await endpoint.suffer(undefined);
    cluster.watchDelay.change(undefined, () => undefined);
    assert.match(await ask(await opening, NODES), /^200 /);
    assert.ok(await until(() => answered.startsWith('200 ') && names.includes('unseen'), WAIT));
  });

  it('holds the events of watches, and tells them in their order', async (t) => {
    const { cluster, session } = await open(t);
    const client = await session();
    const { stream, names } = watchOf(client, MAPS);
    await once(stream, 'response');
    let delayed = 0;
    const create = (name: string) =>
      cluster.writes.create(resource('v1', 'configmaps'), 'default', { metadata: { name } }, { dryRun: false });
    create('first');
    assert.ok(await until(() => names.at(-1) === 'first', WAIT));
    const before = names.length;
    cluster.watchDelay.change(Infinity, () => delayed++);
    for (const name of ['a', 'b', 'c']) create(name);
    // What is read is what is there.
    assert.match(await ask(client, `${MAPS}/c`), /^200 /);
    assert.equal(names.length, before);
    cluster.watchDelay.change(50, () => delayed++);
    create('d');
    create('e');
    assert.ok(await until(() => names.length === before + 5, WAIT), names.join());
    assert.deepEqual(names.slice(before), ['a', 'b', 'c', 'd', 'e']);
    assert.equal(delayed, 5);
    cluster.watchDelay.change(undefined, () => undefined);
    create('f');
    assert.ok(await until(() => names.at(-1) === 'f', WAIT));
  });

  it('shows a certificate that has expired, also to who was there', async (t) => {
    const { endpoint, port, session } = await open(t);
    const client = await session();
    const closed = once(client, 'close');
    endpoint.show(await issueIdentity(ca, ['127.0.0.1'], true));
    await closed;
    await assert.rejects(session(), { code: 'CERT_HAS_EXPIRED' });
    const strange = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    strange.on('error', () => undefined);
    await once(strange, 'secureConnect');
    assert.ok(Date.parse(strange.getPeerCertificate().valid_to) < Date.now());
    strange.destroy();
    endpoint.show(await issueIdentity(ca, ['127.0.0.1']));
    assert.match(await ask(await session(), NODES), /^200 /);
  });

  it('writes nothing without a quorum of etcd, and reads', async (t) => {
    const { endpoint, session } = await open(t);
    const client = await session();
    await endpoint.suffer(of(t, { etcd: 'noQuorum' }));
    assert.match(await ask(client, MAPS, 'POST', { metadata: { name: 'a' } }), /^500 .*etcdserver/);
    assert.match(await ask(client, NODES), /^200 /);
    await endpoint.suffer(undefined);
    assert.match(await ask(client, MAPS, 'POST', { metadata: { name: 'a' } }), /^201 /);
  });
});

describe('nodes that are lost', () => {
  const node = resource('v1', 'nodes');
  const host = machine('any').host!;
  const three = (changes: Partial<HostFacts> = {}): ClusterFacts =>
    facts('one', [controlPlane('a'), machine('w1'), machine('w2', { host: { ...host, ...changes } })]);
  function make(t: TestContext, of = three()): WorkloadCluster {
    const cluster = new WorkloadCluster(of, undefined, NOW);
    atEnd(t, () => cluster.stop());
    return cluster;
  }
  const states = (cluster: WorkloadCluster) =>
    cluster.store.list(node).map((each) => {
      const { metadata, status } = cluster.store.read(each) as ApiObject & {
        readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
      };
      return `${metadata.name} ${status.conditions.find(({ type }) => type === 'Ready')?.status}`;
    });
  const uidOf = (cluster: WorkloadCluster, name: string) =>
    cluster.store.read(cluster.store.get(node, '', name)!).metadata.uid;
  const lose = (t: TestContext, fault: WorkloadApiFault) => of(t, fault).nodes;
  const nobody = () => undefined;

  it('are not ready for as long as it takes: a share of each cluster, workers first', (t) => {
    const cluster = make(t);
    let struck = 0;
    const faults = lose(t, { nodes: 'notReady', nodeShare: 0.1 });
    cluster.loseNodes(faults, () => struck++, NOW);
    cluster.loseNodes(faults, () => struck++, NOW);
    assert.deepEqual(states(cluster), ['a True', 'w1 Unknown', 'w2 True']);
    assert.equal(struck, 1);
    const uid = uidOf(cluster, 'w1');
    cluster.loseNodes([], nobody, NOW);
    assert.deepEqual(states(cluster), ['a True', 'w1 True', 'w2 True']);
    assert.equal(uidOf(cluster, 'w1'), uid);
    cluster.loseNodes(lose(t, { nodes: 'notReady', nodesOf: 'controlPlane' }), nobody, NOW);
    assert.deepEqual(states(cluster), ['a Unknown', 'w1 True', 'w2 True']);
  });

  it('are well again once their host has been rebooted', (t) => {
    const cluster = make(t);
    cluster.loseNodes(lose(t, { nodes: 'notReady' }), nobody, NOW);
    cluster.update(three({ boots: 1 }), NOW);
    assert.deepEqual(states(cluster), ['a Unknown', 'w1 Unknown', 'w2 True']);
    const gone = make(t);
    gone.loseNodes(lose(t, { nodes: 'gone', nodesOf: 'workers' }), nobody, NOW);
    assert.deepEqual(states(gone), ['a True']);
    gone.update(three({ boots: 1 }), NOW);
    assert.deepEqual(states(gone), ['a True', 'w2 True']);
  });

  it('are gone, and come back as other Nodes', (t) => {
    const cluster = make(t);
    const uid = uidOf(cluster, 'w1');
    cluster.loseNodes(lose(t, { nodes: 'gone', nodesOf: 'workers' }), nobody, NOW);
    cluster.update(three(), NOW);
    assert.deepEqual(states(cluster), ['a True']);
    cluster.loseNodes([], nobody, NOW);
    assert.deepEqual(states(cluster), ['a True', 'w1 True', 'w2 True']);
    assert.notEqual(uidOf(cluster, 'w1'), uid);
  });

  it('never come, of machines that are provisioned meanwhile', (t) => {
    const cluster = make(t, facts('one', [controlPlane('a')]));
    let struck = 0;
    cluster.loseNodes(lose(t, { nodes: 'neverJoin' }), () => struck++, NOW);
    cluster.update(three(), NOW);
    cluster.update(three(), NOW);
    assert.deepEqual(states(cluster), ['a True']);
    assert.equal(struck, 2);
    cluster.loseNodes([], nobody, NOW);
    assert.deepEqual(states(cluster), ['a True', 'w1 True', 'w2 True']);
  });
});

describe('an etcd that is not well', () => {
  const STATUS = '/etcdserverpb.Maintenance/Status';
  const ALARM = '/etcdserverpb.Maintenance/Alarm';
  const MEMBERS = '/etcdserverpb.Cluster/MemberList';
  const nodes = ['a', 'b', 'c'].map((name) => ({ name, address: '192.168.0.1' }));
  const none = Buffer.alloc(0);

  it('has a member with an alarm, which every member tells of, and which does not lead', () => {
    const etcd = new EtcdMembers('seed', () => nodes);
    let struck = 0;
    etcd.break('memberUnhealthy', () => struck++);
    for (const name of ['a', 'b', 'c']) {
      const [, id] = /memberID:(\d+) alarm:NOSPACE/.exec(etcd.answer(STATUS, none, name).toString('latin1')) ?? [];
      assert.equal(BigInt(id!), etcd.list()[2]!.id);
      assert.notEqual(BigInt(id!), etcd.leaderId);
      // Field 2 of the alarm, its kind: 1 is NOSPACE.
      assert.deepEqual([...etcd.answer(ALARM, none, name).subarray(-2)], [0x10, 1]);
    }
    assert.equal(struck, 6);
    etcd.break(undefined, () => struck++);
    assert.doesNotMatch(etcd.answer(STATUS, none, 'a').toString('latin1'), /alarm/);
    assert.notDeepEqual([...etcd.answer(ALARM, none, 'a').subarray(-2)], [0x10, 1]);
    assert.equal(struck, 6);
  });

  it('has no leader without a quorum, and answers only for itself', () => {
    const etcd = new EtcdMembers('seed', () => nodes);
    etcd.break('noQuorum', () => undefined);
    assert.match(etcd.answer(STATUS, none, 'a').toString('latin1'), /etcdserver: no leader/);
    for (const path of [MEMBERS, ALARM])
      assert.throws(() => etcd.answer(path, none, 'a'), { code: 14, message: 'etcdserver: no leader' });
    etcd.break(undefined, () => undefined);
    assert.ok(etcd.answer(MEMBERS, none, 'a').length > 0);
  });
});
