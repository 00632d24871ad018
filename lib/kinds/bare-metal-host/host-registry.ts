import { bmcAddressKey, parseBmcAddress } from './bmc-address';
import type { Claims } from '../registry';

/** What must be a host's own within a testbed. */
export interface HostClaims {
  readonly name: string;
  readonly namespace: string;
  readonly bmcAddress: string | undefined;
  readonly bootMACAddress: string | undefined;
}

/** BMO's webhook does not notice what stands twice, and two hosts with one MAC or BMC are one machine to Ironic. */
export const HOST_CLAIMS: Claims<HostClaims> = {
  name: {
    key: ({ namespace, name }) => `${namespace}/${name}`,
    advice: 'give one of them another name, namespace or, for a set, firstIndex',
  },
  'boot MAC address': {
    key: ({ bootMACAddress }) => bootMACAddress?.toLowerCase(),
    shown: ({ bootMACAddress }) => bootMACAddress ?? '',
    advice: 'give one of them another address or, for a set, macPrefix or firstIndex',
  },
  'BMC address': {
    key: ({ bmcAddress }) => (bmcAddress ? bmcAddressKey(parseBmcAddress(bmcAddress)) : undefined),
    shown: ({ bmcAddress }) => bmcAddress ?? '',
    advice: 'give one of them another address or, for a set, bmcAddresses or firstIndex',
  },
};
