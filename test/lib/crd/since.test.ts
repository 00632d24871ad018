import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  array,
  asOf,
  changedIn,
  check,
  enumeration,
  integer,
  map,
  object,
  required,
  requiredSince,
  since,
  string,
} from '../../../lib/crd';

const mode = changedIn('v0.14', enumeration('slow'), enumeration('slow', 'fast'));
const part = object({ name: required(string()), size: since('v0.14', integer()) });
const whole = object({ mode, part, parts: array(part), named: map(part), count: requiredSince('v0.14', integer()) });

describe('a schema as of a release', () => {
  it('has what is new from its release on, candidates included, at any depth', () => {
    const value = {
      mode: 'fast',
      part: { name: 'a', size: 1 },
      parts: [{ name: 'b', size: 2 }],
      named: { c: {} },
      count: 1,
    };
    const problems = (release: string) => check(asOf(release, whole), value, '').map(({ path }) => path);
    for (const release of ['v0.14.0-rc.0', 'v0.14.0', 'v0.15.3', 'v1.0.0']) {
      assert.deepEqual(problems(release), ['named.c.name'], release);
    }
    assert.deepEqual(problems('v0.13.9'), ['mode', 'part.size', 'parts[0].size', 'named.c.name', 'count']);
  });

  it('requires what is required since, and only since', () => {
    assert.deepEqual(asOf('v0.14', whole).required, ['count']);
    assert.equal(asOf('v0.13', whole).required, undefined);
  });

  it('is plain data, without notes', () => {
    const notes = (node: object): number =>
      Object.getOwnPropertySymbols(node).length +
      Object.values(node).reduce(
        (sum: number, child) => sum + (typeof child === 'object' ? notes(child as object) : 0),
        0,
      );
    assert.notEqual(notes(whole), 0);
    assert.equal(notes(asOf('v0.14', whole)), 0);
    assert.equal(notes(asOf('v0.13', whole)), 0);
  });
});
