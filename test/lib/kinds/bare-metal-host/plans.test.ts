import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AddressPlan } from '../../../../lib/kinds/bare-metal-host/address-plan';
import { isIPv4, isIPv6 } from '../../../../lib/go/ip';
import { MacPlan } from '../../../../lib/kinds/bare-metal-host/mac-plan';
import { isIP } from 'node:net';
import { refuses } from '../../../support/refuses';

describe('an address plan', () => {
  it('leaves out network and broadcast addresses, and uses point-to-point blocks whole', () => {
    const all = (cidr: string) => {
      const plan = new AddressPlan([cidr]);
      return Array.from({ length: plan.size }, (_, i) => plan.at(i));
    };
    assert.deepEqual(all('10.0.0.0/30'), ['10.0.0.1', '10.0.0.2']);
    assert.deepEqual(all('10.0.0.0/31'), ['10.0.0.0', '10.0.0.1']);
    assert.deepEqual(all('10.0.0.7/32'), ['10.0.0.7']);
    assert.deepEqual(all('fd00::/126'), ['[fd00::1]', '[fd00::2]', '[fd00::3]']);
    assert.deepEqual(all('fd00::/127'), ['[fd00::]', '[fd00::1]']);
    assert.deepEqual(all('255.255.255.252/30'), ['255.255.255.253', '255.255.255.254']);
  });

  it('fills one block after the other', () => {
    const plan = new AddressPlan(['10.0.0.0/30', '10.9.0.0/30']);
    assert.deepEqual(
      [0, 1, 2, 3].map((i) => plan.at(i)),
      ['10.0.0.1', '10.0.0.2', '10.9.0.1', '10.9.0.2'],
    );
    assert.throws(() => plan.at(4), RangeError);
  });

  it('writes IPv6 addresses in their shortest form', () => {
    assert.equal(new AddressPlan(['2001:db8:0:0:1::/80']).at(0), '[2001:db8::1:0:0:1]');
    assert.equal(new AddressPlan(['::/0']).at(65535 + 1), '[::1:1]');
  });

  it('gives distinct valid addresses for every CIDR', () => {
    const v4 = fc
      .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }))
      .map(([value, prefix]) => {
        const network = prefix === 0 ? 0 : Number((BigInt(value) >> BigInt(32 - prefix)) << BigInt(32 - prefix));
        return `${[24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256).join('.')}/${prefix}`;
      });
    fc.assert(
      fc.property(v4, fc.integer({ min: 0, max: 2 ** 24 }), (cidr, seed) => {
        const plan = new AddressPlan([cidr]);
        const positions = [...new Set([0, plan.size - 1, seed % plan.size])];
        const addresses = positions.map((position) => plan.at(position));
        assert.ok(
          addresses.every((address) => isIP(address) === 4),
          `${cidr}: ${addresses.join()}`,
        );
        assert.equal(new Set(addresses).size, positions.length);
      }),
    );
  });

  it('refuses what is not a valid CIDR, and blocks that overlap', () => {
    for (const bad of [
      '10.0.0.0',
      '10.0.0/8',
      '10.0.0.0/33',
      '256.0.0.0/8',
      'fd00::/129',
      'x/8',
      '10.0.0.0/8/8',
      '01.0.0.0/8',
      'fe80::1%eth0/128',
      '::1.2.3.4/128',
      '1::2::3/128',
      'fd00::/064x',
      '',
    ]) {
      refuses(() => new AddressPlan([bad]), /is not a valid CIDR/);
    }
    refuses(() => new AddressPlan(['192.168.122.5/24']), /write '192.168.122.0\/24'/);
    refuses(() => new AddressPlan(['10.0.0.0/8', '10.1.0.0/16']), /overlap/);
    refuses(() => new AddressPlan([]), /is empty/);
  });

  it('tells IP addresses as Node.js does', () => {
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string(),
      fc.constantFrom(
        '::',
        '1::',
        '::1',
        '1:2:3:4:5:6:7::',
        '1::2::3',
        ':1',
        '1:',
        '::1.2.3.4',
        '1:2:3:4:5:6:1.2.3.4',
        '1:2:3:4:5:6::1.2.3.4',
        '::01.2.3.4',
        '1.2.3.4::',
        'fe80::1%eth0',
      ),
    );
    fc.assert(
      fc.property(text, (value) => {
        assert.equal(isIPv4(value), isIP(value) === 4, value);
        // Node.js takes a zone, Go's ParseIP does not.
        assert.equal(isIPv6(value), isIP(value) === 6 && !value.includes('%'), value);
      }),
    );
  });
});

describe('a MAC plan', () => {
  it('puts the index behind the prefix', () => {
    assert.equal(new MacPlan('00:60:2F').at(0x010203), '00:60:2f:01:02:03');
    assert.equal(new MacPlan('02-00-00-00-00').at(255), '02:00:00:00:00:ff');
    assert.equal(new MacPlan('02').size, 256 ** 5);
  });

  it('refuses what is not a valid prefix of unicast addresses', () => {
    for (const bad of ['', '0', '00:60:2f:', '00:60:2g', '00602f', '00:00:00:00:00:00'])
      refuses(() => new MacPlan(bad), /is not a valid MAC prefix/);
    refuses(() => new MacPlan('01:00:5e'), /multicast/);
  });
});
