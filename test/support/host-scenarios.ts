/**
 * What users do to a host, and what else may befall it: run on the Bare Metal Operator once, whose answers are kept
 * in `test/fixtures`, and on kwok whenever the tests run.
 */
import { seeded } from '../../lib/kinds/bare-metal-host/seeded-status';
import { differences } from './host-differences';
import { deletions } from './host-deletions';
import { credentialScenarios } from './host-credentials';
import { annotationScenarios } from './host-annotation-values';
import {
  HARDWARE,
  STATUS,
  INSPECT,
  DETACHED,
  PAUSED,
  REBOOT,
  image,
  good,
  address,
  HOST,
  SECRET,
  defaultSpec,
  settle,
  afterErrors,
  until,
  spec,
  annotate,
  remove,
  settled,
  deleted,
  givenHardware,
  givenStatus,
  inState,
  available,
  provisioned,
  type HostScenario,
} from './host-scenario';

function seed(state: 'available' | 'provisioned'): HostScenario {
  const manifest = seeded(
    {
      apiVersion: 'metal3.io/v1alpha1',
      kind: 'BareMetalHost',
      metadata: { name: HOST, namespace: 'default' },
      spec: defaultSpec,
    },
    state,
  );
  const { annotations = {} } = manifest.metadata;
  return {
    name: `seeded: ${state}`,
    annotations,
    spec: manifest.spec,
    steps: [settled, settle(spec({ online: false })), deleted],
  };
}

const scenarios: readonly HostScenario[] = [
  {
    name: 'a whole life',
    steps: [
      ...[settled, settle(spec({ image })), settle(spec({ online: false })), settle(spec({ online: true }))],
      ...[settle(spec({ image: null })), deleted],
    ],
  },

  // Credentials
  { name: 'no Secret, then one', secret: null, steps: [settled, settle({ secret: good }), deleted] },
  { name: 'no Secret, deleted', secret: null, steps: [settled, deleted] },
  {
    name: 'Secret without username, mended',
    secret: { password: 'p' },
    steps: [settled, settle({ secret: good }), deleted],
  },
  {
    name: 'Secret without password, mended',
    secret: { username: 'u' },
    steps: [settled, settle({ secret: good }), deleted],
  },
  {
    name: 'Secret with empty username',
    secret: { username: '', password: 'p' },
    steps: [settled, settle({ secret: good }), deleted],
  },
  {
    name: 'Secret with white space for a password',
    secret: { username: 'u', password: ' \n\t' },
    steps: [settled, settle({ secret: good }), deleted],
  },
  { name: 'Secret without data, deleted', secret: {}, steps: [settled, deleted] },
  {
    name: 'no credentialsName, then one',
    spec: { bmc: { address, credentialsName: '' } },
    steps: [settled, settle(spec({ bmc: { credentialsName: SECRET } })), deleted],
  },
  {
    name: 'no address, then one',
    spec: { bmc: { address: '', credentialsName: SECRET } },
    steps: [settled, settle(spec({ bmc: { address } })), deleted],
  },
  {
    name: 'credentials emptied and given back while available',
    steps: [...available, settle({ secret: {} }), settle({ secret: good }), deleted],
  },
  {
    name: 'credentials emptied while provisioned, deleted',
    steps: [...available, ...provisioned, settle({ secret: { username: 'u' } }), deleted],
  },
  {
    name: 'credentials emptied while available, deleted',
    steps: [...available, settle({ secret: { password: 'p' } }), deleted],
  },
  {
    name: 'credentials emptied while provisioning, given back',
    steps: [...available, until('provisioning', spec({ image })), settle({ secret: {} }), settle({ secret: good })],
  },
  {
    name: 'credentials emptied while deprovisioning for good',
    steps: [...available, ...provisioned, until('deprovisioning', remove), settle({ secret: {} })],
  },
  {
    name: 'another Secret named that is not there, and comes',
    steps: [
      ...available,
      settle(spec({ bmc: { credentialsName: 'other' } })),
      settle({ secret: good, name: 'other' }),
      deleted,
    ],
  },
  {
    name: 'another Secret named that is there',
    steps: [
      ...available,
      settle({ secret: good, name: 'other' }, spec({ bmc: { credentialsName: 'other' } })),
      deleted,
    ],
  },
  {
    name: 'BMC taken away while available, given back',
    steps: [
      ...available,
      settle(spec({ bmc: { credentialsName: '' } })),
      settle(spec({ bmc: { credentialsName: SECRET } })),
      settle(spec({ bmc: { address: '' } })),
      settle(spec({ bmc: null })),
      deleted,
    ],
  },
  {
    name: 'unmanaged, then managed without Secret, then with',
    spec: { bmc: undefined },
    secret: null,
    steps: [settled, settle(spec({ bmc: { address, credentialsName: SECRET } })), settle({ secret: good }), deleted],
  },
  { name: 'unmanaged, deleted', spec: { bmc: undefined }, steps: [settled, deleted] },
  {
    name: 'unknown hardware profile, mended',
    spec: { hardwareProfile: 'nonesuch' },
    steps: [settled, settle(spec({ hardwareProfile: 'dell' })), deleted],
  },

  // Hardware details
  givenHardware('nulls', '{"hostname":"host-1","cpu":{"arch":"x86_64","flags":null},"nics":null}'),
  givenHardware('more nulls', '{"storage":null,"systemVendor":null,"firmware":{"bios":null},"ramMebibytes":null}'),
  givenHardware('nulls in lists', '{"nics":[{"name":"a","vlans":null,"lldp":null,"mac":null}],"cpu":null}'),
  givenHardware('other case', '{"RamMebibytes":64,"CPU":{"ARCH":"aarch64","Flags":["a"]},"Nics":[{"NAME":"eth0"}]}'),
  givenHardware('zeros', '{"ramMebibytes":0,"hostname":"","cpu":{"count":0,"arch":""},"nics":[],"storage":[{}]}'),
  givenHardware('empty', '{}'),
  givenHardware('null', 'null'),
  givenHardware('no text', ''),
  givenHardware(
    'many',
    JSON.stringify({
      hostname: 'h',
      ramMebibytes: 64,
      systemVendor: { manufacturer: 'm', productName: 'p', serialNumber: 's' },
      firmware: { bios: { date: 'd', vendor: 'v', version: '1' } },
      cpu: { arch: 'x86_64', clockMegahertz: 2500.5, count: 4, flags: ['b', 'a'], model: 'c' },
      nics: [
        { name: 'eth0', mac: '00:60:2f:00:00:01', ip: '192.0.2.1', pxe: true, speedGbps: 10, vlanId: 5 },
        { name: 'eth1', pxe: false, vlans: [{ id: 1, name: 'v' }, {}], lldp: { portID: 'x' } },
      ],
      storage: [{ name: '/dev/sda', sizeBytes: 102254581383168, rotational: false, type: 'SSD' }],
    }),
  ),
  givenHardware(
    'unknown field, mended',
    '{"ramMebibytes":64,"colour":"red"}',
    afterErrors(annotate({ [HARDWARE]: '{}' })),
  ),
  givenHardware('unknown field, taken away', '{"cpu":{"colour":1}}', afterErrors(annotate({ [HARDWARE]: null }))),
  givenHardware('unknown field, deleted', '{"nics":[{"colour":1}]}'),
  givenHardware('no JSON, mended', '{no json', afterErrors(annotate({ [HARDWARE]: '{"ramMebibytes":1}' }))),
  givenHardware('a list, deleted', '[]'),
  givenHardware('wrong type, deleted', '{"ramMebibytes":"64"}'),
  givenHardware('wrong type in a list, deleted', '{"cpu":{"flags":[1]}}'),
  givenHardware('a fraction, deleted', '{"ramMebibytes":1.5}'),
  givenHardware(
    'given twice',
    '{"ramMebibytes":1}',
    settle(annotate({ [HARDWARE]: '{"ramMebibytes":2,"cpu":{"arch":"aarch64"}}' })),
  ),
  {
    name: 'hardware details: inspection disabled by the spec',
    annotations: { [HARDWARE]: '{"ramMebibytes":64,"nics":null,"cpu":{"arch":"x86_64"}}' },
    spec: { inspectionMode: 'disabled' },
    steps: [settled, settle(spec({ image })), deleted],
  },
  {
    name: 'hardware details: inspected nevertheless',
    annotations: { [HARDWARE]: '{"ramMebibytes":64}' },
    steps: [settled, deleted],
  },
  {
    name: 'hardware details: on a host that has been inspected',
    steps: [
      ...available,
      settle(annotate({ [HARDWARE]: '{"ramMebibytes":64,"nics":null}' })),
      settle(annotate({ [HARDWARE]: '{"ramMebibytes":64}', [INSPECT]: 'disabled' })),
      settle(annotate({ [HARDWARE]: '{no json' })),
      deleted,
    ],
  },
  {
    name: 'hardware details: on an unmanaged host',
    annotations: { [HARDWARE]: '{"ramMebibytes":64,"nics":null}' },
    spec: { bmc: undefined },
    steps: [settled, deleted],
  },

  // Statuses
  seed('available'),
  seed('provisioned'),
  givenStatus('nothing but a state', { provisioning: { state: 'available' } }, settle(spec({ image }))),
  givenStatus('ready', inState('ready'), settle(spec({ online: false })), settle(spec({ online: true, image }))),
  givenStatus('ready, provisioned and deprovisioned', inState('ready'), ...provisioned, settle(spec({ image: null }))),
  givenStatus('ready, detached', inState('ready'), settle(annotate({ [DETACHED]: '' }))),
  givenStatus('ready, inspected', inState('ready'), settle(annotate({ [INSPECT]: '' }))),
  givenStatus('ready, deleted', inState('ready')),
  givenStatus('match profile', inState('match profile')),
  givenStatus('match profile with hardware', inState('match profile', { hardware: { nics: null, cpu: {} } })),
  {
    ...givenStatus('unknown state', inState('bored')),
    steps: [settled, afterErrors(remove)],
  },
  {
    ...givenStatus('unknown state, changed', inState('bored')),
    steps: [settled, afterErrors(spec({ online: false, image })), afterErrors(remove)],
  },
  ...(
    [
      ['registering'],
      ['unmanaged'],
      ['inspecting'],
      ['preparing'],
      ['available'],
      ['deprovisioning', { image }],
      ['externally provisioned'],
    ] as const
  ).map(([state, rest]) => givenStatus(`seeded ${state}`, inState(state, {}, rest))),
  {
    ...givenStatus('seeded provisioning', inState('provisioning')),
    spec: { image },
  },
  {
    ...givenStatus('seeded provisioned', inState('provisioned', {}, { image })),
    spec: { image },
  },
  {
    ...givenStatus('seeded externally provisioned', inState('externally provisioned')),
    name: 'status: seeded externally provisioned, and so it is',
    spec: { externallyProvisioned: true },
  },
  givenStatus('no id', { ...inState('preparing'), provisioning: { state: 'preparing', ID: '' } }),
  givenStatus('no JSON', '{no json'),
  givenStatus('no text', ''),
  givenStatus('a list', '[]'),
  givenStatus('null', 'null'),
  givenStatus('empty', '{}'),
  givenStatus(
    'nulls',
    '{"operationalStatus":"OK","errorMessage":null,"errorType":null,"hardware":{"nics":null,"storage":null},"lastUpdated":null,"provisioning":{"state":"available","ID":"an-id","raid":null,"firmware":null,"image":null,"rootDeviceHints":null},"operationHistory":null,"goodCredentials":null,"conditions":null}',
  ),
  givenStatus(
    'other case',
    '{"OperationalStatus":"OK","PROVISIONING":{"State":"available","id":"an-id","Image":{"URL":""}},"PoweredOn":true,"errorcount":0}',
  ),
  givenStatus('unknown fields', { ...inState('available'), colour: 'red', hardware: { colour: 1 } }),
  givenStatus('wrong type', { ...inState('available'), errorCount: 'none' }),
  givenStatus('empty enumerations', { ...inState('available'), errorType: '', operationalStatus: '' }),
  givenStatus(
    'an error type that is not one',
    inState('available', { errorType: 'sadness', operationalStatus: 'error' }),
    afterErrors(annotate({ [STATUS]: JSON.stringify(inState('available')) })),
  ),
  ...[
    'provisioned registration error',
    'registration error',
    'inspection error',
    'preparation error',
    'provisioning error',
    'power management error',
    'servicing error',
  ].map((errorType) =>
    givenStatus(
      `${errorType} while available`,
      inState('available', { errorType, errorMessage: 'old', errorCount: 2, operationalStatus: 'error' }),
    ),
  ),
  {
    ...givenStatus(
      'provisioning error',
      inState('provisioning', { errorType: 'provisioning error', errorCount: 1, operationalStatus: 'error' }),
    ),
    spec: { image },
  },
  givenStatus('inspection error', inState('inspecting', { errorType: 'inspection error', operationalStatus: 'error' })),
  ...['delayed', 'servicing', 'detached', 'discovered', 'error'].map((operationalStatus) =>
    givenStatus(`${operationalStatus} while available`, inState('available', { operationalStatus })),
  ),
  {
    name: 'status: on a host that has one',
    steps: [...available, settle(annotate({ [STATUS]: JSON.stringify(inState('provisioned')) })), deleted],
  },
  {
    name: 'status: without credentials',
    secret: null,
    annotations: { [STATUS]: JSON.stringify(inState('available')) },
    steps: [settled, settle({ secret: good }), deleted],
  },
  {
    name: 'status: deleted at once while ready',
    annotations: { [STATUS]: JSON.stringify(inState('ready')), [PAUSED]: '' },
    steps: [settled, settle(annotate({ [PAUSED]: null })), settle(annotate({ [PAUSED]: '' }), remove)].concat(
      settle(annotate({ [PAUSED]: null })),
    ),
  },

  // Deletion in the middle
  ...(['registering', 'inspecting'] as const).map((state) => ({
    name: `deleted while ${state}`,
    steps: [until(state), settle(remove)],
  })),
  {
    name: 'deleted while provisioning',
    steps: [...available, until('provisioning', spec({ image })), settle(remove)],
  },
  {
    name: 'deleted while deprovisioning',
    steps: [...available, ...provisioned, until('deprovisioning', spec({ image: null })), settle(remove)],
  },
  { name: 'deleted while provisioned', steps: [...available, ...provisioned, deleted] },
  {
    name: 'deleted while externally provisioned',
    spec: { externallyProvisioned: true },
    steps: [settled, deleted],
  },
  {
    name: 'paused, deleted, unpaused',
    steps: [
      ...available,
      settle(annotate({ [PAUSED]: '' }), spec({ online: false })),
      settle(remove),
      settle(annotate({ [PAUSED]: null })),
    ],
  },
  { name: 'paused from the start, deleted', annotations: { [PAUSED]: 'x' }, steps: [settled, deleted] },

  // Detached
  ...(
    [
      ['', 'empty'],
      ['{"deleteAction":"delay"}', 'delay'],
      ['{"DeleteAction":"delay"}', 'delay in another case'],
      ['{"deleteAction":"delete"}', 'delete'],
      ['{"deleteAction":5}', 'wrong type'],
      ['{"deleteAction":"delay","force":"yes"}', 'delay beside a wrong type'],
      ['null', 'null'],
      ['true', 'true'],
      ['{no', 'no JSON'],
    ] as const
  ).map(([value, what]) => ({
    name: `detached (${what}), deleted, attached`,
    steps: [
      ...available,
      settle(annotate({ [DETACHED]: value })),
      settle(spec({ online: false }), remove),
      settle(annotate({ [DETACHED]: null })),
    ],
  })),
  {
    name: 'detached by force while inspecting, attached',
    steps: [
      until('inspecting'),
      settle(annotate({ [DETACHED]: '{"Force":true}' })),
      settle(annotate({ [DETACHED]: null })),
      deleted,
    ],
  },
  {
    name: 'detached while provisioning',
    steps: [
      ...available,
      until('provisioning', spec({ image })),
      settle(annotate({ [DETACHED]: '' })),
      settle(spec({ image: null })),
      settle(annotate({ [DETACHED]: null })),
      deleted,
    ],
  },
  {
    name: 'detached without credentials, deleted',
    steps: [...available, settle(annotate({ [DETACHED]: '' })), settle({ secret: {} }), deleted],
  },

  // Reboots
  ...(
    [
      [{ [REBOOT]: '' }, 'plainly'],
      [{ [REBOOT]: '{"mode":"soft"}' }, 'softly'],
      [{ [REBOOT]: '{"mode":"hard"}' }, 'hard'],
      [{ [REBOOT]: '{"mode":"hard","force":true}' }, 'by force'],
      [{ [REBOOT]: '{"FORCE":true}' }, 'by force in another case'],
      [{ [REBOOT]: '{"mode":5,"force":true}' }, 'by force beside a wrong type'],
      [{ [REBOOT]: '{no json' }, 'with no JSON'],
      [{ [REBOOT]: 'null' }, 'with null'],
    ] as const
  ).flatMap(([annotations, how]) => [
    { name: `rebooted ${how} while available`, steps: [...available, settle(annotate(annotations)), deleted] },
    {
      name: `rebooted ${how} while provisioned`,
      steps: [...available, ...provisioned, settle(annotate(annotations)), deleted],
    },
  ]),
  {
    name: 'rebooted by somebody who takes it back',
    steps: [
      ...available,
      ...provisioned,
      settle(annotate({ [`${REBOOT}/me`]: '' })),
      settle(annotate({ [`${REBOOT}/me`]: null })),
      settle(annotate({ [`${REBOOT}/me`]: '{"mode":"hard"}', [REBOOT]: '' })),
      deleted,
    ],
  },
  { name: 'rebooted while inspecting', steps: [until('inspecting'), settle(annotate({ [REBOOT]: '' })), deleted] },
  {
    name: 'rebooted while provisioning',
    steps: [...available, until('provisioning', spec({ image })), settle(annotate({ [REBOOT]: '' })), deleted],
  },
  {
    name: 'rebooted and deleted',
    steps: [...available, ...provisioned, settle(annotate({ [REBOOT]: '' }), remove)],
  },
  {
    name: 'rebooted where power may not be switched off',
    spec: { disablePowerOff: true },
    steps: [...available, ...provisioned, settle(annotate({ [REBOOT]: '{"mode":"hard"}' })), deleted],
  },

  // Changes in the middle
  {
    name: 'image changed while provisioning',
    steps: [
      ...available,
      until('provisioning', spec({ image })),
      settle(spec({ image: { ...image, url: 'http://images.invalid/other.qcow2' } })),
      deleted,
    ],
  },
  {
    name: 'image taken back while provisioning',
    steps: [...available, until('provisioning', spec({ image })), settle(spec({ image: null })), deleted],
  },
  {
    name: 'image changed while provisioned',
    steps: [
      ...available,
      ...provisioned,
      settle(spec({ image: { ...image, url: 'http://images.invalid/other.qcow2' } })),
      deleted,
    ],
  },
  {
    name: 'image given back while deprovisioning',
    steps: [...available, ...provisioned, until('deprovisioning', spec({ image: null })), settle(spec({ image }))],
  },
  {
    name: 'image given to a host that is off',
    spec: { online: false },
    steps: [settled, settle(spec({ image })), settle(spec({ online: true })), deleted],
  },
  {
    name: 'switched off while registering',
    steps: [until('registering'), settle(spec({ online: false })), settle(spec({ online: true }))],
  },
  {
    name: 'switched off while provisioning',
    steps: [...available, until('provisioning', spec({ image })), settle(spec({ online: false })), deleted],
  },
  {
    name: 'adopted while available, released',
    steps: [
      ...available,
      settle(spec({ externallyProvisioned: true })),
      settle(spec({ externallyProvisioned: false })),
      deleted,
    ],
  },
  {
    name: 'adopted with an image, released',
    spec: { externallyProvisioned: true, image },
    steps: [settled, settle(spec({ externallyProvisioned: false })), deleted],
  },
  {
    name: 'adopted without inspection, released',
    spec: { externallyProvisioned: true },
    steps: [settled, settle(spec({ externallyProvisioned: false })), deleted],
  },
  {
    name: 'inspected again',
    steps: [...available, settle(annotate({ [INSPECT]: '' })), deleted],
  },
  {
    name: 'inspection disabled while inspecting',
    steps: [until('inspecting'), settle(annotate({ [INSPECT]: 'disabled' })), deleted],
  },
  {
    name: 'deployed another way',
    spec: { customDeploy: { method: 'install' } },
    steps: [settled, settle(spec({ customDeploy: null })), deleted],
  },
  {
    name: 'root device hints changed',
    steps: [
      ...available,
      settle(spec({ rootDeviceHints: { deviceName: '/dev/sdb', minSizeGigabytes: 5 } })),
      settle(spec({ rootDeviceHints: null })),
      deleted,
    ],
  },
  {
    name: 'firmware settings changed',
    spec: { firmware: { virtualizationEnabled: true } },
    steps: [settled, settle(spec({ firmware: { virtualizationEnabled: false, sriovEnabled: true } })), deleted],
  },
  {
    name: 'with a RAID volume',
    spec: { raid: { hardwareRAIDVolumes: [{ level: '1', name: 'a' }] } },
    steps: [settled, settle(spec({ image })), settle(spec({ image: null })), deleted],
  },

  ...deletions,
  ...credentialScenarios,
  ...annotationScenarios,
];

export const hostScenarios: readonly HostScenario[] = scenarios.map((scenario) => ({
  ...scenario,
  differs: differences[scenario.name],
}));
