import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { SensitiveText } from '../../lib';
import type { HostFleetArgs } from '../../stacks/resources/host-fleet-args';
import { HostFleet } from '../../stacks/resources/host-fleet';
import { record, secretValue } from '../support/pulumi-recorder';
import { refuses } from '../support/refuses';

const FLEET = 'pulumi-nodejs:dynamic/metal3-testbed:HostFleet';

const registeredBy = async (program: () => unknown) => (await record(program, { project: 'lab' })).resources;
const register = (args: Partial<HostFleetArgs>, name = 'workers') =>
  registeredBy(() => new HostFleet(name, { kubeconfig: '/nowhere/kubeconfig', count: 3, ...args }));

describe('HostFleet', () => {
  it('is one resource, however many hosts there are', async () => {
    const registered = await register({ count: 1_000_000, namespace: 'lab', hostsPerNamespace: 100 });
    assert.deepEqual(
      registered.map(({ type, name }) => [type, name]),
      [
        ['metal3-testbed:index:HostFleet', 'workers'],
        [FLEET, 'workers'],
      ],
    );
    const { __provider, kubeconfig, ...inputs } = registered[1]?.inputs ?? {};
    assert.equal(typeof __provider, 'string');
    assert.notEqual(secretValue(kubeconfig), undefined);
    assert.deepEqual(inputs, {
      set: 'lab.dev.workers',
      hostSet: { count: 1_000_000, namespace: 'lab', hostsPerNamespace: 100 },
      createNamespaces: true,
      forceConflicts: false,
      onClusterGone: 'fail',
      deleteTimeoutSeconds: 600,
    });
  });

  it('keeps credentials that are given as values secret, also those of an override', async () => {
    const literal = { username: 'admin', password: new SensitiveText('canary-1') };
    const [, fleet] = await register({ credentials: { username: 'admin', password: pulumi.output('canary-2') } });
    assert.notEqual(secretValue(fleet?.inputs['credentials']), undefined);
    assert.deepEqual(secretValue(fleet?.inputs['credentials']), { username: 'admin', password: 'canary-2' });
    const overrides = [{ hosts: 2, credentials: literal }] as unknown as NonNullable<HostFleetArgs['overrides']>;
    const [, second] = await register({ credentials: literal, overrides });
    assert.deepEqual(secretValue(second?.inputs['credentials']), { username: 'admin', password: 'canary-1' });
    assert.notEqual(secretValue(second?.inputs['hostSet']), undefined);
    assert.doesNotMatch(JSON.stringify({ ...second?.inputs, hostSet: '', credentials: '' }), /canary/);
  });

  it('is registered with its arguments, of which the kubeconfig and credentials are secret', async () => {
    const literal = { username: 'admin', password: 'canary-1' };
    const overrides = [{ hosts: 2, credentials: { username: 'admin', password: 'canary-2' } }];
    const [component] = await register({ credentials: literal, overrides, namespace: 'lab' });
    const { kubeconfig, credentials, overrides: rules, ...inputs } = component?.inputs ?? {};
    assert.equal(secretValue(kubeconfig), '/nowhere/kubeconfig');
    assert.deepEqual(secretValue(credentials), literal);
    assert.deepEqual(secretValue(rules), overrides);
    assert.deepEqual(inputs, { count: 3, namespace: 'lab' });
  });

  it('shows references to credentials, which are none', async () => {
    const credentials = { usernameFrom: { env: 'BMC_USER' }, passwordFrom: { file: 'password' } };
    const [, fleet] = await register({ credentials });
    assert.deepEqual(fleet?.inputs['credentials'], credentials);
  });

  it('gives every fleet of every stack a set of its own', async () => {
    const setOf = async (name: string) => (await register({}, name))[1]?.inputs['set'];
    assert.equal(await setOf('rack-1'), 'lab.dev.rack-1');
    const [a, b] = [await setOf('Rack_1'), await setOf('rack_1')];
    assert.match(String(a), /^rack-1-[0-9a-f]{16}$/);
    assert.notEqual(a, b);
  });

  it('makes a resource of each object where that is asked for: namespaces, then Secrets, then hosts', async () => {
    const registered = await register({
      asResources: true,
      namespace: 'lab',
      credentials: { username: 'a', password: 'canary' },
    });
    const objects = registered.filter(({ inputs }) => inputs['kind'] !== undefined);
    assert.deepEqual(
      objects.map(({ name }) => name),
      [
        'workers/Namespace/lab',
        ...[1, 2, 3].map((i) => `workers/Secret/lab/worker-${i}-bmc-secret`),
        ...[1, 2, 3].map((i) => `workers/BareMetalHost/lab/worker-${i}`),
      ],
    );
    for (const { inputs } of objects.filter(({ inputs }) => inputs['kind'] === 'Secret')) {
      assert.notEqual(secretValue(inputs['data']), undefined);
      assert.deepEqual(secretValue(inputs['data']), { username: 'YQ==', password: 'Y2FuYXJ5' });
    }
    const provider = registered.find(({ type }) => type === 'pulumi:providers:kubernetes');
    assert.notEqual(secretValue(provider?.inputs['kubeconfig']), undefined);
    assert.ok(!registered.some(({ type }) => type === FLEET));
    const [secret] = objects.filter(({ inputs }) => inputs['kind'] === 'Secret');
    assert.deepEqual(secret?.dependsOn, ['workers/Namespace/lab']);
    assert.equal(objects.at(-1)?.dependsOn.filter((each) => each.startsWith('workers/Secret/')).length, 3);
  });

  it('leaves namespaces alone that every cluster has, or that it is not to make', async () => {
    for (const args of [{ namespace: 'default' }, { namespace: 'lab', createNamespaces: false }]) {
      const registered = await register({ asResources: true, ...args });
      assert.deepEqual(
        registered.filter(({ inputs }) => inputs['kind'] === 'Namespace'),
        [],
      );
    }
  });

  it('refuses what gives no valid hosts, before anything is registered', async () => {
    const wrong = async (args: object, message: RegExp) => {
      const registered = await registeredBy(() => {
        refuses(() => new HostFleet('workers', { kubeconfig: 'x', count: 1, ...args }), message);
      });
      assert.deepEqual(registered, []);
    };
    await wrong({ cuont: 2 }, /HostFleet workers is refused:\n.*cuont/);
    await wrong({ count: -1 }, /count/);
    await wrong({ override: () => undefined }, /override, a function, which Pulumi's state cannot hold: use overrides/);
    await wrong({ onClusterGone: 'panic' }, /onClusterGone of HostFleet workers is 'panic': use 'fail' or 'forget'/);
    await wrong({ asResources: true, count: 1_001 }, /for 1000 hosts at most, and there are 1001/);
    await wrong({ set: 'No_Name' }, /set of HostFleet workers .*not a valid DNS subdomain/);
    await wrong({ overrides: [{ hosts: 1, onlin: true }] }, /onlin/);
  });
});
