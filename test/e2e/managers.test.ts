/**
 * The managers of Cluster API beside the embedded control plane: the real ones of Cluster API itself, and the real CAPM3 and
 * IPAM where METAL3_TESTBED_CAPM3 and METAL3_TESTBED_IPAM name them, with programs in their place elsewhere.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ipAddressManagerSpec } from '../../lib/components/ip-address-manager/spec';
import { metal3ProviderSpec } from '../../lib/components/metal3-provider/spec';
import { ApiError } from '../../src/kubernetes/api-error';
import { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import { findClusterProcesses } from '../../src/managers/cluster-processes';
import { CATALOG } from '../../src/programs/catalog';
import { findProgram } from '../../src/programs/find';
import { until } from '../../src/util/until';
import { cli, type CliResult } from '../support/cli';
import { standInManager } from '../support/stand-in-manager';

const MANAGERS = ['cluster-api', 'ip-address-manager', 'kubeadm-bootstrap', 'kubeadm-control-plane', 'metal3-provider'];
const ALL = [...MANAGERS, 'workload-api'];
const CORE = '/apis/cluster.x-k8s.io';
const DEADLINE_MS = 60_000;
/** The programs may have to be built. */
const BUILD_MS = 1_500_000;

interface WebhookConfiguration {
  readonly webhooks: readonly { readonly clientConfig: { readonly url?: string } }[];
}

describe('Cluster API beside the embedded control plane', { timeout: BUILD_MS + 600_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-managers-'));
  const state = join(dir, 'state');
  const description = join(dir, 'testbed.yaml');
  const at = ['--state-dir', state];
  const env: Record<string, string> = {};
  let client: KubernetesClient;

  const succeeds = (result: CliResult): CliResult => {
    assert.equal(result.code, 0, result.stdout + result.stderr);
    return result;
  };
  const up = () => cli(['up', description, '--simulator', 'kwok', ...at], { env });
  const connect = async () => {
    await client?.close();
    client = new KubernetesClient(await readKubeconfig(join(state, 'kubeconfig')));
  };
  const pids = () => Object.fromEntries(findClusterProcesses(state).map(({ name, running }) => [name, running?.pid]));
  const isGone = (pid: number) =>
    !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  const kill = async (name: string) => {
    const pid = pids()[name] ?? assert.fail(`${name} does not run`);
    process.kill(pid, 'SIGKILL');
    assert.ok(await until(() => isGone(pid), { deadlineMs: DEADLINE_MS, everyMs: 5 }));
    return pid;
  };
  const post = (version: string, plural: string, name: string, spec: object) =>
    client.request<{ readonly spec: Record<string, unknown> }>(
      'POST',
      `${CORE}/${version}/namespaces/default/${plural}`,
      {
        body: { apiVersion: `cluster.x-k8s.io/${version}`, kind: KINDS[plural], metadata: { name }, spec },
        retryMs: 0,
      },
    );
  const deployment = (version: 'v1beta1' | 'v1beta2') => ({
    clusterName: 'c',
    replicas: 0,
    selector: { matchLabels: { a: 'b' } },
    template: {
      metadata: { labels: { a: 'b' } },
      spec: {
        clusterName: 'c',
        bootstrap: { dataSecretName: 'x' },
        infrastructureRef: {
          ...(version === 'v1beta1'
            ? { apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1' }
            : { apiGroup: 'infrastructure.cluster.x-k8s.io' }),
          ...{ kind: 'Metal3MachineTemplate', name: 'x' },
        },
      },
    },
  });
  const refusal = async (request: Promise<unknown>): Promise<ApiError> => {
    const error: unknown = await request.then(
      () => assert.fail('it was not refused'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof ApiError, String(error));
    return error;
  };

  before(async () => {
    writeFileSync(description, 'clusterApi: {}\nhostSets: []\n');
    for (const name of ['cluster-api-core', 'kubeadm-bootstrap', 'kubeadm-control-plane'] as const)
      env[CATALOG[name].variable] = (await findProgram(name)).file;
    for (const [name, spec] of [
      ['capm3', metal3ProviderSpec],
      ['ipam', ipAddressManagerSpec],
    ] as const) {
      const { variable } = CATALOG[name];
      env[variable] = process.env[variable] || standInManager(dir, spec);
    }
    succeeds(await up());
    await connect();
  });
  after(async () => {
    await client?.close();
    await cli(['down', '--delete', ...at], { env });
    rmSync(dir, { recursive: true, force: true });
  });

  it('has all managers and the API of workload clusters at work, each with its log, and clusterctl knows them', async () => {
    assert.deepEqual(Object.keys(pids()), ALL);
    assert.ok(Object.values(pids()).every((pid) => pid !== undefined));
    const { stdout } = succeeds(await cli(['status', '--json', ...at]));
    assert.deepEqual((JSON.parse(stdout) as { problems: unknown }).problems, []);
    for (const { name, running } of findClusterProcesses(state)) {
      assert.ok(existsSync(join(state, 'processes', name, `${name}.log`)), name);
      const metrics = await fetch(running?.metricsUrl ?? '');
      assert.equal(metrics.status, 200, `metrics of ${name}`);
    }
    const path = '/apis/clusterctl.cluster.x-k8s.io/v1alpha3/providers';
    const { items } = await client.request<{ items: { type: string; version: string }[] }>('GET', path);
    assert.deepEqual(items.map(({ type, version }) => `${type} ${version}`).sort(), [
      ...['BootstrapProvider v1.13.4', 'ControlPlaneProvider v1.13.4', 'CoreProvider v1.13.4'],
      ...['IPAMProvider v1.13.2', 'InfrastructureProvider v1.13.2'],
    ]);
  });

  it('keeps the key of the webhooks for its owner, and makes no pods, Services and Certificates of managers', async () => {
    assert.equal(statSync(join(state, 'pki', 'webhooks', 'tls.key')).mode & 0o777, 0o600);
    assert.equal(statSync(join(state, 'pki', 'webhooks')).mode & 0o777, 0o700);
    for (const path of ['/apis/apps/v1/deployments', '/api/v1/services', '/apis/cert-manager.io/v1/certificates']) {
      const { items } = await client.request<{ items: { metadata: { namespace: string } }[] }>('GET', path);
      const namespaces = items.map(({ metadata }) => metadata.namespace);
      assert.deepEqual(
        namespaces.filter((each) => /^(capi|capm3|metal3-ipam)-/.test(each)),
        [],
        path,
      );
    }
  });

  it('validates as in production', async () => {
    const infrastructureRef = { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'Metal3Cluster', name: 'c' };
    const network = (cidr: string) => ({ infrastructureRef, clusterNetwork: { pods: { cidrBlocks: [cidr] } } });
    const { status, message } = await refusal(post('v1beta2', 'clusters', 'bad', network('nonsense')));
    assert.equal(status, 422);
    assert.match(message, /cidrBlocks\[0\]: Invalid value: "nonsense"/);
    await post('v1beta2', 'clusters', 'good', network('192.168.0.0/16'));
  });

  it('fills in defaults as in production', async () => {
    const { spec } = await post('v1beta2', 'machinedeployments', 'defaulted', deployment('v1beta2'));
    assert.deepEqual(spec['rollout'], {
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
  });

  it('converts between versions as in production', async () => {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: 1 } };
    const path = (version: string) => `${CORE}/${version}/namespaces/default/machinedeployments/old`;
    await post('v1beta1', 'machinedeployments', 'old', { ...deployment('v1beta1'), strategy });
    const { spec } = await client.request<{ spec: Record<string, unknown> }>('GET', path('v1beta2'));
    assert.deepEqual(spec['rollout'], { strategy });
    const old = await client.request<{ spec: Record<string, unknown> }>('GET', path('v1beta1'));
    assert.deepEqual(old.spec['strategy'], strategy);
  });

  it('says which manager does not run and why, refuses what it would check, and up brings it back alone', async () => {
    const before = pids();
    await kill('cluster-api');
    const { stdout } = succeeds(await cli(['status', '--json', ...at]));
    const { problems } = JSON.parse(stdout) as { problems: readonly string[] };
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(
      problems[0] ?? '',
      /^clusters do not change: cluster-api has exited .* the end of its log .*run 'metal3-testbed up'$/s,
    );
    const { status, message } = await refusal(
      post('v1beta2', 'machinedeployments', 'meanwhile', deployment('v1beta2')),
    );
    assert.equal(status, 500);
    assert.match(message, /failed calling webhook/);
    succeeds(await up());
    await post('v1beta2', 'machinedeployments', 'meanwhile', deployment('v1beta2'));
    const { 'cluster-api': other, ...others } = pids();
    const { 'cluster-api': killed, ...same } = before;
    assert.notEqual(other, killed);
    assert.deepEqual(others, same);
  });

  it('comes back after all of it was killed, on the same addresses', async () => {
    const portsOf = () => readFileSync(join(state, 'processes', 'ports.json'), 'utf8');
    const ports = portsOf();
    for (const name of ALL) await kill(name);
    succeeds(await up());
    assert.ok(Object.values(pids()).every((pid) => pid !== undefined));
    assert.equal(portsOf(), ports);
    await post('v1beta1', 'machinedeployments', 'later', deployment('v1beta1'));
  });

  it('goes on from its data after down, and elsewhere where a port has been taken', async (t) => {
    succeeds(await cli(['down', ...at]));
    assert.ok(
      Object.values(pids()).every((pid) => pid === undefined),
      JSON.stringify(pids()),
    );
    const file = join(state, 'processes', 'ports.json');
    const ports = () => JSON.parse(readFileSync(file, 'utf8')) as Record<string, { webhook: number }>;
    const taken = ports()['cluster-api']?.webhook ?? 0;
    // On one address alone, as somebody else's server may.
    const server = createServer().listen(taken, '127.0.0.3');
    await once(server, 'listening');
    t.after(() => server.close());
    succeeds(await up());
    await connect();
    const now = ports()['cluster-api']?.webhook ?? 0;
    assert.notEqual(now, taken);
    const { webhooks } = await client.request<WebhookConfiguration>(
      'GET',
      '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/capi-validating-webhook-configuration',
    );
    for (const { clientConfig } of webhooks)
      assert.ok(clientConfig.url?.startsWith(`https://127.0.0.1:${now}/`), clientConfig.url);
    await post('v1beta2', 'machinedeployments', 'moved', deployment('v1beta2'));
    const { items } = await client.request<{ items: readonly unknown[] }>('GET', `${CORE}/v1beta1/machinedeployments`);
    assert.equal(items.length, 5);
  });

  it('changes nothing where all is as described', async () => {
    const before = pids();
    const { stderr } = succeeds(await up());
    assert.doesNotMatch(stderr, /\d+ (added|changed|updated)/);
    assert.deepEqual(pids(), before);
  });

  it('refuses a description that leaves out one of its managers, and goes on', async () => {
    const other = join(dir, 'other.yaml');
    writeFileSync(other, 'clusterApi: { without: [ipAddressManager] }\nhostSets: []\n');
    const before = pids();
    const { code, stderr } = await cli(['up', other, ...at], { env });
    assert.equal(code, 2, stderr);
    assert.match(stderr, /the testbed has ip-address-manager, which the description leaves out/);
    assert.deepEqual(pids(), before);
  });

  it('is ended by down, and nothing is left', async () => {
    succeeds(await cli(['down', '--delete', ...at]));
    assert.equal(existsSync(state), false);
    assert.deepEqual(workingIn(state), []);
  });
});

const KINDS: Readonly<Record<string, string>> = { clusters: 'Cluster', machinedeployments: 'MachineDeployment' };

/** Processes whose folder is in another, by what the kernel says; none where it does not tell. */
function workingIn(folder: string): readonly string[] {
  if (!existsSync('/proc/self')) return [];
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      return readlinkSync(`/proc/${entry}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
}
