/**
 * Hosts that live, on a real etcd and kube-apiserver: simulated by kwok; and, where METAL3_TESTBED_BMO names its binary, by
 * the Bare Metal Operator v0.13 in test mode, of which the same is expected.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { operatorArguments } from '../../lib/components/baremetal-operator';
import { failsIn } from '../../lib/kinds/bare-metal-host/stages/failures';
import { hostStages, type HostStagesProps } from '../../lib/kinds/bare-metal-host/stages/host-stages';
import { Applier } from '../../src/apply/apply';
import { startLocalCluster, stopLocalCluster } from '../../src/cluster/local/local-cluster';
import { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import { withoutPods } from '../../src/install/without-pods';
import { resolveTestbed } from '../../lib/testbed/resolve';
import { allObjects, installationOf } from '../../src/install/installation';
import { findProgram } from '../../src/programs/find';
import { kwokSimulator } from '../../src/simulators/kwok';
import { bmoSimulator } from '../../src/simulators/bmo';
import { operatorForm } from '../../lib/components/baremetal-operator/process';
import { startProcess, stopProcess } from '../../src/simulators/background-process';
import { quickStages } from '../support/quick-stages';
import { HostLog, type Host } from '../support/host-log';

const bmo = process.env.METAL3_TESTBED_BMO;
const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-simulator-'));
const clusterDir = join(dir, 'cluster');
const stateDir = join(dir, 'simulator');
const image = {
  url: 'http://images/os.qcow2',
  checksum: 'http://images/os.qcow2.sha256',
  checksumType: 'sha256',
  format: 'qcow2',
};

let kubeconfig = '';
let client: KubernetesClient;
let kwok = '';

before(async () => {
  const cluster = await startLocalCluster({ stateDir: clusterDir });
  kubeconfig = cluster.connection.kubeconfig;
  client = new KubernetesClient(await readKubeconfig(kubeconfig));
  await new Applier(client).applyAll(withoutPods(allObjects(installationOf(resolveTestbed({ hostSets: [] })))), {
    task: 'platform',
  });
  kwok = (await findProgram('kwok')).file;
});

after(async () => {
  await client.close();
  await stopProcess(stateDir);
  await stopLocalCluster(clusterDir, { delete: true });
  rmSync(dir, { recursive: true, force: true });
});

async function simulate(props: HostStagesProps): Promise<void> {
  await startProcess({ ...kwokSimulator(hostStages(props)), kubeconfig, stateDir, program: kwok });
}

let namespaces = 0;

/** A namespace of a test's own and what happens to the hosts in it. */
async function inNamespace(action: (hosts: HostLog) => Promise<void>): Promise<void> {
  const namespace = `hosts-${++namespaces}`;
  await client.request('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } });
  const hosts = new HostLog(client, namespace);
  try {
    await action(hosts);
  } finally {
    await hosts.close();
  }
}

function host(name: string, options: { spec?: object; annotations?: Record<string, string> } = {}) {
  const index = Number(/\d+$/.exec(name)?.[0] ?? 0);
  return {
    apiVersion: 'metal3.io/v1alpha1',
    kind: 'BareMetalHost',
    metadata: { name, ...(options.annotations ? { annotations: options.annotations } : {}) },
    spec: {
      online: true,
      bootMACAddress: `00:60:2f:00:00:${index.toString(16).padStart(2, '0')}`,
      bmc: { address: `libvirt://192.168.122.${index}:6233/`, credentialsName: `${name}-bmc-secret` } as
        { readonly credentialsName: string } | undefined,
      ...options.spec,
    },
  };
}

/** A host with the Secret that it names. */
async function enroll(hosts: HostLog, one: ReturnType<typeof host>): Promise<void> {
  const name = one.spec.bmc?.credentialsName;
  if (name) await giveSecret(hosts.namespace, name);
  await hosts.create(one);
}

async function giveSecret(namespace: string, name: string): Promise<void> {
  await client.request('POST', `/api/v1/namespaces/${namespace}/secrets`, {
    body: { metadata: { name }, stringData: { username: 'admin', password: 'password' } },
  });
}

const isAvailable = (each: Host) => each.state === 'available' && each.status?.poweredOn === true;

/** What both simulators do with a fleet, from its first host to its last. */
async function walk(hosts: HostLog, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `worker-${index + 1}`);
  for (const name of names) {
    await enroll(hosts, host(name));
  }
  await hosts.all(names, isAvailable);
  const toAvailable = ['registering', 'inspecting', 'preparing', 'available'];
  for (const name of names) assert.deepEqual(hosts.statesOf(name), toAvailable, name);

  const [one] = names;
  assert.ok(one);
  const { status, metadata, spec } = hosts.get(one);
  assert.deepEqual(metadata.finalizers, ['baremetalhost.metal3.io']);
  assert.equal(spec.architecture, 'x86_64');
  assert.equal(status?.operationalStatus, 'OK');
  assert.equal(status?.errorCount, 0);
  assert.equal(status?.hardwareProfile, 'libvirt');
  assert.equal(status?.hardware?.ramMebibytes, 131_072);
  assert.deepEqual(status?.provisioning?.rootDeviceHints, { deviceName: '/dev/vda' });
  assert.deepEqual(status?.provisioning?.image, { url: '' });
  assert.equal(status?.provisioning?.bootMode, 'UEFI');
  assert.equal(status?.goodCredentials?.credentials?.name, `${one}-bmc-secret`);
  for (const operation of ['register', 'inspect']) {
    const { start, end } = status?.operationHistory?.[operation] ?? {};
    assert.ok(start && end && start <= end, `${operation}: ${start} to ${end}`);
  }
  assert.deepEqual(
    status?.conditions?.map(({ type, status: is, reason }) => [type, is, reason]),
    [
      ['Ready', 'False', 'NotProvisioned'],
      ['AvailableForProvisioning', 'True', 'Available'],
      ['Healthy', 'Unknown', 'Unknown'],
      ['Manageable', 'True', 'Manageable'],
      ['Progressing', 'False', 'NotProgressing'],
      ['Provisioned', 'False', 'NotProvisioned'],
    ],
  );

  for (const name of names) await hosts.patch(name, { spec: { image } });
  await hosts.all(names, ({ state }) => state === 'provisioned');
  const toProvisioned = [...toAvailable, 'provisioning', 'provisioned'];
  for (const name of names) {
    assert.deepEqual(hosts.statesOf(name), toProvisioned, name);
    assert.deepEqual(hosts.get(name).status?.provisioning?.image, image);
  }
  assert.deepEqual(hosts.get(one).status?.conditions?.find(({ type }) => type === 'Ready')?.status, 'True');

  for (const name of names) await hosts.patch(name, { spec: { online: false } });
  await hosts.all(names, (each) => each.status?.poweredOn === false);
  for (const name of names) await hosts.patch(name, { spec: { online: true } });
  await hosts.all(names, (each) => each.status?.poweredOn === true);

  for (const name of names) await hosts.patch(name, { spec: { image: null } });
  await hosts.all(names, isAvailable);
  const toDeprovisioned = [...toProvisioned, 'deprovisioning', 'available'];
  for (const name of names) {
    assert.deepEqual(hosts.statesOf(name), toDeprovisioned, name);
    assert.deepEqual(hosts.get(name).status?.provisioning?.image, { url: '' });
  }

  for (const name of names) await hosts.delete(name);
  await hosts.gone(names);
  for (const name of names)
    assert.deepEqual(hosts.statesOf(name), [...toDeprovisioned, 'powering off before delete', 'deleting'], name);
  assert.deepEqual(await hosts.list(), []);
}

describe('hosts simulated by kwok', { timeout: 600_000 }, () => {
  before(() => simulate(quickStages));

  it('go from registering to available, are provisioned, switched, deprovisioned and deleted, state by state', () =>
    inNamespace((hosts) => walk(hosts, 20)));

  it('rest while they are paused, and are deprovisioned before they go', () =>
    inNamespace(async (hosts) => {
      await enroll(hosts, host('paused', { annotations: { 'baremetalhost.metal3.io/paused': '' } }));
      await enroll(hosts, host('worker-1', { spec: { image } }));
      await hosts.all(['worker-1'], ({ state }) => state === 'provisioned');
      assert.deepEqual(hosts.statesOf('paused'), []);
      await hosts.patch('paused', { metadata: { annotations: { 'baremetalhost.metal3.io/paused': null } } });
      await hosts.all(['paused'], isAvailable);
      await hosts.delete('worker-1');
      await hosts.gone(['worker-1']);
      assert.deepEqual(hosts.statesOf('worker-1').slice(-4), [
        'provisioned',
        'deprovisioning',
        'powering off before delete',
        'deleting',
      ]);
    }));

  it('are out of reach while they are detached, and left as they are if deleted then', () =>
    inNamespace(async (hosts) => {
      const names = ['worker-1', 'worker-2', 'worker-3', 'worker-4'];
      const detached = 'baremetalhost.metal3.io/detached';
      for (const name of names) await enroll(hosts, host(name));
      await hosts.all(names, isAvailable);
      await hosts.patch('worker-1', { metadata: { annotations: { [detached]: '' } } });
      await hosts.patch('worker-2', { metadata: { annotations: { [detached]: '' } } });
      await hosts.patch('worker-3', { metadata: { annotations: { [detached]: '{"deleteAction":"delay"}' } } });
      await hosts.all(names.slice(0, 3), (each) => each.status?.operationalStatus === 'detached');
      assert.deepEqual(
        hosts.get('worker-1').status?.conditions?.find(({ type }) => type === 'Ready')?.reason,
        'Detached',
      );
      for (const name of names) await hosts.patch(name, { spec: { online: false } });
      await hosts.delete('worker-3');
      await hosts.delete('worker-2');
      await hosts.gone(['worker-2']);
      assert.equal(hosts.statesOf('worker-2').at(-1), 'deleting');
      assert.ok(!hosts.statesOf('worker-2').includes('powering off before delete'));
      await hosts.all(['worker-4'], (each) => each.status?.poweredOn === false);
      assert.equal(hosts.get('worker-1').status?.poweredOn, true);
      assert.equal(hosts.get('worker-3').state, 'available');
      for (const name of ['worker-1', 'worker-3'])
        await hosts.patch(name, { metadata: { annotations: { [detached]: null } } });
      await hosts.all(
        ['worker-1'],
        (each) => each.status?.poweredOn === false && each.status.operationalStatus === 'OK',
      );
      await hosts.gone(['worker-3']);
    }));

  it('come to other ends: externally provisioned, not inspected, unmanaged, refused', () =>
    inNamespace(async (hosts) => {
      const incomplete = { address: 'redfish+http://192.168.122.1/redfish/v1/Systems/1', credentialsName: '' };
      await enroll(hosts, host('external', { spec: { externallyProvisioned: true } }));
      await enroll(
        hosts,
        host('uninspected', {
          spec: { inspectionMode: 'disabled', rootDeviceHints: { deviceName: '/dev/sdb', minSizeGigabytes: 5 } },
        }),
      );
      await enroll(hosts, host('unmanaged', { spec: { bmc: undefined } }));
      await enroll(hosts, host('refused', { spec: { bmc: incomplete } }));
      await hosts.all(
        ['external'],
        ({ state, status }) => state === 'externally provisioned' && status?.poweredOn === true,
      );
      assert.deepEqual(hosts.statesOf('external'), ['registering', 'externally provisioned']);
      await hosts.all(['uninspected'], isAvailable);
      assert.deepEqual(hosts.statesOf('uninspected'), ['registering', 'preparing', 'available']);
      assert.equal(hosts.get('uninspected').status?.hardware, undefined);
      assert.deepEqual(hosts.get('uninspected').status?.provisioning?.rootDeviceHints, {
        deviceName: '/dev/sdb',
        minSizeGigabytes: 5,
      });
      await hosts.all(
        ['unmanaged'],
        ({ state, status }) => state === 'unmanaged' && status?.operationalStatus === 'discovered',
      );
      await hosts.all(['refused'], ({ status }) => status?.errorType === 'registration error');

      const bmc = { address: 'redfish+http://192.168.122.1/redfish/v1/Systems/1', credentialsName: 'secret' };
      await giveSecret(hosts.namespace, 'secret');
      for (const name of ['unmanaged', 'refused']) await hosts.patch(name, { spec: { bmc } });
      await hosts.patch('external', { spec: { externallyProvisioned: false } });
      await hosts.patch('uninspected', {
        spec: { rootDeviceHints: { deviceName: '/dev/sdc', minSizeGigabytes: null } },
      });
      await hosts.all(['unmanaged', 'refused', 'external'], isAvailable);
      assert.equal(hosts.get('refused').status?.errorType, undefined);
      assert.equal(hosts.get('refused').status?.hardwareProfile, 'unknown');
      assert.deepEqual(hosts.statesOf('external').slice(1), [
        'externally provisioned',
        'inspecting',
        'preparing',
        'available',
      ]);
      await hosts.all(
        ['uninspected'],
        ({ status }) => status?.provisioning?.rootDeviceHints?.deviceName === '/dev/sdc',
      );
      assert.deepEqual(hosts.get('uninspected').status?.provisioning?.rootDeviceHints, { deviceName: '/dev/sdc' });
    }));

  it('answer requests: to reboot, to be inspected or prepared again, to be deployed another way', () =>
    inNamespace(async (hosts) => {
      const names = ['worker-1', 'worker-2', 'worker-3'];
      await enroll(hosts, host('worker-1', { spec: { image } }));
      await enroll(hosts, host('worker-2'));
      await enroll(hosts, host('worker-3', { spec: { customDeploy: { method: 'mine' } } }));
      await hosts.all(names, ({ status }) => status?.poweredOn === true);
      await hosts.all(
        ['worker-1', 'worker-3'],
        ({ state, status }) => state === 'provisioned' && status?.poweredOn === true,
      );
      assert.deepEqual(hosts.get('worker-3').status?.provisioning?.customDeploy, { method: 'mine' });

      await hosts.patch('worker-1', { metadata: { annotations: { 'reboot.metal3.io': '' } } });
      await hosts.all(
        ['worker-1'],
        ({ metadata, status }) =>
          metadata.annotations?.['reboot.metal3.io'] === undefined && status?.poweredOn === true,
      );
      assert.ok(
        hosts
          .historyOf('worker-1')
          .some(
            ({ state, status }) =>
              state === 'provisioned' && status?.poweredOn === false && status.provisioning?.image?.url === image.url,
          ),
      );

      await hosts.patch('worker-2', { metadata: { annotations: { 'inspect.metal3.io': '' } } });
      await hosts.all(
        ['worker-2'],
        ({ metadata, state }) => metadata.annotations?.['inspect.metal3.io'] === undefined && state === 'available',
      );
      assert.deepEqual(hosts.statesOf('worker-2').slice(4), ['inspecting', 'preparing', 'available']);

      await hosts.patch('worker-2', { spec: { firmware: { virtualizationEnabled: true } } });
      await hosts.all(
        ['worker-2'],
        ({ state, status }) => state === 'available' && status?.provisioning?.firmware?.virtualizationEnabled === true,
      );
      assert.deepEqual(hosts.statesOf('worker-2').slice(7), ['preparing', 'available']);
      await hosts.patch('worker-2', { spec: { firmware: { virtualizationEnabled: null, sriovEnabled: false } } });
      await hosts.all(
        ['worker-2'],
        ({ state, status }) => state === 'available' && status?.provisioning?.firmware?.sriovEnabled === false,
      );
      assert.deepEqual(hosts.get('worker-2').status?.provisioning?.firmware, { sriovEnabled: false });

      await hosts.patch('worker-1', { spec: { image: { ...image, url: 'http://images/newer.qcow2' } } });
      await hosts.all(
        ['worker-1'],
        ({ state, status }) =>
          state === 'provisioned' && status?.provisioning?.image?.url === 'http://images/newer.qcow2',
      );
      assert.deepEqual(hosts.statesOf('worker-1').slice(-5), [
        'provisioned',
        'deprovisioning',
        'available',
        'provisioning',
        'provisioned',
      ]);
    }));

  it('begin from a status or hardware details that an annotation brings', () =>
    inNamespace(async (hosts) => {
      const status = {
        operationalStatus: 'OK',
        hardwareProfile: 'unknown',
        provisioning: { state: 'provisioned', ID: 'some-id', image },
      };
      await enroll(
        hosts,
        host('worker-1', {
          spec: { image },
          annotations: { 'baremetalhost.metal3.io/status': JSON.stringify(status) },
        }),
      );
      await enroll(
        hosts,
        host('worker-2', {
          spec: { inspectionMode: 'disabled' },
          annotations: { 'inspect.metal3.io/hardwaredetails': '{"ramMebibytes":64}' },
        }),
      );
      await enroll(hosts, host('worker-3', { annotations: { 'baremetalhost.metal3.io/status': '{no json' } }));
      await hosts.all(['worker-1'], (each) => each.state === 'provisioned' && each.status?.poweredOn === true);
      assert.deepEqual(hosts.statesOf('worker-1'), ['provisioned']);
      assert.equal(hosts.get('worker-1').status?.provisioning?.ID, 'some-id');
      assert.equal(hosts.get('worker-1').status?.conditions?.[0]?.status, 'True');
      await hosts.all(['worker-2', 'worker-3'], isAvailable);
      assert.deepEqual(hosts.get('worker-2').status?.hardware, {
        cpu: {},
        firmware: { bios: {} },
        systemVendor: {},
        ramMebibytes: 64,
      });
      for (const name of ['worker-1', 'worker-2', 'worker-3'])
        assert.deepEqual(Object.keys(hosts.get(name).metadata.annotations ?? {}), []);
    }));
});

describe('a share of hosts simulated by kwok', { timeout: 300_000 }, () => {
  it('fails in a chosen state, those that their names tell, and can be deleted nevertheless', async () => {
    const failure = { state: 'inspecting', share: 0.5, message: 'no {{ answer }}' } as const;
    await simulate({ ...quickStages, failures: [failure] });
    await inNamespace(async (hosts) => {
      const names = Array.from({ length: 20 }, (_, index) => `worker-${index + 1}`);
      for (const name of names) await enroll(hosts, host(name));
      const failing = names.filter((name) => failsIn(failure, { namespace: hosts.namespace, name }));
      assert.ok(failing.length > 0 && failing.length < names.length);
      await hosts.all(
        names.filter((name) => !failing.includes(name)),
        isAvailable,
      );
      await hosts.all(failing, ({ state, status }) => state === 'inspecting' && status?.operationalStatus === 'error');
      for (const name of failing) {
        const { status } = hosts.get(name);
        assert.deepEqual(
          [status?.errorType, status?.errorMessage, status?.errorCount],
          ['inspection error', 'no {{ answer }}', 1],
        );
        assert.deepEqual(status?.conditions?.find(({ type }) => type === 'Ready')?.reason, 'Error');
      }
      for (const name of names) await hosts.delete(name);
      await hosts.gone(names);
    });
  });

  it('recovers after as many failures as it is told, wherever they are', async () => {
    const states = ['registering', 'inspecting', 'preparing', 'available', 'provisioned', 'deprovisioning'] as const;
    await simulate({
      ...quickStages,
      failures: states.map((state) => ({ state, share: 1, recoversAfter: 2, retryMilliseconds: 20 })),
    });
    await inNamespace(async (hosts) => {
      await enroll(hosts, host('worker-1'));
      await hosts.all(['worker-1'], isAvailable);
      await hosts.patch('worker-1', { spec: { image } });
      await hosts.all(['worker-1'], ({ state }) => state === 'provisioned');
      await hosts.patch('worker-1', { spec: { online: false } });
      await hosts.all(['worker-1'], ({ status }) => status?.poweredOn === false);
      await hosts.patch('worker-1', { spec: { image: null } });
      await hosts.all(['worker-1'], ({ state }) => state === 'available');
      for (const state of states) assert.deepEqual(errorCounts(hosts, state), [1, 2], state);
      assert.equal(hosts.get('worker-1').status?.errorType, undefined);
      assert.equal(hosts.get('worker-1').status?.errorCount, 0);
    });
  });

  it('begins from available again after each failure to be provisioned', async () => {
    await simulate({
      ...quickStages,
      failures: [{ state: 'provisioning', share: 1, recoversAfter: 2, retryMilliseconds: 20 }],
    });
    await inNamespace(async (hosts) => {
      await enroll(hosts, host('worker-1', { spec: { image } }));
      await hosts.all(['worker-1'], ({ state }) => state === 'provisioned');
      assert.deepEqual(errorCounts(hosts, 'provisioning'), [1, 2]);
      const failed = ['available', 'provisioning', 'deprovisioning'];
      assert.deepEqual(hosts.statesOf('worker-1').slice(3), [
        ...failed,
        ...failed,
        'available',
        'provisioning',
        'provisioned',
      ]);
      assert.equal(hosts.get('worker-1').status?.errorCount, 0);
    });
  });
});

/** The values that `status.errorCount` of worker-1 took while it was in error in a state. */
function errorCounts(hosts: HostLog, state: string): unknown[] {
  const inError = hosts
    .historyOf('worker-1')
    .filter((each) => each.state === state && each.status?.operationalStatus === 'error');
  return [...new Set(inError.map(({ status }) => status?.errorCount))];
}

describe(
  'hosts simulated by the Bare Metal Operator',
  { timeout: 600_000, skip: bmo === undefined && 'METAL3_TESTBED_BMO names no binary' },
  () => {
    before(async () => {
      const { args, env } = operatorArguments({
        testMode: true,
        webhook: false,
        leaderElection: false,
        kubeApiQps: 500,
        kubeApiBurst: 500,
      });
      await startProcess({ ...bmoSimulator(operatorForm({ args, env })), kubeconfig, stateDir, program: bmo ?? '' });
    });

    it('go from registering to available, are provisioned, switched, deprovisioned and deleted, state by state', () =>
      inNamespace((hosts) => walk(hosts, 20)));
  },
);
