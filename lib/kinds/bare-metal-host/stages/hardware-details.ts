/**
 * The one machine of the Bare Metal Operator's test mode (`pkg/provisioner/fixture/fixture.go`, v0.13.2), as it stands
 * in `status.hardware` after inspection. Test mode gives every host the same.
 */
export const fixtureHardwareDetails = {
  cpu: {
    arch: 'x86_64',
    clockMegahertz: 3000,
    count: 1,
    flags: ['fpu', 'hypervisor', 'sse', 'vmx'],
    model: 'FancyPants CPU',
  },
  firmware: { bios: {} },
  nics: [
    {
      ip: '192.168.100.1',
      lldp: { portID: 'Ethernet1/1', switchID: 'aa:bb:cc:dd:ee:ff', switchSystemName: 'switch01.example.com' },
      mac: 'ab:cd:12:34:56:78',
      model: 'virt-io',
      name: 'nic-1',
      pxe: true,
      speedGbps: 1,
    },
    {
      ip: '192.168.100.2',
      lldp: { portID: 'Ethernet1/2', switchID: 'ff:ee:dd:cc:bb:aa', switchSystemName: 'switch02.example.com' },
      mac: '12:34:56:78:ab:cd',
      model: 'e1000',
      name: 'nic-2',
      speedGbps: 1,
    },
  ],
  ramMebibytes: 131_072,
  storage: [
    { model: 'Dell CFJ61', name: 'disk-1 (boot)', sizeBytes: 102_254_581_383_168 },
    { model: 'Dell CFJ61', name: 'disk-2', sizeBytes: 102_254_581_383_168 },
  ],
  systemVendor: {},
};
