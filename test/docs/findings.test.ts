import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readDocument } from '../support/documents';

/** What a maintainer needs to act on a finding. */
const PARTS = ['What', 'Where', 'How much', 'Again', 'Remedy'];

describe('findings in the programs of others', () => {
  const [, ...sections] = readDocument('docs/findings.md').split(/^## /m);
  assert.ok(sections.length > 10);
  for (const section of sections) {
    const [title = ''] = section.split('\n');
    it(`say what, where, how much, how to see it again, and what would help: ${title}`, () => {
      const parts = [...section.matchAll(/^- \*\*(.+?)\*\*: \S/gm)].map(([, part]) => part);
      assert.deepEqual(parts, PARTS);
    });
  }
});
