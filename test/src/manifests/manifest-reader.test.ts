import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { stringify } from 'yaml';
import { TestbedError } from '../../../lib/errors';
import { ManifestReader, type ManifestValue } from '../../../src/manifests/manifest-reader';
import { readStream } from '../../../src/manifests/read-stream';

function read(
  text: string | Buffer,
  { slice = 1000, wholeUpTo }: { slice?: number; wholeUpTo?: number } = {},
): unknown[] {
  const bytes = Buffer.from(text);
  const reader = new ManifestReader('f.yaml', wholeUpTo);
  const values: unknown[] = [];
  const take = (given: Iterable<ManifestValue | undefined>): void => {
    for (const each of given) if (each !== undefined) values.push(each.value);
  };
  for (let i = 0; i < bytes.length; i += slice) take(reader.push(bytes.subarray(i, i + slice)));
  take(reader.end());
  return JSON.parse(JSON.stringify(values)) as unknown[];
}

function refusalOf(text: string | Buffer): string {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof TestbedError && error.code === 'invalid-input', (error as Error).stack);
    return error.message;
  }
  return 'not refused';
}

const configMap = (i: number) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: `c-${i}`, namespace: 'default' },
  data: { text: `a: "b"\n- c ${i}\n`, folded: `${'word '.repeat(30)}'`, brackets: '[ { ]', note: '# none' },
});

describe('a reader of manifests', () => {
  it('keeps text that only looks like a number, and numbers of YAML 1.1', () => {
    assert.deepEqual(
      read(
        'a: e1\nb: +e3\nc: 1234E5678\nd: 0444\ne: 0o17\nf: 1_000\ng: 0b101\nh: 12:30:45\ni: 2001-01-01\nj: .5_0\nk: -0\ne2: x\n1e3: z\n',
      ),
      [
        {
          a: 'e1',
          b: '+e3',
          c: '1234E5678',
          d: 292,
          e: 15,
          f: 1000,
          g: 5,
          h: '12:30:45',
          i: '2001-01-01',
          j: 0.5,
          e2: 'x',
          '1000': 'z',
          k: 0,
        },
      ],
    );
  });

  it('takes text and brackets that go on at the indentation of their key', () => {
    assert.deepEqual(read("data:\n  description: 'one\n  two'\nlabels: {\na: b\n}\nlist: [\nc\n]\n"), [
      { data: { description: 'one two' }, labels: { a: 'b' }, list: ['c'] },
    ]);
  });

  it('takes UTF-16 that says so by a byte order mark', () => {
    const yaml = '\ufeffa: é😀\r\n---\r\nb: 1\r\n';
    for (const text of [yaml, '\ufeff{"a":"é😀"}\n{"b":1}']) {
      const little = Buffer.from(text, 'utf16le');
      const big = Buffer.from(little).swap16();
      for (const bytes of [little, big])
        for (const slice of [1, 3, 1000]) assert.deepEqual(read(bytes, { slice }), [{ a: 'é😀' }, { b: 1 }]);
    }
    assert.deepEqual(read(''), []);
    assert.deepEqual(read(Buffer.from([0x61])), ['a']);
  });

  it('takes the line breaks of Windows for one, also behind a carriage return', () => {
    assert.deepEqual(read("a: |\r\n  b\r\r\n  c\r\nd: 'e\r\n\r\n  f'\r\n"), [{ a: 'b\nc\n', d: 'e\nf' }]);
  });

  it('decodes !!binary, and ignores the tags of collections', () => {
    assert.deepEqual(read('a: !!binary aGVsbG8=\nb: !!set { c }\nd: !!omap [ e: 1 ]\nf: !!str 1\n'), [
      { a: 'hello', b: { c: null }, d: [{ e: 1 }], f: '1' },
    ]);
    assert.match(refusalOf('a: 1\nb: !!binary gIE=\n'), /^f.yaml:2 is not valid YAML: .*not valid UTF-8/);
  });

  it('lets merge keys and aliases stand for what they name, at their place', () => {
    const text = 'a: &a { x: 1, z: 2 }\nb: { x: 0, <<: *a, z: 3 }\nc: { <<: [{ x: 5 }, *a] }\nd: *a\ne: { "<<": 1 }\n';
    assert.deepEqual(read(text), [
      { a: { x: 1, z: 2 }, b: { x: 1, z: 3 }, c: { x: 5, z: 2 }, d: { x: 1, z: 2 }, e: { '<<': 1 } },
    ]);
    const hosts = Array.from({ length: 1000 }, () => '- *d');
    assert.equal((read(`a: &d { x: 1 }\nb:\n${hosts.join('\n')}\n`)[0] as { b: unknown[] }).b.length, 1000);
    assert.deepEqual(
      read('__proto__: { a: 1 }\nconstructor: 2\n').map((each) => JSON.stringify(each)),
      ['{"__proto__":{"a":1},"constructor":2}'],
    );
  });

  it('names the line and the fault in words, and never the content', () => {
    for (const [text, message] of [
      ['a: b\nc: *canary\n', '2 is not valid YAML: an alias (*) of an anchor (&) that is not defined before it'],
      ['a: &a\n  canary: *a\n', '2 is not valid YAML: an alias (*) inside its own anchor (&): it would contain itself'],
      ['a: "canary\n', '1 is not valid YAML: quoted text is not closed'],
      ['a: b\n\tcanary: d\n', '2 is not valid YAML: a tab in the indentation: indent with spaces'],
      [
        'a: canary: d\n',
        "1 is not valid YAML: a second ': ' on one line: put the value in quotes, or on lines of its own",
      ],
      ['a:\n  b: 1\n canary: 2\n', '3 is not valid YAML: there is a key where a key should be'],
      ['- a\nb: canary\n', "2 is not valid YAML: there is a key where an item of the list ('- ') should be"],
      ['a: [canary\nb: 1\n', "2 is not valid YAML: there is ':' where ',' or ']' should be for the bracket of line 1"],
      ['a: .nan\n', '1 is not valid YAML: a number that JSON does not have (.inf, .nan): put text in quotes'],
      ['~: canary\n', '1 is not valid YAML: a key that is null: put it in quotes'],
      ['? [canary]\n: b\n', '1 is not valid YAML: a key that is a list or a map: a key is text'],
      ['a: !!int canary\n', '1 is not valid YAML: a value with the tag !!int that is not one'],
      [
        'a: b\n...\ncanary: d\n',
        "3 is not valid YAML: text after the end of the document: put '---' on a line between the two",
      ],
      ['a: b\n--- canary\n', "2 is not valid YAML: text after '---': put it on the next line"],
      ['a: b\nc: \u0007\n', '2 is not valid YAML: the character U+0007 is not allowed: write it as an escape in "…"'],
      ['{"a": "canary",\n"b" canary"}', `2 is not valid JSON: unexpected text where ':' should be`],
      [
        '{"a": "\\ud800"}',
        '1 is not valid JSON: text with half of a surrogate pair (\\ud800 to \\udfff), which is not a character',
      ],
      ['{"a": 1e400}', '1 is not valid JSON: a number that is beyond what a float can hold: put it in quotes'],
    ] as const)
      assert.equal(refusalOf(text), `f.yaml:${message}`, text);
    assert.equal(
      refusalOf(Buffer.from('a: b\nc: \xff\n', 'latin1')),
      'f.yaml:2 has bytes that are not valid UTF-8: convert it, or give a text file',
    );
    const half = Buffer.from('\ufeffa: \ud83d\n', 'utf16le');
    assert.equal(refusalOf(half), 'f.yaml is UTF-16 that is not valid: convert it to UTF-8');
    assert.match(refusalOf(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0])), /^f.yaml is an archive/);
  });

  it('gives the items of a list of any size one by one, the same however it is cut', () => {
    const items = Array.from({ length: 40 }, (_, i) => configMap(i));
    const list = { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } };
    const typed = {
      kind: 'ConfigMapList',
      apiVersion: 'v1',
      items: items.map(({ metadata, data }) => ({ metadata, data })),
    };
    const untypedFirst = { items: typed.items, kind: 'ConfigMapList', apiVersion: 'v1' };
    const yaml = (value: object) => stringify(value, { lineWidth: 0 });
    const texts = [list, typed, untypedFirst].flatMap((each) => [
      ...[
        JSON.stringify(each),
        JSON.stringify(each, null, 4),
        yaml(each),
        `# before\n---\n${yaml(each)}---\n# after\n`,
      ],
      yaml(each)
        .replace(/^(?:-| {2}).*/gm, (line) => `  ${line}`)
        .replace(/^ {4}resourceVersion/m, '  resourceVersion'),
    ]);
    for (const text of texts)
      for (const slice of [7, 100_000]) {
        assert.deepEqual(read(text, { slice, wholeUpTo: 0 }), items, text.slice(0, 200));
        assert.deepEqual(read(text, { slice }), items);
      }
  });

  it('finds the items of a list of YAML also where quoted text and brackets go on at their hyphens', () => {
    const text = `apiVersion: v1\nitems:\n- a: "x\n- y\n- z"\n  b: &b [\n1,\n- \n]\n- c: *b\n- {\n- }\nkind: List\n`;
    const valid = text.replace('1,\n- \n]', '1\n]').replace('{\n- }', "d: '\n- '");
    for (const slice of [1, 5, 1000])
      assert.deepEqual(read(valid, { slice, wholeUpTo: 0 }), [{ a: 'x - y - z', b: [1] }, { c: [1] }, { d: ' - ' }]);
    assert.throws(() => read(text, { wholeUpTo: 0 }), /^TestbedError: f.yaml:\d+ is not valid YAML/);
  });

  it('reads a list of 60 MB in flat memory', () => {
    const item = (i: number) => JSON.stringify({ ...configMap(i), filler: 'x'.repeat(9000) });
    const reader = new ManifestReader('f.json');
    const take = (values: Iterable<unknown>): number => [...values].filter((value) => value !== undefined).length;
    let read = take(reader.push(Buffer.from('{"apiVersion":"v1","kind":"List","items":[')));
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 6000; i++) read += take(reader.push(Buffer.from(`${i === 0 ? '' : ',\n'}${item(i)}`)));
    read += take(reader.push(Buffer.from(']}'))) + take(reader.end());
    assert.equal(read, 6000);
    const grown = (process.memoryUsage.rss() - before) / 2 ** 20;
    assert.ok(grown < 150, `grew by ${grown} MiB`);
  });

  it('reads or refuses hostile texts in time that grows with their size alone', () => {
    const bomb = 'bcdefghij'
      .split('')
      .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(',')}]`);
    for (const [text, outcome] of [
      [`{"a":"${'\\"'.repeat(32_000)}`, /^f.yaml:1 is not valid JSON/],
      ['{'.repeat(3_000_000), /more than 1000 levels deep/],
      [`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, /more than 1000 levels deep/],
      ['['.repeat(1_000_000), /more than 1000 levels deep/],
      [`a: ${'- '.repeat(100_000)}x`, /cannot stand here/],
      ['- '.repeat(100_000), /more than 1000 levels deep/],
      ['---\n'.repeat(50_000), /not refused/],
      [`a: b\n${'#\n'.repeat(300_000)}`, /not refused/],
      [`a: &a [x]\n${bomb.join('\n')}\n`, /aliases \(\*\) that expand to too many values/],
      [Array.from({ length: 30_000 }, (_, i) => `k${i}: &a${i} x\n`).join(''), /not refused/],
      ['a: 1\n'.repeat(50_000), /not refused/],
      [`${'a'.repeat(3_000_000)}: b\n`, /is not valid YAML/],
      [`a: "${'\n'.repeat(300_000)}"\n`, /not refused/],
      [`items:\n- "\n${'- a\n'.repeat(100_000)}`, /quoted text is not closed/],
      [' '.repeat(3_000_000), /not refused/],
      [`{"a":1}${' '.repeat(3_000_000)}`, /not refused/],
      ['\n'.repeat(1_000_000), /not refused/],
      [`{"items":[${'1,'.repeat(300_000)}`, /text ends before the last bracket/],
    ] as const) {
      const { user, system } = process.cpuUsage();
      assert.match(refusalOf(text), outcome);
      const used = process.cpuUsage();
      const seconds = (used.user + used.system - user - system) / 1e6;
      assert.ok(seconds < 10, `${seconds} s for ${JSON.stringify(text.slice(0, 30))}…`);
    }
  });

  it('stops now and then in the middle of one large document', () => {
    const fields = Array.from({ length: 50_000 }, (_, i) => `k${i}: v\n`);
    const items = Array.from({ length: 50_000 }, (_, i) => `- [${i}, {a: b}]\n`);
    for (const text of [
      fields.join(''),
      `a:\n${items.join('')}`,
      `a: &a [${items.join('').replace(/- (.*)\n/g, '$1,')}]\n`,
    ]) {
      const reader = new ManifestReader('f');
      const steps = [...reader.push(Buffer.from(text)), ...reader.end()];
      assert.equal(steps.filter((step) => step !== undefined).length, 1);
      // Both while it is parsed and while its values are made.
      assert.ok(steps.length > 20, `${steps.length} steps for ${text.slice(0, 30)}…`);
    }
  });

  it('lets others work, and is interrupted, while a stream is read', async () => {
    const interrupt = new AbortController();
    const text = Buffer.from('---\napiVersion: v1\nkind: A\nmetadata: { name: a }\n'.repeat(200_000));
    let turns = 0;
    const reading = (async () => {
      for await (const { object } of readStream([text] as never, 'f', interrupt.signal)) assert.equal(object.kind, 'A');
    })();
    const refused = assert.rejects(reading, /^Error: enough$/);
    while (turns < 3) {
      await setImmediate();
      turns++;
    }
    interrupt.abort(new Error('enough'));
    await refused;
  });
});
