import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bareMetalHostSpec } from '../../../lib/kinds/bare-metal-host/schema';
import {
  array,
  boolean,
  check,
  closest,
  conditionList,
  dateTime,
  describeProblems,
  enumeration,
  integer,
  intOrString,
  map,
  nullable,
  number,
  object,
  required,
  setList,
  string,
  unknownFields,
  validate,
  withDefault,
  type Schema,
} from '../../../lib/crd';
import { TestbedError } from '../../../lib/errors';

/** What is wrong with a field `x` of this schema and value: the whole line. */
function problems(schema: Schema, value: unknown): string {
  return describeProblems(check(object({ x: schema }), { x: value }, 'spec'));
}

describe('check', () => {
  const host = {
    online: true,
    bmc: { address: 'libvirt://192.168.122.1:6233/', credentialsName: 'worker-1-bmc-secret' },
    bootMACAddress: '00:60:2f:00:00:01',
    taints: [{ key: 'a', effect: 'NoSchedule' }],
  };

  it('finds nothing wrong with a host', () => {
    assert.deepEqual(check(bareMetalHostSpec, host, 'spec'), []);
  });

  it('takes a field that is undefined for one that is absent', () => {
    assert.deepEqual(check(bareMetalHostSpec, { ...host, image: undefined, nonsense: undefined }, 'spec'), []);
  });

  it('reports a required field that is missing or undefined, unless the API server fills it in', () => {
    const schema = object({ a: required(string()), b: required(withDefault(integer(), 0)) });
    assert.equal(describeProblems(check(schema, {}, 'spec')), 'spec.a: is required');
    assert.equal(describeProblems(check(schema, { a: undefined }, 'spec')), 'spec.a: is required');
  });

  it('reports an unknown field with the one that was meant', () => {
    const given = { ...host, bmc: { ...host.bmc, adress: 'x' }, bootMacAddress: 'x' };
    assert.equal(
      describeProblems(check(bareMetalHostSpec, given, 'spec')),
      "spec.bmc.adress: unknown field; did you mean 'address'?\n" +
        "spec.bootMacAddress: unknown field; did you mean 'bootMACAddress'?",
    );
  });

  it('reports an unknown field with those that are allowed where none is near', () => {
    assert.equal(
      problems(object({ b: string(), a: string() }), { zebra: 1 }),
      'spec.x.zebra: unknown field; allowed a, b',
    );
    assert.equal(problems(object({}), { a: 1 }), 'spec.x.a: unknown field; none is allowed here');
  });

  it('reports fields that objects have by birth as unknown', () => {
    const given: unknown = JSON.parse('{"x": {"constructor": 1, "__proto__": 2, "toString": 3}}');
    const found = check(object({ x: object({}) }), given, 'spec');
    assert.deepEqual(
      found.map(({ path }) => path),
      ['spec.x.constructor', 'spec.x.__proto__', 'spec.x.toString'],
    );
  });

  it('keeps any field where the API server does', () => {
    assert.equal(problems(unknownFields(), { anything: { at: ['all'] } }), '');
  });

  const wrong: readonly (readonly [string, Schema, unknown, string])[] = [
    ['a string', string(), 5, 'must be a string; given 5'],
    ['a string of null', string(), null, 'must not be null; leave the field out instead'],
    ['a boolean', boolean(), 'true', "must be true or false; given 'true'"],
    ['an integer', integer(), 1.5, 'must be an integer; given 1.5'],
    ['a number', number(), '1', "must be a number; given '1'"],
    ['a number that is not one', number(), NaN, 'must be a number; given NaN'],
    ['an object', object({}), ['a'], 'must be an object; given a list'],
    ['a list', array(string()), { a: 1 }, 'must be a list; given an object'],
    ['an integer or string', intOrString(), 1.5, 'must be an integer or a string; given 1.5'],
    ['a minimum', integer({ minimum: 1 }), 0, 'must be at least 1; given 0'],
    ['a maximum', integer({ maximum: 4094 }), 4095, 'must be at most 4094; given 4095'],
    ['32 bits', integer({ format: 'int32' }), 2 ** 31, 'must be at most 2147483647; given 2147483648'],
    ['a pattern', string({ pattern: '^a+$' }), 'b', "must match ^a+$; given 'b'"],
    ['a shortest length', string({ minLength: 1 }), '', "must have at least 1 characters; given ''"],
    ['a longest length', string({ maxLength: 3 }), 'abcd', 'must have at most 3 characters; given 4'],
    ['a time', dateTime(), 'tomorrow', "must be a time such as 2026-01-31T12:00:00Z; given 'tomorrow'"],
    ['fewest items', array(string(), { minItems: 2 }), ['a'], 'must have at least 2 items; given 1'],
    ['most items', array(string(), { maxItems: 1 }), ['a', 'b'], 'must have at most 1 items; given 2'],
    [
      'an enum',
      enumeration('UEFI', 'legacy'),
      'uefi',
      "must be one of 'UEFI', 'legacy'; given 'uefi'; did you mean 'UEFI'?",
    ],
  ];
  for (const [what, schema, value, message] of wrong) {
    it(`reports what breaks the rule of ${what}`, () => {
      assert.equal(problems(schema, value), `spec.x: ${message}`);
    });
  }

  it('accepts what keeps the rules', () => {
    assert.equal(problems(nullable(array(string())), null), '');
    assert.equal(problems(intOrString(), 1), '');
    assert.equal(problems(intOrString(), 'http'), '');
    assert.equal(problems(integer({ format: 'int64' }), 2 ** 40), '');
    assert.equal(problems(boolean([true, false]), false), '');
    assert.equal(problems(dateTime(), '2026-01-31T12:00:00.5+01:00'), '');
    assert.equal(problems(map(string()), { 'any.key/at-all': 'x' }), '');
  });

  it('counts characters as Kubernetes does', () => {
    assert.equal(problems(string({ maxLength: 2 }), '😀😀'), '');
    assert.equal(problems(string({ maxLength: 1 }), '😀😀'), 'spec.x: must have at most 1 characters; given 2');
  });

  it('says where in lists and maps a problem is', () => {
    const schema = map(array(object({ level: required(enumeration('0', '1')) })));
    assert.equal(
      problems(schema, { 'a.b': [{ level: '0' }, { level: '9' }] }),
      "spec.x['a.b'][1].level: must be one of '0', '1'; given '9'",
    );
  });

  it('reports items of a set or map list that are the same', () => {
    assert.equal(problems(setList(string()), ['a', 'b', 'a']), 'spec.x[2]: must differ from [0]');
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'Ok',
      message: '',
      lastTransitionTime: '2026-01-31T12:00:00Z',
    };
    assert.equal(problems(conditionList(), [ready, ready]), 'spec.x[1]: must differ from [0] in type');
    assert.equal(problems(conditionList(), [ready, { ...ready, type: 'Known' }]), '');
  });

  it('cuts long values short', () => {
    const [problem] = check(object({ x: string({ pattern: '^$' }) }), { x: 'y'.repeat(500) }, 'spec');
    assert.ok(problem && problem.message.length < 120, problem?.message);
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }), (value) => {
        for (const { path, message } of check(bareMetalHostSpec, value, 'spec')) {
          assert.match(path, /^spec/);
          assert.notEqual(message, '');
        }
      }),
    );
  });

  it('finds the one field of a host that is made wrong', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(host)), (field) => {
        const found = check(bareMetalHostSpec, { ...host, [field]: Symbol('no value of JSON') }, 'spec');
        assert.deepEqual(
          found.map(({ path }) => path),
          [`spec.${field}`],
        );
      }),
    );
  });
});

describe('validate', () => {
  it('gives the value back, typed', () => {
    const { online }: { readonly online: boolean } = validate(bareMetalHostSpec, { online: true }, 'spec');
    assert.equal(online, true);
  });

  it('throws an error that names every problem', () => {
    assert.throws(() => validate(bareMetalHostSpec, { online: 'yes', bmc: {} }, 'worker-1.spec'), {
      name: TestbedError.name,
      code: 'invalid-input',
      message:
        "worker-1.spec.online: must be true or false; given 'yes'\n" +
        'worker-1.spec.bmc.address: is required\n' +
        'worker-1.spec.bmc.credentialsName: is required',
    });
  });
});

describe('closest', () => {
  it('sees through letters that are missing, doubled, swapped or of another case', () => {
    const fields = ['bootMACAddress', 'bootMode', 'online'];
    for (const slip of ['bootMacAddress', 'bootMACAdress', 'bootMACAddresss', 'botoMACAddress']) {
      assert.equal(closest(slip, fields), 'bootMACAddress', slip);
    }
  });

  it('gives nothing where nothing is near', () => {
    assert.equal(closest('zebra', ['online', 'bmc']), undefined);
    assert.equal(closest('a', []), undefined);
  });

  it('finds any word again after one letter is left out', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{4,12}$/), fc.nat(), (word, at) => {
        const position = at % word.length;
        assert.equal(closest(word.slice(0, position) + word.slice(position + 1), [word]), word);
      }),
    );
  });
});
