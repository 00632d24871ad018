import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { fleetYaml, Fleet } from '../../../lib';
import { readObjects } from '../../../src/apply/read-objects';

function read(text: string, chunk = 7): Promise<unknown[]> {
  const chunks = text.match(new RegExp(`[^]{1,${chunk}}`, 'g')) ?? [];
  return all(readObjects(['-'], Readable.from(chunks)));
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('manifests', () => {
  it('are read as they were written, however the stream is cut', async () => {
    const fleet = new Fleet({ count: 5 });
    const expected = [...fleet.hosts()].flatMap((host) => [...fleet.objectsOf(host)]);
    const yaml = [...fleetYaml(fleet)].join('');
    for (const chunk of [1, 5, 64, 100_000])
      assert.deepEqual(await read(yaml, chunk), JSON.parse(JSON.stringify(expected)));
  });

  it('may be JSON, lists, and have comments and empty documents', async () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
    assert.deepEqual(await read(JSON.stringify(object)), [object]);
    assert.deepEqual(
      await read(
        `---\n# nothing\n---\n${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [object, object] })}\n---\n`,
      ),
      [object, object],
    );
  });

  it('may be a list of one kind, of which the items do not say what they are', async () => {
    const items = [{ metadata: { name: 'a' } }, { kind: 'Pod', metadata: { name: 'b' } }];
    assert.deepEqual(await read(JSON.stringify({ apiVersion: 'v1', kind: 'SecretList', items })), [
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' } },
    ]);
  });

  it('may be JSON behind JSON', async () => {
    const objects = ['a', '}{', '\\"{'].map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }));
    for (const between of ['', '\n', ' \r\n'])
      assert.deepEqual(await read(objects.map((each) => JSON.stringify(each)).join(between)), objects);
    await assert.rejects(
      read(`${JSON.stringify(objects[0])}\n{"canary": `),
      /^TestbedError: stdin:2 is not valid JSON: the text ends before the last bracket is closed$/,
    );
  });

  it('mean what they mean to kubectl, which reads YAML 1.1', async () => {
    const lines = [
      'a: 0644',
      'b: yes',
      'c: off',
      'd: 12:30:45',
      'e: 2001-01-01',
      'f: 0x10',
      'g: 1e3',
      'h: "0644"',
      'i: ~',
    ];
    const [object] = await read(
      `apiVersion: v1\nkind: A\nmetadata: {name: a}\nbase: &base {j: 1}\nspec:\n  <<: *base\n  ${lines.join('\n  ')}\n`,
    );
    assert.deepEqual((object as { spec: unknown }).spec, {
      ...{ j: 1, a: 0o644, b: true, c: false, d: '12:30:45', e: '2001-01-01', f: 16, g: 1000, h: '0644', i: null },
    });
  });

  it('keep integers that a number of JavaScript would round, and Go would not', async () => {
    const numbers = ['9007199254740993', '-9223372036854775808', '1234567890123456', '18446744073709552000', '42'];
    const yaml = `apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: [${numbers.join(', ')}, "9007199254740993"]\n`;
    const json = `{"apiVersion":"v1","kind":"A","metadata":{"name":"a"},"spec":[${numbers.join(',')},"9007199254740993"]}`;
    assert.deepEqual(
      (await read(yaml)).map((each) => JSON.stringify(each)),
      [json],
    );
    assert.deepEqual(
      (await read(json)).map((each) => JSON.stringify(each)),
      [json],
    );
  });

  it('may have an empty namespace, which is none', async () => {
    for (const namespace of ['', '""', 'null', '~'])
      assert.deepEqual(await read(`apiVersion: v1\nkind: A\nmetadata:\n  name: a\n  namespace: ${namespace}\n`), [
        { apiVersion: 'v1', kind: 'A', metadata: { name: 'a' } },
      ]);
  });

  it('are read until somebody interrupts, also where nothing comes', async () => {
    const interrupt = new AbortController();
    const reading = all(readObjects(['-'], new Readable({ read: () => undefined }), interrupt.signal));
    interrupt.abort(new Error('interrupted'));
    await assert.rejects(reading, /^Error: interrupted$/);
  });

  it('are refused with their line, and without their content', async () => {
    await assert.rejects(
      read('---\napiVersion: v1\nkind: A\nmetadata: {name: a}\n---\nb: [canary\n'),
      (error: Error) => /^stdin:\d+ is not valid YAML/.test(error.message) && !error.message.includes('canary'),
    );
    await assert.rejects(
      read('---\nkind: Secret\n'),
      /stdin: the document from line 2 on is not a Kubernetes object: give it apiVersion, metadata.name as text/,
    );
    for (const [text, what] of [
      ['# none\na: *canary', '2 is not valid YAML: an alias (*) of an anchor (&) that is not defined before it'],
      ['a: &a\n  canary: *a', '2 is not valid YAML: an alias (*) inside its own anchor (&): it would contain itself'],
    ] as const)
      await assert.rejects(read(text), { message: `stdin:${what}` });
    await assert.rejects(read('apiVersion: v1\nkind: A\nmetadata: {name: a, labels: [canary]}\n'), {
      message: 'stdin: the document from line 1 on has metadata.labels that are not a map: give each as NAME: VALUE',
    });
    await assert.rejects(
      read('apiVersion: v1 beta\nkind: A B\nmetadata: {name: a}\n'),
      /is not a Kubernetes object: give it apiVersion, kind as text/,
    );
    for (const bytes of [[0x61, 0xff, 0x62], [0xc3]])
      await assert.rejects(all(readObjects(['-'], Readable.from([Buffer.from('# none\n---\n'), Buffer.from(bytes)]))), {
        message: /^stdin:3 has bytes that are not valid UTF-8: convert it, or give a text file$/,
      });
    await assert.rejects(
      all(readObjects(['/nowhere/x.yaml'], process.stdin)),
      /\/nowhere\/x.yaml cannot be read \(ENOENT\)/,
    );
  });
});
