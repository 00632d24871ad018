import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { Fleet } from '../../../lib/kinds/bare-metal-host/fleet';
import { fleetYaml } from '../../../lib/kinds/bare-metal-host/fleet-yaml';
import { readObjects } from '../../../src/apply/read-objects';
import { BEGIN_MARK, documentsIn, endMark, marked } from '../../../src/apply/stream-marks';
import { rejects } from '../../support/rejects';

const HOSTS = [...fleetYaml(new Fleet({ name: 'brk', count: 12, namespace: 'brk' }))].join('');
const WHOLE = `${BEGIN_MARK}${HOSTS}${endMark(24)}`;

/** What becomes of a stream: whether it is proved to be whole, or cut, or neither. */
async function fateOf(...chunks: (string | Buffer)[]): Promise<'whole' | 'doubtful' | 'cut'> {
  let isWhole = false;
  try {
    for await (const _ of marked(Readable.from(chunks), 'stdin', (whole) => (isWhole = whole))) void _;
  } catch (error) {
    assert.match((error as Error).message, /^stdin is incomplete: generate began/);
    return 'cut';
  }
  return isWhole ? 'whole' : 'doubtful';
}

describe('marks of a stream', () => {
  it('prove that it is whole, however it is cut into chunks', async () => {
    assert.equal(documentsIn(HOSTS), 24);
    for (const size of [1, 7, 100, 1 << 16]) {
      const bytes = Buffer.from(WHOLE);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      assert.equal(await fateOf(...chunks), 'whole');
    }
    assert.equal(await fateOf(WHOLE, WHOLE), 'whole');
    assert.equal(await fateOf(WHOLE.replaceAll('\n', '\r\n')), 'whole');
  });

  it('prove nothing at any place at which it may be cut', async () => {
    for (let at = 0; at < WHOLE.length; at++) assert.notEqual(await fateOf(WHOLE.slice(0, at)), 'whole', `at ${at}`);
  });

  it('say of every place behind the first line that it was cut', async () => {
    for (let at = BEGIN_MARK.length; at < WHOLE.length; at++) assert.equal(await fateOf(WHOLE.slice(0, at)), 'cut');
  });

  it('prove nothing of what stands around them, nor with another number', async () => {
    const other = '---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n';
    for (const text of [
      `${other}${WHOLE}`,
      `${WHOLE}${other}`,
      `${BEGIN_MARK}${HOSTS}${endMark(25)}`,
      HOSTS,
      other,
      '',
    ])
      assert.equal(await fateOf(text), 'doubtful');
    assert.equal(await fateOf(`${HOSTS}${endMark(24)}`), 'doubtful');
    assert.equal(await fateOf(WHOLE, BEGIN_MARK), 'cut');
    assert.equal(await fateOf(BEGIN_MARK, WHOLE), 'doubtful');
  });

  it('keep half an object from being taken for one', async () => {
    const at = WHOLE.indexOf('name: brk-12') + 'name: brk-1'.length;
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { kind, metadata } of readObjects(['-'], Readable.from([WHOLE.slice(0, at)])))
        seen.push(`${kind} ${metadata.name}`);
    })();
    await rejects(
      reading,
      /its last object may be cut off; that object was not applied, and nothing was deleted/,
      'invalid-input',
    );
    assert.equal(seen.at(-1), 'BareMetalHost brk-11');
    assert.equal(new Set(seen).size, seen.length);
  });
});
