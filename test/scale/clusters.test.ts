/**
 * Twenty clusters (METAL3_TESTBED_CLUSTERS=N: so many), each fault and each step for clusters, by Cluster API's real managers. The
 * Metal3 provider is the real one where the environment names its programs; else a stand-in on kwok's hosts. It keeps two cores
 * busy, so that it is run by itself. Each fault by itself, and for longer, is in test/faults/clusters.test.ts.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import { clusterKind } from '../../lib/kinds/cluster/kind';
import { machineKind } from '../../lib/kinds/machine/kind';
import type { ClusterSetProps } from '../../lib/kinds/cluster/cluster-set-props';
import type { ScenarioStep } from '../../lib/scenario/steps';
import type { TestbedProps } from '../../lib/testbed/resolve';
import { watchOf } from '../../src/scenario/scenario-run';
import { until } from '../../src/util/until';
import { mixedFaultRuns } from '../faults/scenarios/cluster-fault-runs';
import { faultRun, killRun, MANAGEMENT_PROCESSES, slowRun } from '../faults/scenarios/cluster-faults';
import type { FaultLab } from '../faults/scenarios/witness';
import { listed } from '../support/clusters/conditions';
import { metal3, whyNoLab } from '../support/clusters/lab';
import { areNew, StepLab } from '../support/clusters/step-lab';
import { freePort } from '../support/workload-cluster';

/** At least 4: a quarter of them is none else. */
const COUNT = Math.max(4, Number(process.env['METAL3_TESTBED_CLUSTERS'] ?? 20));
const NAMESPACE = 'clusters';
/** For each step, and until all is well after it. */
const DEADLINE_SECONDS = 600;
/** How often Cluster API looks at everything: some conditions wait for that, ten minutes by default (docs/findings.md). */
const syncPeriod = '1m';
const names = Array.from({ length: COUNT }, (_, i) => `c-${i + 1}`);

type Machines = ReadonlyMap<string, { readonly controlPlane: string[]; readonly workers: string[] }>;

describe(`${COUNT} clusters (Metal3 provider: ${metal3})`, { timeout: 3_600_000 }, () => {
  let lab: StepLab;
  let target: StepLab;
  let of: FaultLab;
  let described: (more: Partial<ClusterSetProps>) => TestbedProps;
  let why: string | undefined;
  before(async () => {
    why = await whyNoLab();
    if (why !== undefined) return;
    const set = {
      ...{ name: 'c', namespace: NAMESPACE, keySeed: 'scale', clustersPerNamespace: COUNT, hosts: { spare: 2 } },
      // On Linux each of them is this machine.
      ...{ endpointAddresses: ['127.20.0.0/16'], endpointPort: await freePort() },
      // CAPM3 does not take a machine without data for ready once it was moved (docs/findings.md).
      dataTemplates: metal3 === 'real',
    };
    const clusterApi = { core: { syncPeriod }, kubeadmControlPlane: { syncPeriod } };
    described = (more) => ({ clusterApi, hostSets: [], clusterSets: [{ ...set, count: COUNT, ...more }] });
    lab = await StepLab.start(described({}), NAMESPACE);
    target = await StepLab.start(described({ count: 0 }), NAMESPACE);
    lab.target = target;
    of = { lab: lab.lab, namespace: NAMESPACE, clusters: names };
  });
  after(async () => {
    await lab?.stop();
    await target?.stop();
  });

  /** Numbers of the first, second, third or fourth quarter of the clusters. */
  const boundsOf = (i: number) => [Math.floor((i * COUNT) / 4), Math.floor(((i + 1) * COUNT) / 4)] as const;
  const namesOf = (i: number) => names.slice(...boundsOf(i));
  const quarter = (i: number) => `${boundsOf(i)[0] + 1}-${boundsOf(i)[1]}`;
  const machines = (): Machines =>
    new Map(
      names.map((name) => {
        const [controlPlane, workers] = (['controlPlane', 'workers'] as const).map((role) =>
          lab.machines(role, `${NAMESPACE}/${name}`),
        ) as [string[], string[]];
        return [name, { controlPlane, workers }];
      }),
    );

  /** Carries steps out, and says how long each took. */
  async function carryOut(t: TestContext, ...steps: readonly ScenarioStep[]) {
    const records = await lab.carryOut(DEADLINE_SECONDS, ...steps);
    for (const { name, objects, start, end } of records)
      t.diagnostic(`${name}: ${objects} in ${((end - start) / 1000).toFixed(1)} s`);
    return records;
  }
  const well = () => lab.well([NAMESPACE], DEADLINE_SECONDS * 1000);

  it('are made at once, at a rate, and in waves', async (t) => {
    if (why !== undefined) return t.skip(why);
    const first = Math.ceil(COUNT / 4);
    const second = Math.ceil(COUNT / 2);
    const records = await carryOut(t, {
      parallel: [
        { create: { clusters: `1-${first}` }, name: 'at once' },
        { create: { clusters: `${first + 1}-${second}`, perSecond: 0.5 }, name: 'at a rate' },
        { create: { clusters: `${second + 1}-${COUNT}`, waves: { size: 5 } }, name: 'in waves' },
      ],
    });
    const spread = records.map(({ asked }) => Math.max(...asked.values()) - Math.min(...asked.values()));
    const [, ofRate = 0, ofWaves = 0] = spread;
    assert.ok(ofRate >= 2_000 * (second - first - 1) - 100, `at a rate: within ${ofRate} ms`);
    // No cluster is available after less than five seconds.
    assert.ok(ofWaves >= 5_000 * (Math.ceil((COUNT - second) / 5) - 1), `in waves: within ${ofWaves} ms`);
    await well();
    assert.deepEqual([lab.machines('controlPlane').length, lab.machines('workers').length], [COUNT, COUNT]);
  });

  it('get over each fault of their API, and nobody takes them for ready meanwhile', async (t) => {
    if (why !== undefined) return t.skip(why);
    for (const run of mixedFaultRuns(of)) t.diagnostic(await faultRun(of, run));
    assert.equal(lab.machines('workers').length, 2 * COUNT);
  });

  it('get over each process that is killed, or stands still for most of the time', async (t) => {
    if (why !== undefined) return t.skip(why);
    const all = [...of.lab.processes.keys(), ...MANAGEMENT_PROCESSES];
    t.diagnostic(await killRun(of, all, 2));
    t.diagnostic(await slowRun(of, all, 20));
  });

  it('are upgraded, rolled out, remediated and scaled, a quarter of them each at the same time', async (t) => {
    if (why !== undefined) return t.skip(why);
    // Not before: machines whose Nodes are gone would be replaced, which is no loss.
    lab.describe(described({ healthCheck: { remediation: 'replace' } }));
    // Takes back the workers that the faults have added.
    await carryOut(t, { create: { clusters: 'all' } });
    // As it is until then, each is well too.
    const areBack = () => lab.machines('workers').length === COUNT;
    assert.ok(await until(areBack, { deadlineMs: DEADLINE_SECONDS * 1000, everyMs: 500 }), 'workers are taken back');
    await well();
    assert.ok((await listed(of.lab.client, 'MachineHealthCheck', NAMESPACE)).length >= COUNT);

    const [upgraded, rolled, remediated, scaled] = [0, 1, 2, 3].map((i) => quarter(i)) as [
      string,
      string,
      string,
      string,
    ];
    const version = 'v1.36.0';
    const before = machines();
    await carryOut(t, {
      parallel: [
        { upgrade: { clusters: upgraded, version } },
        { rollout: { clusters: rolled, role: 'workers' } },
        { remediate: { clusters: remediated, role: 'workers' } },
        {
          sequence: [
            { scaleWorkers: { clusters: scaled, replicas: 2 } },
            { scaleControlPlane: { clusters: scaled, replicas: 3 } },
            { remediate: { clusters: scaled, role: 'controlPlane' } },
          ],
        },
      ],
    });
    const after = machines();
    const ofQuarter = (i: number, all: Machines) => namesOf(i).map((name) => all.get(name)!);
    for (const [i, isControlPlaneNew] of [
      [0, true],
      [1, false],
      [2, false],
    ] as const)
      for (const [at, then] of ofQuarter(i, before).entries()) {
        const now = ofQuarter(i, after)[at]!;
        areNew(then.workers, now.workers);
        if (isControlPlaneNew) areNew(then.controlPlane, now.controlPlane);
        else assert.deepEqual(now.controlPlane, then.controlPlane);
      }
    const versions = (await listed(of.lab.client, 'Machine', NAMESPACE)).filter(
      ({ spec }) => spec['version'] === version,
    );
    assert.equal(versions.length, 2 * namesOf(0).length);
    for (const [at, then] of ofQuarter(3, before).entries()) {
      const now = ofQuarter(3, after)[at]!;
      assert.deepEqual([now.controlPlane.length, now.workers.length], [3, 2]);
      assert.ok(then.workers.every((name) => now.workers.includes(name)));
    }
    await well();
  });

  it('are given fewer machines', async (t) => {
    if (why !== undefined) return t.skip(why);
    // A scenario of its own would not know that these control planes have three machines by now.
    const three = { scaleControlPlane: { clusters: quarter(3), replicas: 3 } } as const;
    await carryOut(
      t,
      three,
      { scaleControlPlane: { clusters: quarter(3), replicas: 1 } },
      { scaleWorkers: { clusters: quarter(3), replicas: 1 } },
    );
    assert.deepEqual([lab.machines('controlPlane').length, lab.machines('workers').length], [COUNT, COUNT]);
  });

  it('are left alone by Cluster API, and taken care of again', async (t) => {
    if (why !== undefined) return t.skip(why);
    // Not until Machines say so too: some of control planes may say for ten minutes that they are paused (docs/findings.md).
    await carryOut(t, { pause: { clusters: 'all' } }, { unpause: { clusters: 'all' } });
  });

  it('are made anew, some of them', async (t) => {
    if (why !== undefined) return t.skip(why);
    const old = new Set([...watchOf(lab.run, clusterKind).all()].map(({ uid }) => uid));
    const [record] = await carryOut(t, { churn: { clusters: 'all', share: 0.2, everySeconds: 60, forSeconds: 30 } });
    const made = [...watchOf(lab.run, clusterKind).all()].filter(({ uid }) => !old.has(uid));
    const fifth = Math.max(1, Math.floor(COUNT / 5));
    assert.deepEqual([record!.objects, made.length], [fifth, fifth]);
  });

  it('go with all that was theirs', async (t) => {
    if (why !== undefined) return t.skip(why);
    await carryOut(t, { delete: { clusters: 'all' } });
    assert.deepEqual(await lab.lab.objectsOf(NAMESPACE), [], 'something is left');
  });

  it('begin available, as one of them that was brought up, and are changed like any other', async (t) => {
    if (why !== undefined) return t.skip(why);
    await carryOut(t, { create: { state: 'available' } });
    const uids = () => [...watchOf(lab.run, machineKind).all()].map(({ name, uid }) => `${name} ${uid}`).sort();
    const made = uids();
    assert.equal(made.length, 2 * COUNT);
    await well();
    assert.deepEqual(uids(), made, 'somebody has made machines of them anew');
    for (const host of watchOf(lab.run, bareMetalHostKind).all()) assert.match(host.state, /^(available|provisioned)$/);
    await carryOut(t, { scaleWorkers: { clusters: '1', replicas: 2 } });
    assert.deepEqual([uids().length, uids().filter((each) => made.includes(each)).length], [2 * COUNT + 1, 2 * COUNT]);
  });

  it('are moved with all that is theirs, and nothing of them is made anew', async (t) => {
    if (why !== undefined) return t.skip(why);
    const machinesOf = (each: StepLab) => [each.machines('controlPlane'), each.machines('workers')];
    const usedBy = async (each: StepLab) =>
      (await each.lab.hosts())
        .filter(({ consumer }) => consumer !== 'none')
        .map(({ name, consumer }) => `${name}: ${consumer}`);
    const before = machinesOf(lab);
    const used = await usedBy(lab);
    await carryOut(t, { move: { to: 'b' } });
    assert.deepEqual(machinesOf(target), before);
    assert.deepEqual(await usedBy(target), used, 'machines are on other hosts');
    await target.well([NAMESPACE], DEADLINE_SECONDS * 1000);
    assert.deepEqual(await lab.lab.objectsOf(NAMESPACE), [], 'something is left');
    assert.equal(watchOf(lab.run, bareMetalHostKind).size, 0);
  });
});
