/** What `LocalManagers` of a Pulumi program does on a real control plane, with programs in the place of the managers. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { clusterApiSpec } from '../../lib/components/cluster-api/spec';
import { ipAddressManagerSpec } from '../../lib/components/ip-address-manager/spec';
import { kubeadmBootstrapSpec } from '../../lib/components/kubeadm-bootstrap/spec';
import { kubeadmControlPlaneSpec } from '../../lib/components/kubeadm-control-plane/spec';
import { metal3ProviderSpec } from '../../lib/components/metal3-provider/spec';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { collectionPath } from '../../src/kubernetes/rest-mapper';
import { findClusterProcesses } from '../../src/managers/cluster-processes';
import { CATALOG } from '../../src/programs/catalog';
import { until } from '../../src/util/until';
import { localManagers } from '../../stacks/resources/local-managers-operations';
import { Lab } from '../faults/support/lab';
import { removeLocalCluster } from '../support/pulumi-layers';
import { standInManager } from '../support/stand-in-manager';

const MANAGERS = ['cluster-api', 'ip-address-manager', 'kubeadm-bootstrap', 'kubeadm-control-plane', 'metal3-provider'];
const PROGRAMS = [
  ['cluster-api-core', clusterApiSpec],
  ['ipam', ipAddressManagerSpec],
  ['kubeadm-bootstrap', kubeadmBootstrapSpec],
  ['kubeadm-control-plane', kubeadmControlPlaneSpec],
  ['capm3', metal3ProviderSpec],
] as const;

describe('LocalManagers, on a real control plane', { timeout: 300_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-local-managers-'));
  const folder = join(dir, 'cluster');
  const variables = PROGRAMS.map(([name]) => CATALOG[name].variable);
  const asBefore = variables.map((name) => [name, process.env[name]] as const);
  let lab: Lab;
  let outs: Awaited<ReturnType<typeof localManagers.create>>['outs'];

  before(async () => {
    for (const [name, spec] of PROGRAMS) process.env[CATALOG[name].variable] = standInManager(dir, spec);
    lab = await Lab.start({ controllerManager: true }, folder);
  });
  after(async () => {
    for (const [name, value] of asBefore)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    await lab?.client.close();
    await removeLocalCluster(folder);
    rmSync(dir, { recursive: true, force: true });
  });

  const isRunning = () => findClusterProcesses(folder).map(({ name, running }) => [name, running !== undefined]);
  const named = async (apiVersion: string, plural: string): Promise<readonly string[]> => {
    const path = collectionPath(apiVersion, plural);
    const { items } = await lab.client.request<{ readonly items: readonly KubernetesObject[] }>('GET', path);
    return items.map(({ metadata }) => metadata.name);
  };
  const webhooks = () => named('admissionregistration.k8s.io/v1', 'validatingwebhookconfigurations');
  const inputs = () => ({ folder, clusterApi: {} });

  it('puts the managers onto it and starts them, and who answers for clusters', async () => {
    const made = await localManagers.create(inputs());
    ({ outs } = made);
    assert.equal(made.id, folder);
    assert.deepEqual(
      isRunning(),
      [...MANAGERS, 'workload-api'].map((name) => [name, true]),
    );
    assert.deepEqual(Object.keys(outs?.managers ?? {}).sort(), MANAGERS);
    assert.ok((await webhooks()).length >= 4);
    // What it is told is what it says that it was told: nothing is found different afterwards.
    assert.equal((await localManagers.diff(folder, outs!, inputs())).changes, false);
  });

  it('starts again what has ended', async () => {
    const pid = findClusterProcesses(folder).find(({ name }) => name === 'metal3-provider')?.running?.pid;
    assert.ok(pid !== undefined);
    process.kill(pid, 'SIGKILL');
    const isSeen = async () => (await localManagers.diff(folder, outs!, inputs())).changes === true;
    assert.ok(await until(isSeen, { deadlineMs: 30_000 }));
    await localManagers.update(folder, outs!, inputs());
    assert.ok(isRunning().every(([, running]) => running));
    assert.equal((await localManagers.diff(folder, outs!, inputs())).changes, false);
  });

  it('refuses to leave a manager out that clusters may have, and changes nothing', async () => {
    const less = { folder, clusterApi: { without: ['metal3Provider'] as const } };
    await assert.rejects(
      localManagers.update(folder, outs!, less),
      /has metal3-provider, which the description leaves out/,
    );
    assert.ok(isRunning().every(([, running]) => running));
  });

  it('says what ends it where the cluster does not answer, and goes on once it does', async () => {
    lab.kill('kube-apiserver');
    await assert.rejects(localManagers.delete(folder, outs!), /PULUMI_K8S_DELETE_UNREACHABLE=true/);
    assert.equal(isRunning().length, 6);
    await lab.restart();
    assert.deepEqual(await localManagers.read(folder, outs), { id: folder, props: outs });
  });

  it('leaves nothing once it is deleted', async () => {
    await localManagers.delete(folder, outs!);
    assert.deepEqual(isRunning(), []);
    assert.equal(existsSync(join(folder, 'processes')), false);
    assert.deepEqual(await webhooks(), []);
    const left = (await named('apiextensions.k8s.io/v1', 'customresourcedefinitions')).filter((name) =>
      name.endsWith('cluster.x-k8s.io'),
    );
    assert.deepEqual(left, []);
    const isGone = async () => !(await named('v1', 'namespaces')).some((name) => /^cap/.test(name));
    assert.ok(await until(isGone, { deadlineMs: 60_000 }));
    assert.deepEqual(await localManagers.read(folder, outs), { id: '' });
  });
});
