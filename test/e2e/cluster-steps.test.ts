/**
 * A scenario that goes through each step for clusters, by Cluster API's real managers. The Metal3 provider is the real one where
 * the environment names its programs; else a stand-in on kwok's hosts.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { clusterKind } from '../../lib/kinds/cluster/kind';
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import type { Kind } from '../../lib/kinds/kind';
import { machineKind } from '../../lib/kinds/machine/kind';
import { resolveScenario } from '../../lib/scenario/resolve-scenario';
import type { ScenarioStep } from '../../lib/scenario/steps';
import { resolveTestbed } from '../../lib/testbed/resolve';
import { Applier } from '../../src/apply/apply';
import type { StepRecord } from '../../src/measure/step-record';
import { actionsOf } from '../../src/scenario/actions';
import { execute } from '../../src/scenario/execute';
import { watchOf, type ScenarioRun } from '../../src/scenario/scenario-run';
import type { LiveTestbed } from '../../src/testbed/live-testbed';
import { setsOf } from '../../src/testbed/sets';
import { ObjectWatch } from '../../src/watch/object-watch';
import { until } from '../../src/util/until';
import { listed, unwell } from '../support/clusters/conditions';
import { ClusterLab, metal3, whyNoLab } from '../support/clusters/lab';
import { freePort } from '../support/workload-cluster';

/** What takes long besides. */
const isLong = process.env['METAL3_TESTBED_CLUSTER_STEPS'] === 'all';
const SHORT = 'METAL3_TESTBED_CLUSTER_STEPS is not all';
const [FIRST, SECOND] = ['c-1', 'c-2'] as const;

describe(`steps for clusters (Metal3 provider: ${metal3})`, { timeout: 900_000 }, () => {
  let lab: ClusterLab;
  let run: ScenarioRun;
  let why: string | undefined;
  before(async () => {
    why = await whyNoLab();
    if (why !== undefined) return;
    const testbed = {
      hostSets: [],
      clusterSets: [
        {
          ...{ count: 2, name: 'c', dataTemplates: false, hosts: { spare: 2 } },
          ...{ endpointPort: await freePort(), healthCheck: { remediation: 'replace' } as const },
          overrides: [{ clusters: 2, endpoint: { host: '127.0.0.1', port: await freePort() } }],
        },
      ],
    };
    lab = await ClusterLab.start({ hosts: 0, namespace: FIRST, testbed });
    const { client } = lab;
    const kinds: readonly Kind[] = [bareMetalHostKind, clusterKind, machineKind];
    const watches = kinds.map((kind): ObjectWatch => new ObjectWatch(client, kind, { timelines: true }));
    const live = {
      ...{ client, applier: new Applier(client), sets: setsOf('local', ''), existing: 'update' },
      testbed: resolveTestbed(testbed),
    };
    run = { live: live as unknown as LiveTestbed, watches, stateDir: '', listener: undefined, signal: undefined };
    await Promise.all(watches.map((watch) => watch.start()));
  });
  after(async () => {
    await Promise.all((run?.watches ?? []).map((watch) => watch.stop()));
    await lab?.stop();
  });

  /** Carries steps out, each of which has to end with all of its clusters where it takes them. */
  async function carryOut(...steps: readonly ScenarioStep[]): Promise<readonly StepRecord[]> {
    const { clusterSets } = run.live.testbed;
    // Whatever came before it was another scenario.
    const { root } = resolveScenario({ steps, timeoutSeconds: 240 }, { clusterSets });
    const { records, failure } = await execute(root, actionsOf(run));
    assert.equal(failure, undefined);
    for (const { name, objects, done, late, kind, asked, start } of records) {
      assert.deepEqual([name, done, late], [name, objects, []]);
      assert.equal(kind, 'Cluster');
      assert.equal(asked.size, objects);
      for (const at of asked.values()) assert.ok(at >= start);
    }
    return records;
  }
  const machines = (cluster: string, isControlPlane: boolean) =>
    [...watchOf(run, machineKind).all()]
      .filter((each) => each.cluster === `${cluster}/${cluster}` && each.isControlPlane === isControlPlane)
      .map(({ name }) => name)
      .sort();
  const isNew = (before: readonly string[], after: readonly string[]) =>
    assert.deepEqual([after.length, after.filter((name) => before.includes(name))], [before.length, []]);

  /** Until every condition of everything that belongs to a cluster is as on one that was left alone. */
  async function well(): Promise<void> {
    let lines: string[] = [];
    const isWell = async () => {
      lines = [...(await unwell(lab.client, FIRST)), ...(await unwell(lab.client, SECOND))];
      return lines.length === 0;
    };
    assert.ok(await until(isWell, { deadlineMs: 60_000 }), lines.join('\n'));
  }

  it('make them in waves', async (t) => {
    if (why !== undefined) return t.skip(why);
    const [record] = await carryOut({ create: { waves: { size: 1, everySeconds: 2 } } });
    const [first = 0, second = 0] = [FIRST, SECOND].map((name) => record!.asked.get(`${name}/${name}`));
    assert.ok(second - first >= 1_900, `${second - first} ms`);
    await well();
  });

  it('scale control planes and workers side by side', async (t) => {
    if (why !== undefined) return t.skip(why);
    const records = await carryOut({
      parallel: [{ scaleControlPlane: { clusters: 1, replicas: 3 } }, { scaleWorkers: { clusters: 2, replicas: 2 } }],
    });
    assert.equal(records.length, 2);
    assert.deepEqual([machines(FIRST, true).length, machines(SECOND, false).length], [3, 2]);
  });

  it('replace machines: those that are marked, and those of an old version', async (t) => {
    if (why !== undefined) return t.skip(why);
    const controlPlane = machines(FIRST, true);
    const before = [...machines(SECOND, true), ...machines(SECOND, false)];
    const version = 'v1.36.0';
    const remediation = { remediate: { role: 'controlPlane', clusters: 1 } as const };
    // The scenario of its own would not know that the control plane has three machines by now.
    const steps: ScenarioStep[] = [{ scaleControlPlane: { clusters: 1, replicas: 3 } }, remediation];
    await carryOut({ parallel: [{ sequence: steps }, { upgrade: { clusters: 2, version } }] });
    const remediated = machines(FIRST, true);
    assert.deepEqual([remediated.length, remediated.filter((name) => !controlPlane.includes(name)).length], [3, 1]);
    isNew(before, [...machines(SECOND, true), ...machines(SECOND, false)]);
    const versions = (await listed(lab.client, 'Machine', SECOND)).map(({ spec }) => spec['version']);
    assert.deepEqual(versions, [version, version, version]);
  });

  it('replace machines that somebody wants anew', async (t) => {
    if (why !== undefined || !isLong) return t.skip(why ?? SHORT);
    const workers = machines(SECOND, false);
    await carryOut({ rollout: { clusters: 2, role: 'workers' } });
    isNew(workers, machines(SECOND, false));
  });

  it('have Cluster API leave them alone, and take care of them again', async (t) => {
    if (why !== undefined) return t.skip(why);
    await carryOut({ pause: { clusters: 'all' } }, { unpause: { clusters: 'all' } });
    await well();
  });

  it('make them anew', async (t) => {
    if (why !== undefined || !isLong) return t.skip(why ?? SHORT);
    const old = [...watchOf(run, clusterKind).all()].map(({ uid }) => uid);
    await carryOut({ churn: { clusters: 2, share: 1, everySeconds: 60, forSeconds: 30 } });
    const kept = [...watchOf(run, clusterKind).all()].filter(({ uid }) => old.includes(uid));
    assert.deepEqual(
      kept.map(({ name }) => name),
      [FIRST],
    );
  });

  it('take them away with all that was theirs', async (t) => {
    if (why !== undefined) return t.skip(why);
    await carryOut({ delete: { clusters: 'all' } });
    for (const namespace of [FIRST, SECOND])
      assert.deepEqual(await lab.objectsOf(namespace), [], `of ${namespace} something is left`);
  });

  it('begin available, as one of them that was brought up, and are changed like any other', async (t) => {
    if (why !== undefined) return t.skip(why);
    await carryOut({ create: { state: 'available' } });
    const made = [...watchOf(run, machineKind).all()].map(({ name, uid }) => `${name} ${uid}`).sort();
    assert.deepEqual([machines(FIRST, true).length, machines(SECOND, true).length], [1, 1]);
    await well();
    // Nobody made anything of it anew, or gave a host another machine.
    assert.deepEqual([...watchOf(run, machineKind).all()].map(({ name, uid }) => `${name} ${uid}`).sort(), made);
    for (const host of watchOf(run, bareMetalHostKind).all()) assert.match(host.state, /^(available|provisioned)$/);
    await carryOut({ scaleWorkers: { clusters: 2, replicas: 2 } });
    const kept = machines(SECOND, true).map((name) => made.some((each) => each.startsWith(`${name} `)));
    assert.deepEqual([kept, machines(SECOND, false).length], [[true], 2]);
    await carryOut({ delete: { clusters: 'all' } });
    for (const namespace of [FIRST, SECOND])
      assert.deepEqual(await lab.objectsOf(namespace), [], `of ${namespace} something is left`);
  });
});
