/** A lab whose clusters are those of a description, and are changed by steps of scenarios. */
import assert from 'node:assert/strict';
import { bareMetalHostKind } from '../../../lib/kinds/bare-metal-host/kind';
import { clusterKind } from '../../../lib/kinds/cluster/kind';
import type { Kind } from '../../../lib/kinds/kind';
import { machineKind } from '../../../lib/kinds/machine/kind';
import { resolveScenario } from '../../../lib/scenario/resolve-scenario';
import type { ScenarioStep } from '../../../lib/scenario/steps';
import { resolveTestbed, type TestbedProps } from '../../../lib/testbed/resolve';
import { Applier } from '../../../src/apply/apply';
import type { StepRecord } from '../../../src/measure/step-record';
import { actionsOf } from '../../../src/scenario/actions';
import { execute } from '../../../src/scenario/execute';
import { watchOf, type ScenarioRun } from '../../../src/scenario/scenario-run';
import type { LiveTestbed } from '../../../src/testbed/live-testbed';
import { setsOf } from '../../../src/testbed/sets';
import { until } from '../../../src/util/until';
import { ObjectWatch } from '../../../src/watch/object-watch';
import { unwell } from './conditions';
import { ClusterLab } from './lab';

const WATCHED: readonly Kind[] = [bareMetalHostKind, clusterKind, machineKind];

export class StepLab {
  /** Where the step `move` leads, whatever it names. */
  target: StepLab | undefined;

  private constructor(
    readonly lab: ClusterLab,
    public run: ScenarioRun,
  ) {}

  /** Another description of the same clusters: the step `create` writes what it has otherwise. */
  describe(testbed: TestbedProps): void {
    const live = { ...this.run.live, testbed: resolveTestbed(testbed) };
    this.run = { ...this.run, live };
  }

  /** @param namespace for hosts of the lab itself, of which there are none */
  static async start(testbed: TestbedProps, namespace: string): Promise<StepLab> {
    const lab = await ClusterLab.start({ hosts: 0, namespace, testbed });
    const { client } = lab;
    const watches = WATCHED.map((kind): ObjectWatch => new ObjectWatch(client, kind, { timelines: true }));
    await Promise.all(watches.map((watch) => watch.start()));
    const live = {
      ...{ client, applier: new Applier(client), sets: setsOf('local', ''), existing: 'update' },
      testbed: resolveTestbed(testbed),
    };
    const found: StepLab = new StepLab(lab, {
      ...{ live: live as unknown as LiveTestbed, watches, stateDir: '', listener: undefined, signal: undefined },
      peers: {
        arrived: () => Promise.resolve(found.target?.run ?? assert.fail('there is nothing to move clusters to')),
      },
    });
    return found;
  }

  async stop(): Promise<void> {
    await Promise.all(this.run.watches.map((watch) => watch.stop()));
    await this.lab.stop();
  }

  /** Carries steps for clusters out, each of which has to end with all of its clusters where it takes them. */
  async carryOut(timeoutSeconds: number, ...steps: readonly ScenarioStep[]): Promise<readonly StepRecord[]> {
    const { clusterSets } = this.run.live.testbed;
    // Whatever came before it was another scenario.
    const { root } = resolveScenario({ steps, timeoutSeconds }, { clusterSets });
    const { records, failure } = await execute(root, actionsOf(this.run));
    assert.equal(failure, undefined);
    for (const { name, objects, done, late, kind, asked, start } of records) {
      assert.deepEqual([name, done, late], [name, objects, []]);
      assert.equal(kind, 'Cluster');
      assert.equal(asked.size, objects);
      for (const at of asked.values()) assert.ok(at >= start);
    }
    return records;
  }

  /** Names of the machines of clusters, in order. @param cluster `namespace/name`; all clusters without */
  machines(role: 'controlPlane' | 'workers', cluster?: string): string[] {
    return [...watchOf(this.run, machineKind).all()]
      .filter(
        (each) =>
          (cluster === undefined || each.cluster === cluster) && each.isControlPlane === (role === 'controlPlane'),
      )
      .map(({ name }) => name)
      .sort();
  }

  /** Until every condition of everything that belongs to a cluster is as on one that was left alone. */
  async well(namespaces: readonly string[], deadlineMs: number): Promise<void> {
    let lines: string[] = [];
    const isWell = async () => {
      lines = (await Promise.all(namespaces.map((each) => unwell(this.lab.client, each)))).flat();
      return lines.length === 0;
    };
    assert.ok(await until(isWell, { deadlineMs, everyMs: 500 }), lines.join('\n'));
  }
}

/** As many machines as before, and none of those. */
export function areNew(before: readonly string[], after: readonly string[]): void {
  assert.deepEqual([after.length, after.filter((name) => before.includes(name))], [before.length, []]);
}
