/** What becomes of clusters when they are described, no longer described, and somebody else's, on a real API server. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { check } from '../../lib/crd';
import { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import { clusterKind } from '../../lib/kinds/cluster/kind';
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import type { Kind } from '../../lib/kinds/kind';
import { machineKind } from '../../lib/kinds/machine/kind';
import { Applier } from '../../src/apply/apply';
import { bringObjects, type ObjectsOptions } from '../../src/testbed/bring-objects';
import { uninstall, type UninstallOptions } from '../../src/install/uninstall';
import { reportPage } from '../../src/report/html/page';
import { reportSchema } from '../../src/report/report';
import { bringClusters, clearClusters, CLUSTER_KINDS } from '../../src/scenario/bring-clusters';
import { reportOf } from '../../src/scenario/report-of';
import type { ScenarioRun } from '../../src/scenario/scenario-run';
import type { LiveTestbed } from '../../src/testbed/live-testbed';
import { setsOf } from '../../src/testbed/sets';
import { ObjectWatch } from '../../src/watch/object-watch';
import { noMeasurement } from '../support/no-measurement';
import { sampleReport } from '../support/sample-report';
import type { TestbedEvent } from '../../src/util/events';
import { until } from '../../src/util/until';
import { listMetadata } from '../../src/install/metadata';
import { objectPath, objectsPath } from '../../src/watch/paths';
import { Lab } from '../faults/support/lab';
import { clusterSet, Controllers, described } from '../support/cluster-doubles';
import { providerDefinitions } from '../support/providers';
import type { KubernetesObject } from '../../src/kubernetes/objects';

const sets = setsOf('local', '');

describe('clusters of a testbed, on a real API server', { timeout: 300_000 }, () => {
  let lab: Lab;
  let controllers: Controllers;
  before(async () => {
    lab = await Lab.start();
    await new Applier(lab.client).applyAll(providerDefinitions(), { task: 'CRDs' });
    controllers = new Controllers(lab.client);
  });
  after(async () => {
    await controllers.stop();
    await lab.stop();
  });

  const names = async (kind: Kind) =>
    (await listMetadata(lab.client, objectsPath(kind))).map(({ metadata }) => metadata.name).sort();

  /** @returns what it said, and what came of it */
  async function bring(what: ReturnType<typeof described>, options: Partial<ObjectsOptions> = {}) {
    const events: TestbedEvent[] = [];
    const target = { client: lab.client, applier: new Applier(lab.client), sets, existing: 'update' as const };
    const result = await bringObjects(target, what, {
      timeoutMs: 60_000,
      ...options,
      listener: (event) => {
        events.push(event);
        options.listener?.(event);
      },
    });
    const done = (task: string) => events.find((event) => event.type === 'done' && event.task === task)?.detail;
    const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.detail] : []));
    return { ...result, done, warnings };
  }
  const nothing = () => bring(described(0));
  beforeEach(async () => {
    controllers.stuck.clear();
    controllers.held.clear();
    await nothing();
    controllers.gone.length = 0;
  });

  it('are brought up with their hosts, and counted with their machines', async () => {
    const { counts, done } = await bring(described(4, clusterSet(3)));
    assert.deepEqual(counts, [
      { kind: 'BareMetalHost', objects: 4, states: { available: 4 } },
      { kind: 'Cluster', objects: 3, states: { available: 3 } },
      { kind: 'Machine', objects: 3, states: { running: 3 } },
    ]);
    assert.equal(done('clusters'), '3 available');
    assert.equal(done('apply clusters'), '7 added');
  });

  it('are not written a second time', async () => {
    await bring(described(4, clusterSet(3)));
    const again = await bring(described(4, clusterSet(3)));
    assert.equal(again.done('apply'), '8 unchanged');
    assert.equal(again.done('apply clusters'), '7 unchanged');
  });

  it('go on where an interrupted run has left them', async () => {
    const interrupt = new AbortController();
    const listener = (event: TestbedEvent) => {
      if (event.type === 'progress' && event.task === 'clusters' && (event.done ?? 0) > 0)
        interrupt.abort(new Error('enough'));
    };
    controllers.stuck.add('c-3');
    await assert.rejects(bring(described(4, clusterSet(3)), { signal: interrupt.signal, listener }), /enough/);
    controllers.stuck.clear();
    const { counts, done } = await bring(described(4, clusterSet(3)));
    assert.deepEqual(counts[1], { kind: 'Cluster', objects: 3, states: { available: 3 } });
    assert.equal(done('apply clusters'), '7 unchanged');
  });

  it('are named where they do not come in time, with what their conditions say', async () => {
    await bring(described(2, clusterSet(1)));
    controllers.stuck.add('c-2');
    await assert.rejects(bring(described(2, clusterSet(2)), { timeoutMs: 6_000 }), (error: Error) => {
      assert.match(error.message, /^1 cluster had not settled, timed out after 6 s \(--timeout\); still pending:\n/);
      assert.match(
        error.message,
        /default\/c-2: provisioning, Nothing: comes; machine c-2-machine: running, not Ready yet/,
      );
      return true;
    });
  });

  it('go before what is described in their place, and before the hosts that their machines were on', async () => {
    await bring(described(4, clusterSet(4)));
    controllers.gone.length = 0;
    const { counts, done } = await bring(described(1, clusterSet(1)));
    assert.equal(done('clusters no longer described'), '3 unchanged, 6 removed');
    assert.deepEqual(
      counts.map(({ objects }) => objects),
      [1, 1, 1],
    );
    const kinds = controllers.gone.map((each) => each.split(' ')[0]);
    assert.ok(kinds.lastIndexOf('Cluster') < kinds.indexOf('BareMetalHost'), controllers.gone.join(', '));
    assert.deepEqual(await names(clusterKind), ['c-1']);
    assert.deepEqual(await names(machineKind), ['c-1-machine']);
  });

  it('all go where none is described any more', async () => {
    await bring(described(2, clusterSet(2)));
    const { counts } = await nothing();
    assert.deepEqual(
      counts.map(({ objects }) => objects),
      [0, 0, 0],
    );
    // The next time there is nothing to look at any more.
    assert.equal((await nothing()).counts.length, 1);
  });

  it('keep a host that is no longer described as long as a machine is on it, and its Secret', async () => {
    await bring(described(3, clusterSet(3)));
    const { warnings } = await bring(described(2, clusterSet(3)));
    assert.match(
      warnings.join('\n'),
      /no longer described, and kept since a machine is on them: BareMetalHost default\/worker-3 \(by Metal3Machine default\/c-\d-machine\); /,
    );
    assert.deepEqual(await names(bareMetalHostKind), ['worker-1', 'worker-2', 'worker-3']);
    await lab.client.request('GET', '/api/v1/namespaces/default/secrets/worker-3-bmc-secret');
    // And no longer.
    await bring(described(2));
    assert.deepEqual(await names(bareMetalHostKind), ['worker-1', 'worker-2']);
  });

  it('leave those of others alone, whatever is described', async () => {
    const body = {
      ...(clusterSet(1, 'default', 'theirs').objectsOf({ namespace: 'default', name: 'theirs-1' })[1] as object),
    };
    await lab.client.request('POST', objectsPath(clusterKind, 'default'), { body });
    await bring(described(3, clusterSet(1)));
    await nothing();
    assert.deepEqual(await names(clusterKind), ['theirs-1']);
    const path = objectPath(clusterKind, 'default', 'theirs-1');
    assert.equal((await lab.client.request<KubernetesObject>('GET', path)).metadata.deletionTimestamp, undefined);
    await lab.client.request('DELETE', path);
    await until(async () => (await names(clusterKind)).length === 0, { deadlineMs: 30_000 });
  });

  const taken = (options: Partial<UninstallOptions> = {}) => {
    const warnings: string[] = [];
    const listener = (event: TestbedEvent) => void (event.type === 'warning' && warnings.push(event.detail));
    const simulatorProblem = () => Promise.resolve(undefined);
    return uninstall(lab.client, sets, { simulatorProblem, timeoutMs: 60_000, ...options, listener }).then(
      () => warnings,
    );
  };
  const secrets = async () =>
    (await listMetadata(lab.client, '/api/v1/namespaces/default/secrets')).map(({ metadata }) => metadata.name);

  it('are taken off with their testbed, before the hosts, and nothing of them is left', async () => {
    await bring(described(3, clusterSet(2)));
    controllers.gone.length = 0;
    assert.deepEqual(await taken(), []);
    const kinds = controllers.gone.map((each) => each.split(' ')[0]);
    assert.ok(kinds.lastIndexOf('Cluster') < kinds.indexOf('BareMetalHost'), controllers.gone.join(', '));
    for (const kind of [clusterKind, machineKind, bareMetalHostKind]) assert.deepEqual(await names(kind), []);
    assert.deepEqual(await secrets(), []);
    const parent = `/api/v1/namespaces/default/configmaps/${sets.clusters.name}`;
    await assert.rejects(lab.client.request('GET', parent), /not found/);
  });

  it('are taken off where nobody lets go of them, with a warning that says what held them', async () => {
    await bring(described(2, clusterSet(2)));
    controllers.held.add('c-2');
    const [warning, ...more] = await taken({ timeoutMs: 2_000 });
    assert.deepEqual(more, []);
    assert.match(warning ?? '', /\n {2}default\/c-2: deleted/);
    assert.match(
      warning ?? '',
      /1 clusters were deleted but still exist after 2 s: Cluster default\/c-2 \(finalizers cluster.cluster.x-k8s.io\)[^]*; metal3-testbed deletes \d+ objects itself/,
    );
    for (const kind of [clusterKind, machineKind, bareMetalHostKind]) assert.deepEqual(await names(kind), []);
    assert.deepEqual(await secrets(), []);
  });

  it('wait for nobody where it is known that no controller runs', async () => {
    await bring(described(2, clusterSet(2)));
    controllers.held.add('c-1').add('c-2');
    const problem = () => Promise.resolve('capi-core does not run');
    const [warning] = await taken({ controllersProblem: problem });
    assert.match(warning ?? '', /^capi-core does not run; metal3-testbed deletes \d+ objects itself/);
    assert.deepEqual(await names(clusterKind), []);
  });

  it('are there before the first step of a run, and in its report with their machines', async () => {
    const { clusterSets, fleets } = { clusterSets: [clusterSet(2)], fleets: [new Fleet({ count: 3 })] };
    const target = { client: lab.client, applier: new Applier(lab.client), sets, existing: 'update' as const };
    const live = { ...target, testbed: { clusterSets, fleets } } as unknown as LiveTestbed;
    const kinds = [bareMetalHostKind, ...CLUSTER_KINDS];
    const watches = kinds.map((kind): ObjectWatch => new ObjectWatch(lab.client, kind, { timelines: true }));
    const run: ScenarioRun = { live, watches, stateDir: '', listener: undefined, signal: undefined };
    const start = performance.now();
    await Promise.all(watches.map((watch) => watch.start()));
    try {
      const { records, failure } = await bringClusters(run);
      assert.equal(failure, undefined);
      assert.deepEqual(
        records.map(({ name, objects, done }) => [name, objects, done]),
        [
          ['bring up clusters', 2, 2],
          ['bring up machines', 2, 2],
          ['bring up hosts', 3, 3],
        ],
      );
      const timelines = watches.flatMap((watch) => [...(watch.timelines?.all() ?? [])]);
      const sample = sampleReport({ hosts: 1 });
      const setOf = (kind: string, objects: number) => ({ kind, name: 'set', objects, namespaces: 1 });
      const report = reportOf([
        {
          ...{ name: 'local', scenario: { name: 'clusters' }, startedAt: new Date(0), start, records, timelines },
          end: performance.now(),
          environment: { ...sample.environment, sets: [setOf('BareMetalHost', 3), setOf('Cluster', 2)] },
          measurement: noMeasurement(),
          interruptions: { resumes: 0, relists: 0 },
        },
      ]);
      assert.deepEqual(check(reportSchema, report, ''), []);
      const ofClusters = report.distributions.filter(({ kind }) => kind === 'Cluster');
      assert.ok(ofClusters.some(({ from, to, count }) => from === 'asked' && to === 'settled' && count === 2));
      assert.ok(ofClusters.some(({ to, count }) => to === 'available' && count === 2));
      assert.ok(report.distributions.some(({ kind, to }) => kind === 'Machine' && to === 'running'));
      const page = reportPage(report);
      assert.match(page, /<p class="tile-label">Clusters<\/p>[^]{0,200}on 3 hosts/);
      await clearClusters(run);
      assert.deepEqual(await names(clusterKind), []);
      assert.deepEqual(await names(machineKind), []);
    } finally {
      await Promise.all(watches.map((watch) => watch.stop()));
    }
  });

  it('that do not come end a run before its first step, and are in its report', async () => {
    controllers.stuck.add('c-1');
    const target = { client: lab.client, applier: new Applier(lab.client), sets, existing: 'update' as const };
    const live = { ...target, testbed: { clusterSets: [clusterSet(1)], fleets: [new Fleet({ count: 1 })] } };
    const kinds = [bareMetalHostKind, ...CLUSTER_KINDS];
    const watches = kinds.map((kind): ObjectWatch => new ObjectWatch(lab.client, kind, { timelines: true }));
    const ofRun = {
      live: live as unknown as LiveTestbed,
      watches,
      stateDir: '',
      listener: undefined,
      signal: undefined,
    };
    await Promise.all(watches.map((watch) => watch.start()));
    try {
      const { records, failure } = await bringClusters(ofRun, { timeoutMs: 2_000 });
      assert.match(failure?.message ?? '', /1 cluster had not settled/);
      const ofClusters = records.find(({ kind }) => kind === clusterKind.kind);
      assert.deepEqual(
        [ofClusters?.objects, ofClusters?.done, ofClusters?.late],
        [1, 0, ['default/c-1: provisioning']],
      );
    } finally {
      await Promise.all(watches.map((watch) => watch.stop()));
    }
  });
});
