import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BMC_PROTOCOLS, bmcAddressKey, needsBootMac, parseBmcAddress } from '../../../lib/baremetal-host/bmc-address';
import { refuses } from '../../support/refuses';

describe('a BMC address', () => {
  it('is read as BMO reads it', () => {
    const cases: Record<string, ReturnType<typeof parseBmcAddress>> = {
      'libvirt://192.168.122.1:6233/': { protocol: 'libvirt', host: '192.168.122.1', port: 6233, path: '/' },
      'redfish+https://[FD00::1]:443/redfish/v1/Systems/1': {
        protocol: 'redfish+https',
        host: 'fd00::1',
        port: 443,
        path: '/redfish/v1/Systems/1',
      },
      'libvirt:192.168.122.1:6233/': { protocol: 'libvirt', host: '192.168.122.1', port: 6233, path: '/' },
      '192.168.122.1:6233': { protocol: 'ipmi', host: '192.168.122.1', port: 6233, path: '' },
      '192.168.122.1': { protocol: 'ipmi', host: '192.168.122.1', port: undefined, path: '' },
      'bmc.example.com': { protocol: 'ipmi', host: 'bmc.example.com', port: undefined, path: '' },
      'IPMI://bmc': { protocol: 'ipmi', host: 'bmc', port: undefined, path: '' },
    };
    for (const [address, parsed] of Object.entries(cases)) assert.deepEqual(parseBmcAddress(address), parsed, address);
  });

  it('is the same machine however it is written', () => {
    const key = (address: string) => bmcAddressKey(parseBmcAddress(address));
    assert.equal(key('ipmi://BMC:623'), key('bmc'));
    assert.equal(key('redfish://a/redfish/v1/Systems/1/'), key('redfish://A:443/redfish/v1/Systems/1'));
    assert.notEqual(key('redfish://a/redfish/v1/Systems/1'), key('redfish://a/redfish/v1/Systems/2'));
  });

  it('is refused where BMO would refuse it', () => {
    refuses(() => parseBmcAddress('ilo4://a'), /'ilo4' was removed .* use redfish instead/);
    refuses(() => parseBmcAddress('irmc+https://a'), /was removed/);
    refuses(() => parseBmcAddress('name:623'), /'name' is unknown/);
    refuses(() => parseBmcAddress('libvirt://'), /no valid host/);
    refuses(() => parseBmcAddress('libvirt://under_score'), /no valid host/);
    refuses(() => parseBmcAddress('libvirt://a:99999'), /BMC port 99999 is not allowed/);
    const message = refuses(() => parseBmcAddress('redfish://user:secret@host/x'), /no valid host|not allowed/);
    assert.doesNotMatch(message, /secret/);
  });

  it('needs a MAC for all protocols but ipmi and virtual media', () => {
    const without = BMC_PROTOCOLS.filter((protocol) => !needsBootMac(protocol));
    assert.deepEqual(
      new Set(without.map((protocol) => protocol.replace(/\+https?$/, ''))),
      new Set(['ipmi', 'redfish-virtualmedia', 'idrac-virtualmedia', 'ilo5-virtualmedia']),
    );
    assert.equal(BMC_PROTOCOLS.length, 2 + 7 * 3);
  });
});
