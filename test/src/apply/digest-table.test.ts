import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DigestTable, Mark } from '../../../src/apply/digest-table';

describe('the table of digests', () => {
  it('knows what a map would know', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.string(), fc.constantFrom(1, 2, 4, 16)), { maxLength: 300 }),
        (entries) => {
          const table = new DigestTable();
          const map = new Map<string, { digest: string; marks: number }>();
          for (const [key, digest, marks] of entries) {
            table.put(key, digest, digest, marks);
            map.set(key, { digest, marks });
          }
          for (const [key, { digest, marks }] of map) {
            assert.equal(table.marksOf(key), marks);
            assert.ok(table.hasDigest(key, digest) && table.hasVersion(key, digest));
            assert.ok(!table.hasDigest(key, `${digest}x`));
          }
        },
      ),
    );
  });

  it('keeps everything as it grows, and counts by marks', () => {
    const table = new DigestTable();
    for (let i = 0; i < 50_000; i++) table.put(`k${i}`, `d${i}`, '1', Mark.Member);
    for (let i = 0; i < 20_000; i++) table.mark(`k${i}`, Mark.Described);
    assert.equal(table.count(Mark.Member, Mark.Described), 30_000);
    assert.equal(table.count(Mark.Member, 0), 50_000);
    for (let i = 0; i < 50_000; i += 777) assert.ok(table.hasDigest(`k${i}`, `d${i}`));
    assert.equal(table.marksOf('unknown'), 0);
  });
});
