import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_QUOTED_BYTES, quoted, visible, visibleLines } from '../../lib/visible';

describe('text of others', () => {
  it('shows what a terminal would obey or hide', () => {
    assert.equal(
      visible('a\u001b[31m\u009b2J\r\n\tb\u202e\ud800\u2028'),
      'a\\u001b[31m\\u009b2J\\r\\n\\tb\\u202e\\ud800\\u2028',
    );
    assert.equal(visible('Grüße, 世界 😀'), 'Grüße, 世界 😀');
    assert.equal(visibleLines('a\n\tb\u0007'), 'a\n\tb\\u0007');
  });

  it('is cut to 1 KB, and stays whole characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), fc.integer({ min: 3, max: 1_024 }), (text, max) => {
        const shown = quoted(text, max);
        assert.ok(Buffer.byteLength(shown) <= max);
        assert.ok(shown.isWellFormed());
        assert.doesNotMatch(shown, /\p{Cc}/u);
      }),
    );
    assert.equal(quoted('short'), 'short');
    assert.equal(Buffer.byteLength(quoted('x'.repeat(5_000_000))), MAX_QUOTED_BYTES);
  });
});
