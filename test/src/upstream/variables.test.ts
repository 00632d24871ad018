import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { App, Chart, Testing } from 'cdk8s';
import { ClusterApi } from '../../../lib';
import { readTestbedFile } from '../../../src/testbed/file';
import { addManifests, readManifests, updateManifests, verifyManifests } from '../../../src/upstream/manifests';
import { withVariables } from '../../../src/upstream/variables';
import { cli } from '../../support/cli';
import { managerArgumentsOf } from '../../support/providers';
import { refuses } from '../../support/refuses';
import { rejects } from '../../support/rejects';
import type { KubernetesObject } from '../../support/upstream';
import { release, workbench } from './workbench';

const substituted = (text: string, env: Readonly<Record<string, string>> = {}, given = {}) =>
  withVariables(text, { given, env }, 'components.yaml').text;

/** A provider's components as its releases publish them, of our own making. */
const components = `apiVersion: v1
kind: Namespace
metadata:
  name: capi-system
  labels: { cluster.x-k8s.io/provider: cluster-api }
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: capi-controller-manager
  namespace: capi-system
  labels: { cluster.x-k8s.io/provider: cluster-api }
spec:
  selector: { matchLabels: { app: capi } }
  template:
    metadata: { labels: { app: capi } }
    spec:
      containers:
        - name: manager
          image: registry.test/capi:v1.12.1
          args:
            - --leader-elect
            - --diagnostics-address=\${CAPI_DIAGNOSTICS_ADDRESS:=:8443}
            - --feature-gates=MachinePool=\${EXP_MACHINE_POOL:=true},ClusterTopology=\${CLUSTER_TOPOLOGY:=false}
            - --log=$(POD_NAME) and $\${NOT_A_VARIABLE}
`;

describe('variables in components', () => {
  it('have their value, and where that is empty or there is none their default', () => {
    for (const [text, expected] of [
      ['${A}', 'a'],
      ['${A:=x}${A:-x}${A=x}${A-x}', 'aaaa'],
      ['${N:=x}${N:-y}${N=z}${N-w}', 'xyzw'],
      ['${EMPTY:=x}${EMPTY-y}', 'xy'],
      ['[${EMPTY}]', '[]'],
      ["${N:='false'}", "'false'"],
      ['${N:=}', ''],
      ['${N:=:8443}', ':8443'],
      ['${N:=a b=c,d:e}', 'a b=c,d:e'],
      ['${N:=$HOME $(X)}', '$HOME $(X)'],
      ['${ A } ${ A} ${A }', 'a a a'],
      ['${N:=${A}}-${N:=${M:=deep}!}', 'a-deep!'],
      ['${A:=${M}}', 'a'],
      ['$${A} $$$${A} $$ $ $(A) $A', '${A} $${A} $ $ $(A) $A'],
      ['$$${A}', '$a'],
      ['no variables', 'no variables'],
    ] as const)
      assert.equal(substituted(text, { A: 'a', EMPTY: '' }), expected, text);
  });

  it('are given before the environment is asked, and values are not looked at again', () => {
    assert.equal(substituted('${A}', { A: 'env' }, { A: 'given' }), 'given');
    assert.equal(substituted('${A} ${B:=b}', { A: '${B}', B: '$$' }), '${B} $$');
  });

  it('without a value and a default are named, all of them', () => {
    refuses(
      () => substituted('${B} ${A} ${C:=c} ${C} ${N:=${D}}'),
      /^components\.yaml needs values for A, B, C, D: give --variable A=VALUE .* or set them in the environment$/,
    );
  });

  it('are refused in forms that say something else, and where they have no end', () => {
    for (const [text, pattern] of [
      ['a\nb ${A^^}', /line 2: the variable \$\{A\^\^\} is of a form that is not supported: use \$\{NAME\} or/],
      ['${A:0:3}', /is of a form/],
      ['${A/x/y}', /is of a form/],
      ['${A:?needed}', /is of a form/],
      ['${#A}', /has no name/],
      ['${}', /has no name/],
      ['${A', /is of a form/],
      ['${A:=x', /has no end/],
      ['${A:='.repeat(30), /has defaults that are more than 16 deep/],
    ] as const)
      refuses(() => substituted(text, { A: '' }), pattern);
  });

  it('are refused where a value is given to none of them', () => {
    refuses(
      () => substituted('${MACHINE_POOL:=x}', {}, { MACHINE_POOOL: 'y' }),
      /has no variable MACHINE_POOOL; did you mean MACHINE_POOL\?/,
    );
    refuses(() => substituted('nothing', {}, { A: 'y' }), /has no variable A; it has none/);
  });

  it('do not become more than manifests may have', () => {
    refuses(() => substituted('${A}'.repeat(40), { A: 'x'.repeat(1024 * 1024) }), /has more than 33554432 bytes once/);
  });
});

describe("manifests of a provider's release", () => {
  it('have values in place of their variables, and run as the description says', async (t) => {
    const { options, write, dir } = workbench(t, {
      'testbed.yaml':
        'hostSets: []\nclusterApi: { core: { version: v1.12.1, manifests: capi, featureGates: { ClusterTopology: true }, kubeApiQps: 50, logLevel: 5 } }\n',
    });
    await addManifests('capi', write('core-components.yaml', components), options);
    const before = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = options.env.XDG_CACHE_HOME;
    t.after(() => {
      if (before === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = before;
    });
    const { clusterApi } = await readTestbedFile(join(dir, 'testbed.yaml'));
    const chart = new Chart(new App(), 'c');
    const built = new ClusterApi(chart, 'capi', { ...clusterApi?.core, clusterctl: true });
    const objects = Testing.synth(chart) as KubernetesObject[];
    assert.equal(built.image, 'registry.test/capi:v1.12.1');
    assert.deepEqual(managerArgumentsOf(objects), [
      ...['--leader-elect', '--diagnostics-address=:8443', '--log=$(POD_NAME) and ${NOT_A_VARIABLE}'],
      ...['--feature-gates=MachinePool=true,ClusterTopology=true', '--kube-api-qps=50', '--v=5'],
    ]);
    assert.equal(objects.find(({ kind }) => kind === 'Provider')?.['version'], 'v1.12.1');
    refuses(
      () =>
        new ClusterApi(new Chart(new App(), 'c'), 'capi', {
          version: 'v1.12.1',
          manifests: [
            {
              apiVersion: 'v1',
              kind: 'Namespace',
              metadata: { name: 'x', labels: { 'cluster.x-k8s.io/provider': 'ipam-metal3' } },
            },
          ],
        }),
      /the manifests are of ipam-metal3, not of cluster-api: give those of the Cluster API core provider/,
    );
  });

  it('are taken in again as they were: with the values that were given, and with those of the environment', async (t) => {
    const { options, write, locked, lockFile, cache } = workbench(t);
    const source = write('core-components.yaml', components);
    const env: NodeJS.ProcessEnv = { ...options.env, CLUSTER_TOPOLOGY: 'true', UNRELATED: 'secret' };
    const variables = { EXP_MACHINE_POOL: 'false' };
    const taken = await addManifests('capi', source, { ...options, env, variables });
    assert.deepEqual([taken.variables, taken.environment], [variables, ['CLUSTER_TOPOLOGY']]);
    const gates = () => JSON.stringify(readManifests('capi', options)).match(/--feature-gates=[^"]*/)?.[0];
    assert.equal(gates(), '--feature-gates=MachinePool=false,ClusterTopology=true');
    // The value that was given is in the lock file, the one of the environment is not.
    const { sha256 } = taken;
    assert.deepEqual(locked().manifests, {
      capi: { source: 'core-components.yaml', sha256, variables, environment: ['CLUSTER_TOPOLOGY'] },
    });
    assert.doesNotMatch(readFileSync(lockFile, 'utf8'), /secret|true/);
    assert.equal(statSync(join(cache, `${sha256}.yaml`)).mode & 0o777, 0o600);

    const elsewhere = { ...options, env: { ...env, XDG_CACHE_HOME: join(cache, 'elsewhere') } };
    // What was not in the environment then has no say now.
    const more = { ...elsewhere, env: { ...elsewhere.env, CAPI_DIAGNOSTICS_ADDRESS: ':1' } };
    assert.equal((await verifyManifests([], more))[0]?.from, 'source');
    const unset: NodeJS.ProcessEnv = { ...elsewhere.env, CLUSTER_TOPOLOGY: undefined };
    await rejects(
      verifyManifests([], { ...options, env: { ...unset, XDG_CACHE_HOME: join(cache, 'third') } }),
      /taken in with CLUSTER_TOPOLOGY of the environment, which is not set here/,
      'environment',
    );
    await updateManifests(['capi'], { ...options, variables: { CLUSTER_TOPOLOGY: 'false' } });
    assert.equal(gates(), '--feature-gates=MachinePool=false,ClusterTopology=false');
    assert.deepEqual(locked().manifests['capi'], {
      source: 'core-components.yaml',
      sha256: (await verifyManifests([], options))[0]?.sha256,
      variables: { EXP_MACHINE_POOL: 'false', CLUSTER_TOPOLOGY: 'false' },
    });
  });

  it('are refused where a variable has no value, and nothing is written', async (t) => {
    const { options, write, files, dir } = workbench(t);
    const source = write('components.yaml', components.replace(':=:8443', ''));
    const before = files();
    await rejects(
      addManifests('capi', source, options),
      /components\.yaml needs values for CAPI_DIAGNOSTICS_ADDRESS: give --variable/,
      'invalid-input',
    );
    assert.deepEqual(files(), before);
    const added = await cli(
      ['manifests', 'add', 'capi', source, '--variable', 'CAPI_DIAGNOSTICS_ADDRESS=127.0.0.1:1'],
      { cwd: dir, env: { XDG_CACHE_HOME: join(dir, 'cache') } },
    );
    assert.equal(added.code, 0, added.stderr);
    assert.match(added.stdout, /^capi: 2 objects, sha256 /);
    const bad = await cli(['manifests', 'add', 'other', source, '--variable', 'NOTHING'], {
      cwd: dir,
      env: { XDG_CACHE_HOME: join(dir, 'cache') },
    });
    assert.equal(bad.code, 2);
    assert.match(bad.stderr, /--variable NOTHING has no value: give --variable NAME=VALUE/);
  });

  it('stay as they are where they are of no provider, whatever is in them', async (t) => {
    const { options, write } = workbench(t);
    const text = release.replace("'bmo:v0.3.0'", () => "'bmo:${TAG} $$'");
    await addManifests('bmo', write('bmo.yaml', text), options);
    assert.match(JSON.stringify(readManifests('bmo', options)), /bmo:\$\{TAG\} \$\$/);
    await rejects(
      addManifests('other', write('bmo.yaml', text), { ...options, variables: { TAG: 'x' } }),
      /is of no provider of Cluster API, and has no variables: leave --variable TAG out/,
      'invalid-input',
    );
  });
});
