/** What apply makes of manifests as they come: cut, out of order, read back from the cluster, from anywhere. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Applier } from '../../src/apply/apply';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { ignoreNotFound } from '../../src/kubernetes/ignore-not-found';
import { pagesOf } from '../../src/kubernetes/pages';
import { cli, isOnPath, runProgram, root, type CliResult } from '../support/cli';
import { fleetOf, objectsOf } from '../faults/support/hosts';
import { Lab } from '../faults/support/lab';

const HOSTS = '/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts';

describe('manifests, against a real API server', { timeout: 300_000 }, () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.start();
  });
  after(() => lab.stop());

  const run = (args: readonly string[], stdin?: string): Promise<CliResult> =>
    cli([...args, '--kubeconfig', lab.kubeconfig, '--state-dir', join(lab.dir, 'applied')], {
      ...(stdin === undefined ? {} : { stdin }),
    });
  const write = (name: string, content: unknown): string => {
    const file = join(lab.dir, name);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };
  const configMap = (name: string, metadata: object = {}, data: object = {}) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...metadata },
    data,
  });
  const list = (items: readonly object[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const namesOf = async (path: string, prefix: string): Promise<readonly string[]> => {
    const names: string[] = [];
    for await (const { items } of pagesOf<KubernetesObject>(lab.client, path))
      for (const { metadata } of items) if (metadata.name.startsWith(prefix)) names.push(metadata.name);
    return names.sort();
  };

  describe('a pipe that was cut', () => {
    it('of generate is told by its end, and kubectl reads the marks as comments', async () => {
      const { stdout: whole } = await cli(['generate', '--count', '20', '--name', 'brk', '--namespace', 'default']);
      assert.equal((await run(['apply', '-', '--prune', '--set', 'brk'], whole)).code, 0);
      const mid = Math.floor(whole.length / 2);
      const edges = [
        whole.indexOf('\n') + 1,
        whole.length - 1,
        whole.lastIndexOf('#'),
        whole.indexOf('name: brk-15') + 12,
      ];
      for (const at of [mid, mid + 1, mid + 50, whole.lastIndexOf('---\n', mid), ...edges]) {
        const { code, stderr } = await run(['apply', '-', '--prune', '--set', 'brk'], whole.slice(0, at));
        assert.equal(code, 2, stderr);
        assert.match(stderr, /stdin is incomplete: generate began/, `cut at ${at}`);
      }
      const file = write('cut.yaml', whole.slice(0, mid));
      assert.match(
        (await run(['apply', file, '--prune', '--set', 'brk'])).stderr,
        /cut.yaml is incomplete: generate began/,
      );
      assert.equal((await namesOf(HOSTS, 'brk-')).length, 20);
      const fewer = await cli(['generate', '--count', '2', '--name', 'brk', '--namespace', 'default']);
      const { code, stdout } = await run(['apply', '-', '--prune', '--set', 'brk'], fewer.stdout);
      assert.deepEqual([code, stdout], [0, '4 unchanged, 36 removed\n']);
      if (!(await isOnPath('kubectl'))) return;
      const dry = ['--kubeconfig', lab.kubeconfig, 'create', '--dry-run=client', '-o', 'name', '-f', '-'];
      const read = await runProgram('kubectl', dry, { stdin: fewer.stdout });
      assert.deepEqual([read.code, read.stdout.trim().split('\n').length], [0, 4], read.stderr);
    });

    it('of anybody else prunes a few objects, and more only when told', async () => {
      const maps = Array.from({ length: 40 }, (_, i) => configMap(`any-${i}`));
      const text = (count: number) =>
        maps
          .slice(0, count)
          .map((map) => `${JSON.stringify(map)}\n`)
          .join('---\n');
      assert.equal((await run(['apply', '-', '--prune', '--set', 'any'], text(40))).code, 0);
      const refused = await run(['apply', '-', '--prune', '--set', 'any'], text(20));
      assert.equal(refused.code, 2);
      assert.match(
        refused.stderr,
        /stdin may be incomplete \(no end mark\), and 20 of the 40 objects of the set any are not in it \(20 ConfigMap\)/,
      );
      assert.match(refused.stderr, /they were not deleted: pass --yes/);
      assert.match(
        (await run(['prune', '-', '--set', 'any'], text(20))).stderr,
        /20 of the 40 objects of the set any are not in it/,
      );
      assert.equal((await namesOf('/api/v1/configmaps', 'any-')).length, 40);
      assert.match((await run(['apply', '-', '--prune', '--set', 'any'], text(35))).stdout, /5 removed/);
      // A file says by itself where it ends.
      assert.match((await run(['apply', write('any.yaml', text(30)), '--prune', '--set', 'any'])).stdout, /5 removed/);
      assert.match((await run(['apply', '-', '--prune', '--yes', '--set', 'any'], text(5))).stdout, /25 removed/);
    });

    it('never takes a namespace with it', async () => {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'cut-away' } };
      const lines = [configMap('kept-1'), namespace].map((object) => JSON.stringify(object));
      assert.equal((await run(['apply', '-', '--prune', '--set', 'cut-away'], lines.join('\n'))).code, 0);
      const { code, stderr } = await run(['apply', '-', '--prune', '--set', 'cut-away'], lines[0] ?? '');
      assert.deepEqual(
        [code, /1 of the 2 objects of the set cut-away are not in it \(1 Namespace\)/.test(stderr)],
        [2, true],
        stderr,
      );
    });

    it('is asked about at a terminal', async (t) => {
      if (!(await isOnPath('script'))) return t.skip('script is not on PATH');
      const maps = Array.from({ length: 30 }, (_, i) => JSON.stringify(configMap(`tty-${i}`)));
      assert.equal((await run(['apply', '-', '--set', 'tty'], maps.join('\n'))).code, 0);
      const few = write('tty.json', maps.slice(0, 5).join('\n'));
      const main = join(root, 'build', 'src', 'cli', 'main.js');
      const command = `cat ${few} | ${process.execPath} ${main} apply - --prune --set tty --kubeconfig ${lab.kubeconfig} --state-dir ${join(lab.dir, 'applied')}`;
      const asked = await runProgram('script', ['-qec', command, '/dev/null'], { stdin: 'no\n' });
      assert.match(asked.stdout, /Type 'yes' to confirm: [^]*nothing was deleted from the set tty: you answered no/);
      const agreed = await runProgram('script', ['-qec', command, '/dev/null'], { stdin: 'yes\n' });
      assert.match(agreed.stdout, /25 removed/);
    });
  });

  it('applies thousands of objects in any order', async () => {
    const text = shuffled(objectsInDisorder('late'), 42)
      .map((object) => `${JSON.stringify(object)}\n`)
      .join('---\n');
    const { code, stdout, stderr } = await run(['apply', '-', '--set', 'late'], text);
    assert.deepEqual([code, stdout], [0, '5000 added\n'], stderr);
    const again = await run(['apply', write('late.yaml', text), '--set', 'late']);
    assert.deepEqual([again.code, again.stdout], [0, '5000 unchanged\n'], again.stderr);
  });

  it('says once what is missing, and for which objects', async () => {
    const things = Array.from({ length: 150 }, (_, i) => configMap(`m${i}`, { namespace: 'nowhere' }));
    const alien = { apiVersion: 'no.example/v1', kind: 'Alien', metadata: { name: 'a' } };
    const { code, stderr } = await run(
      ['apply', '-', '--set', 'lost', '--prune'],
      list([alien, ...things, configMap('found')]),
    );
    assert.equal(code, 5);
    assert.match(
      stderr,
      /neither the manifests nor the API server has .*namespace nowhere \(needed by 150 objects: ConfigMap nowhere\/m\d+, /,
    );
    assert.match(stderr, /kind Alien of no.example\/v1 \(needed by 1 object: Alien a\)/);
    assert.equal((await namesOf('/api/v1/namespaces/default/configmaps', 'found')).length, 1);
  });

  it('counts as changed what has another version through us', async () => {
    const applier = new Applier(lab.client);
    const options = { task: 'counted', set: { name: 'counted' } };
    // A number that the API server writes in another way, so that it always has to be asked.
    const quota = (cpu: string) =>
      ({
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'counted' },
        spec: { hard: { cpu } },
      }) as KubernetesObject;
    assert.equal((await applier.apply([quota('1000m')], options)).added, 1);
    assert.deepEqual(pick(await applier.apply([quota('1000m')], options)), [0, 1]);
    // Somebody changes its status after it was listed.
    const path = '/api/v1/namespaces/default/resourcequotas/counted';
    const touched = async function* () {
      const run = lab.client.request('PATCH', `${path}/status`, {
        query: { fieldManager: 'somebody' },
        contentType: 'application/merge-patch+json',
        body: { status: { used: { cpu: String(Math.ceil(Math.random() * 1e6)) } } },
      });
      await run;
      yield quota('1000m');
    };
    // The time at which we have last written is told in whole seconds.
    await nextSecond();
    const run = await applier.begin(options);
    await run.describe([quota('1000m')]);
    await run.end();
    const second = await applier.begin(options);
    // Listed with the first of its kind, and touched after that.
    await second.apply(touched());
    assert.deepEqual(pick(await second.finish()), [0, 1]);
    assert.deepEqual(pick(await applier.apply([quota('2')], options)), [1, 0]);
    const plan = await applier.plan([quota('2000m')], options);
    assert.deepEqual([plan.changed, plan.unchanged], [0, 1]);
    const all = { task: 'counted' };
    const alone = configMap('alone') as KubernetesObject;
    assert.equal((await applier.applyAll([alone], all)).added, 1);
    assert.deepEqual(pick(await applier.applyAll([alone], all)), [0, 1]);
    assert.deepEqual(
      pick(await applier.applyAll([configMap('alone', {}, { a: 'b' }) as KubernetesObject], all)),
      [1, 0],
    );
  });

  it('takes back what kubectl get has shown of it', async () => {
    const name = 'shown';
    const applier = new Applier(lab.client);
    await applier.apply(objectsOf(fleetOf(name, 2)), { task: name, set: { name } });
    await lab.client.request('PATCH', `${HOSTS}/shown-1/status`, {
      query: { fieldManager: 'operator' },
      contentType: 'application/merge-patch+json',
      body: {
        status: {
          provisioning: { state: 'available', ID: '', image: { url: '' } },
          poweredOn: true,
          hardwareProfile: '',
          errorMessage: '',
          errorCount: 0,
          operationalStatus: 'OK',
          operationHistory: {},
        },
      },
    });
    const shown = [];
    for (const path of [
      `${HOSTS}/shown-1`,
      `${HOSTS}/shown-2`,
      '/api/v1/namespaces/default/secrets/shown-1-bmc-secret',
    ])
      shown.push(await lab.client.request<object>('GET', path));
    shown.push(await lab.client.request<object>('GET', '/api/v1/namespaces/default/secrets/shown-2-bmc-secret'));
    const versionOf = async () =>
      (await lab.client.request<KubernetesObject>('GET', `${HOSTS}/shown-1`)).metadata.resourceVersion;
    // The first time it becomes the owner of what the CRD has filled in.
    const first = await run(['apply', '-', '--set', name, '--prune'], list(shown));
    assert.deepEqual([first.code, first.stdout], [0, '2 changed, 2 unchanged\n'], first.stderr);
    const before = await versionOf();
    const second = await run(['apply', '-', '--set', name, '--prune'], list(shown));
    assert.deepEqual([second.code, second.stdout], [0, '4 unchanged\n'], second.stderr);
    assert.equal(await versionOf(), before);
    if (await isOnPath('kubectl')) {
      const get = [
        '--kubeconfig',
        lab.kubeconfig,
        'get',
        'bmh,secrets',
        '-o',
        'yaml',
        '--show-managed-fields',
        '-l',
        'fleet=shown',
      ];
      const { stdout: yaml } = await runProgram('kubectl', get);
      const { code, stderr } = await run(['apply', '-', '--set', name], yaml);
      assert.equal(code, 0, stderr);
    }
    const theirs = await run(['apply', '-', '--set', 'theirs'], list(shown));
    assert.match(theirs.stderr, /has the label applyset.kubernetes.io\/part-of of another set/);
  });

  it('reads folders, URLs and kustomizations, into the namespace that is asked for', async (t) => {
    await new Applier(lab.client).applyAll([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'wanted' } }], {
      task: 'n',
    });
    const inNamespace = (prefix: string) => namesOf('/api/v1/namespaces/wanted/configmaps', prefix);
    write('deep/a.yaml', configMap('deep-a'));
    write('deep/b/c.json', configMap('deep-b'));
    write('deep/b/ignored.txt', 'not a manifest');
    const folder = join(lab.dir, 'deep');
    assert.match((await run(['apply', folder, '-n', 'wanted', '--set', 'deep'])).stdout, /^1 added/);
    assert.match((await run(['apply', '-R', folder, '-n', 'wanted', '--set', 'deep'])).stdout, /^1 added, 1 unchanged/);
    assert.deepEqual(await inNamespace('deep'), ['deep-a', 'deep-b']);
    const elsewhere = await run(
      ['apply', '-', '-n', 'wanted', '--set', 'deep'],
      list([configMap('x', { namespace: 'default' })]),
    );
    assert.deepEqual([elsewhere.code, /names namespace default, and -n wanted/.test(elsewhere.stderr)], [2, true]);

    const server = createServer(({ url }, response) => {
      if (url === '/old') response.writeHead(301, { location: '/new' }).end();
      else response.end(JSON.stringify(configMap('from-url')));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/old`;
    assert.match((await run(['apply', url, '-n', 'wanted', '--set', 'url', '--prune'])).stdout, /^1 added/);
    assert.deepEqual(await inNamespace('from-url'), ['from-url']);

    if (!(await isOnPath('kubectl')) && !(await isOnPath('kustomize'))) return;
    write('kustomize/kustomization.yaml', 'resources: [a.yaml]\nnamePrefix: kz-\n');
    write('kustomize/a.yaml', configMap('a'));
    const rendered = await run(['apply', '-k', join(lab.dir, 'kustomize'), '-n', 'wanted', '--set', 'kz']);
    assert.match(rendered.stdout, /^1 added/, rendered.stderr);
    assert.deepEqual(await inNamespace('kz-'), ['kz-a']);
    assert.match((await run(['apply', 'a.yaml', '-k', 'b'])).stderr, /manifests and -k are both given/);
  });

  it('writes nothing in a dry run, and says what would become of each object', async () => {
    const maps = [configMap('dry-a'), configMap('dry-b')];
    const first = await run(['apply', '-', '--dry-run=server', '--set', 'dry'], list(maps));
    assert.deepEqual([first.code, first.stdout], [0, '2 added (server dry run)\n'], first.stderr);
    assert.deepEqual(await namesOf('/api/v1/namespaces/default/configmaps', 'dry'), []);
    assert.deepEqual(await namesOf('/apis/coordination.k8s.io/v1/namespaces/default/leases', 'applyset.dry'), []);
    assert.equal((await run(['apply', '-', '--set', 'dry'], list(maps))).code, 0);
    const version = async () =>
      (
        await ignoreNotFound(
          lab.client.request<{ metadata: { resourceVersion: string } }>(
            'GET',
            '/api/v1/namespaces/default/configmaps/dry',
          ),
        )
      )?.metadata.resourceVersion;
    const before = await version();
    const changed = list([configMap('dry-a', {}, { a: 'b' })]);
    const second = await run(['apply', '-', '--dry-run=server', '--prune', '--set', 'dry'], changed);
    assert.equal(second.stdout, '1 changed, 1 removed (server dry run)\n');
    const refused = await run(
      ['apply', '-', '--dry-run', 'server', '--set', 'dry'],
      list([{ ...configMap('dry-c'), data: { a: 1 } }]),
    );
    assert.equal(refused.code, 5, refused.stdout);
    assert.match(refused.stderr, /ConfigMap dry-c was refused/);
    assert.equal(await version(), before);
  });

  it('refuses at once what leads elsewhere', async () => {
    for (const namespace of ['..', '.', '%2e%2e']) {
      const started = performance.now();
      for (const command of ['apply', 'diff', 'prune']) {
        const { code, stderr } = await run([command, '-', '--set', 'dots'], list([configMap('a', { namespace })]));
        assert.deepEqual(
          [
            code,
            /namespace of ConfigMap a .* is not a valid DNS label|has a metadata.namespace that is not a valid namespace/.test(
              stderr,
            ),
          ],
          [2, true],
          stderr,
        );
      }
      assert.ok(performance.now() - started < 20_000);
    }
  });
});

function pick({ changed, unchanged }: { readonly changed: number; readonly unchanged: number }): readonly number[] {
  return [changed, unchanged];
}

async function nextSecond(): Promise<void> {
  const { setTimeout: delay } = await import('node:timers/promises');
  await delay(2_000 - (Date.now() % 1_000));
}

/** 5,000 objects: namespaces and CRDs, and what needs them. */
function objectsInDisorder(group: string): readonly object[] {
  const namespaces = Array.from({ length: 40 }, (_, i) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: `${group}-${i}` },
  }));
  const crds = Array.from({ length: 20 }, (_, i) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `thing${i}s.${group}.example` },
    spec: {
      group: `${group}.example`,
      scope: 'Namespaced',
      names: { kind: `Thing${i}`, plural: `thing${i}s` },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  }));
  const things = Array.from({ length: 400 }, (_, i) => ({
    apiVersion: `${group}.example/v1`,
    kind: `Thing${i % 20}`,
    metadata: { name: `t${i}`, namespace: `${group}-${i % 40}` },
  }));
  const maps = Array.from({ length: 4540 }, (_, i) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `m${i}`, namespace: `${group}-${i % 40}` },
  }));
  return [...maps, ...things, ...crds, ...namespaces];
}

/** The same order for the same seed. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const out = [...items];
  let state = seed;
  for (let i = out.length - 1; i > 0; i--) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    const j = state % (i + 1);
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}
