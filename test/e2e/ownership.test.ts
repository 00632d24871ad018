/** Testbeds on a cluster that others use as well: what each of them takes for its own, and what it leaves alone. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { namespaceObject } from '../../src/kubernetes/objects';
import { pagesOf } from '../../src/kubernetes/pages';
import { collectionPath, RESTMapper } from '../../src/kubernetes/rest-mapper';
import { Lab } from '../faults/support/lab';
import { cli, type CliResult } from '../support/cli';

const HOSTS = collectionPath('metal3.io/v1alpha1', 'baremetalhosts');
/** What is in no namespace and still somebody's. */
const CLUSTER_WIDE = [
  collectionPath('v1', 'namespaces'),
  collectionPath('apiextensions.k8s.io/v1', 'customresourcedefinitions'),
  collectionPath('rbac.authorization.k8s.io/v1', 'clusterroles'),
  collectionPath('rbac.authorization.k8s.io/v1', 'clusterrolebindings'),
];

function succeeds(result: CliResult): CliResult {
  assert.equal(result.code, 0, result.stderr);
  return result;
}

describe('testbeds on a cluster that others use too, a real kube-apiserver and kwok', { timeout: 900_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-ownership-'));
  const stateDirs: string[] = [];
  let lab: Lab;
  let where: readonly string[];

  before(async () => {
    lab = await Lab.start();
    const { 'current-context': context } = parse(readFileSync(lab.kubeconfig, 'utf8')) as Record<string, string>;
    where = ['--kubeconfig', lab.kubeconfig, '--context', context ?? ''];
    await lab.client.request('POST', '/api/v1/namespaces', { body: namespaceObject('lab') });
    for (const [name, set] of [
      ['real', 'real'],
      ['other', 'other'],
    ] as const) {
      const count = name === 'real' ? '30' : '10';
      const first = name === 'real' ? '1' : '1001';
      const { stdout } = succeeds(
        await cli(['generate', '--count', count, '--name', name, '--namespace', 'lab', '--first-index', first]),
      );
      const args = ['apply', '-', '--set', set, ...where, '--state-dir', join(dir, `apply-${set}`)];
      succeeds(await cli(args, { stdin: stdout }));
    }
  });
  after(async () => {
    for (const stateDir of stateDirs) await cli(['down', '--delete', '--state-dir', stateDir]);
    await lab.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /** @returns the arguments of `up` for a testbed of this name with two hosts */
  function testbed(name: string, firstIndex: number, platform = 'installCertManager: false\noperators: []\n') {
    const stateDir = join(dir, name);
    stateDirs.push(stateDir);
    const file = join(dir, `${name}.yaml`);
    writeFileSync(
      file,
      `${platform}hostSets: [{ count: 2, name: ${name}, namespace: ${name}, firstIndex: ${firstIndex} }]\n`,
    );
    const up = ['up', file, '--cluster', 'existing', ...where, '--simulator', 'kwok', '--state-dir', stateDir];
    const down = () => cli(['down', '--state-dir', stateDir]);
    return { stateDir, up: (...more: string[]) => cli([...up, ...more], { cwd: dir }), down };
  }

  /**
   * Every object there is, by kind and name, with its resourceVersion: one that has been written to has another.
   *
   * @param isTouched of which objects this does not count: hosts that a simulator has taken care of
   */
  async function everything(isTouched: (path: string) => boolean = () => false) {
    const found: Record<string, string> = {};
    const namespaced = (await new RESTMapper(lab.client).namespaced()).map(({ apiVersion, plural }) =>
      collectionPath(apiVersion, plural),
    );
    for (const path of [...new Set([...namespaced, ...CLUSTER_WIDE])].filter((each) => !each.endsWith('/events'))) {
      for await (const { items } of pagesOf<KubernetesObject>(lab.client, path, { metadataOnly: true })) {
        for (const object of items) {
          const { namespace = '', name, uid = '', resourceVersion = '', deletionTimestamp = '' } = object.metadata;
          // kube-apiserver's own, which it renews.
          if (namespace === 'kube-system' && path.endsWith('/leases')) continue;
          const version = isTouched(path) ? uid : resourceVersion;
          found[`${path} ${namespace}/${name}`] = `${version} ${deletionTimestamp}`;
        }
      }
    }
    return found;
  }
  /** kwok writes the status of all hosts, and their finalizers. */
  const except = (path: string) => path === HOSTS;
  const hosts = async () => {
    const names: string[] = [];
    for await (const { items } of pagesOf<KubernetesObject>(lab.client, HOSTS, { metadataOnly: true }))
      for (const { metadata } of items) names.push(metadata.name);
    return names;
  };

  it('refuses a cluster with hosts of others, and has changed nothing then', async () => {
    const mine = testbed('refused', 2001);
    const earlier = await everything();
    const refused = await mine.up();
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(
      refused.stderr,
      /the cluster has 40 BareMetalHosts that this testbed did not make \(lab\/other-\d+, lab\/other-\d+, lab\/other-\d+, …\).*--take-over-hosts/,
    );
    assert.doesNotMatch(refused.stderr, /simulator: /);
    assert.deepEqual(await everything(), earlier);
    // It has not got there, so that there is nothing to take off.
    succeeds(await mine.down());
    assert.deepEqual(await everything(), earlier);
  });

  it('goes on when it is told to, and takes off exactly what it put there', async () => {
    const mine = testbed('mine', 2101);
    const earlier = await everything(except);
    const up = succeeds(await mine.up('--take-over-hosts'));
    assert.match(up.stderr, /40 BareMetalHosts .* are simulated too, and never deleted by this testbed/);
    assert.equal((await hosts()).length, 42);
    // Hosts, Secrets, the namespace, and the two ConfigMaps in which the sets are recorded.
    const later = await everything(except);
    assert.equal(Object.keys(later).filter((each) => !(each in earlier)).length, 2 + 2 + 1 + 2);
    // Again, with nothing to change.
    succeeds(await mine.up('--take-over-hosts'));
    const down = succeeds(await mine.down());
    assert.match(down.stderr, /^hosts deleted: done in .*4 removed/m);
    assert.match(down.stderr, /^platform deleted: done in .*1 removed/m);
    assert.deepEqual(await everything(except), earlier);
    assert.equal(existsSync(mine.stateDir), false);
  });

  it('keeps two testbeds of one cluster apart', async () => {
    const earlier = await everything(except);
    const [one, two] = [testbed('one', 3001), testbed('two', 3101)];
    succeeds(await one.up('--take-over-hosts'));
    const withOne = await everything(except);
    succeeds(await two.up('--take-over-hosts'));
    // The second changes nothing of the first, and the other way round.
    const withBoth = await everything(except);
    for (const [name, version] of Object.entries(withOne)) assert.equal(withBoth[name], version, name);
    succeeds(await one.up('--take-over-hosts'));
    assert.deepEqual(await everything(except), withBoth);
    succeeds(await one.down());
    assert.deepEqual((await hosts()).filter((name) => /^(one|two)-/.test(name)).sort(), ['two-3101', 'two-3102']);
    const withTwo = await everything(except);
    for (const [name, version] of Object.entries(withBoth))
      if (name in withTwo) assert.equal(withTwo[name], version, name);
    succeeds(await two.down());
    assert.deepEqual(await everything(except), earlier);
  });

  it('deletes no namespace in which somebody else has something, and none that was there before', async () => {
    await lab.client.request('POST', '/api/v1/namespaces', { body: namespaceObject('before') });
    const [shared, before_] = [testbed('shared', 4001), testbed('before', 4101)];
    succeeds(await shared.up('--take-over-hosts'));
    const kept = succeeds(await before_.up('--take-over-hosts'));
    assert.match(kept.stderr, /since somebody else created it: Namespace before/);
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'notes' }, data: { a: 'b' } };
    await lab.client.request('POST', '/api/v1/namespaces/shared/configmaps', { body });
    const down = succeeds(await shared.down());
    assert.match(down.stderr, /Namespace shared was kept: it holds 1 objects of others \(ConfigMap shared\/notes\)/);
    succeeds(await before_.down());
    for (const name of ['shared', 'before']) {
      const { metadata } = await lab.client.request<KubernetesObject>('GET', `/api/v1/namespaces/${name}`);
      assert.equal(metadata.deletionTimestamp, undefined);
      assert.deepEqual(metadata.labels, { 'kubernetes.io/metadata.name': name });
    }
    await lab.client.request('GET', '/api/v1/namespaces/shared/configmaps/notes');
    assert.deepEqual(
      (await hosts()).filter((name) => /^(shared|before)-/.test(name)),
      [],
    );
  });

  it('gives up hosts whose simulator is gone, and those alone', async () => {
    const lost = testbed('lost', 5001);
    succeeds(await lost.up('--take-over-hosts'));
    const { pid } = JSON.parse(readFileSync(join(lost.stateDir, 'simulators', '1', 'simulator.pid'), 'utf8')) as {
      pid: number;
    };
    process.kill(pid, 'SIGKILL');
    const earlier = await everything();
    const down = succeeds(await lost.down());
    assert.match(
      down.stderr,
      /kwok has exited unexpectedly[^]*; metal3-testbed removes the finalizers of 2 objects itself/,
    );
    const later = await everything();
    for (const [name, version] of Object.entries(later)) assert.equal(version, earlier[name], name);
    assert.equal((await hosts()).filter((name) => name.startsWith('lost-')).length, 0);
    assert.equal((await hosts()).length, 40);
  });
});
