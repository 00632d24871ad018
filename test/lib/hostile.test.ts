import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { fleetYaml, resolveTestbed, SensitiveText, TestbedError } from '../../lib';
import type { Fleet, TestbedProps } from '../../lib';
import { requireTestbedShape } from '../../lib/testbed/schema';

/** Found in no output but Secrets, where it is in base64. */
const CANARY = 'canary-3f9b';
/** Descriptions a run: `npm test` tries ten thousand, `npm run check` fewer, to stay quick. */
const RUNS = Number(process.env['METAL3_TESTBED_DESCRIPTIONS'] ?? 200);
/** Hosts looked at of each set: descriptions of millions are as good as those of three. */
const LOOKED_AT = 3;

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    ...[
      '',
      ' ',
      '\0',
      '\n---\nkind: Secret',
      'a: b',
      '- x',
      '{{x}}',
      '!!js/function x',
      '&a [*a]',
      '*a',
      '"',
      "'",
      '#',
      '%YAML',
      '|',
      '>',
    ],
    ...[
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'null',
      'true',
      'no',
      '~',
      '1e3',
      '0x10',
      '.inf',
      '2001-01-01',
    ],
    ...[
      '\u202e',
      '\u2028',
      '\ufeff',
      '\ud800',
      'ä',
      '名前',
      '😀',
      'a'.repeat(64),
      'a'.repeat(300),
      '../../etc',
      '$(x)',
      '`x`',
      '$&',
      "$'",
      'Mark0',
    ],
    ...[
      'worker',
      'w-{index}',
      '{name}-{index:03}',
      '{index}{index}',
      '{x}',
      'lab',
      '00:60:2f',
      '02:00',
      'ff:ff:ff',
      '00:60:2g',
    ],
    ...[
      '10.0.0.0/8',
      '10.0.0.0/31',
      '10.0.0.0/32',
      '0.0.0.0/0',
      '255.255.255.255/32',
      '10.0.0.0/33',
      'fd00::/64',
      'fd00::/127',
      '::/0',
      '1.2.3/8',
    ],
  ),
);
const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}[a-z0-9]$/);
const secret = hostile.map((text) => `${text}${CANARY}${text}`);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

/** What may be said: with texts that are hostile wherever any text is allowed. */
const allowed = {
  count: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(100_000, 2 ** 24 - 2)),
  name: optional(label),
  namePattern: optional(fc.constantFrom('{name}-{index}', 'host-{index:08}', '{index}-{name}')),
  firstIndex: optional(fc.constantFrom(0, 1, 7)),
  namespace: optional(label),
  hostsPerNamespace: optional(fc.integer({ min: 1, max: 1_000 })),
  credentials: optional(
    fc.oneof(
      fc.record({ username: secret, password: secret }),
      fc.record({ username: secret.map((text) => new SensitiveText(text)), password: secret }),
    ),
  ),
  secretPer: optional(fc.constantFrom('host', 'namespace')),
  macPrefix: optional(fc.constantFrom('02:00:00', '00:60:2f')),
  online: optional(fc.boolean()),
  labels: optional(fc.dictionary(label, label, { maxKeys: 3 })),
  annotations: optional(fc.dictionary(label, hostile, { maxKeys: 3 })),
  image: optional(fc.record({ url: fc.constant('http://images.example/os.qcow2'), checksum: label })),
  overrides: optional(
    fc.array(fc.record({ hosts: fc.constantFrom('1', '1-2', '2,4-'), annotations: fc.dictionary(label, hostile) }), {
      maxLength: 2,
    }),
  ),
};

/** What may come instead. */
const absurd = fc.constantFrom(-1, 0.5, NaN, Infinity, -0, 2 ** 24, 2 ** 31, 2 ** 53, 1e300);
const anything = {
  count: absurd,
  name: hostile,
  namePattern: hostile,
  firstIndex: absurd,
  namespace: hostile,
  namespaces: fc.array(fc.oneof(label, hostile), { maxLength: 3 }),
  hostsPerNamespace: absurd,
  bmcProtocol: fc.oneof(fc.constantFrom('ipmi', 'redfish', 'redfish-virtualmedia+https'), hostile),
  bmcAddresses: fc.array(fc.oneof(fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', 'fd00::/112'), hostile), {
    maxLength: 2,
  }),
  bmcEndpoint: hostile,
  systemId: hostile,
  bmcPort: fc.oneof(absurd, fc.integer({ min: 0, max: 70_000 })),
  macPrefix: hostile,
  bootMAC: fc.boolean(),
  labels: fc.dictionary(fc.oneof(label, hostile), fc.oneof(label, hostile), { maxKeys: 3 }),
  annotations: fc.dictionary(hostile, hostile, { maxKeys: 3 }),
  image: fc.record({ url: hostile, checksum: hostile }),
  overrides: fc.array(fc.record({ hosts: hostile, labels: fc.dictionary(label, hostile) }), { maxLength: 2 }),
};

const hostSet = fc
  .tuple(
    fc.record(allowed),
    fc.record(anything),
    fc.uniqueArray(fc.constantFrom(...Object.keys(anything)), { maxLength: 2 }),
  )
  .map(([usual, strange, taken]) => {
    const mixed = { ...usual, ...Object.fromEntries(Object.entries(strange).filter(([key]) => taken.includes(key))) };
    return Object.fromEntries(Object.entries(mixed).filter(([, value]) => value !== undefined));
  });

const testbed = fc.record({
  operators: fc.constant([]),
  hostSets: fc.oneof({ weight: 4, arbitrary: fc.tuple(hostSet) }, { weight: 1, arbitrary: fc.tuple(hostSet, hostSet) }),
});

/** What a refused description says; anything but a TestbedError for bad input is a crash. */
function refusalOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!(error instanceof TestbedError) || error.code !== 'invalid-input') throw error;
    return `${error.message}${error.stack}${inspect(error)}`;
  }
}

describe('any description, however hostile', () => {
  it('is refused in words, or gives exactly the objects it describes; credentials are in Secrets only', () => {
    const seen = { refused: 0, accepted: 0, hosts: 0 };
    fc.assert(
      fc.property(testbed, (given) => {
        fc.pre(given.hostSets.every((set) => isQuick(set, given.hostSets.length)));
        let fleets: readonly Fleet[] = [];
        const refusal = refusalOf(() => ({ fleets } = resolveTestbed(given as unknown as TestbedProps)));
        if (refusal !== undefined) {
          seen.refused++;
          assert.ok(!refusal.includes(CANARY), refusal);
          return;
        }
        seen.accepted++;
        for (const fleet of fleets) {
          seen.hosts += checkHosts(fleet);
          assert.ok(!inspect(fleet.hostAt(fleet.firstIndex), { depth: 10 }).includes(CANARY));
        }
      }),
      { numRuns: RUNS },
    );
    assert.ok(seen.accepted > RUNS / 50 && seen.refused > RUNS / 50, `both happen: ${JSON.stringify(seen)}`);
  });

  it('is refused in words where its very shape is wrong', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.object({ withNullPrototype: true }), testbed), (value) => {
        const refusal = refusalOf(() => requireTestbedShape(value, 'testbed.yaml'));
        assert.ok(refusal === undefined || !refusal.includes(CANARY), refusal);
      }),
      { numRuns: RUNS },
    );
  });
});

/** Sets of more than some hundreds take as long as they have overrides, namespaces or other sets to be compared with. */
function isQuick(set: Readonly<Record<string, unknown>>, sets: number): boolean {
  if (!(Number(set['count']) > 1_000)) return true;
  return sets === 1 && ['overrides', 'hostsPerNamespace', 'namespaces'].every((field) => set[field] === undefined);
}

/** Compares the YAML of a fleet's first hosts, read by a library, with the objects. @returns how many hosts */
function checkHosts(fleet: Fleet): number {
  let hosts = 0;
  const yaml = fleetYaml(fleet);
  for (const host of fleet.hosts()) {
    if (hosts++ === LOOKED_AT) break;
    const text = yaml.next().value ?? '';
    const objects = fleet.objectsOf(host);
    const read = parseAllDocuments(text, { version: '1.1', merge: false });
    assert.ok(Array.isArray(read));
    for (const { errors } of read) assert.deepEqual(errors, []);
    assert.deepEqual(
      read.map((document) => document.toJS() as unknown),
      JSON.parse(JSON.stringify(objects)) as unknown,
    );
    for (const object of objects) {
      assert.ok(!JSON.stringify(object).includes(CANARY), 'a credential in the clear');
      if (object.kind === 'BareMetalHost')
        assert.ok(!JSON.stringify(object).includes(Buffer.from(CANARY).toString('base64').slice(0, 12)));
    }
  }
  return hosts;
}
