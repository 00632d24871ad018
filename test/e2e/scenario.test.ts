/**
 * Scenarios on a real etcd and kube-apiserver: on hosts simulated by kwok; and, where METAL3_TESTBED_BMO names its binary, by
 * the Bare Metal Operator v0.13 in test mode.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { check } from '../../lib/crd';
import { resolveTestbed, type TestbedProps } from '../../lib/testbed/resolve';
import type { ScenarioStep } from '../../lib/scenario/steps';
import { bringUp } from '../../src/testbed/bring-up';
import { down } from '../../src/testbed/down';
import type { TestbedEvent } from '../../src/util/events';
import { pagesOf } from '../../src/kubernetes/pages';
import { HOSTS_PATH, watchHosts } from '../support/hosts';
import type { Timeline } from '../../src/watch/timeline';
import { metricValue } from '../../src/report/metrics';
import { parseReport } from '../../src/report/read-report';
import { reportSchema, type Report } from '../../src/report/report';
import { runScenario, runScenarios } from '../../src/scenario/run-scenario';
import type { Labels } from '../../src/util/labels';
import { cli } from '../support/cli';
import { quickStages } from '../support/quick-stages';
import { rejects } from '../support/rejects';

const bmo = process.env.METAL3_TESTBED_BMO;
const skip = bmo === undefined && 'METAL3_TESTBED_BMO names no binary';
const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-scenario-'));
const folders = new Set<string>();

/** A state folder that is gone when all tests are over. */
function stateDir(name: string): string {
  const folder = join(dir, name);
  folders.add(folder);
  return folder;
}

after(async () => {
  for (const folder of folders) await down(folder, { delete: true });
  rmSync(dir, { recursive: true, force: true });
});

const kwok = (hosts: number, ...steps: readonly ScenarioStep[]): TestbedProps => ({
  hostSets: [{ count: hosts, namespace: 'lab', hostsPerNamespace: 10 }],
  simulator: quickStages,
  scenario: { steps, timeoutSeconds: 120 },
});

const tuned = { kubeApiQps: 1000, kubeApiBurst: 1000, concurrency: 32 } as const;

const metric = (report: Report, name: string, labels: Labels): number =>
  metricValue(report, name, labels) ?? assert.fail(`no ${name} ${JSON.stringify(labels)}`);

/** What every report of a run that went well has. */
function checkReport(report: Report, hosts: number): void {
  assert.deepEqual(check(reportSchema, report, ''), []);
  for (const { name, objects: wanted, done, late, start, end } of report.steps) {
    assert.deepEqual([done, late], [wanted, []], name);
    assert.ok(start <= end, name);
  }
  const { at, series } = report.series;
  for (const { name, values } of series) assert.equal(values.length, at.length, name);
  const states = series.filter(({ group }) => group === 'states');
  for (const i of at.keys()) {
    const total = states.reduce((sum, { values }) => sum + (values[i] ?? 0), 0);
    assert.ok(total >= 0 && total <= hosts, `${total} hosts after ${at[i]} s`);
  }
  assert.ok(metric(report, 'api_server_requests', { request: 'APPLY baremetalhosts' }) >= hosts);
  assert.ok(metric(report, 'api_server_cpu_seconds', {}) > 0);
  assert.ok(series.some(({ group, values }) => group === 'api-server' && values.some((value) => (value ?? 0) > 0)));
}

const statesOf = (report: Report, step: string) =>
  report.distributions.filter((each) => each.step === step).map(({ from, to, count }) => [from, to, count]);

describe('a scenario on hosts simulated by kwok', { timeout: 900_000 }, () => {
  it("is the blog's walk through, as the command runs it, again and again from the start", async () => {
    const folder = stateDir('blog');
    const args = ['run', 'examples/blog-scenario.yaml', '--hosts', '20', '--simulator', 'kwok', '--state-dir', folder];
    const { code, stdout, stderr } = await cli([...args, '--runs', '2', '--json']);
    assert.equal(code, 0, stderr);
    const printed = JSON.parse(stdout) as { readonly report: string; readonly steps: readonly object[] };
    const report = JSON.parse(readFileSync(printed.report, 'utf8')) as Report;
    assert.deepEqual(printed.steps, report.steps);
    checkReport(report, 20);
    assert.equal(report.runs, 2);
    assert.deepEqual(
      report.steps.map(({ name }) => name),
      ['register', 'provision', 'powerOff', 'deprovision'],
    );
    assert.deepEqual(statesOf(report, 'register'), [
      ['asked', 'settled', 20],
      ['new', 'registering', 20],
      ['registering', 'inspecting', 20],
      ['inspecting', 'preparing', 20],
      ['preparing', 'available', 20],
    ]);
    assert.deepEqual(statesOf(report, 'provision').slice(1), [
      ['available', 'provisioning', 20],
      ['provisioning', 'provisioned', 20],
    ]);
    assert.deepEqual(statesOf(report, 'powerOff'), [['asked', 'off', 20]]);
    const { values } = report.metrics.find(({ name }) => name === 'step_objects_per_second') ?? assert.fail();
    assert.equal(values.length, 2);
    assert.match(stderr, /clear: 20 hosts of an earlier run/);
    assert.match(stderr, /^register: done in [\d.]+ s, 20 of 20 hosts/m);
  });

  it('does to hosts whatever a step can do, in sequence and in parallel', async () => {
    const props = kwok(
      20,
      { enroll: { state: 'provisioned', share: 0.5 } },
      { enroll: { hosts: '1,3,5,7,9,11,13,15,17,19', perSecond: 50 }, name: 'the others' },
      { parallel: [{ reboot: { share: 0.5 } }, { sequence: [{ rest: { seconds: 0.1 } }, { pause: { hosts: 1 } }] }] },
      { unpause: { hosts: 1 } },
      { powerOff: { share: 0.5 } },
      { powerOn: {} },
      { detach: { share: 0.5 } },
      { attach: {} },
      { deprovision: {} },
      { churn: { share: 0.1, everySeconds: 0.5, forSeconds: 1 } },
      { delete: {} },
    );
    const events: TestbedEvent[] = [];
    const report = await runScenario(props, {
      stateDir: stateDir('kwok'),
      simulator: 'kwok',
      listener: (e) => events.push(e),
    });
    checkReport(report, 20);
    // They start provisioned: nothing was done to bring them there.
    assert.deepEqual(statesOf(report, 'enroll'), [
      ['asked', 'settled', 10],
      ['new', 'provisioned', 10],
    ]);
    assert.deepEqual(statesOf(report, 'reboot'), [['asked', 'rebooted', 10]]);
    assert.ok((report.steps.find(({ name }) => name === 'churn')?.objects ?? 0) >= 2);
    assert.equal(statesOf(report, 'delete').find(([from]) => from === 'asked')?.[2], 20);
    assert.ok(metric(report, 'operator_memory_bytes_max', { operator: 'kwok' }) > 1e6);
    assert.ok(events.some((each) => each.type === 'progress' && each.states !== undefined));
  });

  it('goes on after faults, and names the hosts that fail for good', async () => {
    const props = kwok(
      20,
      { failHosts: { failures: [{ state: 'inspecting', share: 0.5 }] } },
      { enroll: {}, mayFail: true },
      {
        parallel: [
          { killOperator: { downSeconds: 0.5 } },
          { provision: { hosts: '1-5' }, mayFail: true, timeoutSeconds: 20 },
        ],
      },
      { slowApiServer: { stoppedShare: 0.5, forSeconds: 1 } },
      { stopApiServer: { forSeconds: 1 } },
      { failHosts: { failures: [] }, name: 'mend' },
      { delete: {} },
    );
    const report = await runScenario(props, { stateDir: stateDir('kwok'), simulator: 'kwok' });
    assert.deepEqual(check(reportSchema, report, ''), []);
    const step = (name: string) => report.steps.find((each) => each.name === name) ?? assert.fail(name);
    const { done, objects, late } = step('enroll');
    assert.ok(done > 0 && done < objects, `${done} of ${objects}`);
    assert.match(
      late[0] ?? '',
      /^lab(-\d)?\/worker-\d+: inspecting, inspection error: simulated failure while inspecting/,
    );
    assert.equal(metric(report, 'step_object_errors', { step: 'enroll' }), objects - done);
    assert.deepEqual(
      report.steps.filter(({ fault }) => fault).map(({ name }) => name),
      ['failHosts', 'killOperator', 'slowApiServer', 'stopApiServer', 'mend'],
    );
    assert.equal(step('delete').done, 20);
    // The watch of the hosts was picked up again once the API server was back.
    assert.ok(metric(report, 'watch_resumes', {}) + metric(report, 'watch_relists', {}) > 0);
  });

  it('leaves a report where a step is not reached, and names its time-out and the key of it', async () => {
    const file = join(dir, 'unreached.yaml');
    const { simulator, ...props } = kwok(
      4,
      { failHosts: { failures: [{ state: 'provisioning', share: 1 }] } },
      { enroll: {} },
      { provision: {}, timeoutSeconds: 3 },
      { delete: {} },
    );
    writeFileSync(file, JSON.stringify({ ...props, simulator }));
    const report = join(dir, 'unreached.json');
    symlinkSync('target.json', report);
    const folder = stateDir('kwok');
    const args = ['run', file, '--simulator', 'kwok', '--state-dir', folder, '--report', report];
    const { code, stdout, stderr } = await cli(args);
    assert.equal(code, 4, stderr);
    assert.match(
      stderr,
      /error: step provision: none of its 4 hosts reached the wanted state, timed out after 3 s \(scenario\.steps\[2\]\.timeoutSeconds\)/,
    );
    assert.match(stdout, /^provision +0 +4 /m);
    const { steps } = parseReport(readFileSync(join(dir, 'target.json'), 'utf8'), report);
    assert.deepEqual(
      steps.map(({ name, done, late }) => [name, done, late.length]),
      [
        ['failHosts', 0, 0],
        ['enroll', 4, 0],
        ['provision', 0, 4],
      ],
    );
    const page = await cli(['report', /^report: (.*)$/m.exec(stdout)?.[1] ?? '']);
    assert.equal(page.code, 0, page.stderr);
    const nowhere = await cli([...args.slice(0, -1), join(dir, 'no', 'report.json')]);
    assert.equal(nowhere.code, 2);
    assert.match(nowhere.stderr, /there is no folder/);
  });

  it('leaves a report of what it has measured where it is interrupted', async () => {
    const file = join(dir, 'interrupted.yaml');
    writeFileSync(file, JSON.stringify(kwok(60, { enroll: { perSecond: 5 } }, { delete: {} })));
    const report = join(dir, 'interrupted.json');
    const folder = stateDir('kwok');
    const args = ['run', file, '--simulator', 'kwok', '--state-dir', folder, '--report', report, '--runs', '2'];
    const { code, stdout, stderr } = await cli(args, { interruptAt: /^enroll: [1-9]\d* of 60 hosts/m });
    assert.equal(code, 130, stderr);
    assert.match(stderr, /^warning: enroll: interrupted after \d+\.\d s, \d+ of 60 hosts$/m);
    assert.match(stderr, /^interrupted: run the same command again to begin anew, or 'metal3-testbed down' to stop/m);
    assert.match(stdout, /^enroll +\d+ +\d+ /m);
    const { steps, distributions } = parseReport(readFileSync(report, 'utf8'), report);
    const [{ name, objects, done, late } = assert.fail('no step'), ...others] = steps;
    assert.deepEqual([name, objects, others, late.length], ['enroll', 60, [], 5]);
    assert.ok(done > 0 && done < 60, `${done} hosts`);
    assert.equal(distributions.find(({ from }) => from === 'asked')?.count, done);
    const page = await cli(['report', report]);
    assert.equal(page.code, 0, page.stderr);
  });

  it('is refused before anything is started where the testbed cannot run it', async () => {
    const folder = join(dir, 'never');
    await rejects(
      runScenario(kwok(2, { enroll: {} }, { takeCredentials: {} }), { stateDir: folder, simulator: 'kwok' }),
      /scenario\.steps\[1\]\.takeCredentials: needs the Bare Metal Operator/,
      'invalid-input',
    );
    assert.throws(() => readFileSync(join(folder, 'testbed.json')), { code: 'ENOENT' });
  });

  it('runs on several clusters side by side, in one report', async () => {
    const one = {
      props: kwok(6, { enroll: {} }),
      options: { stateDir: stateDir('kwok'), clusterName: 'a', simulator: 'kwok' as const },
    };
    const other = {
      props: kwok(4, { enroll: {} }),
      options: { stateDir: stateDir('other'), clusterName: 'b', simulator: 'kwok' as const },
    };
    const report = await runScenarios([one, other]);
    assert.deepEqual(check(reportSchema, report, ''), []);
    assert.deepEqual(
      report.steps.map(({ name, done }) => [name, done]),
      [
        ['a: enroll', 6],
        ['b: enroll', 4],
      ],
    );
    const last = (name: string) => report.series.series.find((each) => each.name === name)?.values.at(-1);
    assert.deepEqual([last('a: available'), last('b: available')], [6, 4]);
    assert.ok(metric(report, 'api_server_cpu_seconds', { cluster: 'b' }) > 0);
  });
});

describe('a scenario on the Bare Metal Operator', { timeout: 1_800_000, skip }, () => {
  it("is the blog's walk through, with what the operator tells of itself", async () => {
    const [folder, hosts] = [stateDir('bmo'), 40];
    const args = [
      'run',
      'examples/blog-scenario.yaml',
      '--hosts',
      String(hosts),
      '--bmo-binary',
      bmo ?? '',
      '--state-dir',
      folder,
    ];
    const { code, stderr } = await cli([...args, '--report', join(dir, 'bmo.json')]);
    assert.equal(code, 0, stderr);
    const report = JSON.parse(readFileSync(join(dir, 'bmo.json'), 'utf8')) as Report;
    checkReport(report, hosts);
    assert.deepEqual(statesOf(report, 'register').slice(1), [
      ['new', 'registering', hosts],
      ['registering', 'inspecting', hosts],
      ['inspecting', 'preparing', hosts],
      ['preparing', 'available', hosts],
    ]);
    assert.equal(metric(report, 'step_objects', { step: 'powerOff' }), hosts);
    const operator = 'baremetal-operator-system';
    assert.ok(metric(report, 'operator_reconciles', { operator, result: 'requeue' }) > hosts);
    assert.ok(metric(report, 'operator_reconcile_seconds_mean', { operator }) > 0);
    assert.ok(metric(report, 'operator_memory_bytes_max', { operator }) > 1e7);
    assert.match(report.environment.simulator.version, /^v0\.13\.2 \(sha256 [0-9a-f]{12}\)$/);
    assert.ok(report.environment.operators[0]?.arguments.includes('--kube-api-qps=1000'));
  });

  it('takes credentials away and gives them back, seeds hosts, and reboots them', async () => {
    const props: TestbedProps = {
      operators: [tuned],
      hostSets: [{ count: 20, namespace: 'lab', hostsPerNamespace: 10 }],
      scenario: {
        timeoutSeconds: 180,
        steps: [
          { enroll: { state: 'provisioned' } },
          { rest: { seconds: 5 } },
          { reboot: { hosts: 1 }, timeoutSeconds: 300 },
          { takeCredentials: { share: 0.5 } },
          { giveCredentials: {} },
          { takeCredentials: { share: 0.5, how: 'delete' } },
          { giveCredentials: {} },
          { detach: { share: 0.5 } },
          { attach: {} },
          { parallel: [{ deprovision: {} }, { killOperator: { downSeconds: 0.5 } }] },
          { delete: {} },
        ],
      },
    };
    const report = await runScenario(props, { stateDir: stateDir('bmo'), bmoBinary: bmo ?? '' });
    checkReport(report, 20);
    assert.deepEqual(statesOf(report, 'enroll').slice(1), [['new', 'provisioned', 20]]);
    assert.equal(metric(report, 'step_object_errors', { step: 'takeCredentials' }), 10);
  });

  it('has several operators, each with its namespaces and metrics of its own', async () => {
    const names = ['one', 'two'];
    const props: TestbedProps = {
      operators: names.map((name) => ({ ...tuned, namespace: `bmo-${name}`, watchedNamespaces: [name] })),
      // On and off at the same time, which one operator in test mode could not do.
      hostSets: names.map((name, i) => ({
        count: 10,
        name,
        namespace: name,
        online: i === 0,
        macPrefix: `00:60:2${i}`,
      })),
      scenario: { steps: [{ enroll: {} }, { powerOn: { hostSets: ['two'] } }] },
    };
    const report = await runScenario(
      { ...props, hostSets: props.hostSets?.map((set, i) => ({ ...set, bmcAddresses: [`10.${i}.0.0/16`] })) },
      { stateDir: stateDir('operators'), bmoBinary: bmo ?? '' },
    );
    checkReport(report, 20);
    for (const name of names) {
      const operator = `bmo-${name}`;
      assert.ok(metric(report, 'operator_reconciles', { operator, result: 'requeue' }) > 10, name);
      assert.ok(
        report.series.series.some((each) => each.name === `reconciles (${operator})`),
        name,
      );
    }
  });

  it('records a timeline that agrees with operationHistory of every one of 1,000 hosts', async () => {
    const props: TestbedProps = {
      operators: [tuned],
      hostSets: [{ count: 1_000, namespace: 'many', hostsPerNamespace: 20 }],
    };
    const live = await bringUp(resolveTestbed(props), { stateDir: stateDir('history'), bmoBinary: bmo ?? '' });
    const watch = watchHosts(live.client, { timelines: true });
    try {
      await watch.start();
      const [fleet] = live.testbed.fleets;
      assert.ok(fleet);
      await live.applier.applyGroups(
        [...fleet.hosts()].map((host) => fleet.objectsOf(host)),
        { task: 'hosts' },
      );
      const areAvailable = () => watch.counts()['available'] === 1_000;
      assert.ok(await watch.until(areAvailable, { deadlineMs: 900_000 }), JSON.stringify(watch.counts()));
      const compared = { register: 0, inspect: 0 };
      for await (const { items } of pagesOf<HostWithHistory>(live.client, HOSTS_PATH)) {
        for (const { metadata, status } of items) {
          const key = `${metadata.namespace}/${metadata.name}`;
          const line = watch.timelines?.get(key) ?? assert.fail(key);
          for (const [operation, from, to] of [
            ['register', 'registering', 'inspecting'],
            ['inspect', 'inspecting', 'preparing'],
          ] as const) {
            const { start, end } = status.operationHistory[operation];
            agrees(`${key} ${operation} start`, start, arrivalOf(line, from));
            agrees(`${key} ${operation} end`, end, arrivalOf(line, to));
            compared[operation]++;
          }
        }
      }
      assert.deepEqual(compared, { register: 1_000, inspect: 1_000 });
    } finally {
      await watch.stop();
      await live.close();
    }
  });
});

interface HostWithHistory {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly status: {
    readonly operationHistory: Readonly<
      Record<'register' | 'inspect', { readonly start: string; readonly end: string }>
    >;
  };
}

function arrivalOf({ transitions }: Timeline, state: string): number {
  return transitions.find(({ field, to }) => field === 'state' && to === state)?.at ?? NaN;
}

/**
 * The operator writes down whole seconds, cut off, before it sends its status: the arrival is in the same second or, where
 * the write crosses into it, in the next one.
 */
function agrees(what: string, written: string, arrived: number): void {
  const second = Math.floor((performance.timeOrigin + arrived) / 1000);
  const difference = second - Date.parse(written) / 1000;
  assert.ok(difference === 0 || difference === 1, `${what}: ${written}, and arrived ${difference} s later`);
}
