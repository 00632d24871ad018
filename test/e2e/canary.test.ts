import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { cli, type CliResult } from '../support/cli';

const CANARY = 'canary-71c0e5';
/** The canary as it is, and as a Secret has it: in each of the three places that base64 can begin at. */
const FORMS = [CANARY, ...[0, 1, 2].map((i) => Buffer.from('x'.repeat(i) + CANARY).toString('base64'))].map((form, i) =>
  // What surrounds it decides about the first and the last characters.
  i === 0 ? form : form.slice(4, -4),
);
const hasCanary = (text: string) => FORMS.some((form) => text.includes(form));

const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-canary-'));
const stateDir = join(dir, 'state');
const description = join(dir, 'testbed.yaml');
const env = { TESTBED_PASSWORD: `env-${CANARY}` };

/** Everything that was said so far. */
const said: string[] = [];

async function run(expected: number, args: readonly string[], stdin?: string): Promise<CliResult> {
  const result = await cli(args, { env, cwd: dir, ...(stdin !== undefined && { stdin }) });
  assert.equal(result.code, expected, `${args.join(' ')}: ${hasCanary(result.stderr) ? 'CANARY' : result.stderr}`);
  said.push(`${args.join(' ')}\n${result.stderr}`);
  if (args[0] !== 'generate') said.push(result.stdout);
  return result;
}

const describeHosts = (count: number, extra = '') =>
  writeFileSync(
    description,
    `hostSets:
  - { name: literal, count: ${count}, credentials: { username: admin, password: literal-${CANARY} }${extra} }
  - { name: env, firstIndex: 101, count: ${count}, credentials: { username: admin, passwordFrom: { env: TESTBED_PASSWORD } } }
  - { name: file, firstIndex: 201, count: ${count}, credentials: { username: admin, passwordFrom: { file: password } } }
`,
  );

describe('credentials', { timeout: 600_000 }, () => {
  after(async () => {
    await cli(['down', '--delete', '--state-dir', stateDir]);
    rmSync(dir, { recursive: true, force: true });
  });

  it('are in Secrets alone, whatever is run and however it ends', async () => {
    const at = ['--state-dir', stateDir];
    writeFileSync(join(dir, 'password'), `file-${CANARY}\n`);
    describeHosts(3);
    await run(0, ['up', description, '--simulator', 'kwok', ...at]);
    describeHosts(2);
    await run(0, ['up', description, '--simulator', 'kwok', ...at]);
    await run(0, ['status', '--json', ...at]);
    await run(0, ['wait', '--for', 'available,provisioned', '--share', '100%', '--timeout', '60', ...at]);
    await run(4, ['wait', '--for', 'provisioned', '--share', '0.5', '--timeout', '0.1', ...at]);
    const { stdout: yaml } = await run(0, ['generate', description]);
    const documents = parseAllDocuments(yaml).map((document) => document.toJS() as { kind: string });
    const kinds = documents.filter((object) => hasCanary(JSON.stringify(object))).map(({ kind }) => kind);
    assert.deepEqual(kinds, Array<string>(6).fill('Secret'));

    const set = ['--set', 'canary', ...at];
    await run(5, ['diff', '-', ...set], yaml);
    // The hosts belong to the set that `up` made.
    await run(5, ['apply', '-', ...set], yaml);
    await run(2, ['apply', '-', ...set], `${yaml}---\npassword: [${CANARY}\n`);
    const wrong = yaml.replaceAll('kind: Secret', 'kind: Secret\nunknown: field').replaceAll('name: ', 'name: other-');
    await run(5, ['apply', '-', ...set], wrong);
    describeHosts(2, ', nmae: x');
    await run(2, ['up', description, ...at]);
    describeHosts(2, ', bmcProtocol: "');
    await run(2, ['up', description, ...at]);
    describeHosts(2);
    appendFileSync(description, 'scenario: { steps: [enroll: {}, powerOff: {}] }\n');
    await run(0, ['run', description, '--simulator', 'kwok', ...at]);
    await run(0, ['report', join(stateDir, 'report.json')]);

    for (const text of said) assert.ok(!hasCanary(text), `after: ${text.split('\n')[0]}`);
    let files = 0;
    for (const entry of readdirSync(stateDir, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      // etcd is where the Secrets are.
      if (!entry.isFile() || file.startsWith(join(stateDir, 'etcd'))) continue;
      files++;
      assert.ok(!hasCanary(readFileSync(file, 'latin1')), file);
    }
    assert.ok(files > 7, `${files} files of state, logs and reports were searched`);
    await run(0, ['down', ...at]);
  });
});
