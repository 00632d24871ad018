import { describe, it } from 'node:test';
import { checkHost } from '../../../../lib/kinds/bare-metal-host/host-rules';
import type { BareMetalHostSpec } from '../../../../lib/kinds/bare-metal-host/schema';
import { refuses } from '../../../support/refuses';

function check(spec: Partial<BareMetalHostSpec>, address = 'redfish://bmc/1'): void {
  const host = {
    apiVersion: 'metal3.io/v1alpha1',
    kind: 'BareMetalHost',
    metadata: { name: 'host-1', namespace: 'default' },
    spec: { online: true, bmc: { address, credentialsName: 'bmc' }, bootMACAddress: '00:60:2f:00:00:01', ...spec },
  } as const;
  checkHost(host, 'host default/host-1');
}

const disks = [{ serialNumber: 'a' }, { serialNumber: 'b' }];
const root = { level: '1', physicalDisks: disks, rootVolume: true } as const;
const mac = '00:60:2f:00:00:0a';

describe('a host with what v0.14 brought', () => {
  it('is taken where BMO takes it', () => {
    check({ inspectionMode: 'fast' });
    check({ raid: { softwareRAIDVolumes: [root, { level: '0' }] } });
    check({ networkInterfaces: [{ name: 'eth0' }, { macAddress: mac }] });
  });

  it('is refused where its BMC cannot inspect', () => {
    for (const address of ['ipmi://bmc', 'libvirt://bmc:6233/']) {
      refuses(() => check({ inspectionMode: 'fast' }, address), /inspectionMode fast is not supported by the protocol/);
    }
  });

  it('is refused with root volumes that cannot be one', () => {
    refuses(() => check({ raid: { softwareRAIDVolumes: [root, root] } }), /has 2 with rootVolume: set it on one/);
    refuses(
      () => check({ raid: { softwareRAIDVolumes: [root] }, rootDeviceHints: { model: 'x' } }),
      /rootVolume beside rootDeviceHints/,
    );
    refuses(
      () => check({ raid: { softwareRAIDVolumes: [{ ...root, level: '0' }] } }),
      /softwareRAIDVolumes\[0\]\.level is 0 with rootVolume: it must be 1/,
    );
  });

  it('is refused with interfaces that are named twice, doubly, or not at all', () => {
    const either = /networkInterfaces\[0\] must have either name or macAddress/;
    refuses(() => check({ networkInterfaces: [{}] }), either);
    refuses(() => check({ networkInterfaces: [{ name: 'eth0', macAddress: mac }] }), either);
    refuses(
      () => check({ networkInterfaces: [{ macAddress: mac }, { macAddress: mac.toUpperCase() }] }),
      /networkInterfaces\[1\] is the interface .* a second time/,
    );
  });
});
