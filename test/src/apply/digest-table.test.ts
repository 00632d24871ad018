import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DigestTable, Mark } from '../../../src/apply/digest-table';

describe('the table of digests', () => {
  it('knows an object by the digest that it was last given', () => {
    const table = new DigestTable();
    table.put('host', 'old', '1', Mark.Member);
    table.put('host', 'new', '2', Mark.Member);
    assert.deepEqual([table.hasDigest('host', 'new'), table.hasDigest('host', 'old')], [true, false]);
  });

  it('knows no digest of an object that it has never seen', () => {
    assert.equal(new DigestTable().hasDigest('host', 'digest'), false);
  });

  it('takes no content for that of an object whose content cannot be compared', () => {
    const table = new DigestTable();
    table.put('host', undefined, '1', Mark.Member);
    for (const digest of ['', '0', 'undefined']) assert.equal(table.hasDigest('host', digest), false, digest);
  });

  it('knows an object by its last resourceVersion', () => {
    const table = new DigestTable();
    table.put('host', 'digest', '41', Mark.Member);
    table.put('host', 'digest', '42', Mark.Member);
    assert.deepEqual([table.hasVersion('host', '42'), table.hasVersion('host', '41')], [true, false]);
  });

  it('knows an object by the fields of ours that it last had', () => {
    const table = new DigestTable();
    table.put('host', 'digest', '1', Mark.Member, 'spec.online');
    assert.equal(table.hasOwnership('host', 'spec.online'), true);
    assert.equal(table.hasOwnership('host', 'spec.image'), false);
  });

  it('knows neither version nor fields of an object that it has never seen', () => {
    const table = new DigestTable();
    assert.deepEqual([table.hasVersion('host', ''), table.hasOwnership('host', '')], [false, false]);
  });

  it('adds marks to those that an object has, and tells which it had', () => {
    const table = new DigestTable();
    table.put('host', 'digest', '1', Mark.Member);
    assert.equal(table.mark('host', Mark.Described), Mark.Member);
    assert.equal(table.marksOf('host'), Mark.Member | Mark.Described);
  });

  it('replaces the marks of an object that is listed again', () => {
    const table = new DigestTable();
    table.put('host', 'digest', '1', Mark.Member | Mark.Deleting);
    table.put('host', 'digest', '2', Mark.Alone);
    assert.equal(table.marksOf('host'), Mark.Alone);
  });

  it('keeps an object described that is listed after it was described', () => {
    const table = new DigestTable();
    table.mark('host', Mark.Described);
    table.put('host', 'digest', '1', Mark.Member);
    assert.equal(table.marksOf('host'), Mark.Member | Mark.Described);
  });

  it('counts the objects that have all of some marks and none of others', () => {
    const table = new DigestTable();
    table.put('a', 'digest', '1', Mark.Member);
    table.put('b', 'digest', '1', Mark.Member | Mark.Deleting);
    table.put('c', 'digest', '1', Mark.Foreign);
    table.mark('b', Mark.Described);
    assert.equal(table.count(Mark.Member, 0), 2);
    assert.equal(table.count(Mark.Member, Mark.Described), 1);
    assert.equal(table.count(Mark.Member | Mark.Described, 0), 1);
    assert.equal(table.count(Mark.Member, Mark.Foreign), 2);
  });

  it('keeps each of 50,000 objects as it grows', () => {
    const table = new DigestTable();
    for (let i = 0; i < 50_000; i++) table.put(`k${i}`, `d${i}`, `v${i}`, Mark.Member, `o${i}`);
    assert.deepEqual([table.size, table.count(Mark.Member, 0)], [50_000, 50_000]);
    for (let i = 0; i < 50_000; i += 777)
      assert.ok(
        table.hasDigest(`k${i}`, `d${i}`) && table.hasVersion(`k${i}`, `v${i}`) && table.hasOwnership(`k${i}`, `o${i}`),
      );
  });

  it('takes no object for another, whatever their keys', () => {
    const entry = fc.record({ key: fc.string(), digest: fc.string() });
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: ({ key }) => key, maxLength: 300 }), (entries) => {
        const table = new DigestTable();
        for (const { key, digest } of entries) table.put(key, digest, '1', Mark.Member);
        assert.equal(table.size, entries.length);
        for (const { key, digest } of entries) {
          assert.ok(table.hasDigest(key, digest));
          assert.ok(!table.hasDigest(key, `${digest}x`));
        }
      }),
    );
  });
});
