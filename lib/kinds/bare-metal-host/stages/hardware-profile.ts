/** Hardware profiles: deprecated in the API, yet every host has one (`apis/metal3.io/v1alpha1/profile`, v0.13.2). */
import { Template, expressionFromHost } from './template';

/** The disk that hosts of a profile are provisioned to, unless they name their own. */
export const rootDeviceHintsOfProfile = {
  unknown: { deviceName: '/dev/sda' },
  libvirt: { deviceName: '/dev/vda' },
  dell: { hctl: '0:0:0:0' },
  'dell-raid': { hctl: '0:2:0:0' },
  openstack: { deviceName: '/dev/vdb' },
  empty: {},
} as const;

/** The profile a host is given when it registers: what it asks for, else what its BMC's address tells. */
const profile = [
  expressionFromHost('status.hardwareProfile'),
  expressionFromHost('spec.hardwareProfile'),
  `ternary "libvirt" "unknown" (hasPrefix "libvirt" (${expressionFromHost('spec.bmc.address', '""')}))`,
]
  .map((expression) => `(${expression})`)
  .join(' ');

export const hardwareProfile = new Template(`coalesce ${profile}`);

/** The root device hints that hold: the host's own, else those of its profile. */
export const rootDeviceHintsExpression =
  `${expressionFromHost('spec.rootDeviceHints')} | ` +
  `default (index (fromJson \`${JSON.stringify(rootDeviceHintsOfProfile)}\`) (coalesce ${profile}) | default dict)`;
