import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { App, Chart, Lazy, Testing, Yaml } from 'cdk8s';
import { Role, Secret } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { BareMetalHost, BareMetalHostSet, BmcCredentials, resolveTestbed, SensitiveText, Testbed } from '../../../lib';
import { inspect } from 'node:util';
import { refuses } from '../../support/refuses';
import { testApp } from '../../support/charts';

const kindsOf = (chart: Chart | undefined) => (chart?.toJson() as { kind: string }[]).map(({ kind }) => kind);
const app = () => new App();

describe('a testbed', () => {
  it("is an operator in test mode and the blog's hosts by default", () => {
    const testbed = new Testbed(app(), 'testbed');
    assert.deepEqual(
      testbed.charts.map(({ node }) => node.id),
      ['1-cert-manager', '2-baremetal-operator', '3-hosts'],
    );
    assert.equal(testbed.operators[0]?.testMode, true);
    assert.equal(testbed.hostSets[0]?.count, 10);
  });

  it('writes Secrets before the hosts that need them, and namespaces first', () => {
    const testbed = new Testbed(app(), 'testbed', { hostSets: [{ count: 2, namespace: 'lab', hostsPerNamespace: 1 }] });
    const [namespaces, , , hosts] = testbed.charts;
    assert.deepEqual(kindsOf(namespaces), ['Namespace', 'Namespace']);
    assert.deepEqual(kindsOf(hosts), ['Secret', 'BareMetalHost', 'Secret', 'BareMetalHost']);
  });

  it('gives the same bytes for the same description', () => {
    const yaml = () =>
      Yaml.stringify(
        ...new Testbed(app(), 'testbed', { hostSets: [{ count: 20 }] }).charts.flatMap(
          (chart) => chart.toJson() as unknown[],
        ),
      );
    assert.equal(yaml(), yaml());
  });

  it('refuses two hosts with one name, MAC or BMC address, across sets', () => {
    const sets = (a: object, b: object) => () =>
      resolveTestbed({
        hostSets: [
          { count: 3, ...a },
          { count: 3, ...b },
        ],
      });
    refuses(
      sets({}, {}),
      /host default\/worker-1 of host set worker and host default\/worker-1 of host set worker have the same name default\/worker-1/,
    );
    refuses(
      sets({}, { name: 'other' }),
      /default\/worker-1 .* and host default\/other-1 .* same boot MAC address 00:60:2f:00:00:01: give one of them another address or, for a set, macPrefix or firstIndex/,
    );
    refuses(sets({}, { name: 'other', macPrefix: '00:60:30' }), /same BMC address libvirt:\/\/192.168.122.1:6233\//);
    assert.equal(resolveTestbed({ hostSets: [{ count: 3 }, { count: 3, firstIndex: 4 }] }).fleets.length, 2);
    assert.equal(
      resolveTestbed({
        hostSets: [{ count: 3 }, { count: 3, name: 'o', macPrefix: '02:00:00', bmcAddresses: ['10.5.0.0/16'] }],
      }).fleets.length,
      2,
    );
  });

  it("refuses an override that takes what is another host's", () => {
    const set = (override: object) => () =>
      resolveTestbed({ hostSets: [{ count: 3, overrides: [{ hosts: 1, ...override }] }] });
    refuses(
      set({ bootMACAddress: '00:60:2F:00:00:03' }),
      /worker-1 .*worker-3 .* same boot MAC address 00:60:2f:00:00:03/,
    );
    refuses(set({ bmc: { address: 'libvirt://192.168.122.2:6233' } }), /same BMC address/);
  });

  it('refuses hosts of one test-mode operator that differ in online, and takes them from operators of their own', () => {
    const on = { count: 1, namespace: 'on' };
    const off = { count: 1, firstIndex: 2, namespace: 'off', online: false };
    refuses(
      () => resolveTestbed({ hostSets: [on, off] }),
      /hosts on\/worker-1 \(online: true\) and off\/worker-2 \(online: false\) have one test-mode operator/,
    );
    refuses(
      () => resolveTestbed({ hostSets: [{ count: 2, overrides: [{ hosts: 2, online: false }] }] }),
      /have one test-mode operator/,
    );
    const operators = [
      { namespace: 'bmo-on', watchedNamespaces: ['on'] },
      { namespace: 'bmo-off', watchedNamespaces: ['off'] },
    ];
    assert.equal(resolveTestbed({ operators, hostSets: [on, off] }).operators[1]?.crds, false);
    assert.equal(resolveTestbed({ operators: [{ testMode: false }], hostSets: [on, off] }).fleets.length, 2);
    assert.equal(resolveTestbed({ operators: [], hostSets: [on, off] }).fleets.length, 2);
  });

  it('refuses hosts that no operator takes care of, or two do', () => {
    const hostSets = [{ count: 1, namespace: 'a' }];
    refuses(
      () => resolveTestbed({ operators: [{ watchedNamespaces: ['b'] }], hostSets }),
      /no operator watches namespace a, where host set worker has hosts/,
    );
    refuses(
      () => resolveTestbed({ operators: [{}, { watchedNamespaces: ['a'], namespace: 'x' }], hostSets }),
      /2 operators, of which 1 watch all namespaces/,
    );
    refuses(
      () =>
        resolveTestbed({
          operators: [
            { watchedNamespaces: ['a'], namespace: 'x' },
            { watchedNamespaces: ['a'], namespace: 'y' },
          ],
          hostSets,
        }),
      /namespace a is watched by two operators/,
    );
    refuses(
      () => resolveTestbed({ operators: [{ watchedNamespaces: ['a'] }, { watchedNamespaces: ['b'] }], hostSets }),
      /two operators run in namespace baremetal-operator-system/,
    );
  });

  it('keeps testbeds of one app apart', () => {
    const one = app();
    new Testbed(one, 'east');
    new Testbed(one, 'west');
    assert.equal(one.charts.length, 6);
  });
});

describe('a testbed in an app', () => {
  const filesOf = (build: (app: App) => void): string[] => {
    const outdir = mkdtempSync(join(tmpdir(), 'metal3-testbed-synth-'));
    try {
      const root = new App({ outdir });
      build(root);
      root.synth();
      return readdirSync(outdir)
        .sort()
        .map((file) => file.replace(/-c8[0-9a-f]{6}\.k8s\.yaml$/, ''));
    } finally {
      rmSync(outdir, { recursive: true });
    }
  };
  const small = { hostSets: [{ count: 1, namespace: 'lab' }] };

  it('is written in the order of applying, whatever its scope', () => {
    const charts = ['0-namespaces', '1-cert-manager', '2-baremetal-operator', '3-hosts'];
    assert.deepEqual(
      filesOf((root) => new Testbed(root, 'testbed', small)),
      charts.map((chart) => `testbed-${chart}`),
    );
    assert.deepEqual(
      filesOf((root) => new Testbed(new Construct(root, 'stage'), 'testbed', small)),
      charts.map((chart) => `stage-testbed-${chart}`),
    );
    const inChart = filesOf((root) => new Testbed(new Chart(root, 'outer'), 'testbed', small));
    assert.deepEqual(
      inChart.filter((file) => file.startsWith('outer-')),
      charts.map((chart) => `outer-testbed-${chart}`),
    );
  });

  it('may be one of two, with the same hosts in each', () => {
    const files = filesOf((root) => {
      new Testbed(root, 'one', small);
      new Testbed(root, 'two', small);
    });
    assert.equal(files.length, 8);
  });

  it('can be depended on, as a whole', () => {
    const files = filesOf((root) => {
      const after = new Chart(root, 'after');
      const testbed = new Testbed(root, 'testbed', small);
      after.addDependency(testbed);
    });
    assert.deepEqual(
      files.map((file) => file.replace(/\.k8s\.yaml$/, '')),
      [
        '0000-testbed-0-namespaces',
        '0001-testbed-1-cert-manager',
        '0002-testbed-2-baremetal-operator',
        '0003-testbed-3-hosts',
        '0004-after',
      ],
    );
  });

  it('has hosts that are added to it checked with its own, and not with those of others', () => {
    const root = new App();
    const testbed = new Testbed(root, 'testbed', { hostSets: [{ count: 2 }] });
    const { address } = { address: testbed.hostSets[0]!.fleet.hostAt(2).bmcAddress };
    const bmc = { address, credentialsName: 'secret' };
    new BareMetalHost(new Chart(root, 'beside'), 'other', { bmc, bootMACAddress: '00:60:2f:00:01:00' });
    testbed.hosts.toJson();
    new BareMetalHost(testbed.hosts, 'mine', { bmc, bootMACAddress: '00:60:2f:00:01:00' });
    assert.throws(
      () => void testbed.hosts.toJson(),
      /\[testbed\/HostClaims\] default\/worker-2 .* and default\/mine \(testbed\/3-hosts\/mine\) have the same BMC address/,
    );
  });
});

describe('a BareMetalHost', () => {
  const chart = () => new Chart(app(), 'chart', { namespace: 'lab' });
  const bmc = { address: 'ipmi://10.0.0.1', credentialsName: 'secret' };

  it('is written with what it is given', () => {
    const scope = chart();
    const credentials = new BmcCredentials(scope, 'bmc-secret', { username: 'u', password: new SensitiveText('p') });
    const host = new BareMetalHost(scope, 'host-1', {
      bmc: { address: 'ipmi://10.0.0.1' },
      credentials,
      bootMode: 'UEFI',
      metadata: { labels: { rack: '1' } },
      paused: true,
    });
    assert.deepEqual(Testing.synth(scope), [
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'bmc-secret', namespace: 'lab' },
        type: 'Opaque',
        data: { username: 'dQ==', password: 'cA==' },
      },
      {
        apiVersion: 'metal3.io/v1alpha1',
        kind: 'BareMetalHost',
        metadata: {
          name: 'host-1',
          namespace: 'lab',
          labels: { rack: '1' },
          annotations: { 'baremetalhost.metal3.io/paused': '' },
        },
        spec: { online: true, bmc: { address: 'ipmi://10.0.0.1', credentialsName: 'bmc-secret' }, bootMode: 'UEFI' },
      },
    ]);
    assert.equal(host.namespace, 'lab');
  });

  it('is refused at synthesis where another host of the app has its BMC, naming both constructs', () => {
    const scope = chart();
    new BareMetalHost(scope, 'one', { bmc });
    new BareMetalHost(scope, 'two', { bmc });
    assert.throws(
      () => void Testing.synth(scope),
      /lab\/one \(chart\/one\) and lab\/two \(chart\/two\) have the same BMC address/,
    );
    scope.node.tryRemoveChild('two');
    assert.equal((Testing.synth(scope) as unknown[]).length, 1);
    new BareMetalHostSet(scope, 'set', {
      count: 1,
      namespace: 'lab',
      name: 'one',
      namePattern: 'one{index}',
      bmcProtocol: 'ipmi',
      bmcAddresses: ['10.0.0.0/24'],
      bootMAC: false,
    });
    assert.throws(() => void Testing.synth(scope), /lab\/one1 \(chart\/set\) have the same BMC address/);
  });

  it('takes lazy values, and checks them once they are known', () => {
    const scope = chart();
    let address = 'ipmi://10.0.0.7';
    const lazy = { ...bmc, address: Lazy.any({ produce: () => address }) as string };
    new BareMetalHost(scope, 'late', { bmc: lazy });
    const [host] = Testing.synth(scope) as { spec: { bmc: { address: string } } }[];
    assert.equal(host?.spec.bmc.address, 'ipmi://10.0.0.7');
    address = 'gopher://10.0.0.7';
    assert.throws(() => void Testing.synth(scope), /\[chart\/late\] chart\/late is refused: .*gopher/);
  });

  it('is checked again at synthesis for what was added to it since', () => {
    const scope = chart();
    const host = new BareMetalHost(scope, 'host', { bmc });
    host.metadata.addLabel('rack', '1');
    assert.deepEqual((Testing.synth(scope) as { metadata: { labels: object } }[])[0]?.metadata.labels, { rack: '1' });
    host.metadata.addLabel('rack', 'no label!');
    assert.throws(() => void Testing.synth(scope), /chart\/host is refused: .*rack/);
  });

  it('is a resource as those of cdk8s-plus are', () => {
    const scope = chart();
    const host = new BareMetalHost(scope, 'host', { bmc });
    const there = BareMetalHost.fromBareMetalHostName(scope, 'there', 'worker-7');
    for (const each of [host, there])
      assert.deepEqual(
        [each.apiVersion, each.apiGroup, each.kind, each.resourceType],
        ['metal3.io/v1alpha1', 'metal3.io', 'BareMetalHost', 'baremetalhosts'],
      );
    assert.deepEqual([host.name, there.name, there.resourceName], ['host', 'worker-7', 'worker-7']);
    refuses(() => BareMetalHost.fromBareMetalHostName(scope, 'bad', 'No Name'), /No Name/);
    const role = new Role(scope, 'role');
    role.allowRead(host);
    const rules = (Testing.synth(scope) as { kind: string; rules: object[] }[]).find(({ kind }) => kind === 'Role');
    assert.match(
      JSON.stringify(rules?.rules),
      /"apiGroups":\["metal3.io"\],"resourceNames":\["host"\],"resources":\["baremetalhosts"\]/,
    );
    const secret = Secret.fromSecretName(scope, 'secret', 'lab-bmc');
    const other = new BareMetalHost(scope, 'other', { bmc: { address: 'ipmi://10.0.0.2' }, credentials: secret });
    assert.match(JSON.stringify(other.apiObject.toJson()), /"credentialsName":"lab-bmc"/);
  });

  it('is refused where another host has its BMC, written in another way', () => {
    for (const [one, other] of [
      ['ipmi://[2001:db8::7]', '[2001:DB8:0::0:7]:623'],
      ['ipmi://10.0.0.7', 'ipmi://10.0.0.7?privilegelevel=USER'],
      ['redfish://bmc/redfish/v1/Systems/7', 'redfish-virtualmedia+https://BMC:443/redfish/v1/Systems/7/'],
    ] as const) {
      const scope = chart();
      const make = (id: string, address: string) =>
        new BareMetalHost(scope, id, {
          bmc: { address, credentialsName: 'bmc' },
          bootMACAddress: id === 'one' ? '00:60:2f:00:00:01' : '00:60:2f:00:00:02',
        });
      make('one', one);
      make('two', other);
      assert.throws(() => void Testing.synth(scope), /have the same BMC address/);
    }
  });

  it('is refused where BMO would refuse it', () => {
    const make = (props: object) => () => new BareMetalHost(chart(), 'host', { bmc, ...props });
    refuses(make({ bootMACAddress: '00:00:00:00:00' }), /spec.bootMACAddress/);
    refuses(make({ bootMACAddress: 'x00:00:00:00:00:00x' }), /is not a valid MAC address/);
    refuses(make({ bootMode: 'UEFISecureBoot' }), /not supported by the protocol ipmi/);
    refuses(make({ raid: { hardwareRAIDVolumes: [{ level: '1' }] } }), /use one of Redfish/);
    refuses(make({ firmware: {} }), /HostFirmwareSettings/);
    refuses(make({ userData: { name: 'x', namespace: 'other' } }), /Secrets of its own namespace \(lab\) only/);
    refuses(make({ online: false, disablePowerOff: true }), /must be online/);
    refuses(make({ rootDeviceHints: { deviceName: 'sda' } }), /write a path in \/dev\//);
    refuses(make({ image: { url: 'http://x/y', checksum: 'z', format: 'vhd' } }), /spec.image.format/);
    refuses(make({ metadata: { annotations: { 'reboot.metal3.io': '{"mode":"warm"}' } } }), /hard or soft/);
    refuses(make({ metadata: { annotations: { 'inspect.metal3.io': 'no' } } }), /use 'disabled' or ''/);
    refuses(
      make({
        metadata: { annotations: { 'inspect.metal3.io': 'disabled' } },
        inspectionMode: 'agent',
        bootMACAddress: '00:60:2f:00:00:01',
      }),
      /give one of them/,
    );
    refuses(make({ metadata: { name: '123e4567-e89b-12d3-a456-426614174000' } }), /is a UUID/);
    refuses(make({ onlin: true }), /spec.onlin: .*did you mean 'online'/);
    refuses(
      () => new BareMetalHost(chart(), 'host', { bmc: { address: 'ipmi://a' } }),
      /needs either credentials or bmc.credentialsName, and has neither/,
    );
    make({ image: { url: 'oci://registry/image' } })();
    make({ image: { url: 'http://x/y.iso', format: 'live-iso' } })();
  });
});

describe('the Secret of a BMC', () => {
  it('is refused with metadata that Kubernetes refuses', () => {
    const make = (metadata: object) => () =>
      new BmcCredentials(new Chart(testApp(), 'chart'), 'bmc', { username: 'u', password: 'p', metadata });
    make({ name: 'bmc.example.com', labels: { rack: '1' }, annotations: { 'Example.com/x': 'y' } })();
    refuses(make({ name: 'Bmc' }), /Secret name 'Bmc' is not a valid DNS subdomain/);
    refuses(make({ namespace: 'a.b' }), /namespace 'a\.b' is not a valid DNS label/);
    refuses(make({ labels: { 'a b': '1' } }), /label key 'a b' is not allowed/);
    refuses(make({ annotations: { '/x': '1' } }), /annotation key '\/x' is not allowed/);
  });
});

describe('sensitive text', () => {
  it('shows itself nowhere', () => {
    const secret = new SensitiveText('canary-31337');
    for (const text of [
      inspect(secret),
      inspect({ secret }, { depth: 9, showHidden: true }),
      String(secret),
      JSON.stringify({ secret }),
    ]) {
      assert.doesNotMatch(text, /canary/);
    }
    assert.equal(secret.unwrap(), 'canary-31337');
  });
});
