/**
 * The examples that make clusters, and a scenario of each step for them, run by the command with the real managers:
 * METAL3_TESTBED_EXAMPLES=N says how many clusters each has at most. METAL3_TESTBED_SCREENSHOTS keeps what their pages look like.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import type { TestbedProps } from '../../lib/testbed/resolve';
import { parseReport } from '../../src/report/read-report';
import { cli } from '../support/cli';
import { findChromium, startChromium } from '../support/chromium';
import { readExample, scaledExample } from '../support/scaled-example';
import { atEnd, tempDir } from '../support/temp-dir';

const most = Number(process.env['METAL3_TESTBED_EXAMPLES'] ?? 0);
const skip = most === 0 && 'METAL3_TESTBED_EXAMPLES is not set';
const EXAMPLES = [
  ...['blog-part-2-clusters', 'blog-part-3-scale', 'remediation-storm', 'thousand-clusters', 'upgrade-under-latency'],
];

/** Whatever a scenario may do to clusters, to all of them each time. */
const EACH_STEP: TestbedProps = {
  clusterSets: [
    {
      ...{ count: 20, name: 's', controlPlanes: 1, workers: 1, kubernetesVersion: 'v1.35.0', keySeed: 'steps' },
      ...{ hosts: { spare: 4 }, healthCheck: { remediation: 'replace' } },
    },
  ],
  scenario: {
    name: 'each step',
    timeoutSeconds: 1_800,
    steps: [
      { create: { clusters: '1-5' }, name: 'at once' },
      { create: { clusters: '6-10', perSecond: 0.5 }, name: 'at a rate' },
      { create: { clusters: '11-20', waves: { size: 5 } }, name: 'in waves' },
      { scaleControlPlane: { clusters: 'all', replicas: 3 } },
      { scaleWorkers: { clusters: 'all', replicas: 2 } },
      { upgrade: { clusters: 'all', version: 'v1.36.0' } },
      { rollout: { clusters: 'all', role: 'workers' } },
      { remediate: { clusters: 'all', role: 'workers', machineShare: 0.5 } },
      { churn: { clusters: 'all', share: 0.2, everySeconds: 30, forSeconds: 40 } },
      { pause: { clusters: 'all' } },
      { unpause: { clusters: 'all' } },
      { delete: { clusters: 'all' } },
    ],
  },
};

const runs: readonly (readonly [name: string, props: () => TestbedProps])[] = [
  ['each-step', () => EACH_STEP],
  ...EXAMPLES.map((name) => [name, () => readExample(`${name}.yaml`)] as const),
];

/** What a reader of the page finds on it, and what its script failed on. */
async function lookAt(page: string, screenshot: string): Promise<{ text: string; charts: number; errors: string[] }> {
  const program = (await findChromium()) ?? assert.fail('chromium is not on PATH');
  const browser = await startChromium(program);
  try {
    const shown = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const errors: string[] = [];
    shown.on('pageerror', (error) => errors.push(error.message));
    await shown.goto(pathToFileURL(page).href);
    await shown.screenshot({ path: screenshot, fullPage: true });
    return {
      text: await shown.innerText('body'),
      charts: await shown.evaluate<number>('reportCharts.length'),
      errors,
    };
  } finally {
    await browser.close();
  }
}

describe(`examples with ${most} clusters at most`, { timeout: 7_200_000, skip }, () => {
  for (const [name, props] of runs)
    it(`runs to its end, and its report has all of it: ${name}`, async (t) => {
      const dir = tempDir(t);
      const description = join(dir, `${name}.yaml`);
      writeFileSync(description, stringify(scaledExample(props(), most)));
      const stateDir = join(dir, 'state');
      atEnd(t, () => cli(['down', '--delete', '--state-dir', stateDir]));
      const file = join(dir, 'report.json');
      const ran = await cli(['run', description, '--state-dir', stateDir, '--report', file]);
      assert.equal(ran.code, 0, ran.stderr);
      const report = parseReport(readFileSync(file, 'utf8'), file);
      for (const { name: step, objects, done } of report.steps)
        assert.deepEqual([step, done], [step, objects], 'not all got there');
      const page = join(dir, 'report.html');
      const made = await cli(['report', file, '--output', page]);
      assert.equal(made.code, 0, made.stderr);
      const screenshots = process.env['METAL3_TESTBED_SCREENSHOTS'] ?? dir;
      mkdirSync(screenshots, { recursive: true });
      const { text, charts, errors } = await lookAt(page, join(screenshots, `${name}.png`));
      assert.deepEqual(errors, []);
      assert.ok(charts > 0);
      for (const each of report.steps) assert.ok(text.includes(each.name), `${each.name} is not on the page`);
      for (const { name: step, objects, start, end } of report.steps)
        t.diagnostic(`${name}: ${step}: ${objects} in ${(end - start).toFixed(1)} s`);
    });
});
