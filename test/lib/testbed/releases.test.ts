import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BareMetalHost, Testbed } from '../../../lib';
import type { BareMetalHostSpec } from '../../../lib/kinds/bare-metal-host/schema';
import { resolveTestbed, type TestbedProps } from '../../../lib/testbed/resolve';
import { refuses } from '../../support/refuses';
import { testApp } from '../../support/charts';

const newer: Partial<BareMetalHostSpec> = {
  networkInterfaces: [{ name: 'eth0', hostNetworkAttachment: { name: 'tenant' } }],
};
const testbed = (version: string | undefined, hostSet: object): TestbedProps => ({
  operators: [{ version }],
  hostSets: [{ count: 2, bmcProtocol: 'redfish', bmcEndpoint: 'bmc', ...hostSet }],
});

describe('hosts and the release of their operator', () => {
  it('go together where the release knows all that the hosts say', () => {
    resolveTestbed(testbed('v0.14.0-rc.0', { spec: newer, inspectionMode: 'fast' }));
    resolveTestbed(testbed(undefined, { inspectionMode: 'agent' }));
    resolveTestbed({ ...testbed(undefined, { spec: newer }), operators: [] });
  });

  it('are refused where the release would drop a field, or not know its value', () => {
    const message = refuses(
      () => resolveTestbed(testbed(undefined, { spec: newer, inspectionMode: 'fast' })),
      /^host default\/worker-1 says more than its operator, BMO v0\.13\.2, knows: leave it out, or take a later release\n/,
    );
    assert.match(message, /^spec\.inspectionMode: must be one of 'disabled', 'agent'; given 'fast'$/m);
    assert.match(message, /^spec\.networkInterfaces: unknown field/m);
  });

  it('are refused for one host of many, and for a status that they start with', () => {
    const overrides = [{ hosts: 2, ...newer }];
    refuses(() => resolveTestbed(testbed('v0.13.0', { overrides })), /^host default\/worker-2 says more/);
    const status = {
      provisioningFailCount: 1,
      operationalStatus: 'OK',
      errorMessage: '',
      poweredOn: true,
      errorCount: 0,
    };
    const provisioning = { state: 'available', ID: '1' };
    refuses(
      () => resolveTestbed(testbed('v0.13.0', { status: { ...status, provisioning } })),
      /^status\.provisioningFailCount: unknown field/m,
    );
  });

  it('are taken and refused as the release has it', () => {
    const noMac = { bootMAC: false, systemId: '{index}' };
    resolveTestbed(testbed('v0.14.0-rc.0', noMac));
    refuses(
      () => resolveTestbed(testbed('v0.13.2', noMac)),
      /^host default\/worker-1 is refused by its operator, BMO v0\.13\.2: spec\.bootMACAddress is missing: the protocol redfish/,
    );
    const fileImage = { image: { url: 'file:///images/node.raw', checksum: 'abc' } };
    resolveTestbed(testbed('v0.13.2', fileImage));
    refuses(
      () => resolveTestbed(testbed('v0.14.0-rc.0', fileImage)),
      /^host default\/worker-1 is refused by its operator, BMO v0\.14\.0-rc\.0: spec\.image\.url 'file:\/\/\/images\/node\.raw'/,
    );
    resolveTestbed({ ...testbed(undefined, fileImage), operators: [] });
    refuses(
      () => resolveTestbed(testbed('v0.14.0-rc.0', { overrides: [{ hosts: 2, ...fileImage }] })),
      /^host default\/worker-2 is refused by its operator/,
    );
  });

  it('are judged so where they are described one by one', () => {
    const make = (version: string, props: object) => {
      const { hosts } = new Testbed(testApp(), 'testbed', { operators: [{ version }], hostSets: [] });
      return () => new BareMetalHost(hosts, 'host-1', props);
    };
    const bmc = { address: 'redfish://192.0.2.1/redfish/v1/Systems/1', credentialsName: 'host-1-bmc' };
    make('v0.14.0-rc.0', { bmc })();
    refuses(
      make('v0.13.2', { bmc }),
      /host-1 is refused by its operator, BMO v0\.13\.2: spec\.bootMACAddress is missing/,
    );
    refuses(
      make('v0.14.0-rc.0', { image: { url: 'nfs://store/a', checksum: 'x' } }),
      /refused by its operator, BMO v0\.14\.0-rc\.0: spec\.image\.url/,
    );
    refuses(make('v0.13.2', newer), /host-1 says more than its operator/);
  });

  it('are judged by the operator of their own namespace', () => {
    const operators = [
      { version: 'v0.13.2', watchedNamespaces: ['old'], namespace: 'bmo-old' },
      { version: 'v0.14.0-rc.0', watchedNamespaces: ['new'], namespace: 'bmo-new' },
    ];
    const set = (namespace: string) =>
      ({
        count: 1,
        name: namespace,
        namespace,
        bmcProtocol: 'redfish',
        bmcEndpoint: namespace,
        macPrefix: namespace === 'old' ? '00:60:2f' : '00:60:30',
      }) as const;
    resolveTestbed({ operators, hostSets: [set('old'), { ...set('new'), spec: newer }] });
    refuses(
      () => resolveTestbed({ operators, hostSets: [{ ...set('old'), spec: newer }, set('new')] }),
      /^host old\/old-1 says more than its operator, BMO v0\.13\.2/,
    );
  });
});

describe('the CRDs of several operators', () => {
  const owners = (...versions: string[]) =>
    resolveTestbed({
      operators: versions.map((version, i) => ({ version, watchedNamespaces: [`ns-${i}`], namespace: `bmo-${i}` })),
      hostSets: [],
    }).operators.map(({ crds }) => crds);

  it('come with the newest release, and once', () => {
    assert.deepEqual(owners('v0.13.2', 'v0.14.0-rc.0'), [false, true]);
    assert.deepEqual(owners('v0.14.0-rc.0', 'v0.13.2'), [true, false]);
    assert.deepEqual(owners('v0.13.2', 'v0.13.2'), [true, false]);
    assert.deepEqual(owners('v0.3.0', 'v0.13.2', 'v0.9.3'), [false, true, false]);
  });
});
