/** What else may stand in annotations, which nobody checks before the operator reads them. */
import {
  DETACHED,
  HARDWARE,
  INSPECT,
  PAUSED,
  REBOOT,
  STATUS,
  afterErrors,
  annotate,
  available,
  deleted,
  givenHardware,
  givenStatus,
  image,
  inState,
  inspectionDisabled,
  provisioned,
  remove,
  settle,
  settled,
  spec,
  type HostScenario,
} from './host-scenario';

const json = JSON.stringify;
const seeded = json(inState('available'));

export const annotationScenarios: readonly HostScenario[] = [
  // Statuses
  givenStatus('null for structs', {
    ...inState('available', { hardware: { cpu: null, firmware: null, systemVendor: null, nics: null } }),
    operationHistory: { register: null, inspect: { start: null, end: null } },
    triedCredentials: null,
  }),
  givenStatus(
    'null in lists',
    inState('available', { hardware: { nics: [null], storage: [null], cpu: { flags: [null] } } }),
  ),
  givenStatus('null for what is required', {
    operationalStatus: null,
    errorCount: null,
    poweredOn: null,
    provisioning: { state: 'available', ID: null },
  }),
  givenStatus('null for its state', { ...inState('available'), provisioning: { state: null, ID: 'an-id' } }),
  givenStatus('null for its provisioning', { ...inState('available'), provisioning: null }),
  { ...givenStatus('a state in another case', inState('Available')), steps: [settled, afterErrors(remove)] },
  { ...givenStatus('a state with a blank', inState('available ')), steps: [settled, afterErrors(remove)] },
  givenStatus('a number for a state', { ...inState('available'), provisioning: { state: 5, ID: 'an-id' } }),
  givenStatus('text for truth', { ...inState('available'), poweredOn: 'true' }),
  givenStatus('a list for a struct', { ...inState('available'), hardware: [] }),
  givenStatus('a time that is none', { ...inState('available'), lastUpdated: 'yesterday' }),
  givenStatus('times of other zones', {
    ...inState('available'),
    lastUpdated: '2026-01-01T00:00:00.5+01:00',
    operationHistory: { inspect: { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:00:01-05:30' } },
  }),
  givenStatus('fields in another case all the way down', {
    OperationalStatus: 'OK',
    Hardware: { CPU: { Arch: 'x86_64', FLAGS: ['a'] }, NICS: [{ Name: 'eth0', VLANs: [{ ID: 1 }] }] },
    PROVISIONING: { STATE: 'provisioned', id: 'an-id', IMAGE: { url: image.url, CHECKSUM: image.checksum } },
  }),
  givenStatus('unknown fields all the way down', {
    ...inState('available', { hardware: { cpu: { colour: 1 }, nics: [{ colour: [null] }] } }, { colour: {} }),
    conditions: [],
    colour: null,
  }),
  givenStatus('blanks around it', ` \n${seeded}\t`),
  givenStatus('something behind it', `${seeded} {}`),
  givenStatus('a byte order mark', `\ufeff${seeded}`),
  givenStatus('text that is not ASCII', inState('available', { errorMessage: 'é "😀" {{ . }} \\' })),
  givenStatus('errors that were counted', inState('available', { errorCount: 7, operationalStatus: 'OK' })),
  givenStatus('an error type and no error', inState('available', { errorType: 'power management error' })),
  givenStatus('an unknown operational status', inState('available', { operationalStatus: 'happy' })),
  givenStatus('another hardware profile', inState('available', { hardwareProfile: 'dell' })),
  {
    ...givenStatus('an unknown hardware profile', inState('available', { hardwareProfile: 'sgi' })),
    steps: [settled, afterErrors(remove)],
  },
  givenStatus('credentials of another Secret', {
    ...inState('available'),
    goodCredentials: { credentials: { name: 'other', namespace: 'elsewhere' }, credentialsVersion: '5' },
  }),
  {
    ...givenStatus('provisioned with another image', inState('provisioned', { poweredOn: true }, { image })),
    spec: { image: { ...image, url: 'http://images.invalid/other.qcow2' } },
  },
  givenStatus('provisioned without an image in the spec', inState('provisioned', { poweredOn: true }, { image })),
  { ...givenStatus('provisioned without an image in the status', inState('provisioned')), spec: { image } },
  { ...givenStatus('available on an unmanaged host', inState('available')), spec: { bmc: undefined } },
  { ...givenStatus('ready on an unmanaged host', inState('ready')), spec: { bmc: undefined } },
  { ...givenStatus('unmanaged on an unmanaged host', inState('unmanaged')), spec: { bmc: undefined } },
  {
    ...givenStatus('available on a host that is to be off', inState('available', { poweredOn: true })),
    spec: { online: false },
  },
  { ...givenStatus('ready and to be provisioned', inState('ready')), spec: { image } },
  { ...givenStatus('ready and provisioned by others', inState('ready')), spec: { externallyProvisioned: true } },
  {
    ...givenStatus('match profile and inspection disabled', inState('match profile')),
    spec: { inspectionMode: 'disabled' },
  },
  givenStatus('match profile, image given', inState('match profile'), settle(spec({ image }))),
  {
    ...givenStatus('restored beside hardware details', inState('available')),
    annotations: { [STATUS]: seeded, [HARDWARE]: '{"ramMebibytes":64,"nics":null}', ...inspectionDisabled },
  },
  {
    ...givenStatus('restored beside hardware details that cannot be read', inState('available')),
    annotations: { [STATUS]: seeded, [HARDWARE]: '{"colour":1}', ...inspectionDisabled },
    steps: [settled, afterErrors(annotate({ [HARDWARE]: null })), deleted],
  },
  {
    name: 'status: on a host that has one, not to be read',
    steps: [...available, settle(annotate({ [STATUS]: '{no' })), deleted],
  },

  // Hardware details
  givenHardware('null in lists of structs', '{"nics":[null],"storage":[null]}'),
  givenHardware('null in a list of texts', '{"cpu":{"flags":[null,"a"]}}'),
  givenHardware('blanks around it', '\n {"ramMebibytes":64}\n'),
  givenHardware('something behind it', '{"ramMebibytes":64} x'),
  givenHardware(
    'other case and unknown',
    '{"RAMMEBIBYTES":64,"Colour":1}',
    afterErrors(annotate({ [HARDWARE]: null })),
  ),
  givenHardware(
    'text that is not ASCII',
    '{"hostname":"é \\"😀\\" {{ . }} \\\\","systemVendor":{"manufacturer":"\\u003cHP\\u003e"}}',
  ),
  givenHardware('text, deleted', '"text"'),
  givenHardware('truth, deleted', 'true'),
  givenHardware('a list for a struct, deleted', '{"cpu":[]}'),
  givenHardware('unknown and null, deleted', '{"colour":null}'),
  givenHardware('negative numbers', '{"ramMebibytes":-1,"cpu":{"count":-2,"clockMegahertz":-0.5}}'),
  {
    name: 'hardware details: that cannot be read, paused, deleted, unpaused',
    annotations: { ...inspectionDisabled, [HARDWARE]: '{no' },
    steps: [settled, afterErrors(annotate({ [PAUSED]: '' }), remove), settle(annotate({ [PAUSED]: null }))],
  },
  {
    name: 'hardware details: that cannot be read on a provisioned host, deleted',
    steps: [
      ...available,
      ...provisioned,
      settle(annotate({ [HARDWARE]: '{no', [INSPECT]: 'disabled' })),
      afterErrors(remove),
    ],
  },

  // Inspection
  ...['Disabled', 'false', 'disabled ', 'null', '{}'].map((value) => ({
    name: `inspection annotation '${value}' from the start`,
    annotations: { [INSPECT]: value },
    steps: [settled, deleted],
  })),
  {
    name: 'inspection disabled while provisioned',
    steps: [
      ...available,
      ...provisioned,
      settle(annotate({ [INSPECT]: 'disabled' })),
      settle(spec({ image: null })),
      deleted,
    ],
  },

  // Pauses
  ...['metal3.io/capm3', 'false', '{no'].map((value) => ({
    name: `paused by '${value}', changed, unpaused`,
    steps: [
      ...available,
      settle(annotate({ [PAUSED]: value }), spec({ online: false, image })),
      settle(annotate({ [PAUSED]: null })),
      deleted,
    ],
  })),

  // Detached
  ...(
    [
      ['{"deleteAction":null,"force":null}', 'null'],
      ['{"deleteAction":"DELAY"}', 'an action in another case'],
      ['{"deleteAction":"wait"}', 'an unknown action'],
      ['{"deleteAction":"delay","colour":1}', 'an unknown field'],
      ['{"force":true}', 'force'],
      ['[]', 'a list'],
      ['"delay"', 'text'],
      [' {"deleteAction":"delay"} ', 'blanks around it'],
    ] as const
  ).map(([value, what]) => ({
    name: `detached with ${what}, deleted, attached`,
    steps: [
      ...available,
      settle(annotate({ [DETACHED]: value })),
      settle(remove),
      settle(annotate({ [DETACHED]: null })),
    ],
  })),
  {
    name: 'detached while provisioned, changed, attached',
    steps: [
      ...available,
      ...provisioned,
      settle(annotate({ [DETACHED]: '' })),
      settle(spec({ image: null, online: false })),
      settle(annotate({ [DETACHED]: null })),
      deleted,
    ],
  },

  // Reboots
  ...(
    [
      ['{"mode":"HARD"}', 'with a mode in another case'],
      ['{"Mode":"hard","FORCE":true}', 'with fields in another case'],
      ['{"mode":"gently"}', 'with an unknown mode'],
      ['{"mode":"hard","colour":1,"force":true}', 'with an unknown field'],
      ['{"mode":null,"force":null}', 'with nulls'],
      ['{"force":"true"}', 'with text for force'],
      ['[]', 'with a list'],
      ['hard', 'with plain text'],
    ] as const
  ).map(([value, how]) => ({
    name: `rebooted ${how} while available and while provisioned`,
    steps: [
      ...available,
      settle(annotate({ [REBOOT]: value })),
      settle(annotate({ [REBOOT]: null })),
      ...provisioned,
      settle(annotate({ [REBOOT]: value })),
      deleted,
    ],
  })),
  {
    name: 'rebooted by what is none',
    steps: [
      ...available,
      ...provisioned,
      settle(annotate({ 'reboot.metal3.io.me': '', 'Reboot.metal3.io': '' })),
      deleted,
    ],
  },
  {
    name: 'rebooted by two',
    steps: [
      ...available,
      ...provisioned,
      settle(annotate({ [`${REBOOT}/me`]: '', [`${REBOOT}/you`]: '{"mode":"hard"}' })),
      settle(annotate({ [`${REBOOT}/me`]: null })),
      settle(annotate({ [`${REBOOT}/you`]: null })),
      deleted,
    ],
  },
  {
    name: 'rebooted while it is to be off',
    spec: { online: false },
    steps: [settled, settle(annotate({ [REBOOT]: '' })), settle(spec({ online: true })), deleted],
  },
];
