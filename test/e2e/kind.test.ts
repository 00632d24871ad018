import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import {
  deleteKindCluster,
  findKindCluster,
  loadImages,
  startKindCluster,
  type KindCluster,
} from '../../src/cluster/kind/kind-cluster';
import { readyPods } from '../../src/install/workloads';
import { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import { portForward } from '../../src/kubernetes/port-forward';
import { metricValue } from '../../src/report/metrics';
import type { Report } from '../../src/report/report';
import { until } from '../../src/util/until';
import { cli, runProgram, type CliResult } from '../support/cli';
import { whyNoKind } from '../support/kind';

const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-kind-'));
/** Of this run alone: another may be under way on the same engine. */
const prefix = `m3t-${process.pid}`;
const nodeImage = process.env['METAL3_TESTBED_NODE_IMAGE'];
const images = process.env['METAL3_TESTBED_TEST_IMAGES']?.split(',').filter((image) => image !== '') ?? [];

function succeeds(result: CliResult): CliResult {
  assert.equal(result.code, 0, result.stderr);
  return result;
}

async function containersOf(cluster: string): Promise<string> {
  const filter = `label=io.x-k8s.kind.cluster=${cluster}`;
  return succeeds(await runProgram('docker', ['ps', '--all', '--quiet', '--filter', filter])).stdout.trim();
}

describe('a testbed on a real kind cluster', { timeout: 1_800_000 }, async () => {
  const skip = (await whyNoKind(nodeImage)) ?? false;
  const skipWithoutImages =
    skip || (images.length === 0 && 'METAL3_TESTBED_TEST_IMAGES names no images of cert-manager and the operator');
  after(() => rmSync(dir, { recursive: true, force: true }));

  describe('that is started and stopped by itself', { skip }, () => {
    const [stateDir, name] = [join(dir, 'cluster'), `${prefix}-a`];
    const props = { stateDir, name, nodeImage };
    let created: KindCluster;
    let client: KubernetesClient;
    let coreDns: string;
    before(async () => {
      created = await startKindCluster({ ...props, registryMirrors: { 'quay.io': ['http://192.0.2.1:5000'] } });
      client = new KubernetesClient(await readKubeconfig(created.kubeconfig));
      const isReady = async () => (await readyPods(client, { namespace: 'kube-system', name: 'coredns' })).length > 0;
      assert.ok(await until(isReady, { deadlineMs: 120_000, everyMs: 250 }), 'CoreDNS is ready');
      [coreDns = ''] = await readyPods(client, { namespace: 'kube-system', name: 'coredns' });
    });
    after(async () => {
      await client?.close();
      await deleteKindCluster(stateDir);
    });

    it('runs once it is started', () => {
      assert.equal(created.status, 'running');
    });

    it('lets nobody else read its kubeconfig', () => {
      assert.equal(statSync(created.kubeconfig).mode & 0o777, 0o600);
    });

    it('has ports of pods reached through the API server', async () => {
      const forwarded = await portForward(client, { namespace: 'kube-system', name: coreDns, port: 9153 });
      forwarded.write('GET /metrics HTTP/1.0\r\n\r\n');
      assert.match(await text(forwarded), /^HTTP\/1\.0 200 OK[^]*coredns_build_info/);
    });

    it('says which pod is not there', async () => {
      await assert.rejects(
        portForward(client, { namespace: 'kube-system', name: 'none', port: 1 }),
        /cannot open a WebSocket for .*pods\/none\/portforward: \w/,
      );
    });

    it('says which port of a pod nobody listens at', async () => {
      const nobody = await portForward(client, { namespace: 'kube-system', name: coreDns, port: 1 });
      await assert.rejects(text(nobody), /port 1 of pod kube-system\/coredns-.* cannot be reached: .*refused/);
    });

    it('has mirrors of registries where containerd looks for them', async () => {
      const mirrors = await runProgram('docker', [
        ...['exec', `${name}-control-plane`, 'sh', '-c'],
        'grep config_path /etc/containerd/config.toml && cat /etc/containerd/certs.d/quay.io/hosts.toml',
      ]);
      assert.match(succeeds(mirrors).stdout, /config_path = "\/etc\/containerd\/certs\.d"[^]*192\.0\.2\.1:5000/);
    });

    it('is found stopped, as after a restart of the machine', async () => {
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kept' } };
      await client.request('POST', '/api/v1/namespaces', { body });
      succeeds(await runProgram('docker', ['stop', `${name}-control-plane`]));
      assert.equal((await findKindCluster(stateDir))?.status, 'stopped');
    });

    it('has what was on it when it is started again', async (t) => {
      const found = await startKindCluster(props);
      assert.equal(found.status, 'running');
      const again = new KubernetesClient(await readKubeconfig(found.kubeconfig));
      t.after(() => again.close());
      await again.request('GET', '/api/v1/namespaces/kept');
    });

    it('leaves neither containers nor files when it is deleted', async () => {
      assert.equal(await deleteKindCluster(stateDir), name);
      assert.equal(await containersOf(name), '');
      assert.equal(existsSync(stateDir), false);
    });
  });

  describe('with kwok beside it', { skip }, () => {
    const [stateDir, name] = [join(dir, 'kwok'), `${prefix}-b`];
    const up = ['up', '--cluster', 'kind', '--name', name, '--simulator', 'kwok', '--state-dir', stateDir];
    after(() => cli(['down', '--state-dir', stateDir]));

    it('brings the platform on, and 10 hosts to available', async () => {
      const { stdout } = succeeds(await cli(up, { cwd: dir }));
      assert.match(stdout, /10 hosts: 10 available, in [\d.]+ s\nsimulated by kwok v0/);
    });

    it('tells its status as JSON', async () => {
      const json = succeeds(await cli(['status', '--json', '--state-dir', stateDir])).stdout;
      const { builds, ...told } = JSON.parse(json) as { readonly builds: readonly { readonly name: string }[] };
      assert.deepEqual(told, {
        hosts: 10,
        states: { available: 10 },
        kinds: { BareMetalHost: { objects: 10, states: { available: 10 }, totals: {} } },
        simulator: 'kwok',
        kubeconfig: join(stateDir, 'kubeconfig'),
        problems: [],
      });
      assert.deepEqual(
        builds.map(({ name }) => name),
        ['kwok'],
      );
    });

    it('has more hosts where it is told so later', async () => {
      succeeds(await cli([...up, '--hosts', '12'], { cwd: dir }));
      succeeds(await cli(['wait', '--for', 'available', '--count', '12', '--timeout', '60', '--state-dir', stateDir]));
    });

    it('is not taken for a testbed on this machine', async () => {
      const other = await cli(['up', '--state-dir', stateDir], { cwd: dir });
      assert.equal(other.code, 2);
      assert.match(other.stderr, /holds a testbed with --cluster kind, not local/);
    });

    it('leaves neither containers nor files when it is taken down', async () => {
      assert.match(succeeds(await cli(['down', '--state-dir', stateDir])).stdout, /deleted the testbed/);
      assert.equal(await containersOf(name), '');
      assert.equal(existsSync(stateDir), false);
    });
  });

  describe('of somebody else', { skip }, () => {
    const [owner, stateDir, name] = [join(dir, 'owner'), join(dir, 'guest'), `${prefix}-c`];
    const existing = ['up', '--cluster', 'existing', '--simulator', 'kwok', '--state-dir', stateDir];
    let kubeconfig: string;
    let client: KubernetesClient;
    let earlier: readonly string[];
    let named: readonly string[];
    before(async () => {
      ({ kubeconfig } = await startKindCluster({ stateDir: owner, name, nodeImage }));
      client = new KubernetesClient(await readKubeconfig(kubeconfig));
      const theirs = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'theirs' }, stringData: { a: 'b' } };
      await client.request('POST', '/api/v1/namespaces/default/secrets', { body: theirs });
      earlier = await namesOf(client);
      named = [...existing, '--kubeconfig', kubeconfig, '--context', `kind-${name}`];
    });
    after(async () => {
      await cli(['down', '--state-dir', stateDir]);
      await client?.close();
      await deleteKindCluster(owner);
    });

    it('is not touched where it is not named', async () => {
      const unnamed = await cli(existing, { cwd: dir, env: { KUBECONFIG: kubeconfig } });
      assert.equal(unnamed.code, 2, unnamed.stderr);
      assert.deepEqual(await namesOf(client), earlier);
    });

    it('is not touched where another one is confirmed', async () => {
      const wrong = await cli([...named, '--yes-this-cluster', 'another'], { cwd: dir });
      assert.equal(wrong.code, 2, wrong.stderr);
      assert.deepEqual(await namesOf(client), earlier);
    });

    it('is remembered by its context once the testbed is on it', async () => {
      succeeds(await cli(named, { cwd: dir }));
      assert.notDeepEqual(await namesOf(client), earlier);
      assert.match(readFileSync(join(stateDir, 'testbed.json'), 'utf8'), new RegExp(`"context": "kind-${name}"`));
    });

    it('has all taken off that the testbed put there, and nothing else', async () => {
      const down = succeeds(await cli(['down', '--state-dir', stateDir]));
      assert.doesNotMatch(down.stderr, /warning/);
      assert.deepEqual(await namesOf(client), earlier);
      assert.equal(existsSync(stateDir), false);
    });

    it('has it taken off also where what simulated the hosts is gone, and nobody takes their finalizers off', async () => {
      succeeds(await cli(named, { cwd: dir }));
      const file = join(stateDir, 'simulators', '1', 'simulator.pid');
      const { pid } = JSON.parse(readFileSync(file, 'utf8')) as { pid: number };
      process.kill(pid, 'SIGKILL');
      const alone = succeeds(await cli(['down', '--state-dir', stateDir]));
      assert.match(alone.stderr, /kwok has exited unexpectedly[^]*removes the finalizers of 10 objects itself/);
      assert.deepEqual(await namesOf(client), earlier);
    });

    it('is refused where hosts of others are on it, whatever is confirmed', async () => {
      succeeds(await cli(named, { cwd: dir }));
      const host = {
        apiVersion: 'metal3.io/v1alpha1',
        kind: 'BareMetalHost',
        metadata: { name: 'real' },
        spec: { online: true },
      };
      await client.request('POST', '/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts', { body: host });
      const refused = await cli([...named, '--yes-this-cluster', `kind-${name}`], { cwd: dir });
      assert.equal(refused.code, 2, refused.stderr);
      assert.match(refused.stderr, /1 BareMetalHosts that this testbed did not make \(default\/real\)/);
    });

    it('keeps hosts of others and their CRD when the testbed is taken down', async () => {
      const kept = succeeds(await cli(['down', '--state-dir', stateDir]));
      assert.match(kept.stderr, /baremetalhosts\.metal3\.io was kept: there are 1 baremetalhosts of others/);
      await client.request('GET', '/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts/real');
    });
  });

  describe('with the whole install', { skip: skipWithoutImages }, () => {
    const [stateDir, name, report] = [join(dir, 'whole'), `${prefix}-d`, join(dir, 'report.json')];
    const operator = { namespace: 'baremetal-operator-system', name: 'baremetal-operator-controller-manager' };
    let up: CliResult;
    let client: KubernetesClient;
    before(async () => {
      const load = images.flatMap((image) => ['--load-image', image]);
      const args = ['up', '--cluster', 'kind', '--name', name, '--state-dir', stateDir, ...load];
      up = succeeds(await cli(args, { cwd: dir }));
      client = new KubernetesClient(await readKubeconfig(join(stateDir, 'kubeconfig')));
    });
    after(async () => {
      await client?.close();
      await cli(['down', '--state-dir', stateDir]);
    });

    it('waits for each part in order', () => {
      const done = [...up.stderr.matchAll(/^(.*): done in/gm)].map(([, task]) => task);
      const waits = [
        ...['nodes ready', 'CRDs established', 'cert-manager available', 'CA of cert-manager', 'Issuer accepted'],
        ...['Certificate ready', 'caBundle injected', 'operator available', 'host accepted'],
      ];
      assert.deepEqual(
        done.filter((task) => waits.includes(task ?? '')),
        waits,
      );
    });

    it('brings 10 hosts to available by the operator itself', () => {
      assert.match(
        up.stdout,
        /10 hosts: 10 available, in [\d.]+ s\nsimulated by the Bare Metal Operator v0\.\d+\.\d+\S* in test mode/,
      );
    });

    it('has hosts checked by the webhook of the operator, which refuses another MAC', async () => {
      await assert.rejects(
        client.request('PATCH', '/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts/worker-1', {
          contentType: 'application/merge-patch+json',
          body: { spec: { bootMACAddress: '00:00:5e:00:53:99' } },
        }),
        /admission webhook .*denied the request/,
      );
    });

    it('has no problems', async () => {
      assert.doesNotMatch(succeeds(await cli(['status', '--state-dir', stateDir])).stderr, /warning/);
    });

    it('runs a scenario in which the operator is killed as its pod', async () => {
      const earlier = await readyPods(client, operator);
      const file = join(dir, 'scenario.yaml');
      writeFileSync(file, 'scenario: { steps: [enroll: {}, killOperator: {}, provision: {}] }\n');
      const named = ['--cluster', 'kind', '--name', name, '--state-dir', stateDir, '--report', report];
      const ran = succeeds(await cli(['run', file, ...named], { cwd: dir }));
      assert.doesNotMatch(ran.stderr, /warning/);
      const later = await readyPods(client, operator);
      assert.equal(later.length, 1);
      assert.notDeepEqual(later, earlier);
      const { steps } = JSON.parse(readFileSync(report, 'utf8')) as Report;
      assert.deepEqual(
        steps.map((step) => [step.kind, step.done]),
        [
          ['enroll', 10],
          ['killOperator', 0],
          ['provision', 10],
        ],
      );
    });

    it('reads the metrics of the operator through the API server', () => {
      const measured = JSON.parse(readFileSync(report, 'utf8')) as Report;
      const memory = metricValue(measured, 'operator_memory_bytes_max', { operator: operator.namespace }) ?? 0;
      assert.ok(memory > 10_000_000, `${memory} bytes`);
      const written = metricValue(measured, 'operator_requests', { operator: operator.namespace, code: '200' }) ?? 0;
      assert.ok(written > 10 * 4, `${written} requests`);
    });

    it('leaves neither containers nor files when it is taken down', async () => {
      succeeds(await cli(['down', '--state-dir', stateDir]));
      assert.equal(await containersOf(name), '');
      assert.equal(existsSync(stateDir), false);
    });
  });

  describe('of somebody else, with the whole install', { skip: skipWithoutImages }, () => {
    const [owner, stateDir, name] = [join(dir, 'owner-2'), join(dir, 'guest-2'), `${prefix}-f`];
    let client: KubernetesClient;
    let earlier: readonly string[];
    before(async () => {
      const { kubeconfig } = await startKindCluster({ stateDir: owner, name, nodeImage });
      await loadImages(owner, images);
      client = new KubernetesClient(await readKubeconfig(kubeconfig));
      earlier = await namesOf(client);
      const named = ['--cluster', 'existing', '--kubeconfig', kubeconfig, '--context', `kind-${name}`];
      succeeds(await cli(['up', ...named, '--state-dir', stateDir], { cwd: dir }));
    });
    after(async () => {
      await cli(['down', '--state-dir', stateDir]);
      await client?.close();
      await deleteKindCluster(owner);
    });

    it('has the hosts taken off first, by the operator itself, and then all the rest', async () => {
      assert.ok((await namesOf(client)).some((each) => each.includes('/leases kube-system/cert-manager-controller')));
      const down = succeeds(await cli(['down', '--state-dir', stateDir]));
      assert.match(down.stderr, /^hosts deleted: done in/m);
      assert.doesNotMatch(down.stderr, /warning/);
      assert.deepEqual(await namesOf(client), earlier);
      assert.equal(existsSync(stateDir), false);
    });
  });

  it('says which pod is not there and why, where an image cannot be pulled', { skip }, async (t) => {
    const [stateDir, name, file] = [join(dir, 'no-image'), `${prefix}-e`, join(dir, 'no-image.yaml')];
    writeFileSync(file, 'certManager: { imageRegistry: registry.invalid, imagePullPolicy: Never }\n');
    t.after(() => cli(['down', '--state-dir', stateDir]));
    const up = ['up', file, '--cluster', 'kind', '--name', name, '--state-dir', stateDir, '--install-timeout', '20'];
    const late = await cli(up, { cwd: dir });
    assert.equal(late.code, 4, late.stderr);
    assert.match(
      late.stderr,
      /error: cert-manager available: timed out after 20 s; missing: Deployment cert-manager\/cert-manager.*: pod cert-manager.* container cert-manager-.*: ErrImageNeverPull/,
    );
  });
});

/** Every object that a testbed could have made or left, by kind and name. */
async function namesOf(client: KubernetesClient): Promise<string[]> {
  const found: string[] = [];
  for (const path of [
    '/api/v1/namespaces',
    '/api/v1/secrets',
    '/api/v1/serviceaccounts',
    '/api/v1/services',
    '/apis/coordination.k8s.io/v1/leases',
    '/apis/apps/v1/deployments',
    '/apis/rbac.authorization.k8s.io/v1/roles',
    '/apis/rbac.authorization.k8s.io/v1/rolebindings',
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  ]) {
    const { items } = await client.request<{ items: { metadata: { name: string; namespace?: string } }[] }>(
      'GET',
      path,
    );
    for (const { metadata } of items) {
      const name = `${metadata.namespace ?? ''}/${metadata.name}`;
      if (!isOfKubernetes(path, name)) found.push(`${path} ${name}`);
    }
  }
  return found.sort();
}

/** What a young cluster goes on making by itself. */
function isOfKubernetes(path: string, name: string): boolean {
  if (path.endsWith('/serviceaccounts')) return name.startsWith('kube-') || name.endsWith('/default');
  return path.endsWith('/leases') && !/cert-manager|baremetal/.test(name);
}
