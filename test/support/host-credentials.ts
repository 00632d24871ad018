/** What else may be wrong with a BMC's address and Secret, and how it is mended. */
import {
  HARDWARE,
  PAUSED,
  address,
  annotate,
  available,
  deleted,
  good,
  image,
  inspectionDisabled,
  provisioned,
  remove,
  settle,
  settled,
  spec,
  until,
  afterErrors,
  type HostScenario,
} from './host-scenario';

const otherAddress = 'redfish-virtualmedia://192.0.2.2/redfish/v1/Systems/2';

export const credentialScenarios: readonly HostScenario[] = [
  {
    name: 'Secret with more keys than are needed',
    secret: { ...good, other: 'x' },
    steps: [settled, settle({ secret: { ...good, another: 'y' } }), deleted],
  },
  {
    name: 'Secret with its keys in another case, mended',
    secret: { Username: 'admin', PASSWORD: 'password' },
    steps: [settled, settle({ secret: good }), deleted],
  },
  {
    name: 'Secret with other keys, mended',
    secret: { user: 'admin', pass: 'password' },
    steps: [settled, settle({ secret: good }), deleted],
  },
  {
    name: 'Secret mended by halves',
    secret: {},
    steps: [settled, settle({ secret: { username: 'u' } }), settle({ secret: good }), deleted],
  },
  {
    name: 'Secret that is bad goes, and a good one comes',
    secret: { username: 'u' },
    steps: [settled, settle({ secret: null }), settle({ secret: good }), deleted],
  },
  {
    name: 'Secret whose password changes while available',
    steps: [...available, settle({ secret: { username: 'admin', password: 'other' } }), deleted],
  },
  {
    name: 'Secret whose password changes while provisioned',
    steps: [...available, ...provisioned, settle({ secret: { username: 'other', password: 'other' } }), deleted],
  },
  {
    name: 'Secret that goes while available, and comes back',
    steps: [...available, settle({ secret: null }), settle({ secret: good }), deleted],
  },
  {
    name: 'Secret emptied while inspecting, given back',
    steps: [until('inspecting'), settle({ secret: {} }), settle({ secret: good }), deleted],
  },
  {
    name: 'Secret emptied while paused, unpaused, given back',
    steps: [
      ...available,
      settle(annotate({ [PAUSED]: '' }), { secret: {} }),
      settle(annotate({ [PAUSED]: null })),
      settle({ secret: good }),
      deleted,
    ],
  },
  {
    name: 'another Secret named while registering without one',
    secret: null,
    steps: [settled, settle({ secret: good, name: 'other' }, spec({ bmc: { credentialsName: 'other' } })), deleted],
  },
  {
    name: 'another Secret named that lacks a password, and back',
    steps: [
      ...available,
      settle({ secret: { username: 'u' }, name: 'other' }, spec({ bmc: { credentialsName: 'other' } })),
      settle(spec({ bmc: { credentialsName: 'host-1-bmc' } })),
      deleted,
    ],
  },
  {
    name: 'no Secret, image given meanwhile, then one',
    secret: null,
    steps: [settled, settle(spec({ image })), settle({ secret: good }), deleted],
  },
  {
    name: 'no Secret, switched off, then one',
    secret: null,
    steps: [settled, settle(spec({ online: false })), settle({ secret: good }), deleted],
  },
  {
    name: 'no Secret, made unmanaged',
    secret: null,
    steps: [settled, settle(spec({ bmc: null })), deleted],
  },
  {
    name: 'no Secret and externally provisioned, then one',
    secret: null,
    spec: { externallyProvisioned: true },
    steps: [settled, settle({ secret: good }), deleted],
  },
  {
    name: 'address changed while available',
    steps: [...available, settle(spec({ bmc: { address: otherAddress } })), deleted],
  },
  {
    name: 'address changed while provisioned',
    steps: [...available, ...provisioned, settle(spec({ bmc: { address: otherAddress } })), deleted],
  },
  {
    name: 'address and Secret changed while registering without one',
    secret: null,
    steps: [
      settled,
      settle({ secret: good, name: 'other' }, spec({ bmc: { address: otherAddress, credentialsName: 'other' } })),
      deleted,
    ],
  },
  {
    name: 'address taken away while available, given back',
    steps: [...available, settle(spec({ bmc: { address: '' } })), settle(spec({ bmc: { address } })), deleted],
  },
  {
    name: 'address taken away while provisioned, deleted',
    steps: [...available, ...provisioned, settle(spec({ bmc: { address: '' } })), afterErrors(remove)],
  },
  {
    name: 'address without a scheme',
    spec: { bmc: { address: '192.0.2.1', credentialsName: 'host-1-bmc' } },
    steps: [settled, deleted],
  },
  {
    name: 'boot MAC address changed, then taken away',
    steps: [
      ...available,
      settle(spec({ bootMACAddress: '00:60:2f:00:00:99' })),
      settle(spec({ bootMACAddress: null })),
      deleted,
    ],
  },
  {
    name: 'network data that nobody has, and come',
    spec: { preprovisioningNetworkDataName: 'network' },
    steps: [settled, settle({ secret: { networkData: 'x' }, name: 'network' }), deleted],
  },
  {
    name: 'user data and network data that nobody has',
    spec: { userData: { name: 'user-data' }, networkData: { name: 'network-data' }, metaData: { name: 'meta' } },
    steps: [...available, ...provisioned, deleted],
  },
  {
    name: 'no Secret and hardware details that cannot be read, both mended',
    secret: null,
    annotations: { ...inspectionDisabled, [HARDWARE]: '{no' },
    steps: [
      settled,
      settle({ secret: good }),
      afterErrors(annotate({ [HARDWARE]: '{"ramMebibytes":1}' })),
      afterErrors(remove),
    ],
  },
];
