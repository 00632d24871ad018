import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { array, boolean, dateTime, enumeration, integer, number, object, required, string } from '../../../lib/crd';
import { decodeGoJson } from '../../../lib/go/json';

const schema = object({
  name: required(string({ maxLength: 2 })),
  mask: enumeration('a'),
  count: integer({ minimum: 7 }),
  small: integer({ format: 'int32' }),
  share: number(),
  isOn: boolean(),
  since: dateTime(),
  items: array(object({ id: required(integer()) }), { minItems: 5 }),
});

function decode(text: string, options: { readonly unknown?: boolean; readonly whole?: boolean } = {}) {
  return decodeGoJson(text, schema, 'x', {
    refusesUnknownFields: !options.unknown,
    isWhole: options.whole ?? false,
  });
}

function takes(text: string, options?: Parameters<typeof decode>[1]): void {
  assert.deepEqual(decode(text, options).problems, [], text);
}

function refusesAt(path: string, text: string, message: RegExp, options?: Parameters<typeof decode>[1]): void {
  const [problem, ...more] = decode(text, options).problems;
  assert.deepEqual([problem?.path, more], [path, []], text);
  assert.match(problem?.message ?? '', message);
}

describe('JSON, decoded as Go decodes it', () => {
  it('may leave out any field, have null for it, and values that the API server would refuse', () => {
    for (const text of [
      '{}',
      'null',
      '{"name":null,"count":null,"items":null,"since":null,"isOn":null}',
      '{"name":"long","mask":"b","count":-1,"items":[null,{}]}',
      ' \t\r\n{ "count" : -0 , "share" : 1e2 }',
    ]) {
      takes(text);
    }
  });

  it('may write names in any case, Unicode’s too, and twice', () => {
    takes('{"NAME":"a","maſK":"b","ma\\u017f\\u212a":"c"}');
    assert.deepEqual(
      [...decode('{"name":"a","NAME":"b","mask":"c","Mask":null}').texts],
      [
        ['name', 'b'],
        ['mask', 'c'],
      ],
    );
    refusesAt('x.naḿe', '{"naḿe":1}', /unknown field; did you mean 'name'\?/);
  });

  it('tells the types of values', () => {
    refusesAt('x.name', '{"name":1}', /must be a string/);
    refusesAt('x.isOn', '{"isOn":"true"}', /must be true or false; given "true"/);
    refusesAt('x.items[1].id', '{"items":[{"id":1},{"id":"1"}]}', /must be a whole number/);
    refusesAt('x.items', '{"items":{}}', /must be a list/);
    refusesAt('x', '[]', /must be an object/);
    refusesAt('x.share', '{"share":1e999}', /must be a number/);
  });

  it('has whole numbers without fraction or exponent, of 64 bits or 32', () => {
    for (const value of ['1.0', '1e2', '9223372036854775808', '-9223372036854775809', '1'.repeat(30), '"1"']) {
      refusesAt('x.count', `{"count":${value}}`, /must be a whole number/);
    }
    takes('{"count":9223372036854775807}');
    takes('{"count":-9223372036854775808,"small":2147483647}');
    refusesAt('x.small', '{"small":2147483648}', /must be a whole number/);
  });

  it('has times as Go takes them', () => {
    takes('{"since":"2026-02-28T3:04:05,6+24:00"}');
    for (const value of ['', '2026-02-29T03:04:05Z', '2026-02-28t03:04:05Z', '2026-02-28T03:04:60Z', '2026-02-28']) {
      refusesAt('x.since', `{"since":"${value}"}`, /must be a time/);
    }
  });

  it('refuses unknown fields where it is asked to, whatever is in them', () => {
    refusesAt('x.coutn', '{"coutn":[{"a":1}]}', /unknown field; did you mean 'count'\?/);
    refusesAt('x.__proto__', '{"__proto__":1}', /unknown field/);
    takes('{"coutn":[{"a":1}],"__proto__":1}', { unknown: true });
  });

  it('is one value, behind which anything may stand where it is read from a stream', () => {
    for (const rest of ['}', ' x', '{']) {
      takes(`{}${rest}`);
      refusesAt('x', `{}${rest}`, /something behind/, { whole: true });
    }
    takes('{} \n', { whole: true });
  });

  it('says where what is not valid JSON goes wrong', () => {
    for (const [text, at] of [
      ['{"a":01}', 7],
      ["{'a':1}", 2],
      ['{"a":1,}', 8],
      ['[1,]', 4],
      ['{"a" 1}', 6],
      ['{"a":"\t"}', 6],
      ['{"a":"\\x"}', 6],
      ['{"a":tru}', 6],
      ['{"a":.5}', 6],
      ['[}', 2],
      ['x', 1],
      ['{"a":NaN}', 6],
    ] as const) {
      refusesAt('x', text, new RegExp(`is not valid JSON at character ${at}$`));
    }
    for (const text of ['', ' ', '{', '{"a"', '{"a":', '[1,', '{"a":[']) refusesAt('x', text, /ends before/);
  });

  it('gives up on what is nested too deep, and is linear in the rest', () => {
    const nested = (depth: number) => `{"y":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    takes(nested(9_999), { unknown: true });
    refusesAt('x', nested(10_000), /more than 10000 levels/, { unknown: true });
    const started = performance.now();
    for (const text of [`{"y":"${'\\"'.repeat(130_000)}"}`, `{"y":[${'0,'.repeat(130_000)}0]}`]) {
      takes(text, { unknown: true });
    }
    assert.ok(performance.now() - started < 5_000);
  });
});
