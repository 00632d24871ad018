import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Fleet, LAST_INDEX } from '../../../../lib/kinds/bare-metal-host/fleet';
import type { HostSetProps } from '../../../../lib/kinds/bare-metal-host/host-set-props';
import { refuses } from '../../../support/refuses';

const hostsOf = (props: HostSetProps) => [...new Fleet(props).hosts()];
const objectsOf = (props: HostSetProps) => {
  const fleet = new Fleet(props);
  return [...fleet.hosts()].flatMap((host) => fleet.objectsOf(host));
};
const manifestsOf = (props: HostSetProps) => objectsOf(props).filter((object) => object.kind === 'BareMetalHost');

describe('a host set', () => {
  it("gives the blog's hosts by default", () => {
    assert.deepEqual(objectsOf({ count: 1 }), [
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'worker-1-bmc-secret', namespace: 'default' },
        type: 'Opaque',
        data: { username: 'YWRtaW4=', password: 'cGFzc3dvcmQ=' },
      },
      {
        apiVersion: 'metal3.io/v1alpha1',
        kind: 'BareMetalHost',
        metadata: { name: 'worker-1', namespace: 'default' },
        spec: {
          online: true,
          bmc: { address: 'libvirt://192.168.122.1:6233/', credentialsName: 'worker-1-bmc-secret' },
          bootMACAddress: '00:60:2f:00:00:01',
        },
      },
    ]);
  });

  it("goes on beyond the blog's block of 254 addresses", () => {
    const addresses = hostsOf({ count: 256 }).map(({ bmcAddress }) => bmcAddress);
    assert.equal(addresses[253], 'libvirt://192.168.122.254:6233/');
    assert.equal(addresses[254], 'libvirt://10.0.0.1:6233/');
  });

  it('has no hosts where the count is 0', () => {
    assert.deepEqual(hostsOf({ count: 0 }), []);
    assert.deepEqual(new Fleet({ count: 0, hostsPerNamespace: 5, namespace: 'a' }).namespaces(), []);
  });

  it('reaches 16 million hosts with names, MACs and addresses of their own', () => {
    const fleet = new Fleet({ count: LAST_INDEX });
    const last = fleet.hostAt(LAST_INDEX);
    assert.equal(last.name, 'worker-16777214');
    assert.equal(last.bootMACAddress, '00:60:2f:ff:ff:fe');
    assert.equal(last.bmcAddress, 'libvirt://10.255.255.0:6233/');
    refuses(
      () => new Fleet({ count: LAST_INDEX + 1 }),
      /count of host set worker is 16777215: use a whole number from 0 to 16777214/,
    );
  });

  it('gives the same hosts whatever the count, and whichever part of them is asked for', () => {
    const props = fc.record({
      size: fc.integer({ min: 1, max: 300 }),
      more: fc.integer({ min: 0, max: 300 }),
      cut: fc.integer({ min: 0, max: 299 }),
      hostsPerNamespace: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(props, ({ size, more, cut, hostsPerNamespace }) => {
        const common = { namespace: 'lab', ...(hostsPerNamespace && { hostsPerNamespace }) };
        const all = hostsOf({ ...common, count: size + more });
        assert.deepEqual(hostsOf({ ...common, count: size }), all.slice(0, size));
        const first = Math.min(cut, size - 1);
        assert.deepEqual(hostsOf({ ...common, firstIndex: 1 + first, count: size - first }), all.slice(first, size));
      }),
    );
  });

  it('never gives two hosts one name, MAC or BMC address', () => {
    const protocols = fc.constantFrom('libvirt', 'ipmi', 'redfish+http', 'idrac-virtualmedia' as const);
    const plans = fc.record(
      {
        count: fc.integer({ min: 1, max: 600 }),
        firstIndex: fc.integer({ min: 0, max: 1_000_000 }),
        namePattern: fc.constantFrom('{name}-{index}', 'n{index:5}x', '{index}'),
        hostsPerNamespace: fc.integer({ min: 1, max: 700 }),
        macPrefix: fc.constantFrom('02', '02:00', 'aa:bb:cc', '02-00-00'),
      },
      { requiredKeys: ['count'] },
    );
    fc.assert(
      fc.property(plans, protocols, (plan, bmcProtocol) => {
        const hosts = hostsOf({ ...plan, bmcProtocol });
        const distinct = (values: unknown[]) => assert.equal(new Set(values).size, hosts.length);
        distinct(hosts.map(({ name }) => name));
        distinct(hosts.map(({ bootMACAddress }) => bootMACAddress));
        distinct(hosts.map(({ bmcAddress }) => bmcAddress));
      }),
    );
  });

  it('starts at index 0 where asked to', () => {
    const [first] = hostsOf({ count: 2, firstIndex: 0 });
    assert.equal(first?.name, 'worker-0');
    assert.equal(first?.bmcAddress, 'libvirt://192.168.122.1:6233/');
    assert.equal(first?.bootMACAddress, '00:60:2f:00:00:00');
  });

  describe('in namespaces', () => {
    const namespacesOf = (props: HostSetProps) => hostsOf(props).map(({ namespace }) => namespace);

    it('fills the one that is named, and numbered ones after it, so many hosts to each', () => {
      const props = { count: 5, namespace: 'lab', hostsPerNamespace: 2 };
      assert.deepEqual(namespacesOf(props), ['lab', 'lab', 'lab-2', 'lab-2', 'lab-3']);
      assert.deepEqual(new Fleet(props).namespaces(), ['lab', 'lab-2', 'lab-3']);
    });

    it('goes round named ones', () => {
      const props = { count: 5, namespaces: ['a', 'b'] };
      assert.deepEqual(namespacesOf(props), ['a', 'b', 'a', 'b', 'a']);
      assert.deepEqual(new Fleet(props).namespaces(), ['a', 'b']);
    });

    it('fills named ones, and refuses more hosts than they take', () => {
      const props = { count: 4, namespaces: ['a', 'b'], hostsPerNamespace: 2 };
      assert.deepEqual(namespacesOf(props), ['a', 'a', 'b', 'b']);
      refuses(
        () => new Fleet({ ...props, count: 5 }),
        /room for 4 hosts, and 5 from index 1 on need 5: widen it, or lower count/,
      );
    });

    it('gives one host of each namespace in turn, all of them once', () => {
      const inTurns = [...new Fleet({ count: 7, namespace: 'lab', hostsPerNamespace: 3 }).hostsInTurns()];
      assert.deepEqual(
        inTurns.map(({ name, namespace }) => `${namespace}/${name}`),
        [
          'lab/worker-1',
          'lab-2/worker-4',
          'lab-3/worker-7',
          'lab/worker-2',
          'lab-2/worker-5',
          'lab/worker-3',
          'lab-2/worker-6',
        ],
      );
      for (const firstIndex of [0, 1, 2, 3, 50]) {
        for (const count of [0, 1, 2, 10]) {
          for (const hostsPerNamespace of [1, 3, 20, undefined]) {
            const fleet = new Fleet({ count, firstIndex, ...(hostsPerNamespace && { hostsPerNamespace }) });
            const hosts = [...fleet.hostsInTurns()];
            assert.deepEqual(
              hosts.toSorted((a, b) => a.index - b.index),
              [...fleet.hosts()],
            );
            const turns = hosts.map((host) => fleet.turnOf(host));
            assert.deepEqual(
              turns,
              turns.toSorted((a, b) => a - b),
            );
          }
        }
      }
    });

    it('lists exactly the namespaces that its hosts are in', () => {
      const props = fc.record({
        count: fc.integer({ min: 1, max: 60 }),
        firstIndex: fc.integer({ min: 0, max: 40 }),
        hostsPerNamespace: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
        names: fc.option(fc.constantFrom(['a'], ['a', 'b', 'c']), { nil: undefined }),
      });
      fc.assert(
        fc.property(props, ({ count, firstIndex, hostsPerNamespace, names }) => {
          const room =
            names !== undefined && hostsPerNamespace !== undefined ? names.length * hostsPerNamespace : Infinity;
          fc.pre(firstIndex - Math.min(firstIndex, 1) + count <= room);
          const set = {
            count,
            firstIndex,
            ...(hostsPerNamespace && { hostsPerNamespace }),
            ...(names && { namespaces: names }),
          };
          assert.deepEqual(new Fleet(set).namespaces(), [...new Set(namespacesOf(set))]);
        }),
      );
    });

    it('refuses what is not a valid DNS label, and both ways at once', () => {
      refuses(() => new Fleet({ count: 1, namespace: 'Lab' }), /namespace 'Lab' is not a valid DNS label/);
      refuses(() => new Fleet({ count: 1, namespaces: ['a', 'b_'] }), /namespace 'b_' is not a valid DNS label/);
      refuses(() => new Fleet({ count: 1, namespaces: ['a', 'a'] }), /name one twice/);
      refuses(() => new Fleet({ count: 1, namespaces: [] }), /is empty/);
      refuses(() => new Fleet({ count: 1, namespace: 'a', namespaces: ['b'] }), /both namespace and namespaces/);
      refuses(
        () => new Fleet({ count: 100, namespace: 'x'.repeat(62), hostsPerNamespace: 1 }),
        /is not a valid DNS label/,
      );
    });
  });

  describe('of Redfish', () => {
    it('has a BMC each, with the path of one machine', () => {
      const [host] = hostsOf({ count: 1, bmcProtocol: 'redfish', bmcAddresses: ['172.16.0.0/16'], bmcPort: 8000 });
      assert.equal(host?.bmcAddress, 'redfish://172.16.0.1:8000/redfish/v1/Systems/1');
      const [idrac] = hostsOf({ count: 1, bmcProtocol: 'idrac-virtualmedia+https', bmcAddresses: ['fd00::/64'] });
      assert.equal(idrac?.bmcAddress, 'idrac-virtualmedia+https://[fd00::1]/redfish/v1/Systems/System.Embedded.1');
    });

    it('shares an endpoint, with a system id for each host', () => {
      const props = { count: 2, bmcProtocol: 'redfish+http', bmcEndpoint: '192.168.111.1:8000' } as const;
      assert.deepEqual(
        hostsOf(props).map(({ bmcAddress }) => bmcAddress),
        [1, 2].map(
          (i) => `redfish+http://192.168.111.1:8000/redfish/v1/Systems/00000000-0000-4000-8000-00602f00000${i}`,
        ),
      );
      assert.equal(
        hostsOf({ ...props, systemId: 'sys-{host}' })[1]?.bmcAddress,
        'redfish+http://192.168.111.1:8000/redfish/v1/Systems/sys-worker-2',
      );
    });

    it('refuses an endpoint that makes no sense', () => {
      const props = { count: 1, bmcProtocol: 'redfish', bmcEndpoint: 'bmc:8000' } as const;
      refuses(
        () => new Fleet({ ...props, bmcProtocol: 'libvirt' }),
        /only Redfish protocols have systems behind one endpoint/,
      );
      refuses(() => new Fleet({ ...props, bmcAddresses: ['10.0.0.0/8'] }), /both bmcAddresses and bmcEndpoint/);
      refuses(
        () => new Fleet({ ...props, bmcEndpoint: 'https://bmc/redfish' }),
        /no valid host|is not host or host:port/,
      );
      refuses(() => new Fleet({ ...props, bmcPort: 1 }), /give the port once/);
      refuses(() => new Fleet({ ...props, systemId: 'same' }), /use \{index\}, \{host\} or \{uuid\} once/);
      refuses(
        () => new Fleet({ ...props, bootMAC: false, bmcProtocol: 'redfish-virtualmedia' }),
        /systemId \{uuid\} is made from the MAC address/,
      );
      refuses(() => new Fleet({ count: 1, systemId: '{index}' }), /systemId without bmcEndpoint/);
    });
  });

  describe('with credentials', () => {
    it('names a Secret that exists, and writes none', () => {
      const objects = objectsOf({ count: 2, credentials: { secretName: 'shared' } });
      assert.deepEqual(
        objects.map(({ kind }) => kind),
        ['BareMetalHost', 'BareMetalHost'],
      );
      assert.ok(
        manifestsOf({ count: 2, credentials: { secretName: 'shared' } }).every(
          ({ spec }) => spec.bmc?.credentialsName === 'shared',
        ),
      );
    });

    it('shares one Secret in each namespace where asked to, before the first host that needs it', () => {
      const objects = objectsOf({ count: 4, namespaces: ['a', 'b'], secretPer: 'namespace' });
      assert.deepEqual(
        objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`),
        [
          'Secret a/worker-bmc-secret',
          'BareMetalHost a/worker-1',
          'Secret b/worker-bmc-secret',
          'BareMetalHost b/worker-2',
          'BareMetalHost a/worker-3',
          'BareMetalHost b/worker-4',
        ],
      );
    });

    it('still writes the shared Secret where the first host has credentials of its own', () => {
      const overrides = [{ hosts: 1, credentials: { username: 'u', password: 'p' } }];
      const secrets = objectsOf({ count: 3, secretPer: 'namespace', overrides }).filter(
        ({ kind }) => kind === 'Secret',
      );
      assert.deepEqual(
        secrets.map(({ metadata }) => metadata.name),
        ['worker-1-bmc-secret', 'worker-bmc-secret'],
      );
    });

    it('refuses empty ones without showing the other', () => {
      const message = refuses(
        () => new Fleet({ count: 1, credentials: { username: '', password: 'canary-31337' } }),
        /credentials username is empty/,
      );
      assert.doesNotMatch(message, /canary/);
    });
  });

  describe('with overrides', () => {
    it('changes the hosts that a rule names, and no others', () => {
      const set = {
        count: 4,
        labels: { a: '1' },
        overrides: [
          { hosts: '2,4', online: false, labels: { b: '2' } },
          { hosts: '4', description: 'last' },
        ],
      };
      const hosts = manifestsOf(set);
      assert.deepEqual(
        hosts.map(({ spec }) => spec.online),
        [true, false, true, false],
      );
      assert.deepEqual(
        hosts.map(({ metadata }) => metadata.labels),
        [{ a: '1' }, { a: '1', b: '2' }, { a: '1' }, { a: '1', b: '2' }],
      );
      assert.deepEqual(
        hosts.map(({ spec }) => spec.description),
        [undefined, undefined, undefined, 'last'],
      );
    });

    it('refuses a rule that names no host', () => {
      for (const hosts of ['0', '4', '10-20'])
        assert.throws(() => new Fleet({ count: 3, overrides: [{ hosts: 1 }, { hosts, online: false }] }), {
          code: 'invalid-input',
          message: `overrides[1].hosts '${hosts}' of host set worker matches no host: its hosts have the indexes 1 to 3`,
        });
      assert.doesNotThrow(() => new Fleet({ count: 3, overrides: [{ hosts: '3-9', online: false }] }));
    });

    it('lets a function have the last word', () => {
      const hosts = manifestsOf({
        count: 2,
        overrides: [{ hosts: '1-2', description: 'rule' }],
        override: ({ index }) => (index === 2 ? { description: 'own' } : undefined),
      });
      assert.deepEqual(
        hosts.map(({ spec }) => spec.description),
        ['rule', 'own'],
      );
    });

    it('checks every host that has one', () => {
      const fleet = new Fleet({ count: 3, overrides: [{ hosts: 2, image: { url: 'http://x/y.qcow2' } }] });
      refuses(
        () => fleet.check(),
        /host default\/worker-2 of host set worker is refused: spec.image.checksum is missing/,
      );
      refuses(() => new Fleet({ count: 1, overrides: [{ hosts: '3-1' }] }), /'3-1' is not a valid list of indexes/);
    });
  });

  it('puts what BMO reads from annotations there', () => {
    const status = {
      operationalStatus: 'OK',
      errorCount: 0,
      errorMessage: '',
      poweredOn: true,
      provisioning: { state: 'available', ID: '' },
    } as const;
    const [host] = manifestsOf({ count: 1, paused: true, status: status });
    assert.deepEqual(host?.metadata.annotations, {
      'baremetalhost.metal3.io/paused': '',
      'baremetalhost.metal3.io/status': JSON.stringify(status),
    });
  });

  it('refuses plans that are too small, saying how far they reach', () => {
    refuses(
      () => new Fleet({ count: 255, bmcAddresses: ['192.168.122.0/24'] }),
      /bmcAddresses '192.168.122.0\/24' of host set worker has room for 254 hosts, and 255 from index 1 on need 255/,
    );
    refuses(
      () => new Fleet({ count: 256, macPrefix: '02:00:00:00:00' }),
      /macPrefix '02:00:00:00:00' of host set worker has room for 256 hosts/,
    );
  });

  it('names hosts with dots, and refuses those that leave a Secret no room for its name', () => {
    const [host] = manifestsOf({ count: 1, namePattern: '{name}-{index}.rack.example.com' });
    assert.equal(host?.metadata.name, 'worker-1.rack.example.com');
    assert.equal(host.spec.bmc?.credentialsName, 'worker-1.rack.example.com-bmc-secret');
    const long = (length: number) => `${'a'.repeat(length - 1)}{index}`;
    assert.equal(manifestsOf({ count: 9, namePattern: long(242) }).length, 9);
    refuses(
      () => new Fleet({ count: 10, namePattern: long(242) }),
      /Secret of host default\/a+10 .* is not a valid DNS subdomain/,
    );
    assert.equal(manifestsOf({ count: 9, namePattern: long(253), secretPer: 'namespace' }).length, 9);
    const credentials = { secretName: 'shared' };
    refuses(
      () => new Fleet({ count: 10, namePattern: long(253), credentials }),
      /host name 'a+…? is not a valid DNS subdomain/,
    );
    const override = () => ({ credentials: { username: 'a', password: 'b' } });
    refuses(() => new Fleet({ count: 1, namePattern: long(243), credentials, override }).check(), /Secret of host/);
  });

  it('refuses names of which one between the first and the last is a UUID', () => {
    const namePattern = '6ba7b810-9dad-11d1-80b4-00c04fd43{index}';
    refuses(() => new Fleet({ count: 5_000, namePattern }), /6ba7b810-9dad-11d1-80b4-00c04fd43100' is a UUID/);
    assert.equal(new Fleet({ count: 99, namePattern }).count, 99);
    assert.equal(new Fleet({ count: 50, firstIndex: 2_000, namePattern }).count, 50);
  });

  it('takes a part of a status', () => {
    const [host] = manifestsOf({ count: 1, status: { provisioning: { state: 'available' } } });
    assert.deepEqual(host?.metadata.annotations, {
      'baremetalhost.metal3.io/status': '{"provisioning":{"state":"available"}}',
    });
  });

  it('refuses an endpoint that is more than a host and a port', () => {
    for (const bmcEndpoint of ['bmc/', 'bmc/x', 'bmc?x', 'bmc#x', 'bmc:', '', ':80']) {
      refuses(
        () => new Fleet({ count: 1, bmcProtocol: 'redfish', bmcEndpoint }),
        /bmcEndpoint .* is not host or host:port/,
      );
    }
  });

  it('refuses hosts that BMO would refuse', () => {
    refuses(
      () => new Fleet({ count: 1, bootMAC: false }),
      /spec.bootMACAddress is missing: the protocol libvirt needs one/,
    );
    refuses(
      () => new Fleet({ count: 1, bootMAC: false, bmcProtocol: 'redfish-virtualmedia', inspectionMode: 'disabled' }),
      /without inspection a host needs one/,
    );
    refuses(() => new Fleet({ count: 1, image: { url: 'http://x/y' } }), /spec.image.checksum is missing/);
    refuses(
      () => new Fleet({ count: 1, bmcProtocol: 'irmc' as never }),
      /was removed from the Bare Metal Operator: use redfish instead/,
    );
    refuses(
      () => new Fleet({ count: 1, bmcProtocol: 'telnet' as never }),
      /'telnet' is unknown to the Bare Metal Operator: use one of ipmi, libvirt, redfish/,
    );
    refuses(() => new Fleet({ count: 1, name: 'Worker' }), /host set name 'Worker' is not a valid DNS label/);
    refuses(() => new Fleet({ count: 1, namePattern: 'fixed' }), /use \{index\} .* exactly once/);
    refuses(() => new Fleet({ count: 1, namePattern: '{index}-{index}' }), /exactly once/);
    refuses(() => new Fleet({ count: 1.5 }), /count of host set worker is 1.5: use a whole number/);
    refuses(() => new Fleet({ count: 1, labels: { a: 'not ok' } }), /label a has the value 'not ok'/);
  });
});
