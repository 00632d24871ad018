/** Hosts with one to three fields that BMO or the API server may or may not take, to compare verdicts over. */
import fc from 'fast-check';
import { bareMetalHostStatus, hardwareDetails } from '../../lib/kinds/bare-metal-host/schema';
import { boolean, enumeration, object, type SchemaNode } from '../../lib/crd';

/** A host as JSON has it; nothing in it need be of the right type. */
export interface HostileHost {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

const joined = (parts: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(parts, { maxLength }).map((each) => each.join(''));

const urlPart = fc.constantFrom(
  ...['http', 'https', 'oci', 'redfish', 'ipmi', ':', '://', '//', '/', '?', '#', '@', '%', '%zz', '%41', '%25', '%20'],
  ...['%8a', '[', ']', '[fd00::7]', '[fe80::7%25eno1]', '[fe80::7%25]', '[::ffff:198.51.100.4]', '[198.51.100.4]'],
  ...['198.51.100.4', '198.51.100.04', 'fd00::7', '1:2:3:4:5:6:7::', 'bmc', 'a.b', '-', '_', '.', '{x}', '*', '+', '"'],
  ...[
    '<',
    '\\',
    '^',
    ' ',
    '\t',
    '\u007f',
    'é',
    '名',
    '😀',
    '80',
    ':80',
    ':80a',
    ':0',
    'x',
    'redfish/v1/Systems/7',
    '..',
    ',',
  ],
);
const start = fc.constantFrom(
  ...['http://', 'https://', 'redfish://', 'redfish:', 'ipmi://', 'ipmi:', 'libvirt://', 'idrac-redfish+https://', ''],
  ...[
    'oci://',
    'file:///',
    'nfs://',
    'ilo4://',
    'Redfish-VirtualMedia+HTTP://',
    'redfish-uefihttp://',
    '//',
    '/',
    'ftp://',
  ],
);
/** Addresses and URLs, of which about a third are some. */
const url = fc.tuple(start, joined(urlPart, 4)).map((parts) => parts.join(''));
const address = fc.oneof(
  url,
  fc
    .tuple(
      start,
      fc.constantFrom('198.51.100.4', '[fd00::7]', 'bmc.example', 'fd00::7', 'BMC', `${'a'.repeat(64)}`),
      fc.constantFrom('', ':623', ':0', ':70000', ':', ':x'),
      fc.constantFrom('', '/', '/redfish/v1/Systems/7', '?x', '/a?privilegelevel=USER', '#x', '/%'),
    )
    .map((parts) => parts.join('')),
);

const time = fc
  .tuple(
    fc.constantFrom('2024', '2024', '2024', '2023', '1900', '2000', '0000', '24'),
    fc.constantFrom('-01', '-02', '-04', '-12', '-13', '-00', '-1'),
    fc.constantFrom('-01', '-28', '-29', '-30', '-31', '-32', '-00'),
    fc.constantFrom('T', 'T', 'T', 'T', 't', ' '),
    fc.constantFrom('00', '23', '09', '9', '24'),
    fc.constantFrom(':00', ':59', ':00', ':60', ':5'),
    fc.constantFrom(':00', ':59', ':00', ':60', ''),
    fc.constantFrom('', '', '', '.5', ',5', '.', '.123456789012', '.x'),
    fc.constantFrom('Z', 'Z', 'Z', 'z', '+00:00', '-23:59', '+24:00', '+24:60', '+25:00', '+0000', ''),
  )
  .map((parts) => parts.join(''));

/** JSON as a schema has it, with names in other case, values of other types, and all that Go and JavaScript differ in. */
function jsonFor(node: SchemaNode, depth = 0): fc.Arbitrary<string> {
  const junk = fc.constantFrom(
    ...['null', 'null', '1', '1.0', '-0', '1e2', '01', '-', '1e400', '9223372036854775807', '9223372036854775808'],
    ...[
      '2147483648',
      '"x"',
      '""',
      'true',
      '{}',
      '[]',
      '[1]',
      '{"a":1}',
      '{"__proto__":1}',
      '"\\ud800"',
      '"\\q"',
      "'x'",
    ],
    ...['nul', '[,]', '{,}', '{"a"}', '"2026-01-31T12:00:00Z"', '-9223372036854775809', 'NaN'],
  );
  return fc.oneof({ weight: 12, arbitrary: rightJsonFor(node, depth) }, { weight: 1, arbitrary: junk });
}

function rightJsonFor({ type, properties = {}, items, enum: values, format }: SchemaNode, depth: number) {
  switch (type) {
    case 'object':
      return fc
        .array(fc.tuple(fc.constantFrom(...Object.keys(properties)), fc.nat({ max: 9 })), {
          maxLength: Math.max(4 - depth, 1),
        })
        .chain((fields) => fc.tuple(...fields.map(([name, how]) => fieldJson(name, how, properties[name]!, depth))))
        .map((fields) => `{${fields.join(', ')}}`);
    case 'array':
      return fc.array(jsonFor(items!, depth + 1), { maxLength: 2 }).map((each) => `[${each.join(',')}]`);
    case 'boolean':
      return fc.boolean().map(String);
    case 'integer':
      return fc.integer().map(String);
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);
    default:
      if (format === 'date-time') return time.map((text) => JSON.stringify(text));
      return fc
        .oneof(fc.constantFrom(...((values as string[] | undefined) ?? ['a']), ''), fc.string({ maxLength: 4 }))
        .map((text) => JSON.stringify(text));
  }
}

function fieldJson(name: string, how: number, node: SchemaNode, depth: number): fc.Arbitrary<string> {
  const written = how === 0 ? 'zebra' : how === 1 ? name.toUpperCase() : how === 2 ? name.replace('s', '\u017f') : name;
  return jsonFor(node, depth + 1).map((value) => `${JSON.stringify(written)}: ${value}`);
}

function damaged(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const put = fc.constantFrom('', ',', '}', ']', '{', '"', ' x', 'null', '\n');
  return fc.tuple(text, fc.nat({ max: 30 }), fc.nat(), put).map(([whole, how, at, what]) => {
    const cut = at % (whole.length + 1);
    if (how === 0) return whole.slice(0, cut);
    if (how === 1) return whole.slice(0, cut) + what + whole.slice(cut);
    return how === 2 ? whole + what : how === 3 ? ` ${whole}` : whole;
  });
}

const statusJson = damaged(jsonFor(bareMetalHostStatus));
const detailsJson = damaged(jsonFor(hardwareDetails));
const rebootJson = damaged(
  jsonFor(object({ mode: enumeration('hard', 'soft', '', 'Hard', 'warm'), force: boolean() })),
);

const uuid = fc.oneof(
  fc.uuid(),
  fc.uuid().map((text) => text.replaceAll('-', '')),
  fc.uuid().map((text) => text.slice(1)),
  fc.uuid().map((text) => text.replace('-', '.')),
);
const edge = fc.constantFrom('', '', 'x', '0', '{', 'xx');
const hostName = fc.oneof(
  fc.tuple(edge, uuid, edge).map((parts) => parts.join('')),
  joined(fc.constantFrom('a', '1', '-', '.', 'x'.repeat(63), 'y'.repeat(126), 'A', '_', 'e1', 'é', '\n'), 4),
);
const keyPart = fc.constantFrom(
  ...['a', 'A', '0', '-', '_', '.', '/', 'Example.COM', 'metal3.io/', 'x'.repeat(62), 'y'.repeat(250)],
  ...['\u212a', '\u0130', 'é', ' '],
);
const key = joined(keyPart, 4);
const text = fc.oneof(fc.string({ maxLength: 6 }), fc.string({ unit: 'grapheme', maxLength: 6 }), key);
const labelValue = fc.oneof(key, fc.constantFrom('', 'a', 'a'.repeat(63), 'a'.repeat(64)));

const wrong = fc.constantFrom<unknown>('', 'x', 0, 1, -1, 1.5, true, [], {}, [{}], null);
const whole = fc.constantFrom(0, 1, -1, -0, 2, 1.5, 2 ** 31, 2 ** 53, 2 ** 63, -(2 ** 63), 1e21, 1e300);
const orWrong = (right: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: wrong });
const some = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  orWrong(
    fc.record(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, orWrong(value)])), {
      requiredKeys: [],
    }),
  );
const octets = (n: number) =>
  fc
    .tuple(
      fc.array(fc.constantFrom('00', '60', '2f', 'AB', '0a'), { minLength: n, maxLength: n }),
      fc.constantFrom(':', ':', ':', '-', '.'),
    )
    .map(([each, separator]) => each.join(separator));
const mac = fc.oneof(
  fc.constantFrom(6, 6, 8, 20, 5, 7, 12).chain(octets),
  fc.constantFrom('', '00602f000001', '0060.2f00.0001', 'x00:60:2f:00:00:01', '00:60:2f:00:00:01 ', '0:60:2f:00:00:01'),
);
const reference = some({ name: text, namespace: fc.constantFrom('', 'default', 'lab') });
const device = fc.constantFrom(
  '',
  'sda',
  '/dev/sda',
  '/dev/',
  '/dev/disk/by-path/x',
  '/dev/disk/by-path/x/y',
  '/dev/a/b',
  '/dev/\n',
);
const hints = some({ deviceName: device, minSizeGigabytes: whole, rotational: fc.boolean(), model: text });
const image = some({
  url,
  checksum: fc.constantFrom('', 'abc', 'http://x'),
  checksumType: fc.constantFrom('md5', 'sha256', 'auto', 'sha1', ''),
  format: fc.constantFrom('raw', 'qcow2', 'live-iso', 'iso', ''),
  ociAuthSecretName: text,
});
const hardwareVolume = some({
  level: fc.constantFrom('0', '1', '1+0', '7'),
  name: fc.constantFrom('a', 'a'.repeat(64), 'a'.repeat(65), '😀'.repeat(64), '😀'.repeat(65)),
  sizeGibibytes: whole,
  controller: fc.constantFrom('', 'c'),
  numberOfPhysicalDisks: whole,
  physicalDisks: fc.array(text, { maxLength: 2 }),
});
const softwareVolume = some({
  level: fc.constantFrom('0', '1', '1', '1+0', '5'),
  sizeGibibytes: whole,
  physicalDisks: fc.array(hints, { maxLength: 3 }),
  rootVolume: fc.boolean(),
});
const raid = some({
  hardwareRAIDVolumes: fc.oneof(fc.constant(null), fc.array(hardwareVolume, { maxLength: 2 })),
  softwareRAIDVolumes: fc.oneof(fc.constant(null), fc.array(softwareVolume, { maxLength: 3 })),
});
const interfaces = fc.array(
  some({
    name: fc.constantFrom('', 'eth0', 'ETH0', 'a b'),
    macAddress: fc.oneof(fc.constantFrom('', '00:60:2f:00:00:0a', '00:60:2F:00:00:0A'), mac),
    hostNetworkAttachment: some({ name: text, namespace: text }),
    switchPort: some({ switchID: mac, portID: text }),
  }),
  { maxLength: 2 },
);
const bmc = some({
  address,
  credentialsName: fc.constantFrom('', 'bmc', 'No Name'),
  disableCertificateVerification: fc.boolean(),
});

const specFields: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  online: orWrong(fc.boolean()),
  bmc,
  bootMACAddress: orWrong(mac),
  bootMode: orWrong(fc.constantFrom('UEFI', 'UEFISecureBoot', 'legacy', 'uefi', '')),
  architecture: orWrong(text),
  description: orWrong(text),
  consumerRef: some({ apiVersion: text, kind: text, name: text, namespace: text, uid: text }),
  taints: fc.array(some({ key: text, effect: text, value: text, timeAdded: time }), { maxLength: 2 }),
  image,
  customDeploy: some({ method: text }),
  userData: reference,
  networkData: reference,
  metaData: reference,
  preprovisioningNetworkDataName: orWrong(text),
  networkInterfaces: interfaces,
  externallyProvisioned: orWrong(fc.boolean()),
  rootDeviceHints: hints,
  raid,
  firmware: some({ virtualizationEnabled: fc.boolean(), sriovEnabled: fc.boolean() }),
  hardwareProfile: orWrong(text),
  automatedCleaningMode: orWrong(fc.constantFrom('metadata', 'disabled', 'full')),
  inspectionMode: orWrong(fc.constantFrom('disabled', 'agent', 'fast', '', 'Disabled')),
  disablePowerOff: orWrong(fc.boolean()),
  zebra: wrong,
};

const annotations = fc.oneof(
  statusJson.map((value) => ({ 'baremetalhost.metal3.io/status': value })),
  detailsJson.map((value) => ({ 'inspect.metal3.io/hardwaredetails': value })),
  fc
    .tuple(fc.constantFrom('', '/', '/x', 'x'), rebootJson)
    .map(([more, value]) => ({ [`reboot.metal3.io${more}`]: value })),
  fc.constantFrom('', 'disabled', 'Disabled', 'x').map((value) => ({ 'inspect.metal3.io': value })),
  text.map((value) => ({ 'baremetalhost.metal3.io/paused': value, 'baremetalhost.metal3.io/detached': value })),
  fc.tuple(key, text).map(([name, value]) => ({ [name]: value })),
  fc.constantFrom(-1, 0, 1).map((more) => ({ big: 'é'.repeat((256 * 1024 - 4) / 2) + 'x'.repeat(1 + more) })),
);

type Change = (host: HostileHost) => HostileHost;
const spec =
  (fields: Readonly<Record<string, unknown>>): Change =>
  (host) => ({ ...host, spec: { ...host.spec, ...fields } });
const meta =
  (fields: Partial<HostileHost['metadata']>): Change =>
  (host) => ({
    ...host,
    metadata: { ...host.metadata, ...fields },
  });

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.oneof(
      ...Object.entries(specFields).map(([name, value]) => value.map((each) => spec({ [name]: each }))),
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(address, fc.constantFrom('', 'bmc'))
      .map(([each, credentialsName]) => spec({ bmc: { address: each, credentialsName } })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(url, fc.constantFrom('', 'abc'))
      .map(([each, checksum]) => spec({ image: { url: each, checksum } })),
  },
  { weight: 1, arbitrary: hostName.map((name) => meta({ name })) },
  { weight: 1, arbitrary: fc.tuple(key, labelValue).map(([name, value]) => meta({ labels: { [name]: value } })) },
  {
    weight: 4,
    arbitrary: annotations.map(
      (each): Change =>
        (host) =>
          meta({ annotations: { ...host.metadata.annotations, ...each } })(host),
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(spec({ inspectionMode: 'disabled' }), spec({ bootMACAddress: undefined })) },
);

const base = fc
  .constantFrom('redfish://bmc/redfish/v1/Systems/1', 'ipmi://198.51.100.4', 'libvirt://198.51.100.4:6233/')
  .map((each): HostileHost => ({
    metadata: { name: 'host-1', namespace: 'default' },
    spec: { online: true, bmc: { address: each, credentialsName: 'bmc' }, bootMACAddress: '00:60:2f:00:00:01' },
  }));

export const hostileHost: fc.Arbitrary<HostileHost> = fc
  .tuple(base, fc.array(change, { minLength: 1, maxLength: 3 }))
  .map(([host, changes]) => changes.reduce((changed, each) => each(changed), host))
  // As JSON has it: without what is undefined.
  .map((host) => JSON.parse(JSON.stringify(host)) as HostileHost);
