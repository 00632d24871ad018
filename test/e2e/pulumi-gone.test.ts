/** Every order in which layers can be destroyed, and every layer whose cluster has gone, with a real engine. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it, type TestContext } from 'node:test';
import { hasKubernetesPlugin, hasPulumi, LayersProject, removeLocalCluster } from '../support/pulumi-layers';

const FORGET = { PULUMI_K8S_DELETE_UNREACHABLE: 'true' };
const VARIABLE = /PULUMI_K8S_DELETE_UNREACHABLE/;

describe('layers that are destroyed in any order', { timeout: 1_800_000 }, async () => {
  const skip = (await hasPulumi()) ?? (await hasKubernetesPlugin());
  if (skip !== undefined) {
    it('end', { skip }, () => undefined);
    return;
  }
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-gone-'));
  let project: LayersProject;
  after(() => rmSync(dir, { recursive: true, force: true }));
  beforeEach(() => {
    project = new LayersProject(mkdtempSync(join(dir, 'project-')));
  });

  const stateDir = () => join(project.dir, 'cluster');
  /** As when somebody has removed it from the machine. */
  const removeCluster = async () => {
    await removeLocalCluster(stateDir());
    rmSync(stateDir(), { recursive: true, force: true });
  };
  const allUp = async (t: TestContext) => {
    t.after(removeCluster);
    for (const layer of ['cluster', 'platform', 'hosts']) await project.must(['stack', 'init', `dev-${layer}`]);
    await project.configure('dev-cluster', { cluster: 'local', stateDir: stateDir() });
    await project.configure('dev-platform', { simulator: 'kwok' });
    for (const layer of ['cluster', 'platform', 'hosts']) await project.up(`dev-${layer}`);
  };
  /** Destroys a layer, which has to fail. @returns what was said */
  const refused = async (stack: string) => {
    const { code, stdout, stderr } = await project.run(['destroy', '--yes', '--skip-preview', '--stack', stack]);
    assert.notEqual(code, 0, `${stack} was destroyed`);
    return stdout + stderr;
  };
  const isEmpty = async (stack: string) => {
    const { deployment } = JSON.parse(await project.must(['stack', 'export', '--stack', stack])) as {
      readonly deployment: { readonly resources?: readonly object[] };
    };
    assert.deepEqual(deployment.resources ?? [], [], `${stack} is not empty`);
  };

  it('the platform first: it is refused while there are hosts', async (t) => {
    await allUp(t);
    const said = await refused('dev-platform');
    assert.match(said, /10 hosts are still on the cluster, such as default\/worker-1, .*run 'pulumi destroy'/);
    // What simulates the hosts is still there, so that they go.
    await project.destroy('dev-hosts');
    await project.destroy('dev-platform');
    await project.destroy('dev-cluster');
    for (const layer of ['cluster', 'platform', 'hosts']) await isEmpty(`dev-${layer}`);
  });

  it('the cluster first, and then the others, from below or from above', async (t) => {
    await allUp(t);
    await project.destroy('dev-cluster');
    assert.match(await refused('dev-platform'), VARIABLE);
    await project.destroy('dev-platform', FORGET);
    assert.match(await refused('dev-hosts'), VARIABLE);
    await project.destroy('dev-hosts', FORGET);
    for (const layer of ['cluster', 'platform', 'hosts']) await isEmpty(`dev-${layer}`);
  });

  it('a cluster that somebody has removed: all of it goes, also where that is said by the configuration', async (t) => {
    await allUp(t);
    await removeCluster();
    await project.configure('dev-hosts', { onClusterGone: 'forget' });
    await project.up('dev-hosts');
    await project.destroy('dev-hosts');
    await project.configure('dev-platform', { onClusterGone: 'forget' });
    await project.up('dev-platform');
    await project.destroy('dev-platform');
    await project.destroy('dev-cluster');
    for (const layer of ['cluster', 'platform', 'hosts']) await isEmpty(`dev-${layer}`);
  });

  it('a cluster that somebody has removed is made anew, and the others go onto it', async (t) => {
    await allUp(t);
    await removeCluster();
    assert.match(await project.up('dev-cluster'), /LocalCluster cluster created replacement/);
    await project.must(['up', '--yes', '--skip-preview', '--stack', 'dev-platform'], FORGET);
    await project.must(['up', '--yes', '--skip-preview', '--stack', 'dev-hosts'], FORGET);
    assert.match(await project.output('dev-hosts', 'objects'), /"BareMetalHost.metal3.io":10/);
    for (const layer of ['hosts', 'platform', 'cluster']) await project.destroy(`dev-${layer}`);
  });
});
