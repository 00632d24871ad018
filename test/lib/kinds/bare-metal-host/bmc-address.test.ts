import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  BMC_PROTOCOLS,
  bmcAddressKey,
  needsBootMac,
  parseBmcAddress,
} from '../../../../lib/kinds/bare-metal-host/bmc-address';
import { refuses } from '../../../support/refuses';

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
    for (const same of [
      [
        'redfish://a/redfish/v1/Systems/1/',
        'redfish://A:443/redfish/v1/Systems/1',
        'redfish:a:0443/redfish/v1/Systems/1',
      ],
      ['redfish://a/redfish/v1/Systems/1', 'ilo5-virtualmedia://a/redfish//v1/Chassis/../Systems/%31?x=y#z'],
      ['redfish+http://a/', 'redfish+http://a:80', 'redfish+http://a/redfish/v1/'],
      ['ipmi://[fd00::1a]', '[FD00:0:0:0:0::001A]:623', 'ipmi://[fd00::0.0.0.26]?privilegelevel=USER'],
      ['ipmi://198.51.100.4', '198.51.100.4:623', 'ipmi:198.51.100.4/x', '[::ffff:198.51.100.4]:623', '198.51.100.04'],
      ['libvirt://h:7001/', 'libvirt://h:7001/domain', 'libvirt://H:7001?x'],
      ['redfish://[::FFFF:C633:6404]/', 'redfish://198.51.100.4'],
      ['redfish://bmc.0xfe', 'redfish://BMC.0XFE/'],
    ]) {
      for (const address of same) assert.equal(key(address), key(same[0]!), address);
    }
    for (const [one, other] of [
      ['redfish://a/redfish/v1/Systems/1', 'redfish://a/redfish/v1/Systems/2'],
      ['redfish://a/redfish/v1/Systems/a', 'redfish://a/redfish/v1/Systems/A'],
      ['redfish://a', 'redfish+http://a'],
      ['ipmi://a', 'redfish://a'],
      ['libvirt://a:1', 'libvirt://a:2'],
      ['ipmi://[fd00::1]', 'ipmi://[fd00::10]'],
    ] as const) {
      assert.notEqual(key(one), key(other), one);
    }
  });

  it('is refused where BMO would refuse it', () => {
    refuses(() => parseBmcAddress('ilo4://a'), /'ilo4' was removed .* use redfish instead/);
    refuses(() => parseBmcAddress('irmc+https://a'), /was removed/);
    refuses(() => parseBmcAddress('name:623'), /'name' is unknown/);
    for (const address of [
      'libvirt://under_score',
      'redfish://-a',
      'redfish://a.',
      `redfish://${'a'.repeat(64)}.example`,
      // An IPv6 address needs brackets, and without a scheme a port too.
      '[fd00::7]',
      'redfish://fd00::7/redfish/v1',
      'redfish://[fd00::7',
      'redfish://[fd00::g]/',
      'redfish://[1:2:3]/redfish/v1/Systems/2',
      // Brackets are for IPv6 alone, and no BMC is behind a zone.
      'redfish://[198.51.100.4]:443/',
      'redfish://[fe80::4%25eno1]/',
      '198.51.100.4:x',
      'ipmi://198.51.100.4:x',
      'ipmi://198.51.100.4:-1',
      // Behind address and port without a scheme there may be nothing.
      '198.51.100.4:623/',
      '198.51.100.4:623#bmc',
      '198.51.100.4:623?privilegelevel=USER',
      'redfish://bmc/%2',
      'redfish://bmc/redfish/v1/Systems/%4g',
      'redfish://bmc/#%',
      'redfish://b%6dc/',
      'redfish://bmc /',
      'redfish://bmc/a\tb',
      ' redfish://bmc/',
      'redfish://ｂｍｃ/',
    ]) {
      refuses(() => parseBmcAddress(address), /has no valid host/);
    }
    refuses(() => parseBmcAddress('//bmc/redfish/v1'), /BMC protocol '' is unknown/);
    refuses(() => parseBmcAddress('fd00::7'), /BMC protocol 'fd00' is unknown/);
  });

  it('is taken where BMO takes it, be it odd', () => {
    for (const [address, host] of [
      ['redfish:bmc.example/redfish/v1/Systems/2', 'bmc.example'],
      ['198.51.100.4:', '198.51.100.4'],
      ['ipmi://198.51.100.4:0', '198.51.100.4'],
      ['ipmi://198.51.100.4:70000', '198.51.100.4'],
      ['[FD00::7]:623', 'fd00::7'],
      ['redfish://[::ffff:198.51.100.4]/', '::ffff:198.51.100.4'],
      ['198.51.100.004', '198.51.100.004'],
      ['bmc/x?y', 'bmc'],
      ['redfish:///redfish/v1/Systems/2', ''],
      ['libvirt://', ''],
      [':623', ''],
      ['redfish://bmc/a b/%41?%zz', 'bmc'],
      [`redfish://${'a.'.repeat(150)}example/`, `${'a.'.repeat(150)}example`],
    ] as const) {
      assert.equal(parseBmcAddress(address).host, host, address);
    }
  });

  it('may have no user name, and the error shows no password', () => {
    for (const address of [
      'redfish://user:pa55w0rd@host/x',
      'redfish://user:pa55w0rd@x@host/x',
      'redfish://user:pa55/w0rd@host/x',
      'user:pa55w0rd@host',
      'redfish:user:pa55:w0rd@host',
    ]) {
      assert.doesNotMatch(
        refuses(() => parseBmcAddress(address), /user name|no valid host|unknown/),
        /pa55|w0rd/,
      );
    }
  });

  it('needs a MAC for libvirt, and before v0.14 for all but ipmi and virtual media', () => {
    const without = (release: string) =>
      new Set(
        BMC_PROTOCOLS.filter((protocol) => !needsBootMac(protocol, release)).map((each) =>
          each.replace(/\+https?$/, ''),
        ),
      );
    assert.deepEqual(
      without('v0.13.2'),
      new Set(['ipmi', 'redfish-virtualmedia', 'idrac-virtualmedia', 'ilo5-virtualmedia']),
    );
    assert.equal(without('v0.14.0-rc.0').size, 8);
    assert.ok(!without('v0.14.0-rc.0').has('libvirt'));
    assert.equal(BMC_PROTOCOLS.length, 2 + 7 * 3);
  });
});
