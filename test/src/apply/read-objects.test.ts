import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
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

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
/** An object whose spec is this YAML. */
const withSpec = (spec: string) => `apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: ${spec}\n`;
async function specOf(spec: string): Promise<unknown> {
  const [object] = await read(withSpec(spec));
  return (object as { readonly spec: unknown }).spec;
}

describe('manifests', () => {
  const hosts = `---
apiVersion: v1
kind: Secret
metadata:
  name: worker-1-bmc-secret
  namespace: lab
data:
  username: YWRtaW4=
---
apiVersion: metal3.io/v1alpha1
kind: BareMetalHost
metadata:
  name: wörker-1
  namespace: lab
spec:
  online: true
  bmc: { address: 'libvirt://192.168.122.1:6233/', credentialsName: worker-1-bmc-secret }
`;
  const expected = [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'worker-1-bmc-secret', namespace: 'lab' },
      data: { username: 'YWRtaW4=' },
    },
    {
      apiVersion: 'metal3.io/v1alpha1',
      kind: 'BareMetalHost',
      metadata: { name: 'wörker-1', namespace: 'lab' },
      spec: {
        online: true,
        bmc: { address: 'libvirt://192.168.122.1:6233/', credentialsName: 'worker-1-bmc-secret' },
      },
    },
  ];

  for (const chunk of [1, 5, 64, 100_000]) {
    it(`are read as they are written from a stream that comes in parts of ${chunk} characters`, async () => {
      assert.deepEqual(await read(hosts, chunk), expected);
    });
  }

  it('are read from a stream that is cut within a character', async () => {
    const bytes = [...Buffer.from(hosts)].map((byte) => Buffer.from([byte]));
    assert.deepEqual(await all(readObjects(['-'], Readable.from(bytes))), expected);
  });

  it('may be JSON', async () => {
    assert.deepEqual(await read(JSON.stringify(configMap('a'))), [configMap('a')]);
  });

  for (const [between, what] of [
    ['', 'right'],
    ['\n', 'in a line'],
    [' \r\n', 'in a line of Windows'],
  ] as const) {
    it(`may be JSON ${what} behind JSON, whatever brackets are in its texts`, async () => {
      const objects = ['a', '}{', '\\"{'].map(configMap);
      assert.deepEqual(await read(objects.map((each) => JSON.stringify(each)).join(between)), objects);
    });
  }

  it('may have comments and empty documents', async () => {
    assert.deepEqual(await read(`---\n# nothing\n---\n${JSON.stringify(configMap('a'))}\n---\n`), [configMap('a')]);
  });

  it('may be a List, which stands for its items', async () => {
    const list = { apiVersion: 'v1', kind: 'List', items: [configMap('a'), configMap('b')] };
    assert.deepEqual(await read(JSON.stringify(list)), list.items);
  });

  it('may be a list of one kind, of which the items do not say what they are', async () => {
    const items = [{ metadata: { name: 'a' } }, { kind: 'Pod', metadata: { name: 'b' } }];
    assert.deepEqual(await read(JSON.stringify({ apiVersion: 'v1', kind: 'SecretList', items })), [
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' } },
    ]);
  });

  // kubectl reads YAML 1.1.
  for (const [text, value] of [
    ['0644', 0o644],
    ['0x10', 16],
    ['1e3', 1000],
    ['yes', true],
    ['off', false],
    ['~', null],
    ['12:30:45', '12:30:45'],
    ['2001-01-01', '2001-01-01'],
    ['"0644"', '0644'],
  ] as const) {
    it(`mean by ${text} what they mean to kubectl`, async () => {
      assert.deepEqual(await specOf(text), value);
    });
  }

  it('take the fields of a merge key', async () => {
    const [object] = await read(`base: &base {j: 1, k: 1}\n${withSpec('{<<: *base, k: 2}')}`);
    assert.deepEqual((object as { spec: unknown }).spec, { j: 1, k: 2 });
  });

  for (const number of ['9007199254740993', '-9223372036854775808', '1234567890123456', '18446744073709552000']) {
    it(`keep the integer ${number}, of which Go rounds no digit`, async () => {
      const json = `{"apiVersion":"v1","kind":"A","metadata":{"name":"a"},"spec":${number}}`;
      for (const text of [withSpec(number), json]) {
        const [object] = await read(text);
        assert.equal(JSON.stringify(object), json);
      }
    });
  }

  for (const namespace of ['', '""', 'null', '~']) {
    it(`take the namespace '${namespace}' for none`, async () => {
      const text = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: ${namespace}\n`;
      assert.deepEqual(await read(text), [configMap('a')]);
    });
  }

  it('are no longer read once somebody interrupts, also where nothing comes', async () => {
    const interrupt = new AbortController();
    const reading = all(readObjects(['-'], new Readable({ read: () => undefined }), interrupt.signal));
    interrupt.abort(new Error('interrupted'));
    await assert.rejects(reading, /^Error: interrupted$/);
  });

  describe('are refused, by line and without their content,', () => {
    const object = 'apiVersion: v1\nkind: A\nmetadata: {name: a}\n';
    for (const [what, text, message] of [
      [
        'where a bracket is not closed',
        `---\n${object}---\nb: [canary\n`,
        /^stdin:\d+ is not valid YAML: (?!.*canary)/,
      ],
      [
        'where JSON ends too early',
        `${JSON.stringify(configMap('a'))}\n{"canary": `,
        /^stdin:2 is not valid JSON: the text ends before the last bracket is closed$/,
      ],
      [
        'where an alias has no anchor',
        '# none\na: *canary',
        /^stdin:2 is not valid YAML: an alias \(\*\) of an anchor \(&\) that is not defined before it$/,
      ],
      [
        'where an alias contains itself',
        'a: &a\n  canary: *a',
        /^stdin:2 is not valid YAML: an alias \(\*\) inside its own anchor \(&\): it would contain itself$/,
      ],
      [
        'where an object has no name',
        '---\nkind: Secret\n',
        /^stdin: the document from line 2 on is not a Kubernetes object: give it apiVersion, metadata.name as text/,
      ],
      [
        'where apiVersion or kind cannot be',
        'apiVersion: v1 beta\nkind: A B\nmetadata: {name: a}\n',
        /is not a Kubernetes object: give it apiVersion, kind as text/,
      ],
      [
        'where labels are a list',
        'apiVersion: v1\nkind: A\nmetadata: {name: a, labels: [canary]}\n',
        /^stdin: the document from line 1 on has metadata.labels that are not a map: give each as NAME: VALUE$/,
      ],
    ] as const) {
      it(what, async () => {
        await assert.rejects(read(text), (error: Error) => {
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /canary/);
          return true;
        });
      });
    }

    for (const [what, bytes] of [
      ['where a byte is not UTF-8', [0x61, 0xff, 0x62]],
      ['where a character is cut off', [0xc3]],
    ] as const) {
      it(what, async () => {
        const text = Readable.from([Buffer.from('# none\n---\n'), Buffer.from(bytes)]);
        await assert.rejects(all(readObjects(['-'], text)), {
          message: 'stdin:3 has bytes that are not valid UTF-8: convert it, or give a text file',
        });
      });
    }
  });

  it('are refused where their file is not there', async () => {
    await assert.rejects(
      all(readObjects(['/nowhere/x.yaml'], process.stdin)),
      /\/nowhere\/x.yaml cannot be read \(ENOENT\)/,
    );
  });
});
