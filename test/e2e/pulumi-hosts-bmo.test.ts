import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { operatorArguments } from '../../lib/components/baremetal-operator';
import { Applier } from '../../src/apply/apply';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { pagesOf } from '../../src/kubernetes/pages';
import { collectionPath } from '../../src/kubernetes/rest-mapper';
import { HOSTS_PATH } from '../support/hosts';
import { resolveTestbed } from '../../lib/testbed/resolve';
import { allObjects, installationOf } from '../../src/install/installation';
import { withoutPods } from '../../src/install/without-pods';
import { bmoSimulator } from '../../src/simulators/bmo';
import { operatorForm } from '../../lib/components/baremetal-operator/process';
import { startProcess, stopProcess } from '../../src/simulators/background-process';
import { until } from '../../src/util/until';
import { Lab } from '../faults/support/lab';
import { isOnPath, root } from '../support/cli';
import { PulumiProject } from '../support/pulumi';

const COUNT = 30;
const PROGRAM = `
const { HostFleet } = require(${JSON.stringify(join(root, 'build', 'stacks', 'resources', 'host-fleet.js'))});
new HostFleet('lab', {
  kubeconfig: process.env.LAB_KUBECONFIG,
  count: ${COUNT},
  deleteTimeoutSeconds: 3,
  credentials: { username: 'admin', password: process.env.LAB_PASSWORD },
});
`;

interface Host extends KubernetesObject {
  readonly status?: { readonly provisioning?: { readonly state?: string } };
}

describe('a fleet that the Bare Metal Operator takes care of', { timeout: 600_000 }, async () => {
  const program = process.env['METAL3_TESTBED_BMO'];
  if (program === undefined || !(await isOnPath('pulumi'))) {
    const skip = program === undefined ? 'METAL3_TESTBED_BMO names no binary' : 'pulumi is not on PATH';
    it('is managed', { skip }, () => undefined);
    return;
  }
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-pulumi-'));
  const stateDir = join(dir, 'operator');
  let lab: Lab;
  let project: PulumiProject;

  const startOperator = () => {
    const { args, env } = operatorArguments({ testMode: true, webhook: false, leaderElection: false });
    return startProcess({
      ...bmoSimulator(operatorForm({ args, env })),
      kubeconfig: lab.kubeconfig,
      stateDir,
      program,
    });
  };
  const list = async <T>(path: string): Promise<readonly T[]> => {
    const found: T[] = [];
    for await (const { items } of pagesOf<T>(lab.client, path)) found.push(...items);
    return found;
  };
  const hosts = () => list<Host>(HOSTS_PATH);
  const secrets = () => list<KubernetesObject>(collectionPath('v1', 'secrets', 'default'));
  const must = (args: readonly string[], password = 'canary') =>
    project.must([...args, '--yes'], { LAB_PASSWORD: password });

  before(async () => {
    lab = await Lab.start();
    await new Applier(lab.client).applyAll(withoutPods(allObjects(installationOf(resolveTestbed({ hostSets: [] })))), {
      task: 'platform',
    });
    await startOperator();
    project = new PulumiProject(dir, PROGRAM, { LAB_KUBECONFIG: lab.kubeconfig });
    await project.must(['stack', 'init', 'dev']);
  });
  after(async () => {
    await stopProcess(stateDir);
    await lab.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('does not take back what the operator writes into hosts and Secrets', async () => {
    await must(['up', '--skip-preview']);
    const isAvailable = ({ status }: Host) => status?.provisioning?.state === 'available';
    const areAvailable = async () => (await hosts()).filter(isAvailable).length === COUNT;
    assert.ok(await until(areAvailable, { deadlineMs: 120_000, everyMs: 250 }), 'hosts are not available');
    assert.ok((await secrets()).every(({ metadata }) => (metadata.finalizers ?? []).length > 0));
    await must(['up', '--expect-no-changes']);
    await must(['refresh', '--expect-no-changes']);
  });

  it('keeps the operator’s marks on Secrets whose credentials are rotated', async () => {
    assert.match(await must(['up', '--skip-preview'], 'canary-2'), new RegExp(`Secret: ${COUNT} changed`));
    assert.ok((await secrets()).every(({ metadata }) => (metadata.finalizers ?? []).length > 0));
    assert.ok((await hosts()).every(({ status }) => status?.provisioning?.state === 'available'));
  });

  it('names the finalizers that nobody clears, and is destroyed once somebody does', async () => {
    await stopProcess(stateDir);
    const stuck = await project.run(['destroy', '--yes', '--skip-preview']);
    assert.notEqual(stuck.code, 0);
    assert.match(
      stuck.stdout + stuck.stderr,
      /baremetalhosts were deleted but still exist after 3 s: .*finalizers baremetalhost.metal3.io/,
    );
    // The Secrets are there for as long as somebody may need them.
    assert.equal((await secrets()).length, COUNT);
    await startOperator();
    assert.ok(await until(async () => (await hosts()).length === 0, { deadlineMs: 60_000, everyMs: 250 }));
    await must(['destroy', '--skip-preview']);
    assert.deepEqual(await secrets(), []);
  });
});
