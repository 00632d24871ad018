import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { resolveTestbed } from '../../../lib/testbed/resolve';
import type { BringUpFlags } from '../../../src/cli/bring-up-options';
import {
  checkedTestbeds,
  chosenFolders,
  describedTestbeds,
  oneChosenFolder,
  oneDescribedTestbed,
  optionsOfEach,
} from '../../../src/cli/described-testbeds';
import { claimManagementFolder } from '../../../src/testbed/management-folders';
import { claimStateFolder } from '../../../src/testbed/state-folder';
import { refuses } from '../../support/refuses';
import { rejects } from '../../support/rejects';
import { tempDir } from '../../support/temp-dir';

const LAB = `hostSets: [{ count: 2 }]
scenario: { steps: [{ enroll: {} }] }
managementClusters:
  - name: east
  - name: west
    hostSets:
      - { count: 3 }
`;

function file(t: TestContext, text = LAB, name = 'lab.yaml'): string {
  const path = join(tempDir(t), name);
  writeFileSync(path, text);
  return path;
}

/** What an error says, word for word. */
const says = (text: string) => new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
const resolved = (props: Parameters<typeof resolveTestbed>[0]) => ({ testbed: resolveTestbed(props) });
const FLAGS: BringUpFlags = { cluster: 'local', stateDir: '/s', installTimeout: 300 };

describe('the testbeds that a command works on', () => {
  it('are the one of a description, or the several, each in its folder', async (t) => {
    const one = await describedTestbeds([file(t, 'hostSets: [{ count: 2 }]\n')], { stateDir: '/s' });
    assert.deepEqual(
      one.map(({ name, names, stateDir }) => [name, names, stateDir]),
      [[undefined, [], '/s']],
    );
    const several = await describedTestbeds([file(t)], { stateDir: '/s' });
    assert.deepEqual(
      several.map(({ name, stateDir, props }) => [name, stateDir, props.hostSets?.[0]?.count]),
      [
        ['east', '/s/east', 2],
        ['west', '/s/west', 3],
      ],
    );
    const hosts = await describedTestbeds([file(t)], { stateDir: '/s', hosts: 7, managementCluster: ['west'] });
    assert.deepEqual(
      hosts.map(({ name, names, props }) => [name, names, props.hostSets?.[0]?.count]),
      [['west', ['east', 'west'], 7]],
    );
  });

  it('are those of several files in the same way', async (t) => {
    const [a, lab] = [file(t, '', 'a.yaml'), file(t)];
    const all = await describedTestbeds([a, lab], { stateDir: '/s' });
    assert.deepEqual(
      all.map(({ stateDir }) => stateDir),
      ['/s/a', '/s/east', '/s/west'],
    );
    await rejects(
      describedTestbeds([a, file(t, '', 'a.yml')], { stateDir: '/s' }),
      /two descriptions are called a, and their clusters would have the same name/,
      'invalid-input',
    );
    await rejects(
      describedTestbeds([a, file(t, '', '.yaml')], { stateDir: '/s' }),
      /has no name that its cluster could have: rename the file/,
      'invalid-input',
    );
  });

  it('are refused with the file, the line and the name', async (t) => {
    const names = file(t, 'managementClusters:\n  - name: east\n  - name: East\n');
    await rejects(
      describedTestbeds([names], { stateDir: '/s' }),
      says(`${names}:3: managementClusters[1].name: name 'East' is not a valid DNS label`),
      'invalid-input',
    );
    const unknown = file(t, 'managementClusters:\n  - name: east\n    hostSet: []\n');
    await rejects(
      describedTestbeds([unknown], { stateDir: '/s' }),
      says(`  ${unknown}:3: managementClusters[0].hostSet: unknown field; did you mean 'hostSets'?`),
      'invalid-input',
    );
    const wrong = file(t, LAB.replace('{ count: 3 }', '{ count: 3, name: W_ }'));
    const testbeds = await describedTestbeds([wrong], { stateDir: '/s' });
    await rejects(
      checkedTestbeds(testbeds, resolved),
      says(`west: ${wrong}:7: managementClusters[1].hostSets[0]: `),
      'invalid-input',
    );
    const common = file(t, LAB.replace('enroll: {}', "enroll: { hostSets: ['x'] }"));
    await rejects(
      checkedTestbeds(await describedTestbeds([common], { stateDir: '/s' }), resolved),
      says(`east: ${common}:2: scenario.steps[0].enroll.hostSets`),
      'invalid-input',
    );
  });

  it('do not serve two clusters at one place', async (t) => {
    const text = 'clusterSets: [{ count: 1, endpointPort: 30000 }]\nmanagementClusters: [{ name: a }, { name: b }]\n';
    const testbeds = await describedTestbeds([file(t, text)], { stateDir: '/s' });
    await rejects(
      checkedTestbeds(testbeds, resolved),
      /cluster \S+ of a and cluster \S+ of b would both be served at 127\.0\.0\.1:30000: give/,
      'invalid-input',
    );
    await checkedTestbeds(testbeds.slice(1), resolved);
  });

  it('are chosen by name', async (t) => {
    const lab = file(t);
    await rejects(
      describedTestbeds([lab], { stateDir: '/s', managementCluster: ['wets'] }),
      /has no management cluster 'wets'; did you mean 'west'\?: name one of east, west/,
      'invalid-input',
    );
    await rejects(
      describedTestbeds([file(t, '')], { stateDir: '/s', managementCluster: ['west'] }),
      /describes no managementClusters: leave --management-cluster out/,
      'invalid-input',
    );
    await rejects(
      oneDescribedTestbed(lab, { stateDir: '/s' }),
      /lab\.yaml has the management clusters east, west, and this takes one: name it with --management-cluster/,
      'invalid-input',
    );
    assert.equal((await oneDescribedTestbed(lab, { stateDir: '/s', managementCluster: ['west'] })).name, 'west');
  });

  it('are each on a cluster of its own', async (t) => {
    const testbeds = await describedTestbeds([file(t)], { stateDir: '/s' });
    const clusters = (flags: Partial<BringUpFlags>) =>
      optionsOfEach(testbeds, { ...FLAGS, ...flags }).map(({ cluster }) => cluster);
    const names = (flags: Partial<BringUpFlags>) =>
      clusters({ ...flags, cluster: 'kind' }).map((each) => each.kind === 'kind' && each.name);
    assert.deepEqual(names({}), ['metal3-testbed-east', 'metal3-testbed-west']);
    assert.deepEqual(names({ name: 'lab' }), ['lab-east', 'lab-west']);
    refuses(() => names({ port: [{ hostPort: 1, nodePort: 2 }] }), /--port forwards a port .* there are 2/);
    const existing = (context: readonly string[], kubeconfig: readonly string[] = ['k']) =>
      clusters({ cluster: 'existing', kubeconfig, context }).map(
        (each) => each.kind === 'existing' && `${each.kubeconfig} ${each.context}`,
      );
    assert.deepEqual(existing(['east=a', 'west=b']), ['k a', 'k b']);
    assert.deepEqual(existing(['c'], ['east=f', 'west=g']), ['f c', 'g c']);
    refuses(() => existing(['east=a']), /each must be named: give --kubeconfig FILE and --context west=CONTEXT/);
    refuses(() => existing(['c']), /east and west would both be on the context c: give --context east=CONTEXT/);
    refuses(() => existing(['east=a', 'east=b', 'west=c']), /--context is given several times for east: give it once/);
  });
});

describe('the testbeds of a state folder', () => {
  it('are all, those that are chosen, or the one that is', (t) => {
    const [one, several] = [tempDir(t), tempDir(t)];
    claimStateFolder(one);
    claimManagementFolder(several);
    for (const name of ['east', 'west']) claimStateFolder(join(several, name));
    const names = (chosen?: readonly string[]) =>
      chosenFolders({ stateDir: several, managementCluster: chosen }).map(({ name }) => name);
    assert.deepEqual(names(), ['east', 'west']);
    assert.deepEqual(names(['west']), ['west']);
    refuses(() => names(['esat']), /has no management cluster 'esat'; did you mean 'east'\?/);
    refuses(() => chosenFolders({ stateDir: one, managementCluster: ['east'] }), /holds no management clusters/);
    assert.deepEqual(oneChosenFolder({ stateDir: one }), { stateDir: one });
    refuses(() => oneChosenFolder({ stateDir: several }), /has the management clusters east, west, and this takes one/);
  });
});
