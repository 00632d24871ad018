import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { SensitiveText } from '../../lib';
import type { HostFleetArgs } from '../../stacks/resources/host-fleet-args';
import { HostFleet } from '../../stacks/resources/host-fleet';
import { record, secretValue, valueOf, type Registered } from '../support/pulumi-recorder';
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
      defaultSet: 'lab.dev.workers',
      fleet: 'urn:pulumi:dev::lab::metal3-testbed:index:HostFleet::workers',
      hostSet: { count: 1_000_000, namespace: 'lab', hostsPerNamespace: 100 },
      createNamespaces: true,
      forceConflicts: false,
      onClusterGone: 'fail',
      deleteTimeoutSeconds: 600,
      waitFor: 'none',
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
    const setOf = async (name: string) => (await register({}, name))[1]?.inputs['defaultSet'];
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

  describe('of which parts are outputs of other resources', () => {
    const later = <T>(value: T) => pulumi.output(Promise.resolve(value)) as pulumi.Output<T>;

    it('hands every one of them over, nested ones too', async () => {
      const args: Partial<HostFleetArgs> = {
        count: later(5),
        namespace: later('lab'),
        set: later('mine'),
        deleteTimeoutSeconds: later(7),
        waitFor: { state: later('available'), share: 0.5 },
        createNamespaces: later(false),
        overrides: [{ hosts: '1-2', labels: { rack: later('a') }, bmc: { address: later('ipmi://192.0.2.1') } }],
      };
      const fleet = (await register(args)).find(({ type }) => type === FLEET);
      assert.deepEqual(fleet?.inputs['hostSet'], {
        count: 5,
        namespace: 'lab',
        overrides: [{ hosts: '1-2', labels: { rack: 'a' }, bmc: { address: 'ipmi://192.0.2.1' } }],
      });
      assert.deepEqual(fleet.inputs['waitFor'], { state: 'available', share: 0.5 });
      assert.equal(fleet.inputs['set'], 'mine');
      assert.equal(fleet.inputs['deleteTimeoutSeconds'], 7);
      assert.equal(fleet.inputs['createNamespaces'], false);
    });

    it('keeps what is secret among them secret', async () => {
      const overrides = [{ hosts: 1, credentials: { username: 'a', password: pulumi.secret('canary') } }];
      const fleet = (await register({ overrides })).find(({ type }) => type === FLEET);
      assert.doesNotMatch(JSON.stringify({ ...fleet?.inputs, hostSet: '' }), /canary/);
      assert.notEqual(secretValue(fleet?.inputs['hostSet']), undefined);
    });

    it('puts out what follows from them', async () => {
      const { result } = await record(
        () => new HostFleet('workers', { kubeconfig: 'x', count: later(5), namespaces: ['b', later('a')] }),
      );
      assert.equal(await valueOf(result.count), 5);
      assert.deepEqual(await valueOf(result.hostNames), { pattern: 'worker-{index}', firstIndex: 1, count: 5 });
      assert.deepEqual(await valueOf(result.namespaces), ['b', 'a']);
    });

    it('refuses of what is known already what cannot be', async () => {
      await record(() => {
        const args = { count: later(5), bmcProtocol: 'libvrit', overrides: [{ hosts: 1, labls: { a: later('b') } }] };
        const make = () => new HostFleet('workers', { kubeconfig: 'x', ...(args as unknown as HostFleetArgs) });
        refuses(make, /bmcProtocol: [^]*overrides\[0\]\.labls: unknown field; did you mean 'labels'/);
      });
    });

    it('takes one that turns out to be undefined as left out', async () => {
      const none = later(undefined);
      const args = { namespace: none, set: none, overrides: [{ hosts: 1, online: none }], count: later(2) };
      const { result } = await record(() => new HostFleet('workers', { kubeconfig: 'x', ...args }));
      assert.deepEqual(await valueOf(result.namespaces), ['default']);
    });

    it('is refused as resources, since those have to be known', async () => {
      await record(() => {
        const make = () => new HostFleet('workers', { kubeconfig: 'x', count: later(5), asResources: true });
        refuses(make, /asResources of HostFleet workers needs hosts that are known when the program runs/);
        const asResources = later(true) as unknown as boolean;
        const unsure = () => new HostFleet('workers', { kubeconfig: 'x', count: 5, asResources });
        refuses(unsure, /asResources of HostFleet workers decides which resources there are: give true or false/);
      });
    });
  });

  describe('for the cluster of a provider', () => {
    const given = { kubeconfig: 'content of a kubeconfig', context: 'lab' };
    const place = (registered: readonly Registered[]) => {
      const { kubeconfig, context } = registered.find(({ type }) => type === FLEET)?.inputs ?? {};
      return { kubeconfig: secretValue(kubeconfig), context };
    };

    it('that is its argument', async () => {
      const made = () => new HostFleet('a', { provider: new kubernetes.Provider('lab', given), count: 1 });
      assert.deepEqual(place(await registeredBy(made)), given);
    });

    it('that is among its options', async () => {
      const made = () => new HostFleet('a', { count: 1 }, { provider: new kubernetes.Provider('lab', given) });
      assert.deepEqual(place(await registeredBy(made)), given);
    });

    it('that its parent has', async () => {
      const made = () => {
        const providers = { kubernetes: new kubernetes.Provider('lab', given) };
        const parent = new pulumi.ComponentResource('test:index:Rack', 'rack', {}, { providers });
        return new HostFleet('a', { count: 1 }, { parent });
      };
      assert.deepEqual(place(await registeredBy(made)), given);
    });

    it('makes each object with it where each is a resource', async () => {
      const made = await registeredBy(
        () => new HostFleet('a', { provider: new kubernetes.Provider('lab', given), count: 1, asResources: true }),
      );
      const providers = made.filter(({ type }) => type === 'pulumi:providers:kubernetes');
      assert.deepEqual(
        providers.map(({ name }) => name),
        ['lab'],
      );
      for (const { provider } of made.filter(({ inputs }) => inputs['kind'] !== undefined))
        assert.match(provider, /::lab::lab-id$/);
    });

    it('and is refused where there is neither a provider nor a kubeconfig', async () => {
      const wrong = () =>
        refuses(() => new HostFleet('a', { count: 1 }), /HostFleet a is for no cluster: give kubeconfig/);
      assert.deepEqual(await registeredBy(wrong), []);
    });
  });

  it('is refused by an error that Pulumi shows without a stack', async () => {
    await registeredBy(() => {
      assert.throws(
        () => new HostFleet('workers', { kubeconfig: 'x', count: -1 }),
        (error) => pulumi.RunError.isInstance(error),
      );
    });
  });

  it('says that it cannot be imported, and what takes over hosts that are there', async () => {
    await registeredBy(() => {
      const make = () => new HostFleet('workers', { kubeconfig: 'x', count: 1 }, { import: 'x' } as object);
      refuses(make, /a HostFleet cannot be imported: .*with the name of its set as `set`/);
    });
  });

  it('heeds what a program tells resources in general', async () => {
    const shorten = ({ type, props, opts }: pulumi.ResourceTransformationArgs) =>
      type === FLEET ? { props: { ...(props as object), deleteTimeoutSeconds: 1 }, opts } : undefined;
    const made = await registeredBy(() => {
      const first = new HostFleet('first', { kubeconfig: 'x', count: 1, namespace: 'a' });
      const opts = { dependsOn: first, protect: true, aliases: [{ name: 'old' }], transformations: [shorten] };
      return new HostFleet('second', { kubeconfig: 'x', count: 1, namespace: 'b', firstIndex: 10 }, opts);
    });
    const [component, fleet] = made.filter(({ name }) => name === 'second');
    assert.ok(component?.dependsOn.includes('first'), component?.dependsOn.join());
    assert.deepEqual([component?.isProtected, fleet?.isProtected], [true, true]);
    // The engine hands aliases down to what is in a component.
    assert.deepEqual(component?.aliases, ['old']);
    assert.equal(fleet?.inputs['deleteTimeoutSeconds'], 1);
    // Those of the first are its own.
    assert.equal(made.find(({ type, name }) => type === FLEET && name === 'first')?.isProtected, false);
  });

  it('is there several times in a stack, on several clusters', async () => {
    const made = await registeredBy(() => {
      for (const rack of ['a', 'b'])
        for (const zone of ['1', '2']) new HostFleet(`${rack}${zone}`, { kubeconfig: `cluster ${rack}`, count: 1 });
    });
    const fleets = made.filter(({ type }) => type === FLEET);
    assert.equal(new Set(fleets.map(({ inputs }) => inputs['defaultSet'])).size, 4);
    assert.deepEqual(
      fleets.map(({ name, inputs }) => [name, secretValue(inputs['kubeconfig'])]),
      ['a1', 'a2', 'b1', 'b2'].map((name) => [name, `cluster ${name.charAt(0)}`]),
    );
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
    await wrong({ onClusterGone: 'panic' }, /onClusterGone: must be one of 'fail', 'forget'; given 'panic'/);
    await wrong({ waitFor: 'ready' }, /waitFor of HostFleet workers is "ready": use 'settled', 'none', or/);
    await wrong({ waitFor: { state: 'availible' } }, /state 'availible' is unknown; did you mean 'available'\?/);
    await wrong({ waitFor: { state: 'available', share: 2 } }, /waitFor.share of HostFleet workers is 2/);
    await wrong({ asResources: true, count: 1_001 }, /for 1000 hosts at most, and there are 1001/);
    await wrong({ set: 'No_Name' }, /set of HostFleet workers .*not a valid DNS subdomain/);
    await wrong({ overrides: [{ hosts: 1, onlin: true }] }, /onlin/);
  });
});
