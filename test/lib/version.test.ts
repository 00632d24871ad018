import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAtLeast, isVersion } from '../../lib/version';

describe('the order of releases', () => {
  it('goes by numbers, not by letters', () => {
    const ordered = ['v0.2', 'v0.3.0', 'v0.3.1', 'v0.9.3', 'v0.10.0', 'v0.13.2', 'v0.14.0-rc.0', 'v1.0.0', 'v1.21.1'];
    for (const [i, earlier] of ordered.entries()) {
      for (const later of ordered.slice(i)) assert.ok(isAtLeast(later, earlier), `${later} after ${earlier}`);
      for (const later of ordered.slice(i + 1)) assert.ok(!isAtLeast(earlier, later), `${earlier} before ${later}`);
    }
  });

  it('counts a candidate as its release', () => {
    assert.ok(isAtLeast('v0.14.0-beta.0', 'v0.14'));
    assert.ok(isAtLeast('v0.14.0-rc.0', 'v0.14.0'));
  });

  it('knows what is not a release', () => {
    for (const text of ['', 'latest', '0.13.2', 'v0', 'v0.13.2+dirty', 'v0.13.x']) assert.ok(!isVersion(text), text);
    assert.throws(() => isAtLeast('latest', 'v0.2'), RangeError);
  });
});
