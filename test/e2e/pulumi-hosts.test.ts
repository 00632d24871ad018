import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { after, before, describe, it } from 'node:test';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { pagesOf } from '../../src/kubernetes/pages';
import { collectionPath } from '../../src/kubernetes/rest-mapper';
import { HOSTS_PATH } from '../support/hosts';
import { until } from '../../src/util/until';
import { Lab } from '../faults/support/lab';
import { isOnPath, root } from '../support/cli';
import { PulumiProject } from '../support/pulumi';

const CANARY = 'canary-Xq7-never-in-the-clear';
const ROTATED = 'canary-Yk9-never-in-the-clear';

/** A program of the layer `hosts` with one host set, as the environment describes it. */
const PROGRAM = `
const { hostsLayer } = require(${JSON.stringify(join(root, 'build', 'stacks', 'hosts.js'))});
const { LAB_KUBECONFIG, LAB_COUNT, LAB_PASSWORD, LAB_OPTIONS = '{}' } = process.env;
const inNamespaces = process.env.LAB_SPREAD === 'no' ? {} : { namespace: 'lab', hostsPerNamespace: 500 };
const password = LAB_PASSWORD ? { password: LAB_PASSWORD } : { passwordFrom: { env: 'LAB_FROM' } };
module.exports = hostsLayer({
  kubeconfig: LAB_KUBECONFIG,
  waitFor: 'none',
  hostSets: [
    { count: Number(LAB_COUNT), credentials: { username: 'admin', ...password }, ...inNamespaces },
  ],
  ...JSON.parse(LAB_OPTIONS),
});
`;

type Versions = ReadonlyMap<string, string>;

describe('the layer hosts, with a real Pulumi engine and API server', { timeout: 1_200_000 }, async () => {
  if (!(await isOnPath('pulumi'))) {
    it('manages a fleet', { skip: 'pulumi is not on PATH' }, () => undefined);
    return;
  }
  let lab: Lab;
  let dir: string;
  let project: PulumiProject;
  /** Everything that Pulumi has said. */
  let said = '';

  before(async () => {
    lab = await Lab.start();
    dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-pulumi-'));
    project = new PulumiProject(dir, PROGRAM, { LAB_KUBECONFIG: lab.kubeconfig });
    await project.must(['stack', 'init', 'dev']);
  });
  after(async () => {
    await lab.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const versionsOf = async (path: string): Promise<Versions> => {
    const versions = new Map<string, string>();
    for await (const { items } of pagesOf<KubernetesObject>(lab.client, path, { metadataOnly: true }))
      for (const { metadata } of items)
        versions.set(`${metadata.namespace}/${metadata.name}`, metadata.resourceVersion ?? '');
    return versions;
  };
  const hosts = () => versionsOf(HOSTS_PATH);
  const secrets = () => versionsOf(collectionPath('v1', 'secrets'));
  const env = (count: number, more: Record<string, string> = {}) => ({
    LAB_COUNT: String(count),
    LAB_PASSWORD: CANARY,
    ...more,
  });
  const pulumi = async (args: readonly string[], given: Record<string, string>) => {
    const result = await project.run(args, { env: given });
    said += result.stdout + result.stderr;
    return { ...result, text: result.stdout + result.stderr };
  };
  /** Runs `up`, which must succeed, and tells how long that took. */
  const up = async (t: TestContext, count: number, more: Record<string, string> = {}) => {
    const start = performance.now();
    const { code, text } = await pulumi(['up', '--yes', '--skip-preview'], env(count, more));
    assert.equal(code, 0, text);
    t.diagnostic(`up to ${count}: ${seconds(start)} s, state file ${project.stateSize} bytes`);
    return text;
  };

  it('says in a preview what it would do, and does nothing', async () => {
    const { code, text } = await pulumi(['preview'], env(1_000));
    assert.equal(code, 0, text);
    assert.match(text, /HostFleet fleet.dev.worker: BareMetalHost: 1000 added; Namespace: 2 added; Secret: 1000 added/);
    assert.equal((await hosts()).size, 0);
  });

  it('goes on where it was killed, with SIGKILL, while it made 1,000 hosts', async (t) => {
    const pulumiProcess = project.begin(['up', '--yes', '--skip-preview'], env(1_000));
    const gone = once(pulumiProcess, 'close');
    await until(async () => (await hosts()).size > 200, { deadlineMs: 120_000 });
    pulumiProcess.kill('SIGKILL');
    await gone;
    // What Pulumi has started notices by itself.
    assert.ok(await until(() => !project.hasProvider, { deadlineMs: 30_000 }), 'a provider goes on without its engine');
    const half = (await hosts()).size;
    t.diagnostic(`killed at ${half} hosts`);
    assert.ok(half < 1_000, `all ${half} hosts were made before the kill`);
    await project.must(['cancel', '--yes']);
    await up(t, 1_000);
    await project.must(['refresh', '--yes', '--clear-pending-creates'], env(1_000));
    assert.equal((await hosts()).size, 1_000);
    assert.equal((await secrets()).size, 1_000);
  });

  it('finds nothing to do the second time', async (t) => {
    const before = [await hosts(), await secrets()];
    const start = performance.now();
    const { code, text } = await pulumi(['up', '--yes', '--expect-no-changes'], env(1_000));
    assert.equal(code, 0, text);
    t.diagnostic(`up with preview and nothing to do: ${seconds(start)} s`);
    assert.deepEqual([await hosts(), await secrets()], before);
  });

  it('adds 500 to 1,000 and leaves the others as they are', async (t) => {
    const before = await hosts();
    const { text } = await pulumi(['preview', '--diff'], env(1_500));
    assert.match(text, /~ plan +: .* => "BareMetalHost: 500 added, 1000 unchanged; /);
    await up(t, 1_500);
    const now = await hosts();
    assert.equal(now.size, 1_500);
    assert.deepEqual(new Map([...now].filter(([name]) => before.has(name))), before);
  });

  it('stops at Ctrl-C, records what is done, and goes on', async (t) => {
    const child = project.begin(['up', '--yes', '--skip-preview'], env(6_000));
    const gone = once(child, 'close');
    await until(async () => (await hosts()).size > 1_600, { deadlineMs: 120_000 });
    const start = performance.now();
    child.kill('SIGINT');
    const [code] = (await gone) as [number | null];
    const there = (await hosts()).size;
    t.diagnostic(`interrupted with exit code ${code} at ${there} hosts, in ${seconds(start)} s`);
    assert.notEqual(code, 0);
    assert.ok(there < 6_000, 'it was not stopped');
    const exported = await project.must(['stack', 'export']);
    assert.match(exported, /"initErrors": \[\s*"[^"]*interrupted: what is done is recorded/);
    await up(t, 1_500);
    assert.equal((await hosts()).size, 1_500);
  });

  it('removes 1,300 of 1,500, their Secrets and the namespaces that are empty then', async (t) => {
    const before = await hosts();
    const text = await up(t, 200);
    assert.match(text, /BareMetalHost: 200 unchanged, 1300 removed/);
    const now = await hosts();
    assert.equal(now.size, 200);
    assert.equal((await secrets()).size, 200);
    assert.ok([...now].every(([name, version]) => before.get(name) === version));
    assert.deepEqual(await ownNamespaces(lab), ['lab']);
  });

  it('rotates credentials without touching a host', async (t) => {
    const before = [await hosts(), await secrets()] as const;
    const text = await up(t, 200, { LAB_PASSWORD: ROTATED });
    assert.match(text, /BareMetalHost: 200 unchanged; .*Secret: 200 changed/);
    assert.deepEqual(await hosts(), before[0]);
    const now = await secrets();
    assert.ok([...now].every(([name, version]) => before[1].get(name) !== version));
    // From the environment, with nothing about them in the state, the same credentials change nothing.
    const same = await up(t, 200, { LAB_PASSWORD: '', LAB_FROM: ROTATED });
    assert.doesNotMatch(same, /Secret: 200 changed/);
    assert.deepEqual(await secrets(), now);
  });

  const fromEnvironment = { LAB_PASSWORD: '', LAB_FROM: ROTATED };

  it('finds nothing in a refresh, and what somebody has deleted', async (t) => {
    const clean = await pulumi(['refresh', '--yes', '--expect-no-changes'], env(200, fromEnvironment));
    assert.equal(clean.code, 0, clean.text);
    for (const index of [3, 5, 7])
      await lab.client.request('DELETE', `/apis/metal3.io/v1alpha1/namespaces/lab/baremetalhosts/worker-${index}`);
    const body = { spec: { online: false } };
    await lab.client.request('PATCH', `/apis/metal3.io/v1alpha1/namespaces/lab/baremetalhosts/worker-9`, {
      query: { fieldManager: 'somebody' },
      contentType: 'application/merge-patch+json',
      body,
    });
    const found = await project.must(['refresh', '--yes', '--diff'], env(200, fromEnvironment));
    assert.match(
      found,
      /differs from its description: BareMetalHost: 3 missing, 1 different .*lab\/worker-9: .*online/,
    );
    assert.match(found, /drift +: "none" => "BareMetalHost: 3 missing, 1 different/);
    await lab.client.request('DELETE', `/apis/metal3.io/v1alpha1/namespaces/lab/baremetalhosts/worker-9`);
    assert.match(await project.must(['stack', 'export']), /"BareMetalHost.metal3.io": 197,/);
    assert.match(await up(t, 200, fromEnvironment), /BareMetalHost: 4 added, 196 unchanged/);
    assert.equal((await hosts()).size, 200);
  });

  it('records what it could not finish, and finishes it the next time', async (t) => {
    const path = '/apis/metal3.io/v1alpha1/namespaces/lab/baremetalhosts/worker-4';
    const body = { spec: { online: false } };
    const query = { fieldManager: 'somebody' };
    await lab.client.request('PATCH', path, { query, contentType: 'application/merge-patch+json', body });
    const { code, text } = await pulumi(['up', '--yes', '--skip-preview'], env(250, fromEnvironment));
    assert.notEqual(code, 0);
    assert.match(text, /BareMetalHost lab\/worker-4 was refused: .spec.online: conflict.*forceConflicts/);
    assert.equal((await hosts()).size, 250);
    const options = { LAB_OPTIONS: JSON.stringify({ forceConflicts: true }) };
    await up(t, 250, { ...fromEnvironment, ...options });
    const clean = await pulumi(['up', '--yes', '--expect-no-changes'], env(250, { ...fromEnvironment, ...options }));
    assert.equal(clean.code, 0, clean.text);
  });

  it('destroys everything that it has made, and nothing else', async (t) => {
    await lab.client.request('POST', collectionPath('v1', 'secrets', 'default'), {
      body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'of-somebody-else' } },
    });
    const start = performance.now();
    const { code, text } = await pulumi(['destroy', '--yes', '--skip-preview'], env(250, fromEnvironment));
    assert.equal(code, 0, text);
    t.diagnostic(`destroyed in ${seconds(start)} s`);
    assert.equal((await hosts()).size, 0);
    assert.deepEqual([...(await secrets()).keys()], ['default/of-somebody-else']);
    assert.deepEqual(await ownNamespaces(lab), []);
    const configMaps = await versionsOf(collectionPath('v1', 'configmaps', 'default'));
    assert.deepEqual([...configMaps.keys()], []);
  });

  it('can destroy what was on a cluster that is gone, once it is told to', async (t) => {
    const options = (onClusterGone: string) => ({ LAB_OPTIONS: JSON.stringify({ onClusterGone }) });
    await up(t, 10, options('fail'));
    lab.kill('kube-apiserver');
    const refused = await pulumi(['destroy', '--yes', '--skip-preview'], env(10, options('fail')));
    assert.notEqual(refused.code, 0);
    assert.match(
      refused.text,
      /if it is gone for good, do this again with PULUMI_K8S_DELETE_UNREACHABLE=true in the environment/,
    );
    // Nothing twice, and no stack.
    const [, diagnostics = ''] = refused.text.split('Diagnostics:');
    assert.equal(diagnostics.split('if it is gone for good').length - 1, 1, refused.text);
    assert.doesNotMatch(refused.text, /\n\s+at /);
    // Said of one run, or of all from now on.
    await up(t, 10, options('forget'));
    await up(t, 10, options('fail'));
    const forget = { ...options('fail'), PULUMI_K8S_DELETE_UNREACHABLE: 'true' };
    const { code, text } = await pulumi(['destroy', '--yes', '--skip-preview'], env(10, forget));
    assert.equal(code, 0, text);
    assert.match(text, /HostFleet fleet.dev.worker is forgotten/);
    await lab.restart();
    // It was not gone after all, and neither is what was forgotten.
    assert.equal((await hosts()).size, 10);
    for (const [apiVersion, plural] of [
      ['metal3.io/v1alpha1', 'baremetalhosts'],
      ['v1', 'secrets'],
    ] as const)
      await lab.client.request('DELETE', collectionPath(apiVersion, plural, 'lab'));
  });

  const hasKubernetes = await isOnPath('pulumi-resource-kubernetes');
  const skip = hasKubernetes ? false : 'pulumi-resource-kubernetes is not on PATH';
  it('makes a resource of each object where that is asked for', { skip }, async (t) => {
    // Pulumi's own provider waits for a deleted namespace, which without a controller manager never goes.
    const options = { LAB_OPTIONS: JSON.stringify({ asResources: true }), LAB_SPREAD: 'no' };
    await up(t, 10, options);
    assert.equal((await hosts()).size, 10);
    const before = await hosts();
    const { code, text } = await pulumi(['up', '--yes', '--expect-no-changes'], env(10, options));
    assert.equal(code, 0, text);
    assert.match(await up(t, 15, options), /\+ 10 created/);
    assert.deepEqual(new Map([...(await hosts())].filter(([name]) => before.has(name))), before);
    await project.must(['destroy', '--yes', '--skip-preview'], env(15, options));
    assert.equal((await hosts()).size, 0);
  });

  it('has shown no credential, in no state and no output', () => {
    const base64 = [CANARY, ROTATED].map((each) => Buffer.from(each).toString('base64'));
    const secrets = [CANARY, ROTATED, ...base64];
    for (const secret of secrets) {
      assert.ok(!said.includes(secret), `${secret} is in what pulumi said`);
      for (const { file, text } of project.written()) assert.ok(!text.includes(secret), `${secret} is in ${file}`);
    }
  });
});

/** The namespaces that a test has made, in order. */
async function ownNamespaces(lab: Lab): Promise<readonly string[]> {
  const { items } = await lab.client.request<{ readonly items: readonly KubernetesObject[] }>(
    'GET',
    collectionPath('v1', 'namespaces'),
  );
  return items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('lab'));
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}
