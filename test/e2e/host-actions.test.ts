/** Whatever users do to hosts on kwok, and whatever they bring: they settle where they may, and go when they are deleted. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { hostAnnotations } from '../../lib/kinds/bare-metal-host/manifests';
import { hostStates } from '../../lib/kinds/bare-metal-host/stages/host-state';
import { hostStages } from '../../lib/kinds/bare-metal-host/stages/host-stages';
import { Applier } from '../../src/apply/apply';
import { startLocalCluster, stopLocalCluster } from '../../src/cluster/local/local-cluster';
import { resolveTestbed } from '../../lib/testbed/resolve';
import { allObjects, installationOf } from '../../src/install/installation';
import { withoutPods } from '../../src/install/without-pods';
import { ApiError } from '../../src/kubernetes/api-error';
import { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import { collectionPath } from '../../src/kubernetes/rest-mapper';
import { findProgram } from '../../src/programs/find';
import { kwokSimulator } from '../../src/simulators/kwok';
import { startProcess, stopProcess } from '../../src/simulators/background-process';
import type { Host } from '../support/host-log';
import { defaultSpec, image } from '../support/host-scenario';
import { quickStages } from '../support/quick-stages';

const HOSTS = 150;
/** How long nothing happens to any host before they count as settled, and how long that may take, in milliseconds. */
const QUIET_MS = 1_500;
const PATIENCE_MS = 40_000;
/** METAL3_TESTBED_SEED=… draws other hosts and actions. */
const seed = Number(process.env.METAL3_TESTBED_SEED ?? 20_261_125);

const { paused, detached, status: statusAnnotation, reboot, inspect, hardwareDetails } = hostAnnotations;
const states = [...hostStates, 'unknown to the operator'];
const json = fc.oneof(
  fc.json({ maxDepth: 2 }),
  fc.constantFrom('', '{', 'null', '[]', '{"force":true}', '{"deleteAction":"delay"}', '{"mode":"hard","force":true}'),
  fc.constantFrom('{"nics":null,"CPU":{"Arch":"x86_64","flags":null}}', '{"ramMebibytes":64}', '{"colour":1}'),
);
const seededStatus = fc
  .record(
    {
      provisioning: fc.record({ state: fc.constantFrom(...states), ID: fc.constantFrom('', 'an-id') }),
      operationalStatus: fc.constantFrom('', 'OK', 'error', 'detached', 'delayed', 'servicing', 'discovered'),
      errorType: fc.constantFrom('', 'registration error', 'inspection error', 'provisioning error'),
      errorCount: fc.constantFrom(0, 5),
      hardware: fc.constantFrom(null, {}, { nics: null }),
      poweredOn: fc.boolean(),
    },
    { requiredKeys: ['provisioning'] },
  )
  .map((value) => JSON.stringify(value));
const annotations = fc.oneof(
  fc.record({ [statusAnnotation]: fc.oneof({ weight: 3, arbitrary: seededStatus }, json) }),
  fc.record({ [hardwareDetails]: json, [inspect]: fc.constantFrom('disabled', '') }),
  fc.record({ [reboot]: json }),
  fc.record({ [`${reboot}/me`]: json }),
  fc.record({ [detached]: json }),
  fc.record({ [paused]: fc.constant('') }),
  fc.record({ [inspect]: fc.constantFrom('disabled', '') }),
  fc.constant({}),
);
const spec = fc.oneof(
  fc.record({ online: fc.boolean() }),
  fc.record({ image: fc.constantFrom(null, image, { ...image, url: 'http://images.invalid/other.qcow2' }) }),
  fc.record({ externallyProvisioned: fc.boolean() }),
  fc.record({ customDeploy: fc.constantFrom(null, { method: 'install' }) }),
  fc.record({ inspectionMode: fc.constantFrom('disabled', null) }),
  fc.record({ rootDeviceHints: fc.constantFrom(null, { deviceName: '/dev/sdb' }) }),
  fc.record({ firmware: fc.constantFrom(null, { sriovEnabled: true }) }),
  fc.record({ bmc: fc.record({ credentialsName: fc.constantFrom('', 'good', 'bad', 'none') }) }),
  fc.record({ bmc: fc.record({ address: fc.constantFrom('', defaultSpec.bmc.address) }) }),
  fc.record({ disablePowerOff: fc.boolean() }),
);
const gone = [statusAnnotation, hardwareDetails, reboot, `${reboot}/me`, detached, paused, inspect];
const action = fc.oneof(
  spec.map((value) => ({ spec: value })),
  annotations.map((value) => ({ metadata: { annotations: value } })),
  fc.constantFrom(...gone).map((name) => ({ metadata: { annotations: { [name]: null } } })),
  fc.constant('delete' as const),
);
const story = fc.record({
  annotations,
  spec: fc.oneof(spec, fc.constant({})),
  credentialsName: fc.constantFrom('good', 'good', 'good', 'bad', 'none'),
  actions: fc.array(fc.record({ action, waitMs: fc.constantFrom(0, 20, 100, 300, 1_000) }), { maxLength: 6 }),
});

const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-actions-'));
let client: KubernetesClient;

before(async () => {
  const cluster = await startLocalCluster({ stateDir: join(dir, 'cluster') });
  const { kubeconfig } = cluster.connection;
  client = new KubernetesClient(await readKubeconfig(kubeconfig), { connections: 4 });
  await new Applier(client).applyAll(withoutPods(allObjects(installationOf(resolveTestbed({ hostSets: [] })))), {
    task: 'platform',
  });
  const program = (await findProgram('kwok')).file;
  const stages = hostStages(quickStages);
  await startProcess({ ...kwokSimulator(stages), kubeconfig, stateDir: join(dir, 'simulator'), program });
});

after(async () => {
  await client.close();
  await stopProcess(join(dir, 'simulator'));
  await stopLocalCluster(join(dir, 'cluster'), { delete: true });
  rmSync(dir, { recursive: true, force: true });
});

type Given = Omit<Host, 'state' | 'metadata'> & {
  readonly metadata: Host['metadata'] & { readonly deletionTimestamp?: string };
};

/** Whether a host may stay as it is until its user does something. */
function mayStay({ metadata, status }: Given): boolean {
  const given = metadata.annotations ?? {};
  const state = status?.provisioning?.state ?? '';
  if (paused in given) return true;
  if (status?.operationalStatus === 'detached' && detached in given) return true;
  if (metadata.deletionTimestamp !== undefined) return status?.operationalStatus === 'detached';
  // Both are to be mended: what the one holds cannot be read, and the API server does not take what the other does.
  if (hardwareDetails in given || (statusAnnotation in given && status?.lastUpdated === undefined)) return true;
  if (status?.errorType === 'registration error') return true;
  const settled = ['unmanaged', 'available', 'ready', 'provisioned', 'externally provisioned'];
  // The operator lets go of nothing that is not deleted, and knows what to do in its own states alone.
  return [...settled, 'deleting', 'unknown to the operator'].includes(state);
}

const hosts = collectionPath('metal3.io/v1alpha1', 'baremetalhosts', 'stories');
const list = async () => (await client.request<{ items: Given[] }>('GET', hosts)).items;
const patch = (name: string, body: object) =>
  client.request('PATCH', `${hosts}/${name}`, { body, contentType: 'application/merge-patch+json' });
const ignoreGone = (error: unknown) => {
  if (!(error instanceof ApiError && error.status === 404)) throw error;
};

describe(
  `${HOSTS} hosts on kwok, to which anything is done (METAL3_TESTBED_SEED=${seed})`,
  { timeout: 180_000 },
  () => {
    const stories = fc.sample(story, { numRuns: HOSTS, seed });
    const nameOf = (index: number) => `host-${index + 1}`;
    const tell = (late: readonly Given[]) =>
      late
        .slice(0, 5)
        .map((host) => {
          const { name } = host.metadata;
          return `${name}: ${JSON.stringify(stories[Number(name.slice(5)) - 1])}\n    ${JSON.stringify(host)}`;
        })
        .join('\n');

    it('settle, and go when they are deleted', async () => {
      await client.request('POST', '/api/v1/namespaces', { body: { metadata: { name: 'stories' } } });
      const secrets = { good: { username: 'u', password: 'p' }, bad: { username: 'u' } };
      for (const [name, stringData] of Object.entries(secrets))
        await client.request('POST', '/api/v1/namespaces/stories/secrets', {
          body: { metadata: { name }, stringData },
        });

      await Promise.all(
        stories.map(async ({ annotations, spec, credentialsName, actions }, index) => {
          const name = nameOf(index);
          const bmc = { ...defaultSpec.bmc, credentialsName, ...('bmc' in spec && spec.bmc) };
          await client.request('POST', hosts, {
            body: {
              apiVersion: 'metal3.io/v1alpha1',
              kind: 'BareMetalHost',
              metadata: { name, annotations },
              spec: { ...defaultSpec, ...spec, bmc },
            },
          });
          for (const { action, waitMs } of actions) {
            await pause(waitMs);
            const done = action === 'delete' ? client.request('DELETE', `${hosts}/${name}`) : patch(name, action);
            await done.catch(ignoreGone);
          }
        }),
      );

      const deadline = performance.now() + PATIENCE_MS;
      let before = '';
      for (let since = performance.now(); performance.now() - since < QUIET_MS; await pause(100)) {
        const now = await list();
        const late = now.filter((host) => !mayStay(host));
        const versions = now.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).join();
        if (performance.now() > deadline) {
          const moving = now.filter(
            ({ metadata }) => !before.split(',').includes(`${metadata.name} ${metadata.resourceVersion}`),
          );
          assert.fail(`not settled: ${late.length} late, ${moving.length} moving:\n${tell([...late, ...moving])}`);
        }
        if (late.length > 0 || versions !== before) since = performance.now();
        before = versions;
      }

      await Promise.all(
        (await list()).map(async ({ metadata: { name } }) => {
          await patch(name, { metadata: { annotations: { [paused]: null, [detached]: null } } }).catch(ignoreGone);
          await client.request('DELETE', `${hosts}/${name}`).catch(ignoreGone);
        }),
      );
      const end = performance.now() + PATIENCE_MS;
      for (let left = await list(); left.length > 0; left = await list()) {
        if (performance.now() > end) assert.fail(`${left.length} hosts stay:\n${tell(left)}`);
        await pause(200);
      }
    });
  },
);
