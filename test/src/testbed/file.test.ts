import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { ClusterPlan, Fleet } from '../../../lib';
import { TestbedError } from '../../../lib/errors';
import { readTestbedFile, readTestbedLayers, readWholeDescription } from '../../../src/testbed/file';

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

  it('is read as kubectl reads manifests: YAML 1.1 with anchors and merge keys', async () => {
    const { hostSets = [], operators } = await readTestbedFile(
      write(`operators: [{ concurrency: 0100
}]
hostSets:
  - &base { name: a, count: 0x2, namespace: lab, labels: { rack: e1, note: 'one
  two' } }
  - { <<: *base, name: b, firstIndex: 10, online: no }
`),
    );
    assert.deepEqual(operators, [{ concurrency: 64 }]);
    const labels = { rack: 'e1', note: 'one two' };
    assert.deepEqual(hostSets, [
      { name: 'a', count: 2, namespace: 'lab', labels },
      { name: 'b', count: 2, namespace: 'lab', labels, firstIndex: 10, online: false },
    ]);
  });

  it('may be JSON, with the escapes that YAML 1.1 has not', async () => {
    const { hostSets } = await readTestbedFile(
      write('{"hostSets": [{"count": 1, "annotations": {"a": "\\/\\ud83d\\ude00"}}]}'),
    );
    assert.deepEqual(hostSets, [{ count: 1, annotations: { a: '/😀' } }]);
  });

  it('is refused with the line of what is wrong', async () => {
    const file = join(dir, 'testbed.yaml');
    const lines = async (text: string, ...messages: string[]) => {
      await assert.rejects(readTestbedFile(write(text)), (error: Error) => {
        assert.deepEqual(
          error.message
            .split('\n')
            .filter((line) => line.includes(file))
            .slice(-messages.length),
          messages,
        );
        return true;
      });
    };
    await lines(
      'hostSets:\n  - name: a\n    count: many\n  - &b\n    count: 1\n    labels:\n      a.b: 1\n  - { <<: *b, firstIndex: -1 }\n',
      `  ${file}:3: hostSets[0].count: must be a number; given 'many'`,
      `  ${file}:7: hostSets[1].labels['a.b']: must be a string; given 1`,
      `  ${file}:7: hostSets[2].labels['a.b']: must be a string; given 1`,
      `  ${file}:8: hostSets[2].firstIndex: must be at least 0; given -1`,
    );
    await lines(
      'a: 1\nb: *canary\n',
      `${file}:2 is not valid YAML: an alias (*) of an anchor (&) that is not defined before it`,
    );
    await lines(
      'hostSets: &a\n  - *a\n',
      `${file}:2 is not valid YAML: an alias (*) inside its own anchor (&): it would contain itself`,
    );
    await lines(
      'a: 1\n---\nb: 1\n',
      `${file}:2 is not valid YAML: a second document ('---') where only one is allowed`,
    );
    await lines(
      'hostSets:\n  - count: 1\n    credentials:\n      username: canary\n',
      `${file}:3: hostSets[0]: credentials need the password once, and have it 0 times: give password, passwordFrom.env or passwordFrom.file`,
    );
    writeFileSync(file, Buffer.from([0x61, 0x3a, 0x0a, 0xff, 0x0a]));
    await assert.rejects(readTestbedFile(file), {
      message: `${file}:2 has bytes that are not valid UTF-8: convert it, or give a text file`,
    });
    await assert.rejects(readTestbedFile('/dev/zero'), /description \/dev\/zero has more than 16 MiB/);
  });

  it('is refused where it is not valid YAML or no description, without quoting it', async () => {
    await refused('hostSets: [{ password: "canary', /testbed.yaml:1 is not valid YAML/);
    await refused('- canary', /is refused/);
    await refused('hostSets: [{ count: many }]', /hostSets\[0\].count/);
    await assert.rejects(readTestbedFile(join(dir, 'none.yaml')), /none.yaml cannot be read \(ENOENT\)/);
  });
});

describe('the text of a description, for whoever reads it elsewhere', () => {
  it('is that of the file, and of one of several management clusters what is said of it alone', async () => {
    const one = 'hostSets: [{ count: 2 }] # as it stands\n';
    assert.equal(await readWholeDescription(write(one)), one);
    const lab = write(`hostSets: [{ count: 2 }]
operators: { count: 2 }
managementClusters:
  - name: east
  - name: west
    hostSets: [{ count: 1, credentials: { username: a, password: canary } }]
`);
    const east = await readWholeDescription(lab, 'east');
    assert.deepEqual(JSON.parse(east), { hostSets: [{ count: 2 }], operators: [{ count: 2 }] });
    const west = write(await readWholeDescription(lab, 'west'), 'west.yaml');
    assert.equal((await readTestbedFile(west)).hostSets?.[0]?.count, 1);
    await assert.rejects(readWholeDescription(lab), /describes the management clusters east, west, and this takes one/);
  });
});

describe('the clusters of a testbed.yaml', () => {
  it('have the credentials of their hosts, and their keys, from where it says', async () => {
    process.env['TESTBED_FILE_TEST_PASSWORD'] = 'canary';
    write('-----BEGIN CERTIFICATE-----\nQUFB\n-----END CERTIFICATE-----\n', 'ca.crt');
    write('-----BEGIN PRIVATE KEY-----\nQUFB\n-----END PRIVATE KEY-----\n', 'ca.key');
    const text = `clusterSets:
  - count: 1
    hosts: { credentials: { username: a, passwordFrom: { env: TESTBED_FILE_TEST_PASSWORD } } }
    certificateAuthority: { certificateFrom: { file: ca.crt }, keyFrom: { file: ca.key } }
`;
    const { clusterSets = [] } = await readTestbedFile(write(text));
    assert.doesNotMatch(inspect(clusterSets, { depth: 9 }), /canary|PRIVATE/);
    const plan = new ClusterPlan(clusterSets[0]!);
    const host = plan.hosts!.nth(0);
    const [secret] = plan.hosts!.objectsOf(host);
    assert.ok(secret?.kind === 'Secret' && atob(secret.data.password) === 'canary');
    const keys = plan.objectsOf(plan.clusterAt(1)).filter(({ kind }) => kind === 'Secret');
    assert.deepEqual(
      keys.map(({ metadata }) => metadata.name),
      ['cluster-1-ca', 'cluster-1-etcd', 'cluster-1-proxy'],
    );
  });

  it('are refused with the field that is wrong, on its line', async () => {
    await refused(
      'clusterSets:\n  - count: 1\n    controlPlane: 3\n',
      /:3: clusterSets\[0\]\.controlPlane: unknown field; did you mean 'controlPlanes'/,
    );
    await refused(
      'clusterSets: [{ count: 1, certificateAuthority: { key: canary } }]',
      /certificateAuthority need the certificate once, and have it 0 times/,
    );
    await refused(
      'clusterSets: [{ count: 1, overrides: [{ clusters: 1, endpoint: { host: a } }] }]',
      /endpoint\.port: is required/,
    );
  });

  it('keep the names of files where a layer reads them', async () => {
    const { platform, clusterSets = [] } = await readTestbedLayers(
      write('clusterSets: [{ count: 1, certificateAuthority: { certificate: a, keyFrom: { file: ca.key } } }]'),
    );
    assert.deepEqual(platform.clusterApi, {});
    assert.equal(clusterSets[0]?.certificateAuthority?.keyFrom?.file, join(dir, 'ca.key'));
  });
});
