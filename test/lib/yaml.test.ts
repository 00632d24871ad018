import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse, parseAllDocuments } from 'yaml';
import { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import { fleetYaml } from '../../lib/kinds/bare-metal-host/fleet-yaml';
import type { HostSetProps } from '../../lib/kinds/bare-metal-host/host-set-props';
import { yamlDocument } from '../../lib/yaml';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('YAML', () => {
  it('reads back as what was written, in YAML 1.1 and 1.2', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        'yes',
        'No',
        'off',
        'null',
        '~',
        '1e3',
        '0x1F',
        '0o7',
        '017',
        '1_000',
        '.5',
        '.inf',
        '2026-01-01',
        '12:30:45',
        '- a',
        'a: b',
        '#x',
        ' x',
        'x ',
        '\n',
        '\u0085',
        '\u2028',
        '<<',
        '=',
        '{}',
        '*a',
        '&a',
        '!a',
        '%a',
        '@a',
        '`a',
        '|',
        '>',
        '---',
        '...',
      ),
    );
    const leaf = fc.oneof(
      text,
      fc.boolean(),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constant(null),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(text, tie('value'), { maxKeys: 3, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(text, value, { maxKeys: 4, noNullPrototype: true }), (object) => {
        const yaml = yamlDocument(object);
        assert.deepEqual(parse(yaml, { version: '1.2' }) ?? {}, plain(object));
        assert.deepEqual(parse(yaml, { version: '1.1', merge: false }) ?? {}, plain(object));
      }),
      { numRuns: 1000 },
    );
  });

  it('of a fleet holds the very objects of the fleet', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    const sets: fc.Arbitrary<HostSetProps> = fc.record(
      {
        count: fc.integer({ min: 0, max: 5 }),
        name: fc.constantFrom('worker', 'y', 'no', 'markx', 'mark0'),
        namespace: fc.constantFrom('default', 'on', 'lab'),
        hostsPerNamespace: fc.integer({ min: 1, max: 3 }),
        secretPer: fc.constantFrom('host' as const, 'namespace' as const),
        annotations: fc.dictionary(
          fc.constantFrom('a', 'example.com/b', 'Mark', 'yes'),
          fc.oneof(text, fc.constantFrom('Mark0', 'Markx1')),
        ),
        credentials: fc.record({ username: text.filter((t) => t !== ''), password: text.filter((t) => t !== '') }),
        overrides: fc.constantFrom([{ hosts: '1,2', online: false }], []),
        spec: fc.record({ description: text }),
      },
      { requiredKeys: ['count'] },
    );
    fc.assert(
      fc.property(sets, (props) => {
        const fleet = new Fleet(props);
        const objects = [...fleet.hosts()].flatMap((host) => fleet.objectsOf(host));
        const documents = parseAllDocuments([...fleetYaml(fleet)].join(''));
        assert.deepEqual(
          Array.isArray(documents) ? documents.map((document) => document.toJS() as unknown) : [],
          plain(objects),
        );
      }),
    );
  });
});
