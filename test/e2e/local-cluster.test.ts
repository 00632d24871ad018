/**
 * The embedded control plane against the real etcd and kube-apiserver, found as `up` finds them.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { after, before, describe, it } from 'node:test';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import type { TestbedError } from '../../lib/errors';
import {
  controllerManagerMetricsUrl,
  findLocalCluster,
  startLocalCluster,
  stopLocalCluster,
} from '../../src/cluster/local/local-cluster';
import type { LocalCluster } from '../../src/cluster/local/local-cluster';
import type { TestbedEvent } from '../../src/util/events';
import { certificateFiles } from '../../src/cluster/local/certificates';
import { readPorts, stateLayout, writePorts } from '../../src/cluster/local/state';
import { findDaemon } from '../../src/process/daemon';
import { findProgram } from '../../src/programs/find';
import { until } from '../../src/util/until';
import { bareMachine } from '../support/bare-machine';
import { atEnd, tempDir } from '../support/temp-dir';
import { tinyDisk, withoutTmpfs } from '../support/tmpfs';

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  users: [{ user: { token: string } }];
  contexts: [{ name: string }];
  'current-context': string;
}

/** A state folder whose cluster is gone when the test is over. */
function stateDir(t: TestContext): string {
  const dir = join(tempDir(t), 'state');
  atEnd(t, () => stopLocalCluster(dir, { graceMs: 0 }));
  return dir;
}

/** Sends one request with what the kubeconfig says, or with nothing but its CA. */
async function ask(
  cluster: LocalCluster,
  method: 'GET' | 'POST',
  path: string,
  options: { body?: object; anonymous?: boolean; token?: string } = {},
) {
  const config = parse(readFileSync(cluster.connection.kubeconfig, 'utf8')) as Kubeconfig;
  const decode = (base64: string) => Buffer.from(base64, 'base64');
  const token = options.token ?? config.users[0].user.token;
  const dispatcher = new Agent({
    headersTimeout: 10_000,
    connect: { ca: decode(config.clusters[0].cluster['certificate-authority-data']) },
  });
  try {
    const response = await request(config.clusters[0].cluster.server + path, {
      dispatcher,
      method,
      headers: {
        'content-type': 'application/json',
        ...(options.anonymous ? {} : { authorization: `Bearer ${token}` }),
      },
      body: options.body ? JSON.stringify(options.body) : null,
    });
    return { status: response.statusCode, body: (await response.body.json()) as Record<string, unknown> };
  } finally {
    await dispatcher.destroy();
  }
}

const PROCESSES: readonly string[] = ['etcd', 'kube-apiserver', 'kube-controller-manager'];

const configMap = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { kept: 'yes' },
});
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

/** Kills a cluster's processes, as a machine that is switched off does. */
async function killProcesses(cluster: LocalCluster, names = PROCESSES): Promise<void> {
  for (const { name, pid } of cluster.processes) if (names.includes(name)) process.kill(pid, 'SIGKILL');
  const run = join(cluster.stateDir, 'run');
  assert.ok(await until(() => names.every((name) => findDaemon(run, name) === undefined), { deadlineMs: 10_000 }));
}

/** Asserts that a failed start left no process and no file but logs. */
function assertNothingLeft(dir: string): void {
  for (const name of PROCESSES) assert.equal(findDaemon(join(dir, 'run'), name), undefined, `${name} still runs`);
  const left = existsSync(dir)
    ? readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    : [];
  assert.deepEqual(
    left.map((entry) => entry.name).filter((name) => !/\.log(\.1)?$/.test(name)),
    [],
  );
}

async function failure(start: Promise<LocalCluster>, code: TestbedError['code']): Promise<string> {
  const error = await start.then(
    () => assert.fail('it started'),
    (reason: unknown) => reason as TestbedError,
  );
  assert.equal(error.code, code, error.stack);
  return error.message;
}

/** What is told of a kube-apiserver that runs and is not ready yet. */
const IS_STARTING = /does not answer|not ready yet|readyz says|namespace default/;

describe('a local cluster', () => {
  // Fetching the programs, where the machine has none, takes minutes and is no part of any one behaviour.
  before(async () => {
    await findProgram('etcd');
    await findProgram('kube-apiserver');
    await findProgram('kube-controller-manager');
  });

  describe('that runs', () => {
    const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-'));
    const state = join(dir, 'state');
    const events: TestbedEvent[] = [];
    let cluster: LocalCluster;
    before(async () => {
      assert.equal(await findLocalCluster(state), undefined);
      cluster = await startLocalCluster({ stateDir: state, listener: (event) => events.push(event) });
    });
    after(async () => {
      await stopLocalCluster(state, { graceMs: 0 });
      rmSync(dir, { recursive: true });
    });

    it('is found, and has told what it did', async () => {
      assert.equal(cluster.status, 'running');
      assert.deepEqual(cluster.reasons, []);
      assert.deepEqual(await findLocalCluster(state), cluster);
      assert.deepEqual([events.at(0)?.type, events.at(-1)?.type], ['start', 'done']);
    });

    it('serves its admin and nobody else', async () => {
      const version = await ask(cluster, 'GET', '/version');
      assert.equal(version.status, 200);
      assert.match(String(version.body['gitVersion']), /^v1\.\d+\.\d+/);
      assert.equal((await ask(cluster, 'GET', '/api/v1/secrets')).status, 200);
      for (const path of ['/api/v1/secrets', '/version', '/readyz']) {
        assert.equal((await ask(cluster, 'GET', path, { anonymous: true })).status, 401, path);
      }
    });

    it('grants a service account what RBAC grants it, and no more', async () => {
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'nobody' } };
      assert.equal(
        (await ask(cluster, 'POST', '/api/v1/namespaces/default/serviceaccounts', { body: account })).status,
        201,
      );
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
      const issued = await ask(cluster, 'POST', '/api/v1/namespaces/default/serviceaccounts/nobody/token', { body });
      assert.equal(issued.status, 201);
      const { token } = issued.body['status'] as { token: string };
      assert.equal((await ask(cluster, 'GET', '/version', { token })).status, 200);
      assert.equal((await ask(cluster, 'GET', '/api/v1/secrets', { token })).status, 403);
    });

    it('is readable by its owner alone', () => {
      assert.equal(statSync(state).mode & 0o777, 0o700);
      for (const entry of readdirSync(state, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const file = join(entry.parentPath, entry.name);
        assert.equal(statSync(file).mode & 0o077, 0, file);
      }
      const config = parse(readFileSync(cluster.connection.kubeconfig, 'utf8')) as Kubeconfig;
      assert.equal(config['current-context'], 'metal3-testbed');
      assert.equal(config.clusters[0].cluster.server, cluster.connection.server);
    });

    it('keeps etcd from those without a certificate', async (t) => {
      const { ports } = JSON.parse(readFileSync(join(state, 'cluster.json'), 'utf8')) as { ports: { etcd: number } };
      const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
      atEnd(t, () => dispatcher.destroy());
      const body = JSON.stringify({ key: Buffer.from('/registry').toString('base64') });
      const url = `https://127.0.0.1:${ports.etcd}/v3/kv/range`;
      await assert.rejects(
        request(url, { dispatcher, method: 'POST', body }),
        /certificate required|other side closed|ECONNRESET/i,
      );
    });

    it('is found by a second start, which starts nothing', async () => {
      assert.deepEqual(await startLocalCluster({ stateDir: state }), cluster);
      const message = await failure(startLocalCluster({ stateDir: state, apiServerPort: 1234 }), 'invalid-input');
      assert.match(message, /runs already, on port \d+, and cannot move to 1234/);
    });

    it('is waited for, and not restarted, while its API server is busy', async (t) => {
      const layout = stateLayout(state);
      const ports = readPorts(layout) ?? assert.fail();
      const busy = [503, 429, 503];
      const { cert, key } = certificateFiles(layout.pki).apiServer;
      const standIn = createHttpsServer({ cert: readFileSync(cert), key: readFileSync(key) }, ({ url }, response) => {
        const status = url?.startsWith('/readyz') ? (busy.shift() ?? 200) : 200;
        response.writeHead(status).end(status === 200 ? '{}' : '[-]etcd failed');
      });
      standIn.listen(0, '127.0.0.1');
      await once(standIn, 'listening');
      t.after(() => {
        writePorts(layout, ports);
        writeFileSync(cluster.connection.kubeconfig, kubeconfig);
        standIn.closeAllConnections();
        standIn.close();
      });
      const kubeconfig = readFileSync(cluster.connection.kubeconfig);
      writePorts(layout, { ...ports, apiServer: (standIn.address() as AddressInfo).port });

      const events: TestbedEvent[] = [];
      const found = await startLocalCluster({ stateDir: state, listener: (event) => events.push(event) });
      assert.deepEqual(found.processes, cluster.processes);
      assert.deepEqual([found.status, found.isBusy, busy], ['running', false, []]);
      const details = events.map((event) => ('detail' in event ? event.detail : ''));
      assert.ok(details.includes('waiting for it: not ready yet: etcd'), details.join('\n'));
      assert.doesNotMatch(details.join(), /restarting/);
    });

    it('has its lost kubeconfig and damaged certificates mended by a second start', async () => {
      rmSync(cluster.connection.kubeconfig);
      writeFileSync(join(state, 'pki', 'etcd-client.crt'), '');
      assert.deepEqual(await startLocalCluster({ stateDir: state }), cluster);
      assert.equal((await ask(cluster, 'GET', '/version')).status, 200);
    });
  });

  it('is started once by two starts at the same moment', async (t) => {
    const dir = stateDir(t);
    const [first, second] = await Promise.all([
      startLocalCluster({ stateDir: dir }),
      startLocalCluster({ stateDir: dir }),
    ]);
    assert.deepEqual(first.processes, second.processes);
  });

  it('keeps its objects, port and certificates when it is stopped and started again', async (t) => {
    const dir = stateDir(t);
    const first = await startLocalCluster({ stateDir: dir });
    const kubeconfig = readFileSync(first.connection.kubeconfig, 'utf8');
    assert.equal((await ask(first, 'POST', CONFIG_MAPS, { body: configMap('kept') })).status, 201);
    assert.equal(await stopLocalCluster(dir), true);
    const stopped = await findLocalCluster(dir);
    assert.equal(stopped?.status, 'stopped');
    assert.match(stopped.reasons.join(), /etcd does not run.*kube-apiserver does not run/);

    const again = await startLocalCluster({ stateDir: dir });
    assert.deepEqual((await ask(again, 'GET', `${CONFIG_MAPS}/kept`)).body['data'], { kept: 'yes' });
    assert.equal(readFileSync(again.connection.kubeconfig, 'utf8'), kubeconfig);
  });

  it('comes back with its objects after all its processes were killed', async (t) => {
    const dir = stateDir(t);
    const first = await startLocalCluster({ stateDir: dir });
    assert.equal((await ask(first, 'POST', CONFIG_MAPS, { body: configMap('kept') })).status, 201);
    await killProcesses(first);
    assert.equal((await findLocalCluster(dir))?.status, 'stopped');
    const again = await startLocalCluster({ stateDir: dir });
    assert.equal((await ask(again, 'GET', `${CONFIG_MAPS}/kept`)).status, 200);
  });

  it('is degraded when one process dies, and mended by the next start', async (t) => {
    const dir = stateDir(t);
    for (const name of ['kube-apiserver', 'etcd']) {
      await killProcesses(await startLocalCluster({ stateDir: dir }), [name]);
      const degraded = await findLocalCluster(dir);
      assert.equal(degraded?.status, 'degraded');
      assert.match(degraded.reasons.join(), new RegExp(`${name} does not run; its log: .*${name}\\.log`));
    }
    assert.equal((await startLocalCluster({ stateDir: dir })).status, 'running');
  });

  it('has its controller manager mended by the next start, without a restart of the rest', async (t) => {
    const dir = stateDir(t);
    const first = await startLocalCluster({ stateDir: dir });
    assert.deepEqual(
      first.processes.map(({ name }) => name),
      PROCESSES,
    );
    await killProcesses(first, ['kube-controller-manager']);
    const without = await findLocalCluster(dir);
    assert.equal(without?.status, 'running');
    assert.match(without.problems.join(), /^kube-controller-manager does not run; its log: .*exited unexpectedly/);
    const again = await startLocalCluster({ stateDir: dir });
    assert.deepEqual(again.problems, []);
    assert.deepEqual(again.processes.slice(0, 2), first.processes.slice(0, 2));
    assert.notEqual(again.processes[2]?.pid, first.processes[2]?.pid);
  });

  it('has a controller manager or none as is asked for, and as last time where nothing is', async (t) => {
    const dir = stateDir(t);
    const has = async (controllerManager?: boolean) => {
      const {
        controllerManager: is,
        problems,
        processes,
      } = await startLocalCluster({ stateDir: dir, controllerManager });
      assert.deepEqual(problems, []);
      assert.equal(processes.length, is ? 3 : 2);
      return is;
    };
    assert.equal(await has(false), false);
    assert.equal(await has(), false);
    assert.equal(await has(true), true);
    assert.equal(await has(), true);
    await stopLocalCluster(dir);
    assert.equal(await has(), true);
    assert.equal(await has(false), false);
  });

  it('does without a controller manager that cannot be had, and says so', async (t) => {
    const dir = stateDir(t);
    const { etcd, kubeApiserver } = {
      etcd: (await findProgram('etcd')).file,
      kubeApiserver: (await findProgram('kube-apiserver')).file,
    };
    bareMachine(t);
    const said: string[] = [];
    const listener = (event: TestbedEvent) => {
      if (event.type === 'warning') said.push(event.detail);
    };
    const cluster = await startLocalCluster({ stateDir: dir, programs: { etcd, kubeApiserver }, listener });
    assert.equal(cluster.status, 'running');
    assert.equal(cluster.controllerManager, false);
    assert.match(said.join('\n'), /kube-controller-manager cannot be had, so deleted namespaces stay Terminating/);
  });

  it('serves the health and the metrics of its controllers, on loopback, and nothing else of them', async (t) => {
    const { stateDir: dir } = await startLocalCluster({ stateDir: stateDir(t) });
    const url = controllerManagerMetricsUrl(dir) ?? assert.fail('it has none');
    const dispatcher = new Agent({ connect: { ca: readFileSync(join(dir, 'pki', 'ca.crt')) } });
    atEnd(t, () => dispatcher.destroy());
    const status = async (path: string) => {
      const { statusCode, body } = await request(new URL(path, url), { dispatcher });
      await body.dump();
      return statusCode;
    };
    assert.equal(new URL(url).hostname, '127.0.0.1');
    assert.equal(await status('/metrics'), 200);
    assert.equal(await status('/healthz'), 200);
    for (const path of ['/configz', '/debug/pprof/', '/']) assert.equal(await status(path), 403, path);
  });

  it('is not fooled by pid files from before the machine was restarted', async (t) => {
    const dir = stateDir(t);
    const first = await startLocalCluster({ stateDir: dir });
    await killProcesses(first);
    for (const name of PROCESSES) {
      const file = join(dir, 'run', `${name}.pid`);
      writeFileSync(file, JSON.stringify({ pid: process.pid, identity: 'an-earlier-boot/1', file: '' }));
    }
    assert.equal((await findLocalCluster(dir))?.status, 'stopped');
    assert.equal((await startLocalCluster({ stateDir: dir })).status, 'running');
  });

  it('refuses a port that is in use, leaves nothing, and starts once the port is free', async (t) => {
    const dir = stateDir(t);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    for (const ports of [{ apiServerPort: port }, { etcdPort: port }]) {
      const message = await failure(startLocalCluster({ stateDir: dir, ...ports }), 'environment');
      assert.match(message, new RegExp(`port ${port} on 127.0.0.1, asked for .*, is in use`));
      assertNothingLeft(dir);
    }
    await new Promise((resolve) => server.close(resolve));
    const cluster = await startLocalCluster({ stateDir: dir, apiServerPort: port });
    assert.equal(cluster.connection.server, `https://127.0.0.1:${port}`);
  });

  it('moves to another port when the one of its last start was taken', async (t) => {
    const dir = stateDir(t);
    const first = await startLocalCluster({ stateDir: dir });
    await stopLocalCluster(dir);
    const port = Number(new URL(first.connection.server).port);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    atEnd(t, () => server.close());
    const again = await startLocalCluster({ stateDir: dir });
    assert.notEqual(again.connection.server, first.connection.server);
    assert.equal((await ask(again, 'GET', '/version')).status, 200);
  });

  it('shows the end of the log of a process that dies at start, and leaves nothing', async (t) => {
    const dir = stateDir(t);
    const etcd = await failure(startLocalCluster({ stateDir: dir, etcdArguments: ['--no-such-flag'] }), 'environment');
    assert.match(etcd, /etcd ended at start \(exit code \d+\); last lines of .*etcd\.log:\n.*no-such-flag/s);
    assertNothingLeft(dir);
    const apiServer = await failure(
      startLocalCluster({ stateDir: dir, apiServerArguments: ['--no-such-flag'] }),
      'environment',
    );
    assert.match(apiServer, /kube-apiserver ended at start .*kube-apiserver\.log:\n.*no-such-flag/s);
    assertNothingLeft(dir);
    assert.equal((await startLocalCluster({ stateDir: dir })).status, 'running');
  });

  it('keeps the data of earlier runs when a start fails', async (t) => {
    const dir = stateDir(t);
    const first = await startLocalCluster({ stateDir: dir });
    await ask(first, 'POST', CONFIG_MAPS, { body: configMap('kept') });
    await stopLocalCluster(dir);
    await failure(startLocalCluster({ stateDir: dir, apiServerArguments: ['--no-such-flag'] }), 'environment');
    assert.equal((await findLocalCluster(dir))?.status, 'stopped');
    const again = await startLocalCluster({ stateDir: dir });
    assert.equal((await ask(again, 'GET', `${CONFIG_MAPS}/kept`)).status, 200);
  });

  it('says what is not ready when it takes too long', async (t) => {
    const dir = stateDir(t);
    const message = await failure(startLocalCluster({ stateDir: dir, timeoutSeconds: 0.2 }), 'timeout');
    assert.match(message, /not ready \(.+\), timed out after 0\.2 s; last lines of .*kube-apiserver\.log/);
    assertNothingLeft(dir);
  });

  it('leaves nothing when it is aborted', async (t) => {
    const dir = stateDir(t);
    const abort = new AbortController();
    // The first thing told of kube-apiserver's health comes when both processes run.
    const listener = (event: TestbedEvent) => {
      if (event.type === 'progress' && IS_STARTING.test(event.detail ?? '')) abort.abort(new Error('enough'));
    };
    await assert.rejects(startLocalCluster({ stateDir: dir, listener, signal: abort.signal }), (error: Error) =>
      /enough|aborted/.test(error.message),
    );
    assertNothingLeft(dir);
    assert.equal((await startLocalCluster({ stateDir: dir })).status, 'running');
  });

  it('is picked up after the command that started it was killed half-way', async (t) => {
    const dir = stateDir(t);
    const program = `
      const { startLocalCluster } = require(${JSON.stringify(require.resolve('../../src/cluster/local/local-cluster'))});
      const listener = (event) => { if (${IS_STARTING}.test(event.detail ?? '')) process.kill(process.pid, 'SIGKILL'); };
      startLocalCluster({ stateDir: ${JSON.stringify(dir)}, listener });`;
    const [, signal] = (await once(spawn(process.execPath, ['-e', program], { stdio: 'inherit' }), 'exit')) as [
      null,
      string,
    ];
    assert.equal(signal, 'SIGKILL');
    const left = await findLocalCluster(dir);
    assert.equal(left?.processes.length, 2);
    assert.equal((await startLocalCluster({ stateDir: dir })).status, 'running');
    assert.equal(await stopLocalCluster(dir), true);
  });

  it('stops where nothing runs or ever ran, and deletes only what is its own', async (t) => {
    const dir = stateDir(t);
    assert.equal(await stopLocalCluster(dir, { delete: true }), false);
    assert.equal(existsSync(dir), false);
    await startLocalCluster({ stateDir: dir });
    writeFileSync(join(dir, 'notes.txt'), 'mine');
    assert.equal(await stopLocalCluster(dir, { delete: true }), true);
    assert.deepEqual(readdirSync(dir), ['notes.txt']);
    assert.equal(await stopLocalCluster(dir), false);
    rmSync(join(dir, 'notes.txt'));
    assert.equal(await stopLocalCluster(dir, { delete: true }), false);
    assert.equal(existsSync(dir), false);
  });

  it('refuses a disk without room for it, and a path through a file', { skip: withoutTmpfs }, async (t) => {
    const dir = join(tinyDisk(t, 20), 'state');
    const message = await failure(startLocalCluster({ stateDir: dir }), 'environment');
    assert.match(message, /has \d+ MiB free, and etcd needs 256 MiB/);
    assertNothingLeft(dir);
    writeFileSync(join(dir, 'file'), '');
    assert.match(
      await failure(startLocalCluster({ stateDir: join(dir, 'file', 'state') }), 'environment'),
      /a part of the path is a file/,
    );
  });

  it('survives a disk that fills up while it runs', { skip: withoutTmpfs }, async (t) => {
    const disk = tinyDisk(t, 700);
    const dir = join(disk, 'state');
    const ballast = join(disk, 'ballast');
    atEnd(t, () => stopLocalCluster(dir, { graceMs: 0 }));
    const first = await startLocalCluster({ stateDir: dir });
    assert.equal((await ask(first, 'POST', CONFIG_MAPS, { body: configMap('kept') })).status, 201);

    assert.throws(() => writeFileSync(ballast, Buffer.alloc(700 * 1024 ** 2)), /ENOSPC/);
    const filled = await until(
      async () => {
        const big = { ...configMap(`big-${process.hrtime.bigint()}`), data: { big: 'x'.repeat(900_000) } };
        const status = await ask(first, 'POST', CONFIG_MAPS, { body: big }).then(
          (answer) => answer.status,
          () => 0,
        );
        return status !== 201;
      },
      { deadlineMs: 120_000, everyMs: 0 },
    );
    assert.ok(filled, 'no write failed');
    await stopLocalCluster(dir, { graceMs: 1_000 });
    assert.match(
      await failure(startLocalCluster({ stateDir: dir }), 'environment'),
      /\d+ MiB free, and etcd needs|the disk is full/,
    );

    rmSync(ballast);
    const again = await startLocalCluster({ stateDir: dir });
    assert.equal((await ask(again, 'GET', `${CONFIG_MAPS}/kept`)).status, 200);
  });
});
