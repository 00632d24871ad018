import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { parse } from 'yaml';
import { CONFIG_KEYS } from '../../stacks/config-keys';
import { stackConfig, type StackConfig } from '../../stacks/stack-config';
import { tempDir } from '../support/temp-dir';
import { root } from '../support/cli';
import { record } from '../support/pulumi-recorder';
import { rejects } from '../support/rejects';

interface Declaration {
  readonly type: string;
  readonly description?: string;
  readonly default?: unknown;
}

const project = parse(readFileSync(join(root, 'Pulumi.yaml'), 'utf8')) as {
  readonly config: Readonly<Record<string, Declaration>>;
  readonly main: string;
};
const KEY = 'metal3-testbed:';

/** What the configuration comes to, with the project's defaults, as Pulumi hands it to the program. */
async function configured(config: Readonly<Record<string, unknown>>): Promise<StackConfig> {
  const values = Object.entries(project.config).map(([key, declared]) => [key, declared.default] as const);
  const all = { ...Object.fromEntries(values), ...withPrefix(config) };
  const texts = Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)] as const);
  const program = () => {
    pulumi.runtime.setAllConfig(Object.fromEntries(texts));
    return stackConfig();
  };
  return (await record(program)).result;
}

function withPrefix(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [`${KEY}${key}`, value]));
}

function description(t: TestContext, text: string): string {
  const file = join(tempDir(t), 'testbed.yaml');
  writeFileSync(file, text);
  return file;
}

describe('the configuration of a stack', () => {
  it('is typed and described key by key, and only the layer has no default', () => {
    const known = Object.entries(CONFIG_KEYS).map(([key, { default: value }]) => [`${KEY}${key}`, value]);
    const declared = Object.entries(project.config).map(([key, { default: value }]) => [key, value]);
    assert.deepEqual(Object.fromEntries(declared.filter(([key]) => key !== `${KEY}layer`)), Object.fromEntries(known));
    for (const [key, { type, description, default: value }] of Object.entries(project.config)) {
      assert.ok(key.startsWith(KEY), key);
      assert.ok(['string', 'integer', 'boolean', 'array', 'object'].includes(type), `${key}: ${type}`);
      assert.match(description ?? '', /^(Layers? |What the stack owns)/, key);
      assert.equal(value === undefined, key === `${KEY}layer`, key);
    }
    assert.equal(project.main, 'build/stacks/index.js');
  });

  it('has defaults for dev that are complete, and name no key that there is not', async () => {
    const folder = join(root, 'examples', 'stacks');
    const layers: string[] = [];
    for (const file of readdirSync(folder)) {
      const { config } = parse(readFileSync(join(folder, file), 'utf8')) as { config: Record<string, unknown> };
      for (const key of Object.keys(config)) assert.ok(Object.hasOwn(project.config, key), `${file}: ${key}`);
      const plain = Object.entries(config).map(([key, value]) => [key.slice(KEY.length), value] as const);
      const { layer } = await configured(Object.fromEntries(plain));
      assert.equal(file, `Pulumi.dev-${layer}.yaml`);
      layers.push(layer);
    }
    assert.deepEqual(layers.sort(), ['cluster', 'clusters', 'hosts', 'platform']);
  });

  it('gives the cluster layer what is set, and nothing for what is not', async () => {
    assert.deepEqual(await configured({ layer: 'cluster' }), {
      layer: 'cluster',
      config: { kind: 'kind', name: 'metal3-testbed', workers: 0, adopt: false, timeoutSeconds: 300 },
    });
    const set = { nodeImage: 'node:v1', workers: 2, loadImages: ['a:1'], ports: [{ hostPort: 80, nodePort: 80 }] };
    const { config } = await configured({ layer: 'cluster', ...set });
    assert.deepEqual(config, { kind: 'kind', name: 'metal3-testbed', adopt: false, timeoutSeconds: 300, ...set });
  });

  it('asks for what a cluster that is there is named by', async () => {
    const layer = 'cluster';
    const existing = { layer, cluster: 'existing', kubeconfig: '/lab/kubeconfig' };
    await rejects(configured(existing), /metal3-testbed:context is not set, which layer cluster/, 'invalid-input');
    assert.deepEqual((await configured({ ...existing, context: 'lab' })).config, {
      kind: 'existing',
      kubeconfig: '/lab/kubeconfig',
      context: 'lab',
    });
  });

  it('refuses a layer, a cluster or a choice that there is not, with those that there are', async () => {
    await rejects(
      configured({ layer: 'host' }),
      /layer is 'host': use cluster, platform, hosts, clusters/,
      'invalid-input',
    );
    const wrong = { layer: 'platform', clusterStack: 'a', onClusterGone: 'skip' };
    await rejects(configured(wrong), /onClusterGone is 'skip': use fail, forget/, 'invalid-input');
    await rejects(configured({ layer: 'hosts' }), /platformStack is not set/, 'invalid-input');
  });

  it('takes platform and hosts from one description, and leaves credentials where it says they are', async (t) => {
    const file = description(
      t,
      `certManager: { version: v1.11.0 }
operators: [{ concurrency: 8 }]
simulator: { failures: [] }
hostSets:
  - { count: 3, credentials: { usernameFrom: { env: NO_SUCH_VARIABLE }, passwordFrom: { file: no-such-file } } }
`,
    );
    const common = { description: file, onClusterGone: 'forget' };
    assert.deepEqual(await configured({ layer: 'platform', clusterStack: 'dev-cluster', ...common }), {
      layer: 'platform',
      config: {
        clusterStack: 'dev-cluster',
        onClusterGone: 'forget',
        timeoutSeconds: 300,
        forceConflicts: false,
        certManager: { version: 'v1.11.0' },
        stages: { failures: [] },
        operators: [{ concurrency: 8 }],
      },
    });
    const credentials = {
      usernameFrom: { env: 'NO_SUCH_VARIABLE' },
      passwordFrom: { file: join(file, '..', 'no-such-file') },
    };
    assert.deepEqual(await configured({ layer: 'hosts', platformStack: 'dev-platform', ...common }), {
      layer: 'hosts',
      config: {
        clusterStack: 'dev-platform',
        onClusterGone: 'forget',
        forceConflicts: false,
        asResources: false,
        waitFor: 'settled',
        deleteTimeoutSeconds: 600,
        hostSets: [{ count: 3, credentials }],
      },
    });
  });

  it('takes one of several management clusters of a description', async (t) => {
    const file = description(
      t,
      `operators: { concurrency: 8 }
managementClusters:
  - name: east
    hostSets: [{ count: 3 }]
  - name: west
    operators: [{ concurrency: 9 }]
    clusterSets: [{ count: 2 }]
`,
    );
    const of = async (layer: string, managementCluster: string) => {
      const below = layer === 'platform' ? { clusterStack: 'a' } : { platformStack: 'a' };
      return (await configured({ layer, ...below, description: file, managementCluster })).config as unknown as Record<
        string,
        readonly object[]
      >;
    };
    assert.deepEqual((await of('platform', 'east'))['operators'], [{ concurrency: 8 }]);
    assert.deepEqual((await of('platform', 'west'))['operators'], [{ concurrency: 9 }]);
    assert.deepEqual((await of('hosts', 'east'))['hostSets'], [{ count: 3 }]);
    assert.deepEqual((await of('hosts', 'west'))['hostSets'], []);
    // Those of the first begin at 20000.
    assert.deepEqual((await of('clusters', 'west'))['clusterSets'], [{ count: 2, endpointPort: 21_000 }]);
    await rejects(of('hosts', ''), /describes the management clusters east, west, and this takes one/, 'invalid-input');
    await rejects(of('hosts', 'wets'), /no management cluster 'wets'; did you mean 'west'\?/, 'invalid-input');
    const alone = { layer: 'hosts', platformStack: 'a', managementCluster: 'east' };
    await rejects(configured(alone), /managementCluster is one of a description, and there is none/, 'invalid-input');
    const one = { ...alone, description: description(t, 'hostSets: [{ count: 3 }]\n') };
    await rejects(configured(one), /describes no managementClusters: leave the name 'east' out/, 'invalid-input');
  });

  it('takes clusters from the same description, with the releases that are on the platform, and reads no key', async (t) => {
    const file = description(
      t,
      `operators: [{ version: v0.12.1 }]
clusterApi: { core: { version: v1.13.4 } }
clusterSets:
  - count: 3
    name: c
    hosts: { credentials: { usernameFrom: { env: NO_SUCH_VARIABLE }, passwordFrom: { file: no-such-file } } }
    certificateAuthority: { certificateFrom: { file: ca.crt }, keyFrom: { file: ca.key } }
`,
    );
    const folder = join(file, '..');
    const { layer, config } = await configured({ layer: 'clusters', platformStack: 'dev-platform', description: file });
    assert.equal(layer, 'clusters');
    assert.deepEqual(config, {
      clusterStack: 'dev-platform',
      onClusterGone: 'fail',
      forceConflicts: false,
      waitFor: 'settled',
      deleteTimeoutSeconds: 600,
      releases: { clusterApi: 'v1.13.4', operator: 'v0.12.1' },
      clusterSets: [
        {
          count: 3,
          name: 'c',
          hosts: {
            credentials: {
              usernameFrom: { env: 'NO_SUCH_VARIABLE' },
              passwordFrom: { file: join(folder, 'no-such-file') },
            },
          },
          certificateAuthority: {
            certificateFrom: { file: join(folder, 'ca.crt') },
            keyFrom: { file: join(folder, 'ca.key') },
          },
        },
      ],
    });
  });

  it('makes of one description what a whole testbed has: clusters bring their hosts, and hosts are no clusters', async (t) => {
    const clusters = description(t, 'clusterSets: [{ count: 3 }]\n');
    const { config } = await configured({ layer: 'hosts', platformStack: 'a', description: clusters });
    assert.deepEqual((config as { readonly hostSets?: unknown }).hostSets, []);
    const hosts = description(t, 'hostSets: [{ count: 3 }]\n');
    const none = configured({ layer: 'clusters', platformStack: 'a', description: hosts });
    await rejects(none, /has no clusterSets, and this stack is layer clusters/, 'invalid-input');
  });

  it('puts clusters onto a platform, or onto the hosts of a stack, and not onto both', async () => {
    const below = async (config: Readonly<Record<string, unknown>>) =>
      ((await configured({ layer: 'clusters', ...config })).config as { readonly clusterStack?: string }).clusterStack;
    assert.equal(await below({ platformStack: 'a' }), 'a');
    assert.equal(await below({ hostsStack: 'b' }), 'b');
    await rejects(
      below({ platformStack: 'a', hostsStack: 'b' }),
      /platformStack and .*hostsStack are both set/,
      'invalid-input',
    );
    await rejects(below({}), /platformStack is not set/, 'invalid-input');
    await rejects(configured({ layer: 'hosts', hostsStack: 'b' }), /hostsStack is for layer clusters/, 'invalid-input');
  });

  it('waits for states that clusters have', async () => {
    const waitFor = async (value: string) => {
      const { config } = await configured({ layer: 'clusters', platformStack: 'a', waitFor: value });
      return (config as { readonly waitFor?: unknown }).waitFor;
    };
    assert.equal(await waitFor('none'), 'none');
    assert.deepEqual(await waitFor('provisioned=50%'), { state: 'provisioned', share: 0.5 });
    await rejects(waitFor('inspecting'), /use settled, none, a state of a cluster/, 'invalid-input');
  });

  it('starts an embedded control plane in a folder of its own unless one is named', async () => {
    const common = { kind: 'local', controllerManager: true, timeoutSeconds: 300 };
    assert.deepEqual((await configured({ layer: 'cluster', cluster: 'local' })).config, common);
    const { config } = await configured({ layer: 'cluster', cluster: 'local', stateDir: '/lab' });
    assert.deepEqual(config, { ...common, stateDir: '/lab' });
  });

  describe('that nothing reads is refused:', () => {
    const refused = (config: Readonly<Record<string, unknown>>, message: RegExp) =>
      rejects(configured(config), message, 'invalid-input');

    it('a misspelt key, with the one that was meant', async () => {
      await refused(
        { layer: 'cluster', clutser: 'kind' },
        /metal3-testbed:clutser is not known: did you mean 'cluster'\?/,
      );
      await refused({ layer: 'hosts', platformStack: 'a', PlatformStack: 'b' }, /did you mean 'platformStack'\?/);
    });

    it('a key that is like none, with those of the layer', async () => {
      await refused(
        { layer: 'hosts', zzz: 1 },
        /zzz is not known: use one of platformStack, description, managementCluster, waitFor/,
      );
    });

    it('a key of another layer', async () => {
      const config = { layer: 'hosts', platformStack: 'a', clusterStack: 'b' };
      await refused(
        config,
        /clusterStack is for layer platform, and this stack is layer hosts, .*pulumi config rm clusterStack/,
      );
    });

    it('a key of another kind of cluster', async () => {
      await refused(
        { layer: 'cluster', context: 'lab' },
        /context is for cluster existing, and this stack has cluster kind/,
      );
      await refused(
        { layer: 'cluster', cluster: 'local', workers: 3 },
        /workers is for cluster kind, .* has cluster local/,
      );
    });

    it('but not a default of the project, nor what belongs to others', async () => {
      assert.equal((await configured({ layer: 'cluster', nodeImage: '' })).layer, 'cluster');
      const program = () => {
        pulumi.runtime.setAllConfig({
          [`${KEY}layer`]: 'cluster',
          [`${KEY}cluster`]: 'kind',
          'kubernetes:context': 'a',
        });
        return stackConfig();
      };
      assert.equal((await record(program)).result.layer, 'cluster');
    });

    it('also where it is the name of the project that is misspelt', async () => {
      const program = () => {
        pulumi.runtime.setAllConfig({ [`${KEY}layer`]: 'cluster', 'metal3-tesbed:workers': '2' });
        return rejects(
          stackConfig(),
          /metal3-tesbed:workers is not known: did you mean 'metal3-testbed:workers'/,
          'invalid-input',
        );
      };
      await record(program);
    });
  });

  it('waits for what it says: settled hosts, none, a state, or a share of the hosts in it', async () => {
    const waitFor = async (value: string) => {
      const { config } = await configured({ layer: 'hosts', platformStack: 'a', waitFor: value });
      return (config as { readonly waitFor?: unknown }).waitFor;
    };
    assert.equal(await waitFor('settled'), 'settled');
    assert.equal(await waitFor('none'), 'none');
    assert.deepEqual(await waitFor('available'), { state: 'available', share: 1 });
    assert.deepEqual(await waitFor('available=95%'), { state: 'available', share: 0.95 });
    assert.deepEqual(await waitFor('provisioned=0.5'), { state: 'provisioned', share: 0.5 });
    for (const wrong of ['availible', 'available=0', 'available=200%', 'available=', '=5%'])
      await rejects(waitFor(wrong), /waitFor is '.*': use settled, none, a state of a host/, 'invalid-input');
  });
});
