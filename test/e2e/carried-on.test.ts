/** A run of a scenario whose process is killed half-way, and that another one carries on, on a real kube-apiserver. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startLocalCluster, stopLocalCluster } from '../../src/cluster/local/local-cluster';
import { reportPlace, storedText } from '../../src/driver/store';
import { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import { metricValue } from '../../src/report/metrics';
import type { Report } from '../../src/report/report';
import { until } from '../../src/util/until';
import { cli, type CliOptions } from '../support/cli';
import { HOSTS_PATH } from '../support/hosts';
import { quickStages } from '../support/quick-stages';

const HOSTS = 12;
const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-carried-on-'));
const clusterDir = join(dir, 'cluster');
const stateDir = join(dir, 'state');
const description = join(dir, 'testbed.json');
const kubeconfig = join(clusterDir, 'kubeconfig');
let client: KubernetesClient;

const steps = [
  { enroll: {} },
  { provision: { perSecond: 4 } },
  { rest: { seconds: 3 } },
  { deprovision: {} },
  { delete: { perSecond: 4 } },
] as const;

/** As the pod of a driver calls it. */
function run(store: string, options: CliOptions = {}) {
  const cluster = ['--cluster', 'existing', '--kubeconfig', kubeconfig, '--context', 'metal3-testbed'];
  const own = ['--yes-this-cluster', 'metal3-testbed', '--state-dir', stateDir, '--simulator', 'kwok'];
  return cli(['run', description, ...cluster, ...own, '--store', store, '--report', join(dir, 'report.json')], options);
}

interface Host {
  readonly metadata: { readonly uid: string };
  readonly status?: { readonly provisioning?: { readonly state?: string } };
}

const hosts = async () => (await client.request<{ readonly items: readonly Host[] }>('GET', HOSTS_PATH)).items;
const uids = async () => (await hosts()).map(({ metadata }) => metadata.uid).sort();
/** Resolves once so many hosts are provisioned. */
const provisioned = (count: number) =>
  until(
    async () => {
      const found = (await hosts()).filter(({ status }) => status?.provisioning?.state === 'provisioned').length;
      return found >= count;
    },
    { deadlineMs: 120_000, everyMs: 50 },
  );

const reportOf = async (store: string): Promise<Report> =>
  JSON.parse((await storedText(reportPlace(client, store))) ?? assert.fail('no report')) as Report;
const countsOf = ({ steps: done }: Report) => done.map((step) => [step.name, step.objects, step.done]);

describe('a scenario whose process is killed half-way', { timeout: 300_000 }, () => {
  before(async () => {
    await startLocalCluster({ stateDir: clusterDir });
    client = new KubernetesClient(await readKubeconfig(kubeconfig));
    for (const name of ['undisturbed', 'killed'])
      await client.request('POST', '/api/v1/namespaces', {
        body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      });
    const hostSets = [{ count: HOSTS, namespace: 'lab' }];
    writeFileSync(description, JSON.stringify({ hostSets, simulator: quickStages, scenario: { steps } }));
  });
  after(async () => {
    await cli(['down', '--delete', '--state-dir', stateDir]);
    await client?.close();
    await stopLocalCluster(clusterDir, { delete: true });
    rmSync(dir, { recursive: true, force: true });
  });

  it('goes on from where it was, to the counts of one that was not', async () => {
    const undisturbed = await run('undisturbed');
    assert.equal(undisturbed.code, 0, undisturbed.stderr);
    // While hosts are asked, and while they rest.
    assert.equal((await run('killed', { killOn: provisioned(2) })).code, null);
    const enrolled = await uids();
    const again = await run('killed', { killOn: provisioned(HOSTS) });
    assert.equal(again.code, null, again.stderr);
    assert.deepEqual(await uids(), enrolled, 'hosts are those that were enrolled before');
    const last = await run('killed');
    assert.equal(last.code, 0, last.stderr);
    assert.match(last.stderr, /enroll: done [^]*done before the run was carried on/);
    assert.doesNotMatch(last.stderr, /clear: \d+ hosts of an earlier run/);
    const [one, other] = [await reportOf('undisturbed'), await reportOf('killed')];
    assert.deepEqual(countsOf(other), countsOf(one));
    assert.deepEqual(
      countsOf(one).map(([, objects, done]) => [objects, done]),
      [
        [HOSTS, HOSTS],
        [HOSTS, HOSTS],
        [0, 0],
        [HOSTS, HOSTS],
        [HOSTS, HOSTS],
      ],
    );
    assert.equal(metricValue(other, 'run_carried_on', {}), 2);
    // What each asked of the API server is in it, also what those asked that were killed.
    const created = (report: Report) =>
      metricValue(report, 'api_server_requests', { request: 'APPLY baremetalhosts' }) ?? 0;
    assert.ok(created(other) >= HOSTS, `${created(other)} of ${created(one)}`);
    assert.equal(readFileSync(join(dir, 'report.json'), 'utf8'), `${JSON.stringify(other)}\n`);
  });
});
