import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { resolveTestbed, type TestbedProps } from '../../../lib/testbed/resolve';
import { clusterTable } from '../../../src/cli/commands/tune';
import { changesOf, CLUSTER_CANDIDATES, type ClusterChange } from '../../../src/tune/cluster-settings';
import { trialOf, tuneClusters, type ClusterTrial } from '../../../src/tune/tune-clusters';
import { writeNumbers } from '../../../src/tune/write-settings';
import { refuses } from '../../support/refuses';
import { rejects } from '../../support/rejects';
import { sampleClusterReport } from '../../support/sample-clusters';
import { tempDir } from '../../support/temp-dir';

const PROPS: TestbedProps = { clusterSets: [{ count: 6 }] };
const NONE = { kubeApiQps: [], concurrency: {}, clustersInFlight: [], clustersPerSecond: [], clustersPerNamespace: [] };
const named = ({ setting, value }: Pick<ClusterChange, 'setting' | 'value'>) => `${setting} ${value}`;

function found(more: Partial<ClusterTrial>): ClusterTrial {
  return {
    ...{ change: undefined, isDone: true, clustersPerMinute: 10, p50Seconds: 5, p99Seconds: 9, cpuSecondsEach: 3 },
    ...{ requestsEach: 300, conflicts: 7, ...more },
  };
}

/** Trials that find so many clusters a minute, by what was changed, besides what was kept. */
function finding(rates: Readonly<Record<string, number>>) {
  const tried: { readonly name: string; readonly props: TestbedProps }[] = [];
  const measure = (props: TestbedProps, change: ClusterChange | undefined) => {
    const name = change === undefined ? 'described' : named(change);
    tried.push({ name, props });
    const clustersPerMinute = rates[name] ?? 10;
    return Promise.resolve(found({ change, isDone: clustersPerMinute > 0, clustersPerMinute }));
  };
  return { tried, measure };
}

describe('tuning for clusters', () => {
  it('tries all that may matter: requests, concurrency, creation, namespaces, remedies and CRDs', () => {
    const changes = changesOf(PROPS, CLUSTER_CANDIDATES);
    assert.deepEqual(
      [...new Set(changes.map(({ setting }) => setting))],
      [
        ...['kubeApiQps', 'core.concurrency.machine', 'kubeadmControlPlane.concurrency.kubeadmControlPlane'],
        ...['metal3Provider.concurrency.metal3Machine', 'creation', 'clustersPerNamespace', 'self-made reconciles'],
        'leanCrds',
      ],
    );
    for (const change of changes) assert.ok(resolveTestbed(change.apply(PROPS)).clusterSets.length > 0, named(change));
  });

  it('changes what it says, and nothing else of the description', () => {
    const of = (name: string) => {
      const change = changesOf(PROPS, CLUSTER_CANDIDATES).find((each) => named(each) === name)!;
      return resolveTestbed(change.apply(PROPS));
    };
    const qps = of('kubeApiQps 20').clusterApi;
    assert.deepEqual([qps?.core?.kubeApiQps, qps?.metal3Provider?.kubeApiBurst], [20, 40]);
    const both = (name: string) => {
      const { metal3Cluster, metal3DataTemplate, metal3Machine } =
        of(name).clusterApi?.metal3Provider?.concurrency ?? {};
      return [metal3Cluster, metal3DataTemplate, metal3Machine];
    };
    assert.deepEqual(both('self-made reconciles no remedy'), [10, 10, 50]);
    assert.deepEqual(both('self-made reconciles concurrency 1'), [1, 1, 50]);
    assert.equal(of('self-made reconciles no lastUpdated in CRDs').clusterApi?.metal3Provider?.omitLastUpdated, true);
    assert.equal(of('leanCrds true').clusterApi?.core?.leanCrds, true);
    assert.equal(of('clustersPerNamespace 1').clusterSets[0]?.namespaces().length, 6);
    assert.equal(of('clustersPerNamespace 10').clusterSets[0]?.namespaces().length, 1);
    const inFlight = changesOf(PROPS, CLUSTER_CANDIDATES).filter(({ setting }) => setting === 'creation');
    assert.deepEqual(
      inFlight.map(({ value, pace }) => [value, pace]),
      [
        ['5 at a time', { inFlight: 5 }],
        ['30 at a time', { inFlight: 30 }],
        ['all at once', { inFlight: Infinity }],
        ['1 a second', { perSecond: 1, inFlight: Infinity }],
      ],
    );
  });

  it('goes on from what was fastest, and keeps neither noise nor what changes what is tested', async () => {
    const candidates = { ...NONE, kubeApiQps: [20, 100], concurrency: { 'core.machine': [10] }, clustersInFlight: [5] };
    const { tried, measure } = finding({
      ...{ 'kubeApiQps 20': 10.4, 'kubeApiQps 100': 12, 'core.concurrency.machine 10': 11, 'creation 5 at a time': 40 },
      'leanCrds true': 30,
    });
    const { trials, best, kept } = await tuneClusters(PROPS, { stateDir: '/nowhere', candidates, measure });
    // 100 requests a second are tried twice, and what was before them.
    assert.equal(trials.length, 1 + (2 + 2) + 1 + 1 + 2 + 1);
    assert.deepEqual(kept.map(named), ['kubeApiQps 100']);
    assert.equal(best.clustersPerMinute, 12);
    const after = tried.find(({ name }) => name === 'leanCrds true');
    assert.equal(after?.props.clusterApi?.core?.kubeApiQps, 100);
  });

  it('keeps what was faster twice, and not what was so by chance', async () => {
    const candidates = { ...NONE, kubeApiQps: [20] };
    const tried = async (described: readonly number[], changed: readonly number[]) => {
      const rates = { described: [...described], changed: [...changed] };
      const measure = (_: TestbedProps, change: ClusterChange | undefined) => {
        const of = change === undefined ? rates.described : change.isShownOnly ? [1] : rates.changed;
        return Promise.resolve(found({ change, clustersPerMinute: of.shift()! }));
      };
      const { best, kept } = await tuneClusters(PROPS, { stateDir: '/nowhere', candidates, measure });
      return [best.clustersPerMinute, ...kept.map(named)];
    };
    assert.deepEqual(await tried([10, 9], [12, 11]), [11, 'kubeApiQps 20']);
    // As described it was slow the first time; with the change it was fast once.
    assert.deepEqual(await tried([10, 12], [12, 12]), [12]);
    assert.deepEqual(await tried([10, 10], [12, 10]), [10]);
  });

  it('does not try what is as described already', async () => {
    const { tried, measure } = finding({});
    await tuneClusters(PROPS, { stateDir: '/nowhere', measure });
    const missing = changesOf(PROPS, CLUSTER_CANDIDATES).filter(
      (each) => !tried.some(({ name }) => name === named(each)),
    );
    assert.deepEqual(missing.map(named), [
      ...['kubeApiQps 1000', 'metal3Provider.concurrency.metal3Machine 50', 'creation 30 at a time'],
      ...['creation all at once', 'clustersPerNamespace 1', 'self-made reconciles concurrency 1'],
    ]);
  });

  it('takes settings with which not all clusters come for no candidates, and ends where the description is such', async () => {
    const candidates = { ...NONE, kubeApiQps: [20] };
    const { measure } = finding({ 'kubeApiQps 20': 0 });
    const { kept, trials } = await tuneClusters(PROPS, { stateDir: '/nowhere', candidates, measure });
    assert.deepEqual(kept, []);
    assert.match(clusterTable({ trials, best: trials[0]! }), /kubeApiQps +20 +not all/);
    const never = finding({ described: 0 }).measure;
    await rejects(tuneClusters(PROPS, { stateDir: '/nowhere', measure: never }), /as they are described/, 'timeout');
  });

  it('refuses what cannot be tuned before anything is started', async () => {
    const measure = () => assert.fail('nothing is to be measured');
    const tried = (props: TestbedProps, candidates = CLUSTER_CANDIDATES) =>
      tuneClusters(props, { stateDir: '/nowhere', candidates, measure });
    await rejects(tried({ clusterSets: [{ count: 0 }] }), /clusterSets have no cluster/, 'invalid-input');
    refuses(() => changesOf(PROPS, { ...NONE, concurrency: { machine: [1] } }), /must be a manager and its controller/);
  });

  it('finds in a report how fast clusters came, what each cost, and whether all came', () => {
    const report = sampleClusterReport(10);
    const trial = trialOf(report, { setting: 'a', value: 'b' });
    assert.equal(trial.isDone, false);
    // Nine of ten in the 80 seconds of the step.
    assert.equal(trial.clustersPerMinute, (9 / 80) * 60);
    const available = report.metrics.find(
      ({ name, labels }) =>
        name === 'condition_seconds' && labels['condition'] === 'Available' && labels['quantile'] === '0.5',
    );
    assert.equal(trial.p50Seconds, available?.value);
    assert.ok(trial.requestsEach > 0 && (trial.cpuSecondsEach ?? 0) > 0);
  });

  it('writes what was kept, and leaves the rest of a description as it is', async (t) => {
    const file = join(tempDir(t), 'testbed.yaml');
    writeFileSync(file, '# mine\nclusterSets:\n  - { count: 20 } # many\n');
    const [qps] = changesOf(PROPS, { ...NONE, kubeApiQps: [500] });
    await writeNumbers(file, qps?.written ?? []);
    const text = readFileSync(file, 'utf8');
    assert.match(text, /^# mine\nclusterSets:\n {2}- \{ count: 20 \} # many\n/);
    assert.match(text, /metal3Provider:\n {4}kubeApiQps: 500\n {4}kubeApiBurst: 1000/);
  });
});
