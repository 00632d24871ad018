/** Ctrl-C while clusters, and what runs beside them, are made, with a real engine: it ends soon, is recorded, and goes on. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { defaultVersion } from '../../lib/components/baremetal-operator/releases';
import { bareMetalHost } from '../../lib/kinds/bare-metal-host/schema';
import { Applier } from '../../src/apply/apply';
import { stateLayout } from '../../src/cluster/local/state';
import { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { lookForProgram } from '../../src/programs/find';
import type { ProgramName } from '../../src/programs/catalog';
import { until } from '../../src/util/until';
import { root } from '../support/cli';
import { PulumiProject } from '../support/pulumi';
import { hasPulumi, removeLocalCluster } from '../support/pulumi-layers';
import { atEnd, tempDir } from '../support/temp-dir';
import { serveOneNode } from '../src/cluster/kind/api-server';
import { FakeEngine } from '../src/cluster/kind/fake-engine';

/** So much as the environment asks for of an embedded control plane, what runs beside it, and a kind cluster. */
const PROGRAM = `
const { KindCluster, LocalCluster, LocalManagers, LocalSimulators } = require(${JSON.stringify(join(root, 'build', 'stacks', 'pulumi.js'))});
const makes = process.env.LAB_MAKES ?? '';
const args = { timeoutSeconds: 600 };
if (makes.includes('kind')) new KindCluster('kind', { name: 'lab', ...args });
if (makes.includes('local')) {
  const { folder } = new LocalCluster('local', { controllerManager: false, ...args });
  if (makes.includes('simulators')) new LocalSimulators('simulators', { folder, kind: 'kwok' });
  if (makes.includes('managers')) new LocalManagers('managers', { folder, ...args });
}
`;

interface Stand {
  readonly project: PulumiProject;
  readonly folder: string;
}

async function setUp(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<Stand> {
  const dir = tempDir(t);
  const project = new PulumiProject(dir, PROGRAM, { XDG_STATE_HOME: join(dir, 'xdg'), ...env });
  await project.must(['stack', 'init', 'dev']);
  const folder = join(dir, 'xdg', 'metal3-testbed', 'pulumi', 'fleet', 'dev', 'local');
  atEnd(t, () => removeLocalCluster(folder));
  return { project, folder };
}

/** What simulates hosts, and takes care of clusters, wants to find. */
async function acceptHosts({ folder }: Stand): Promise<void> {
  const client = new KubernetesClient(await readKubeconfig(stateLayout(folder).kubeconfig));
  try {
    const hosts = bareMetalHost(defaultVersion) as unknown as KubernetesObject;
    await new Applier(client).applyAll([hosts], { task: 'CRD' });
    // What asks what there is is told so some time after the API server takes hosts.
    const isServed = async () => {
      const all = await client.request<object>('GET', '/openapi/v3');
      return JSON.stringify(all).includes('metal3.io/v1alpha1');
    };
    assert.ok(await until(isServed, { deadlineMs: 60_000 }));
  } finally {
    await client.close();
  }
}

/** The program, but for its work: it says that it has begun, and never comes to an end. */
async function hanging(t: TestContext, name: ProgramName): Promise<{ readonly file: string; readonly begun: string }> {
  const found = await lookForProgram(name, { fetch: false });
  assert.ok(!('tried' in found), `there is no ${name}`);
  const dir = tempDir(t);
  const [file, begun] = [join(dir, name), join(dir, 'begun')];
  writeFileSync(
    file,
    `#!/bin/sh\ncase "$1" in *version|--help) exec '${found.program.file}' "$@" ;; esac\ntouch '${begun}'\nexec sleep 600\n`,
  );
  chmodSync(file, 0o755);
  return { file, begun };
}

/** Begins an update, and interrupts it once something has begun. It ends without an answer of what never ends. */
async function interrupt(
  t: TestContext,
  { project }: Stand,
  env: Readonly<Record<string, string>>,
  hasBegun: () => boolean,
): Promise<void> {
  const child = project.begin(['up', '--yes', '--skip-preview'], env);
  const gone = once(child, 'close');
  assert.ok(await until(() => hasBegun() || child.exitCode !== null, { deadlineMs: 120_000 }));
  assert.equal(child.exitCode, null, 'it ended by itself');
  const start = performance.now();
  child.kill('SIGINT');
  await gone;
  const seconds = (performance.now() - start) / 1000;
  t.diagnostic(`${env['LAB_MAKES']}: interrupted in ${seconds.toFixed(1)} s`);
  assert.notEqual(child.exitCode, 0);
  // Whatever the machine: what it waits for would take ten minutes.
  assert.ok(seconds < 60, `${seconds} s`);
}

describe('Ctrl-C while it is made', { timeout: 900_000 }, async () => {
  const skip = (await hasPulumi()) ?? false;

  it('an embedded control plane: nothing is left running, and the next update goes on', { skip }, async (t) => {
    const stand = await setUp(t);
    const { file, begun } = await hanging(t, 'kube-apiserver');
    const LAB_MAKES = 'local';
    const env = { LAB_MAKES, METAL3_TESTBED_KUBE_APISERVER: file };
    await interrupt(t, stand, env, () => existsSync(begun));
    await stand.project.must(['up', '--yes', '--skip-preview'], { LAB_MAKES });
    await stand.project.must(['up', '--yes', '--expect-no-changes'], { LAB_MAKES });
    await stand.project.must(['destroy', '--yes', '--skip-preview'], { LAB_MAKES });
    assert.equal(existsSync(stand.folder), false);
  });

  it(
    'simulators and managers beside it: the control plane is recorded, and the next update goes on',
    { skip },
    async (t) => {
      const stand = await setUp(t);
      const { project } = stand;
      await project.must(['up', '--yes', '--skip-preview'], { LAB_MAKES: 'local' });
      await acceptHosts(stand);
      const isHere = async (name: ProgramName) => !('tried' in (await lookForProgram(name, { fetch: false })));
      const simulators = { what: 'simulators', name: 'kwok', variable: 'METAL3_TESTBED_KWOK' } as const;
      const managers = { what: 'managers', name: 'capm3', variable: 'METAL3_TESTBED_CAPM3' } as const;
      const hasManagers = (await isHere('capm3')) && (await isHere('ipam'));
      if (!hasManagers) t.diagnostic('without managers: there is no capm3, or no ipam');
      const beside = hasManagers ? [simulators, managers] : [simulators];
      for (const { what, name, variable } of beside) {
        const { file, begun } = await hanging(t, name);
        const LAB_MAKES = `local ${what}`;
        await interrupt(t, stand, { LAB_MAKES, [variable]: file }, () => existsSync(begun));
        assert.match(await project.must(['stack', '--show-urns']), /LocalCluster::local/);
        await project.must(['up', '--yes', '--skip-preview'], { LAB_MAKES });
        await project.must(['up', '--yes', '--expect-no-changes'], { LAB_MAKES });
      }
      await project.must(['destroy', '--yes', '--skip-preview']);
      assert.equal(existsSync(stand.folder), false);
    },
  );

  it('a kind cluster: it is made anew by the next update, or goes by destroy', { skip }, async (t) => {
    const engine = new FakeEngine(tempDir(t));
    engine.serveAt(await serveOneNode(t));
    const stand = await setUp(t, { PATH: engine.env['PATH'] ?? '', METAL3_TESTBED_KIND: '' });
    const { project } = stand;
    const env = { LAB_MAKES: 'kind' };
    const half =
      'if [ "$1" = create ]; then mkdir -p clusters/$4; echo created > clusters/$4/$4-control-plane; exec sleep 600; fi';
    const halfMade = async () => {
      engine.spoil('kind', half);
      await interrupt(t, stand, env, () => engine.has('lab'));
      engine.spoil('kind', '');
    };
    await halfMade();
    await project.must(['up', '--yes', '--skip-preview'], env);
    await project.must(['up', '--yes', '--expect-no-changes'], env);
    await project.must(['destroy', '--yes', '--skip-preview'], env);
    assert.equal(engine.has('lab'), false);
    await halfMade();
    await project.must(['destroy', '--yes', '--skip-preview'], env);
    assert.equal(engine.has('lab'), false);
  });
});
