import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { placesOf } from '../../../src/report/browser/lanes';
import { lastMeasured, usualStep } from '../../../src/report/browser/measured';
import { panelsOf } from '../../../src/report/browser/panels';
import { stack } from '../../../src/report/browser/stack';
import { headlines } from '../../../src/report/html/headlines';
import { reportPage } from '../../../src/report/html/page';
import type { Report, Series } from '../../../src/report/report';
import { sampleClusterReport, UNLIKE_PRODUCTION } from '../../support/sample-clusters';
import { sampleReport } from '../../support/sample-report';

const sample = sampleReport({ hosts: 60, runs: 3 });

describe('the page of a report', () => {
  const page = reportPage(sample);

  it('is the same for the same report', () => {
    assert.equal(reportPage(sampleReport({ hosts: 60, runs: 3 })), page);
  });

  it('needs nothing from anywhere else', () => {
    const markup = page.replaceAll(/<(script|style)\b[^>]*>[^]*?<\/\1>/g, '');
    assert.deepEqual(markup.match(/\b(src|href|action|srcset|poster)="(?!data:)[^"]*"/g), null);
    assert.match(page, /http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;/);
  });

  it('says who wrote what draws its charts', () => {
    assert.match(page, /MIT License[^]*Leon Sorokin/);
  });

  it('is not taken in by names, wherever they stand', () => {
    const evil = '</script><script>alert(1)</script><b title="x">&';
    const hostile: Report = {
      ...sample,
      name: evil,
      steps: sample.steps.map((step, i) => ({ ...step, name: `${evil}${i}`, action: evil, kind: evil, late: [evil] })),
      metrics: sample.metrics.map((metric) => ({ ...metric, labels: { ...metric.labels, [evil]: evil } })),
      environment: {
        ...sample.environment,
        operators: [{ name: evil, arguments: [evil], environment: { [evil]: evil } }],
        sets: [{ kind: evil, name: evil, objects: 1, namespaces: 1 }],
      },
    };
    const text = reportPage(hostile);
    assert.ok(!text.includes('<script>alert'));
    assert.ok(!text.includes('<b title'));
    const [, json = ''] = /<script type="application\/json" id="report">([^]*?)<\/script>/.exec(text) ?? [];
    assert.deepEqual(JSON.parse(json), hostile);
  });
});

describe('the page of a report of clusters', () => {
  const clusters = sampleClusterReport(1_000);
  const text = reportPage(clusters);
  const markup = text.replaceAll(/<(script|style)\b[^>]*>[^]*?<\/\1>/g, '');

  it('says right behind its first numbers what the environment was not', () => {
    const places = ['headlines"', 'unlike-production"', 'state-charts"', 'waterfalls"', 'other-charts"'].map(
      (name) => `="${name}`,
    );
    assert.deepEqual(
      places.map((place) => markup.indexOf(place)),
      places.map((place) => markup.indexOf(place)).toSorted((a, b) => a - b),
    );
    for (const { option, here } of UNLIKE_PRODUCTION) {
      assert.ok(markup.includes(`title="${option}"`), option);
      assert.ok(markup.includes(here), here);
    }
    const { unlikeProduction: _, ...unsaid } = clusters.environment;
    assert.ok(!reportPage({ ...clusters, environment: unsaid }).includes('What this environment was not'));
  });

  it('has its metrics by what they are of, those of the steps first, and others folded away', () => {
    const section = markup.slice(markup.indexOf('<h2>Metrics'));
    const summaries = [
      ...section.matchAll(/<details class="metrics"\s*(open)?\s*>\s*<summary>\s*<h3>([^<]*) <small>(\d+) metric/g),
    ];
    assert.deepEqual(
      summaries.map(([, open, title]) => [title, open !== undefined]),
      [
        ['Steps', true],
        ...['Changes of state', 'Conditions', 'Phases', 'Managers', 'API of workload clusters', 'Processes'].map(
          (title) => [title, false],
        ),
      ],
    );
    const counted = summaries.reduce((sum, [, , , count]) => sum + Number(count), 0);
    const { metrics } = clusters;
    assert.equal(
      counted,
      metrics.filter(({ labels, values }) => labels['quantile'] !== undefined || values.some((value) => value !== 0))
        .length,
    );
  });

  it('shows where the time of the median cluster went and of the slowest, phase by phase', () => {
    assert.equal(clusters.waterfalls.length, 4);
    for (const { object, phases } of clusters.waterfalls) {
      assert.ok(markup.includes(object), object);
      for (const { name } of phases) assert.ok(markup.includes(`<span class="phase-name">${name}</span>`), name);
    }
    assert.match(markup, /not there after/);
    assert.match(markup, /class="phase-bar open"/);
    assert.match(markup, /Share of the time of all/);
  });

  it('is not taken in by what phases and options are called', () => {
    const evil = '"><script>alert(1)</script>';
    const [waterfall] = clusters.waterfalls;
    const hostile = reportPage({
      ...clusters,
      waterfalls: [{ ...waterfall!, object: evil, step: evil, kind: evil, phases: [{ name: evil, start: 0, end: 1 }] }],
      environment: { ...clusters.environment, unlikeProduction: [{ option: evil, here: evil, production: evil }] },
    });
    assert.ok(!hostile.includes('<script>alert'));
  });

  it('is no larger for a thousand clusters than a browser opens at once, and hardly larger than for ten', () => {
    const ofTen = JSON.stringify(sampleClusterReport(10));
    const ofMany = JSON.stringify(clusters);
    assert.ok(clusters.metrics.length < sampleClusterReport(10).metrics.length + 10);
    // What grows are the points of its series, up to as many as can be drawn.
    assert.ok(ofMany.length < 1_000_000, `${ofTen.length} and ${ofMany.length}`);
    assert.ok(text.length < 2_000_000, String(text.length));
  });

  it('says what no manager tells of its requests, where there are managers', () => {
    const isSaid = /Managers count their requests by method and code, not by resource/;
    assert.match(text, isSaid);
    assert.doesNotMatch(reportPage(sample), isSaid);
  });

  it('draws what is alike of all managers in one chart, and conditions in the order in which objects come to them', () => {
    const titles = panelsOf(clusters).map(({ title }) => title);
    for (const title of ['Managers: reconciles', 'Managers: queue', 'Processes: CPU', 'Clusters with each condition'])
      assert.ok(titles.includes(title), titles.join());
    const conditions = panelsOf(clusters).find(({ title }) => title === 'Clusters with each condition');
    assert.deepEqual(conditions?.series.map(({ name }) => name).slice(0, 2), [
      'InfrastructureReady',
      'ControlPlaneInitialized',
    ]);
    const reconciles = panelsOf(clusters).find(({ title }) => title === 'Managers: reconciles');
    assert.equal(reconciles?.series.length, 5);
    assert.ok(reconciles.series.some(({ name }) => name === 'cluster-api'));
  });
});

describe('what a report says in short', () => {
  const inShort = (report: Report) =>
    Object.fromEntries(headlines(report).map(({ label, value, unit }) => [label, `${value} ${unit}`.trim()]));

  it('is how many hosts, how fast, how long one took, and what is still pending', () => {
    const found = inShort(sample);
    const rate = sample.metrics.find(({ name }) => name === 'step_objects_per_second')!.value;
    assert.deepEqual(Object.keys(found), [
      'Hosts',
      'Throughput',
      'p50 to available',
      'p99 to available',
      'Longest phase',
      'Took',
      'Still pending',
    ]);
    assert.equal(found['Hosts'], '60');
    assert.equal(found['Throughput'], `${Math.round(rate * 60)} hosts / min`);
    assert.equal(found['Still pending'], '2');
    const last = sample.steps.at(-1)!;
    const steps = sample.steps.map((step) => ({ ...step, done: step.objects }));
    assert.equal(inShort({ ...sample, steps })['Still pending'], 'none');
    assert.equal(inShort({ ...sample, steps: [{ ...last, end: 3725 }] })['Took'], '1:02:05 h');
  });

  it('names the part of the way that most of the time goes to: a phase, or a state that objects wait in', () => {
    const longest = (report: Report) => headlines(report).find(({ label }) => label === 'Longest phase');
    const clusters = sampleClusterReport(100);
    const step = clusters.waterfalls[0]!.step;
    const shares = clusters.metrics.filter(({ name, labels }) => name === 'phase_share' && labels['step'] === step);
    const most = shares.toSorted((a, b) => b.value - a.value)[0]!;
    assert.ok(shares.length > 3 && most.labels['kind'] === 'Cluster');
    assert.deepEqual(
      [longest(clusters)?.note, parseFloat(longest(clusters)!.value)],
      [most.labels['phase'], Math.round(most.value * 100)],
    );
    // Two hosts: 1 s each to be registered, then 2 s and 4 s until they are available.
    const change = (from: string, to: string, count: number, seconds: number) => ({
      ...{ kind: 'BareMetalHost', step: 'enroll', from, to, count },
      percentiles: Array.from({ length: 101 }, () => seconds),
    });
    const changes = [
      change('asked', 'available', 2, 4),
      change('new', 'registering', 2, 1),
      change('registering', 'available', 1, 2),
      change('registering', 'inspecting', 1, 4),
    ];
    const ofHosts = longest({ ...sample, distributions: [...changes, { ...changes[1]!, step: 'later' }] });
    assert.deepEqual([ofHosts?.value, ofHosts?.unit, ofHosts?.note], ['75', '%', 'registering']);
  });

  it('is of the clusters where there are some, and of the hosts that they stand on', () => {
    const report = sampleClusterReport(100);
    const found = headlines(report);
    assert.deepEqual(
      found.map(({ label }) => label),
      ['Clusters', 'Throughput', 'p50 to available', 'p99 to available', 'Longest phase', 'Took', 'Still pending'],
    );
    assert.deepEqual([found[0]?.value, found[0]?.note], ['100', 'on 200 hosts, in 1 namespace']);
    assert.equal(found[1]?.unit, 'clusters / min');
    assert.equal(found[2]?.note, 'of one cluster, bring up clusters');
  });

  it('has the rate of each of several clusters, and how long hosts took in the slowest', () => {
    const inCluster = (cluster: string, times: number) =>
      sample.metrics.map((each) => ({
        ...each,
        value: each.value * times,
        values: [each.value * times],
        // As reports of several clusters have it.
        labels: { ...each.labels, step: `${cluster}: ${each.labels['step']}`, cluster },
      }));
    const metrics = [...inCluster('lab-a', 1), ...inCluster('lab-b', 2)];
    const found = headlines({ ...sample, metrics });
    const rate = sample.metrics.find(({ name }) => name === 'step_objects_per_second')!.value;
    const of = (label: string) => found.find((each) => each.label === label);
    assert.equal(of('Throughput, lab-a')?.value, `${Math.round(rate * 60)}`);
    assert.equal(of('Throughput, lab-b')?.value, `${Math.round(rate * 2 * 60)}`);
    const slowest = found.find(({ label }) => label.startsWith('p99'));
    assert.equal(slowest?.note, 'of one host, enroll, slowest in lab-b');
    assert.equal(found.length, Object.keys(inShort(sample)).length + 1);
  });

  it('leaves out what was not measured', () => {
    assert.deepEqual(Object.keys(inShort({ ...sample, metrics: [], distributions: [] })), [
      'Hosts',
      'Took',
      'Still pending',
    ]);
  });
});

describe('the charts of a report', () => {
  const series = (
    group: Series['group'],
    name: string,
    values: (number | null)[],
    unit: Series['unit'] = 'objects',
  ): Series => ({
    group,
    kind: 'BareMetalHost',
    name,
    unit,
    values,
  });
  const panels = (...all: Series[]) =>
    panelsOf({ environment: sample.environment, series: { at: [0, 1], series: all } });

  it('are one a group and unit, and have every series once', () => {
    const titles = panelsOf(sample).map(({ title }) => title);
    assert.deepEqual(titles.slice(0, 3), ['Hosts by state', 'Throughput: hosts', 'Operator: counts']);
    assert.equal(new Set(titles).size, titles.length);
    assert.equal(panelsOf(sample).flatMap((panel) => panel.series).length, sample.series.series.length);
  });

  it('stack states from what is done at the bottom, also of several clusters', () => {
    const [panel] = panels(
      series('states', 'a: provisioned', [1, 1]),
      series('states', 'unheard of', [1, 1]),
      series('states', 'b: registering', [1, 1]),
      series('states', 'a: available', [1, 1]),
    );
    const names = panel?.series.map(({ name }) => name);
    assert.deepEqual(
      names?.filter((name) => name !== 'unheard of'),
      ['b: registering', 'a: available', 'a: provisioned'],
    );
    assert.equal(panel?.series.at(-2)?.color, '--state-BareMetalHost-provisioned');
  });

  it('give a state the same colour everywhere', () => {
    const [states, throughput] = panels(
      series('states', 'available', [1, 1]),
      series('throughput', 'available', [1, 1]),
    );
    assert.equal(throughput?.series[0]?.color, states?.series[0]?.color);
  });

  it('draw the eight lines that reach highest, and keep the others ready', () => {
    const [panel] = panels(
      ...Array.from({ length: 11 }, (_, i) => series('api-server', `verb ${i}`, [i, null], 'per second')),
    );
    assert.deepEqual(
      panel?.series.filter(({ isShown }) => !isShown).map(({ name }) => name),
      ['verb 2', 'verb 1', 'verb 0'],
    );
    const looks = panel?.series.map(({ color, dash }) => `${color} ${String(dash)}`);
    assert.equal(new Set(looks).size, 11, 'no two lines look the same');
  });

  it('put areas on each other, without those that are hidden', () => {
    const rows = [
      [1, 2, null],
      [10, 20, 30],
      [100, null, 300],
    ];
    assert.deepEqual(
      stack(rows, () => true),
      [
        [111, 22, null],
        [110, 20, 330],
        [100, null, 300],
      ],
    );
    assert.deepEqual(stack(rows, (i) => i !== 1)[0], [101, 2, null]);
  });

  it('say what was measured last, unless that is longer ago than it usually is', () => {
    const series = { at: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], values: [1, null, 2, null, 3, null, null, null, null, 4] };
    const step = usualStep(series);
    assert.equal(step, 2);
    assert.deepEqual(
      series.at.map((index) => lastMeasured(series, index, step)),
      [1, 1, 2, 2, 3, 3, 3, null, null, 4],
    );
    assert.equal(lastMeasured({ at: [0, 1], values: [null, 5] }, 0, step), null);
  });

  it('put steps that overlap below each other, and faults below all', () => {
    const bar = (left: number, right: number, isFault = false) => ({ left, right, name: 1, isFault });
    const places = placesOf([bar(0, 100), bar(20, 30, true), bar(50, 80), bar(100, 200), bar(110, 120, true)], 300);
    assert.deepEqual(
      places.map(({ lane }) => lane),
      [0, 2, 1, 0, 2],
    );
  });

  it('have the whole name of each step, however short it is, and no two in one place', () => {
    const bar = (left: number, right: number, name: number) => ({ left, right, name, isFault: false });
    // As in a run that makes hosts in no time, rests twice, and deletes at its end.
    const bars = [
      bar(0, 20, 110),
      bar(21, 400, 60),
      bar(401, 410, 40),
      bar(411, 700, 70),
      bar(701, 710, 80),
      bar(711, 760, 62),
    ];
    const places = placesOf(bars, 780);
    for (const [i, { side, room }] of places.entries()) {
      const { left, right, name } = bars[i]!;
      assert.ok(room >= name, `the name of ${i} is whole`);
      assert.equal(side === 'on', name <= right - left);
    }
    const spans = places.map(({ lane, side }, i) => {
      const { left, right, name } = bars[i]!;
      return { lane, from: side === 'left' ? left - name : left, to: side === 'right' ? right + name : right };
    });
    for (const [i, a] of spans.entries())
      for (const b of spans.slice(i + 1)) assert.ok(a.lane !== b.lane || a.to < b.from || b.to < a.from, `${i}`);
    assert.ok(spans.every(({ from, to }) => from >= 0 && to <= 780));
    // Of very many, names are cut before lanes fill the page.
    const many = placesOf(
      Array.from({ length: 60 }, (_, i) => bar(i * 10, i * 10 + 9, 200)),
      780,
    );
    assert.ok(Math.max(...many.map(({ lane }) => lane)) < 5);
  });
});
