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

  it('are refused with their line, and without their content', async () => {
    await assert.rejects(
      read('---\napiVersion: v1\nkind: A\nmetadata: {name: a}\n---\nb: [canary\n'),
      (error: Error) => /^stdin:\d+ is no valid YAML/.test(error.message) && !error.message.includes('canary'),
    );
    await assert.rejects(
      read('---\nkind: Secret\n'),
      /stdin: the document from line 1 on is no Kubernetes object: give it apiVersion, metadata.name as text/,
    );
    await assert.rejects(
      all(readObjects(['/nowhere/x.yaml'], process.stdin)),
      /\/nowhere\/x.yaml cannot be read \(ENOENT\)/,
    );
  });
});
