import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { Fleet } from '../../lib';
import { TestbedError } from '../../lib/errors';
import { readTestbedFile } from '../../src/testbed-file';

const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-file-'));
after(() => rmSync(dir, { recursive: true }));

function write(text: string, name = 'testbed.yaml'): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}

async function refused(text: string, message: RegExp): Promise<void> {
  await assert.rejects(readTestbedFile(write(text)), (error) => {
    assert.ok(error instanceof TestbedError && error.code === 'invalid-input');
    assert.match(error.message, message);
    assert.doesNotMatch(inspect(error, { depth: 9 }), /canary/);
    return true;
  });
}

async function passwordsOf(text: string): Promise<string[]> {
  const { hostSets = [] } = await readTestbedFile(write(text));
  return hostSets.flatMap((set) => {
    const fleet = new Fleet(set);
    return [...fleet.hosts()].flatMap((host) =>
      fleet.objectsOf(host).flatMap((object) => (object.kind === 'Secret' ? [atob(object.data.password)] : [])),
    );
  });
}

describe('testbed.yaml', () => {
  it('may be empty, and then is the default testbed', async () => {
    assert.deepEqual(await readTestbedFile(write('')), {});
    assert.deepEqual(await readTestbedFile(write('# nothing yet\n')), {});
  });

  it('takes credentials from values, the environment and files next to it', async () => {
    process.env['TESTBED_FILE_TEST_PASSWORD'] = 'canary-env';
    write('canary-file\n', 'password');
    try {
      assert.deepEqual(
        await passwordsOf(`hostSets:
  - { count: 1, credentials: { username: a, password: canary-literal } }
  - { count: 1, name: b, credentials: { username: a, passwordFrom: { env: TESTBED_FILE_TEST_PASSWORD } } }
  - count: 2
    name: c
    credentials: { username: a, passwordFrom: { file: password } }
    overrides: [{ hosts: 2, credentials: { username: a, password: own } }]
`),
        ['canary-literal', 'canary-env', 'canary-file', 'own'],
      );
    } finally {
      delete process.env['TESTBED_FILE_TEST_PASSWORD'];
    }
  });

  it('shows no credential when what was read is looked at', async () => {
    const props = await readTestbedFile(
      write('hostSets: [{ count: 1, credentials: { username: canary-1, password: canary-2 } }]'),
    );
    assert.doesNotMatch(inspect(props, { depth: 9 }) + JSON.stringify(props), /canary/);
  });

  it('refuses credentials that cannot be had, naming where they should be', async () => {
    const set = (credentials: string) => `hostSets: [{ count: 1, credentials: ${credentials} }]`;
    await refused(set('{ username: canary }'), /need the password once, and have it 0 times/);
    await refused(set('{ username: a, password: canary, passwordFrom: { env: X } }'), /have it 2 times/);
    await refused(
      set('{ username: a, passwordFrom: { env: NOT_SET_ANYWHERE } }'),
      /NOT_SET_ANYWHERE, which is not set/,
    );
    await refused(set('{ username: a, passwordFrom: { file: missing } }'), /missing cannot be read \(ENOENT\)/);
    await refused(set('{ secretName: a, username: canary }'), /give either secretName, or username and password/);
  });

  it('is refused where it is no YAML or no description, without quoting it', async () => {
    await refused('hostSets: [{ password: "canary', /testbed.yaml:1 is no valid YAML/);
    await refused('- canary', /is refused/);
    await refused('hostSets: [{ count: many }]', /hostSets\[0\].count/);
    await assert.rejects(readTestbedFile(join(dir, 'none.yaml')), /none.yaml cannot be read \(ENOENT\)/);
  });
});
