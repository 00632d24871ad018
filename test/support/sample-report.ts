import { ASKED } from '../../src/report/asked';
import { median } from '../../src/report/metrics';
import {
  REPORT_VERSION,
  type Distribution,
  type Metric,
  type Report,
  type Series,
  type StepResult,
} from '../../src/report/report';

const kind = 'BareMetalHost';

export interface SampleOptions {
  readonly hosts?: number;
  readonly runs?: number;
  /** How much longer everything takes: 1.2 for 20 %. */
  readonly slowdown?: number;
  readonly name?: string;
}

/** When a host enters a state, in seconds. */
interface Life {
  /** When it was asked for a change, by step. */
  readonly asked: Readonly<Record<string, number>>;
  readonly states: readonly { readonly state: string; readonly at: number; readonly step: string }[];
}

const GOALS: Readonly<Record<string, string>> = { provision: 'provisioned' };

/** Seconds between two points of the series. */
const INTERVAL = 5;

/**
 * A report as a run of 10,000 hosts gives it: enrolled, provisioned while the operator is killed and comes back, and a third
 * deprovisioned. Made from one small model of a queue, so that states, rates, metrics and distributions agree.
 */
export function sampleReport({
  hosts = 10_000,
  runs = 5,
  slowdown = 1,
  name = 'walk-through',
}: SampleOptions = {}): Report {
  const random = generator(7);
  const rate = 17 / slowdown;
  const work = hosts / rate;
  const enroll = { start: 0, end: 0 };
  const provision = { start: work * 1.08 + 40, end: 0 };
  const kill = { start: provision.start + work * 0.22, end: provision.start + work * 0.22 + 45 };
  const deprovision = { start: provision.start + work * 0.66 + 90, end: 0 };
  /** Nothing goes on while the operator is away. */
  const through = (at: number) => (at > kill.start && at < kill.end + 8 ? kill.end + 8 + (at - kill.start) * 0.35 : at);

  const lives: Life[] = Array.from({ length: hosts }, (_, i) => {
    const seen = (i / hosts) * work * 0.3;
    const queued = (i / hosts) * work + random() * 6;
    const inspecting = Math.max(seen + 1, queued + 1 + random() * 3);
    const preparing = inspecting + (2 + random() * 5) * slowdown;
    const available = preparing + (0.6 + random() ** 3 * 9) * slowdown;
    const states = [
      { state: 'registering', at: seen + 0.2 + random(), step: 'enroll' },
      { state: 'inspecting', at: inspecting, step: 'enroll' },
      { state: 'preparing', at: preparing, step: 'enroll' },
      { state: 'available', at: available, step: 'enroll' },
    ];
    const asked: Record<string, number> = { enroll: seen, provision: provision.start + i / 500 };
    const provisioning = through(provision.start + 1 + Math.max(i / 500, (i / hosts) * work * 0.55) + random() * 4);
    const provisioned = through(provisioning + (3 + random() * random() * 22) * slowdown);
    states.push({ state: 'provisioning', at: provisioning, step: 'provision' });
    states.push({ state: 'provisioned', at: Math.max(provisioned, provisioning + 1), step: 'provision' });
    if (i % 3 === 0) {
      asked['deprovision a third'] = deprovision.start + i / 1500;
      const deprovisioning = deprovision.start + 1 + Math.max(i / 1500, (i / hosts) * work * 0.22) + random() * 5;
      const cleaned = deprovisioning + (2 + random() * 12) * slowdown;
      states.push({ state: 'deprovisioning', at: deprovisioning, step: 'deprovision a third' });
      states.push({ state: 'preparing', at: cleaned, step: 'deprovision a third' });
      states.push({ state: 'available', at: cleaned + 1 + random() * 2, step: 'deprovision a third' });
    }
    return { states, asked };
  });

  const ends = (step: string) =>
    lives.reduce(
      (end, { states }) => states.reduce((last, each) => (each.step === step ? Math.max(last, each.at) : last), end),
      0,
    );
  enroll.end = ends('enroll');
  provision.end = ends('provision');
  deprovision.end = ends('deprovision a third');
  const third = Math.ceil(hosts / 3);
  const steps: StepResult[] = [
    { name: 'enroll', action: 'enroll', kind, ...enroll, objects: hosts, done: hosts, late: [] },
    { name: 'provision', action: 'provision', kind, ...provision, objects: hosts, done: hosts, late: [] },
    { name: 'operator killed', action: 'killOperator', fault: true, ...kill, objects: 0, done: 0, late: [] },
    {
      name: 'deprovision a third',
      action: 'deprovision',
      kind,
      ...deprovision,
      objects: third,
      done: third - 2,
      late: ['lab-31/worker-1203: preparing for 300 s', 'lab-31/worker-1204: preparing for 300 s'],
    },
  ];
  const distributions = distributionsOf(lives);
  const at = Array.from({ length: Math.ceil((deprovision.end + 30) / INTERVAL) }, (_, i) => i * INTERVAL);
  return {
    version: REPORT_VERSION,
    name,
    startedAt: '2026-03-14T09:26:53Z',
    runs,
    environment: {
      version: '0.1.0',
      node: 'v24.21.0',
      machine: { cpu: 'AMD EPYC 7B13', cores: 16, memoryGB: 64, kernel: 'Linux 6.12.9', loadBefore: 0.21 },
      clusters: [{ name: 'local', kind: 'local', kubernetes: 'v1.34.4' }],
      simulator: { kind: 'bmo', version: 'v0.13.2' },
      operators: [
        {
          name: 'baremetal-operator',
          arguments: [
            '--test-mode',
            '--webhook-port=0',
            '--kube-api-qps=1000',
            '--kube-api-burst=1000',
            '--controller-concurrency=32',
          ],
          environment: { BMO_CONCURRENCY: '32' },
        },
      ],
      managers: [],
      sets: [{ kind, name: 'worker', objects: hosts, namespaces: Math.ceil(hosts / 20) }],
    },
    steps,
    metrics: metricsOf(steps, distributions, runs),
    distributions,
    waterfalls: [],
    series: { at, series: seriesOf(lives, at, kill, random) },
  };
}

/** What hosts went through in each step: the whole way, then each change of state. */
function distributionsOf(lives: readonly Life[]): Distribution[] {
  const times = new Map<string, { step: string; from: string; to: string; seconds: number[] }>();
  const add = (step: string, from: string, to: string, seconds: number) => {
    const key = `${step} ${from} ${to}`;
    const known = times.get(key) ?? { step, from, to, seconds: [] };
    times.set(key, known);
    known.seconds.push(seconds);
  };
  for (const { states, asked } of lives) {
    for (const [step, at] of Object.entries(asked)) {
      const ofStep = states.filter((each) => each.step === step);
      add(step, ASKED, GOALS[step] ?? 'settled', ofStep.at(-1)!.at - at);
      let before = { state: states[states.indexOf(ofStep[0]!) - 1]?.state ?? 'new', at };
      for (const change of ofStep) {
        add(step, before.state, change.state, change.at - before.at);
        before = change;
      }
    }
  }
  return [...times.values()].map(({ step, from, to, seconds }) => {
    const sorted = seconds.sort((a, b) => a - b);
    const percentiles = Array.from({ length: 101 }, (_, p) =>
      round(sorted[Math.round((p / 100) * (sorted.length - 1))]!),
    );
    return { kind, step, from, to, count: sorted.length, percentiles };
  });
}

function metricsOf(steps: readonly StepResult[], distributions: readonly Distribution[], runs: number): Metric[] {
  const random = generator(11);
  const luck = Array.from({ length: runs }, () => random() - 0.5);
  /** @param jitter how far the runs are apart, as a share */
  const metric = (base: Omit<Metric, 'value' | 'values'>, value: number, jitter = 0.05): Metric => {
    const values = luck.map((each) => round(value * (1 + each * jitter)));
    return { ...base, value: median(values), values };
  };
  const quantiles = (name: string, labels: Metric['labels'], { percentiles }: Distribution) =>
    [50, 90, 99, 100].map((p) => {
      const better = p === 100 ? 'neither' : 'lower';
      return metric(
        { name, labels: { ...labels, quantile: String(p / 100) }, unit: 'seconds', better },
        percentiles[p]!,
      );
    });
  return [
    ...steps.flatMap(({ name: step, start, end, objects, done, fault }) => [
      metric(
        { name: 'step_seconds', labels: fault === true ? { step } : { kind, step }, unit: 'seconds', better: 'lower' },
        end - start,
      ),
      ...(fault === true
        ? []
        : [
            metric({ name: 'step_objects', labels: { kind, step }, unit: 'objects', better: 'higher' }, done, 0),
            metric(
              { name: 'step_objects_late', labels: { kind, step }, unit: 'objects', better: 'lower' },
              objects - done,
              0,
            ),
            metric(
              { name: 'step_objects_per_second', labels: { kind, step }, unit: 'objects per second', better: 'higher' },
              done / (end - start),
            ),
          ]),
    ]),
    ...distributions.flatMap((each) => {
      const { step, from, to, count } = each;
      if (from === ASKED) return quantiles('step_object_seconds', { kind, step }, each);
      return [
        metric(
          { name: 'transition_objects', labels: { kind, step, from, to }, unit: 'count', better: 'neither' },
          count,
          0,
        ),
        ...quantiles('transition_seconds', { kind, step, from, to }, each),
      ];
    }),
    metric({ name: 'api_server_refusals_total', labels: { code: '409' }, unit: 'count', better: 'lower' }, 33, 0.4),
    metric({ name: 'operator_memory_bytes_max', labels: { operator: 'bmo' }, unit: 'bytes', better: 'lower' }, 741e6),
  ];
}

function seriesOf(
  lives: readonly Life[],
  at: readonly number[],
  away: { start: number; end: number },
  random: () => number,
): Series[] {
  const counts = new Map<string, number[]>();
  const entered = new Map<string, number[]>();
  const row = (map: Map<string, number[]>, key: string) => {
    const known = map.get(key) ?? at.map(() => 0);
    map.set(key, known);
    return known;
  };
  for (const { states } of lives) {
    for (const [i, { state, at: from }] of states.entries()) {
      const first = Math.ceil(from / INTERVAL);
      const until =
        states[i + 1] === undefined ? at.length : Math.min(at.length, Math.ceil(states[i + 1]!.at / INTERVAL));
      for (let t = first; t < until; t++) row(counts, state)[t]!++;
      const slot = Math.min(at.length - 1, first);
      if (state === 'available' || state === 'provisioned') row(entered, state)[slot]!++;
    }
  }
  const busy = at.map((_, t) =>
    ['registering', 'inspecting', 'preparing', 'provisioning', 'deprovisioning'].reduce(
      (sum, state) => sum + (counts.get(state)?.[t] ?? 0),
      0,
    ),
  );
  const work = at.map((_, t) => [...entered.values()].reduce((sum, values) => sum + values[t]! / INTERVAL, 0));
  const isAway = (t: number) => at[t]! > away.start && at[t]! <= away.end;
  const measured = (
    group: Series['group'],
    name: string,
    unit: Series['unit'],
    value: (t: number) => number,
  ): Series => ({
    group,
    name,
    unit,
    // Scraped at every second point, and by nobody while the operator is away.
    values: at.map((_, t) => (t % 2 === 1 || (group === 'operator' && isAway(t)) ? null : round(value(t)))),
  });
  const wobble = () => 0.85 + random() * 0.3;
  return [
    ...[...counts].map(([name, values]): Series => ({ group: 'states', kind, name, unit: 'objects', values })),
    ...[...entered].map(([state, values]): Series => ({
      group: 'throughput',
      kind,
      name: state,
      unit: 'objects per second',
      values: values.map((each) => each / INTERVAL),
    })),
    measured('operator', 'queue: baremetalhost', 'count', (t) => Math.min(busy[t]!, 4200) * wobble()),
    measured('operator', 'queue: hostfirmwaresettings', 'count', (t) => Math.min(busy[t]!, 900) * 0.4 * wobble()),
    measured('operator', 'reconcile p50', 'seconds', (t) => 0.012 + busy[t]! * 4e-6 * wobble()),
    measured('operator', 'reconcile p99', 'seconds', (t) => 0.09 + busy[t]! * 3e-5 * wobble()),
    measured(
      'operator',
      'memory',
      'bytes',
      (t) => 90e6 + (at[t]! < away.start ? 1 : 0.55) * Math.min(at[t]!, 900) * 7e5,
    ),
    measured('operator', 'CPU', 'cores', (t) => 0.05 + Math.min(work[t]!, 40) * 0.05 * wobble()),
    ...['patch', 'update', 'get', 'list', 'watch'].map((verb, i) =>
      measured('api-server', `${verb} baremetalhosts`, 'per second', (t) => (work[t]! * (6 - i) + 1) * wobble()),
    ),
    ...['hostfirmwaresettings', 'firmwareschemas', 'secrets', 'leases'].map((resource, i) =>
      measured('api-server', `update ${resource}`, 'per second', (t) => (work[t]! * (2 - i * 0.4) + 0.2) * wobble()),
    ),
    measured('api-server', 'p99 patch baremetalhosts', 'seconds', (t) => 0.02 + work[t]! * 8e-4 * wobble()),
    measured('api-server', 'p99 update firmwareschemas', 'seconds', (t) => 0.03 + work[t]! * 1.6e-3 * wobble()),
    measured('api-server', '409 firmwareschemas', 'count', (t) => Math.round(work[t]! * 0.3 * random())),
    measured('api-server', '429', 'count', () => 0),
  ];
}

/** Numbers between 0 and 1 that are the same in every run (a linear congruential generator). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
