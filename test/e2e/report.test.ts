import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { until } from '../../src/util/until';
import { reportPage } from '../../src/report/html/page';
import type { Report } from '../../src/report/report';
import { STATE_LOOKS, stateLook } from '../../src/report/states';
import { findChromium, startChromium } from '../support/chromium';
import { sampleClusterReport, UNLIKE_PRODUCTION } from '../support/sample-clusters';
import { sampleReport } from '../support/sample-report';

const LOOKS = {
  light: { viewport: { width: 1400, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1400, height: 900 }, colorScheme: 'dark' },
  phone: {
    viewport: { width: 390, height: 844 },
    colorScheme: 'light',
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  },
} as const satisfies Record<string, BrowserContextOptions>;

/** What a chart of the page holds, as uPlot has it. */
interface DrawnChart {
  readonly kind: 'latency' | 'time';
  readonly title: string;
  readonly names: readonly string[];
  readonly x: readonly number[];
  readonly rows: readonly (readonly (number | null)[])[];
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly isCut: boolean;
}

const READ_CHARTS = `reportCharts.map(({ kind, title, plot }) => ({
  kind, title, names: plot.series.slice(1).map(({ label }) => label), x: plot.data[0], rows: plot.data.slice(1),
}))`;
/** Of each bar of a waterfall its share of the track, and its width in pixels. */
/** With a number that is as long as there are, the texts of tiles that do not hold it. */
const TILES_THAT_ARE_TOO_SMALL = `[...document.querySelectorAll('.tile-value:has(small)')].map((value) => {
  const [number] = value.childNodes;
  const before = number.textContent;
  number.textContent = '12,345';
  const text = value.scrollWidth > value.clientWidth ? value.textContent.trim() : '';
  number.textContent = before;
  return text;
}).filter((text) => text !== '')`;
const BARS = `[...document.querySelectorAll('.phase-bar')].map((bar) => {
  const { width } = bar.getBoundingClientRect();
  return [width / bar.parentElement.getBoundingClientRect().width, width];
})`;
const LEGEND_HEADINGS = `[...document.querySelectorAll('#state-charts .legend-heading, #other-charts .legend-heading')].map(({ textContent }) => textContent)`;
/** How many ways in which the environment was unlike production are seen, and not folded away. */
const SEEN_WAYS = `[...document.querySelectorAll('#unlike-production dd')].filter((each) => each.checkVisibility()).length`;
const X_RANGES = `reportCharts.filter(({ kind }) => kind === 'time').map(({ plot }) => [plot.scales.x.min, plot.scales.x.max])`;

/** Waits until an expression is true in the page, asking from outside: the page itself may evaluate no text. */
async function holds(page: Page, expression: string): Promise<void> {
  const isSo = await until(() => page.evaluate<boolean>(expression), { deadlineMs: 30_000, everyMs: 50 });
  assert.ok(isSo, `in time: ${expression}`);
}

describe('the page of a report, in a browser', { timeout: 240_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-page-'));
  const screenshots = process.env['METAL3_TESTBED_SCREENSHOTS'] ?? dir;
  const report = sampleReport();
  const clusters = sampleClusterReport(1_000);
  let browser: Browser | undefined;
  before(async () => {
    mkdirSync(screenshots, { recursive: true });
    const program = await findChromium();
    if (program !== undefined) browser = await startChromium(program);
  });
  after(async () => {
    await browser?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Opens a report from disk, with no network, looks at it, and checks that nothing went wrong meanwhile. */
  function looking(title: string, options: BrowserContextOptions, look: (page: Page) => Promise<void>, shown = report) {
    it(title, async (t) => {
      if (browser === undefined) return t.skip('chromium is not on PATH, and CHROMIUM does not name it');
      const file = join(dir, `${title.replaceAll(/\W+/g, '-')}.html`);
      writeFileSync(file, reportPage(shown));
      const context = await browser.newContext({ ...options, offline: true });
      const page = await context.newPage();
      const requests: string[] = [];
      const complaints: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('dialog', (dialog) => complaints.push(`dialog ${dialog.message()}`));
      await page.goto(pathToFileURL(file).href);
      await holds(page, 'document.querySelectorAll("canvas").length === window.reportCharts?.length');
      await look(page);
      assert.deepEqual(complaints, []);
      assert.deepEqual(requests, [pathToFileURL(file).href], 'nothing is loaded but the file');
      await context.close();
    });
  }

  for (const [name, options] of Object.entries(LOOKS)) {
    looking(`fits on its page and shows every series with the values of the report: ${name}`, options, async (page) => {
      checkValues(await page.evaluate<DrawnChart[]>(READ_CHARTS), report);
      const { scrollWidth, clientWidth } = await page.evaluate<{ scrollWidth: number; clientWidth: number }>(
        '({ scrollWidth: document.documentElement.scrollWidth, clientWidth: document.documentElement.clientWidth })',
      );
      assert.ok(scrollWidth <= clientWidth, `${scrollWidth} px of content on ${clientWidth} px`);
      const cut = await page.evaluate<string[]>(TILES_THAT_ARE_TOO_SMALL);
      assert.deepEqual(cut, [], 'a number or its unit stands over the edge of its tile');
      await page.screenshot({ path: join(screenshots, `report-${name}.png`), fullPage: true });
      await checkColors(page, report, options.colorScheme);
    });
  }

  for (const [width, colorScheme] of [
    [360, 'light'],
    [360, 'dark'],
    [1440, 'light'],
    [1440, 'dark'],
  ] as const)
    looking(
      `shows what the environment was not, and where the time of clusters went, on ${width} px, ${colorScheme}`,
      { viewport: { width, height: 900 }, colorScheme },
      async (page) => {
        const sizes = await page.evaluate<readonly number[]>(
          '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
        );
        assert.ok(sizes[0]! <= sizes[1]!, `${sizes[0]} px of content on ${sizes[1]} px`);
        const bars = await page.evaluate<readonly (readonly number[])[]>(BARS);
        const phases = clusters.waterfalls.flatMap((each) => each.phases);
        assert.equal(bars.length, phases.length);
        const longest = Math.max(...clusters.waterfalls.map(({ seconds }) => seconds));
        for (const [i, [share = 0, visible = 0]] of bars.entries()) {
          const { name, start, end } = phases[i]!;
          assert.ok(Math.abs(share - (end - start) / longest) < 0.02, `${name}: ${share}`);
          assert.ok(visible > 0, `${name} is seen`);
        }
        assert.equal(await page.locator('#unlike-production dd').count(), UNLIKE_PRODUCTION.length);
        // Above where the first screen ends: the result, what to make of it, and on a desk what became of the clusters when.
        const seen = [page.locator('.headlines'), page.locator('#unlike-production > summary')];
        if (width > 860) seen.push(page.locator('#state-charts figure').first().locator('.plot'));
        for (const each of seen) {
          const { y, height } = (await each.boundingBox())!;
          assert.ok(y + height <= 900, `${String(each)} ends at ${y + height}`);
        }
        assert.match((await page.locator('.headlines').textContent()) ?? '', /Longest phase\s*[\d.]+ %/);
        assert.equal(await page.evaluate('reportCharts[0].title'), 'Clusters by state');
        assert.match((await page.locator('#unlike-production summary').textContent()) ?? '', /14 ways.*managers\s+10/s);
        await page.screenshot({ path: join(screenshots, `clusters-${width}-${colorScheme}.png`), fullPage: true });
      },
      clusters,
    );

  looking(
    'unfolds what the environment was not with the keyboard, and has all of it on paper',
    LOOKS.light,
    async (page) => {
      const seen = () => page.evaluate<number>(SEEN_WAYS);
      assert.equal(await seen(), 0);
      await page.emulateMedia({ media: 'print' });
      assert.equal(await seen(), UNLIKE_PRODUCTION.length);
      await page.emulateMedia({ media: 'screen' });
      await page.locator('#unlike-production > summary').focus();
      await page.keyboard.press('Enter');
      assert.equal(await seen(), UNLIKE_PRODUCTION.length);
    },
    clusters,
  );

  it('can be read without its script', async (t) => {
    if (browser === undefined) return t.skip('chromium is not on PATH, and CHROMIUM does not name it');
    const file = join(dir, 'without-script.html');
    writeFileSync(file, reportPage(clusters));
    const context = await browser.newContext({ javaScriptEnabled: false, offline: true });
    const page = await context.newPage();
    await page.goto(pathToFileURL(file).href);
    assert.equal(await page.evaluate<number>(SEEN_WAYS), 0);
    await page.locator('#unlike-production > summary').click();
    assert.equal(await page.evaluate<number>(SEEN_WAYS), UNLIKE_PRODUCTION.length);
    assert.match((await page.locator('noscript').first().textContent()) ?? '', /./);
    for (const id of ['state-charts', 'other-charts'])
      assert.equal(await page.locator(`#${id}`).isVisible(), false, `${id} would be empty`);
    assert.ok(await page.locator('.phase-bar').first().isVisible());
    await context.close();
  });

  looking('marks where a program could not be asked, and says why', LOOKS.light, async (page) => {
    const found = await page.evaluate<readonly (readonly [title: string, note: string | null, marked: boolean])[]>(
      `reportCharts.filter(({ kind }) => kind === 'time').map(({ title, plot }) => {
        const [at, values] = plot.data;
        const known = at.flatMap((_, i) => (values[i] == null ? [] : [i]));
        const after = known.findIndex((i, k) => k > 0 && at[i] - at[known[k - 1]] > 20);
        const note = plot.root.closest('figure').querySelector('.gap-note')?.textContent ?? null;
        if (after === -1) return [title, note, false];
        // Half of the way across: a dotted line is there, or no line at all.
        const [from, to] = [known[after - 1], known[after]].map((i) => plot.valToPos(at[i], 'x', true));
        const { top, height } = plot.bbox;
        const copy = new OffscreenCanvas(Math.floor((to - from) / 2), height).getContext('2d');
        copy.drawImage(plot.ctx.canvas, -Math.ceil(from + (to - from) / 4), -top);
        const color = getComputedStyle(document.documentElement).getPropertyValue('--line-1').trim();
        const wanted = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
        const { data } = copy.getImageData(0, 0, copy.canvas.width, height);
        let marked = false;
        for (let i = 0; i < data.length; i += 4)
          marked ||= wanted.every((part, k) => Math.abs(data[i + k] - part) < 40);
        return [title, note, marked];
      })`,
    );
    const ofOperator = found.filter(([title]) => title.startsWith('Operator: '));
    assert.ok(ofOperator.length >= 4, 'it was killed while it was measured');
    for (const [title, note, marked] of found) {
      const isOfOperator = title.startsWith('Operator: ');
      assert.equal(marked, isOfOperator, title);
      assert.equal(note?.startsWith('Dotted: nothing could be read there') ?? false, isOfOperator, title);
    }
  });

  looking(
    'moves nothing for those who want no motion, and has the whole name of each step',
    { ...LOOKS.light, reducedMotion: 'reduce' },
    async (page) => {
      const moving = await page.evaluate<string[]>(
        `[...document.querySelectorAll('*')].filter((each) => {
          const { animationName, transitionDuration } = getComputedStyle(each);
          return animationName !== 'none' || transitionDuration.split(', ').some((each) => each !== '0s');
        }).map(({ outerHTML }) => outerHTML.slice(0, 80))`,
      );
      assert.deepEqual(moving, []);
      const names = await page.evaluate<readonly Box[]>(
        `[...document.querySelectorAll('#state-charts .step span')].map((each) => {
          const { left, right, top } = each.getBoundingClientRect();
          return { left, right, top, isCut: each.scrollWidth > each.clientWidth };
        })`,
      );
      assert.equal(names.length, report.steps.length);
      for (const [i, a] of names.entries()) {
        assert.ok(!a.isCut && a.left >= 0 && a.right <= 1400, report.steps[i]!.name);
        for (const b of names.slice(i + 1)) assert.ok(a.top !== b.top || a.right <= b.left || b.right <= a.left);
      }
    },
  );

  looking('has one cursor for all charts, and legends with the values at it', LOOKS.light, async (page) => {
    const box = (await page.locator('.u-over').first().boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 20);
    await holds(page, `${LEGEND_HEADINGS}.every((text) => text.startsWith('At '))`);
    const headings = await page.evaluate<string[]>(LEGEND_HEADINGS);
    assert.equal(new Set(headings).size, 1, headings.join());
    const index = await page.evaluate<number>('reportCharts[0].plot.cursor.idx');
    const available = report.series.series.find(({ group, name }) => group === 'states' && name === 'available')!;
    const value = page.locator('.legend.areas .legend-entry', { hasText: 'available' }).locator('.legend-value');
    assert.equal(await value.textContent(), available.values[index]!.toLocaleString('en-US'));
    await page.mouse.move(box.x + box.width / 2, box.y - 60);
    await holds(page, `${LEGEND_HEADINGS}.every((text) => text === 'Highest')`);
  });

  looking('zooms all charts of the run together, and back', LOOKS.light, async (page) => {
    const box = (await page.locator('.u-over').first().boundingBox())!;
    const all = await page.evaluate<number[][]>(X_RANGES);
    const bar = page.locator('.rail .step', { hasText: 'provision' }).first();
    const before = (await bar.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.5, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, box.y + 50, { steps: 4 });
    await page.mouse.up();
    await holds(page, `${X_RANGES}.every(([min]) => min > ${all[0]![1]! * 0.4})`);
    const zoomed = await page.evaluate<number[][]>(X_RANGES);
    assert.equal(new Set(zoomed.map(String)).size, 1);
    assert.ok((await bar.boundingBox())!.width > before.width * 1.3, 'the bars of the steps go with them');
    await page.mouse.dblclick(box.x + 100, box.y + 50);
    await holds(page, `${X_RANGES}.every(([min]) => min === ${all[0]![0]})`);
    assert.deepEqual(await page.evaluate(X_RANGES), all);
  });

  looking('zooms with the keyboard, and says what part is shown', LOOKS.light, async (page) => {
    const all = await page.evaluate<number[][]>(X_RANGES);
    const buttons = page.locator('#state-charts .zoom');
    await buttons.getByRole('button', { name: 'Zoom in' }).focus();
    await page.keyboard.press('Enter');
    const zoomed = await page.evaluate<number[][]>(X_RANGES);
    const [[from = 0, to = 0] = []] = all;
    assert.deepEqual([...new Set(zoomed.map(String))], [String([from + (to - from) / 4, to - (to - from) / 4])]);
    assert.match((await buttons.locator('[role=status]').textContent()) ?? '', /^Seconds \d+ to \d+ of \d+$/);
    for (const name of ['Later', 'Later', 'Later', 'Zoom out', 'Earlier', 'All of the run']) {
      await buttons.getByRole('button', { name }).focus();
      await page.keyboard.press('Space');
      const ranges = await page.evaluate<number[][]>(X_RANGES);
      assert.ok(
        ranges.every(([min = 0, max = 0]) => min >= from && max <= to && min < max),
        `${name}: ${String(ranges[0])}`,
      );
    }
    assert.deepEqual(await page.evaluate(X_RANGES), all);
  });

  looking(
    'has tables that need no scrolling sideways on a phone, and names of steps within the page',
    LOOKS.phone,
    async (page) => {
      const wide = await page.evaluate<string[]>(
        `[...document.querySelectorAll('.scroll')].filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map(({ textContent }) => textContent.trim().slice(0, 60))`,
      );
      assert.deepEqual(wide, []);
      const right = await page.evaluate<number[]>(
        `[...document.querySelectorAll('.rail .step span')].map((each) => each.getBoundingClientRect().right)`,
      );
      assert.ok(right.length > 0 && right.every((each) => each <= 390), right.join());
    },
  );

  looking('takes a state off the stack, and puts it back', LOOKS.light, async (page) => {
    const top = () => page.evaluate<number>('Math.max(...reportCharts[0].plot.data[1])');
    const entry = page.locator('.legend-entry', { hasText: 'provisioned' }).first();
    const whole = await top();
    await entry.click();
    assert.equal(await entry.getAttribute('aria-pressed'), 'false');
    assert.equal(await page.evaluate('reportCharts[0].plot.series.at(-1).show'), false);
    await entry.click();
    assert.equal(await top(), whole);
    checkValues(await page.evaluate<DrawnChart[]>(READ_CHARTS), report);
  });

  looking('changes between light and dark', LOOKS.light, async (page) => {
    await checkColors(page, report, 'light');
    await page.locator('#theme').click();
    await checkColors(page, report, 'dark');
    assert.equal(await page.locator('#theme').textContent(), 'Light');
  });

  looking('has the values of every chart as a table, and gives the report back', LOOKS.phone, async (page) => {
    for (const details of await page.locator('details.values').all()) await details.locator('summary').click();
    const tables = page.locator('details.values table');
    await holds(page, '[...document.querySelectorAll("details.values")].every((each) => each.querySelector("table"))');
    assert.equal(await tables.count(), await page.evaluate('reportCharts.length'));
    assert.ok(await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth'));
    const first = tables.first().locator('tbody tr').first().locator('td');
    const [states] = await page.evaluate<DrawnChart[]>(READ_CHARTS);
    assert.equal(await first.count(), states?.names.length);
    const download = page.waitForEvent('download');
    await page.locator('#download').click();
    const stream = await (await download).createReadStream();
    const text = (await stream.toArray()).join('');
    assert.deepEqual(JSON.parse(text), report);
  });

  looking(
    'is not taken in by names that are markup',
    LOOKS.light,
    async (page) => {
      assert.match((await page.locator('h1').textContent()) ?? '', /^<\/script>/);
      assert.equal(await page.locator('img').count(), 0);
    },
    renamed(report, '</script><img src=x onerror=alert(1)>'),
  );

  looking('draws what a report of one host and no series has', LOOKS.phone, () => Promise.resolve(), {
    ...report,
    steps: [],
    metrics: [],
    distributions: [],
    series: { at: [], series: [] },
  });

  looking('can be printed, in light colours, and is as it was afterwards', LOOKS.dark, async (page) => {
    const widths = () => page.evaluate<number[]>('reportCharts.map(({ plot }) => plot.width)');
    // Charts take the room that there is once the page has been laid out.
    await holds(page, 'reportCharts.every(({ plot }) => plot.width !== 600)');
    const before = await widths();
    const pdf = await page.pdf({ format: 'A4' });
    writeFileSync(join(screenshots, 'report.pdf'), pdf);
    assert.ok(pdf.subarray(0, 5).equals(Buffer.from('%PDF-')));
    assert.deepEqual(await widths(), before);
    await checkColors(page, report, 'dark');
  });
});

/** Every series of the report is drawn once, with its values; states as what they add to the stack. */
function checkValues(charts: readonly DrawnChart[], { series, distributions }: Report): void {
  const time = charts.filter(({ kind }) => kind === 'time');
  const drawn = time.flatMap(({ title, names, x, rows }) => {
    assert.deepEqual(x, series.at, title);
    const isStacked = title === 'Hosts by state';
    return names.map((name, i) => ({
      name,
      values: rows[i]!.map((value, t) => (isStacked && value !== null ? value - (rows[i + 1]?.[t] ?? 0) : value)),
    }));
  });
  assert.equal(drawn.length, series.series.length);
  for (const { name, values, group } of series.series) {
    const found = drawn.some((each) => each.name === name && isSame(each.values, values));
    assert.ok(found, `${group} ${name} is drawn with its values`);
  }
  const curves = charts.filter(({ kind }) => kind === 'latency');
  assert.equal(curves.flatMap(({ names }) => names).length, distributions.length);
  for (const { step, from, to, percentiles } of distributions) {
    const chart = curves.find(({ title }) => title === step);
    assert.deepEqual(chart?.rows[chart.names.indexOf(`${from} → ${to}`)], percentiles);
  }
}

function isSame(a: readonly (number | null)[], b: readonly (number | null)[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** What is seen is what is meant: in the middle of each area, where it is highest, the canvas has the state's colour. */
async function checkColors(page: Page, { series, steps }: Report, theme: 'dark' | 'light'): Promise<void> {
  const faults = steps.filter(({ fault }) => fault);
  const isClear = (at: number) =>
    steps.every(({ start }) => Math.abs(at - start) > 10) &&
    faults.every(({ start, end }) => at < start || at > end + 10);
  const hosts = Math.max(
    ...series.series.filter(({ group }) => group === 'states').flatMap(({ values }) => values.map(Number)),
  );
  let checked = 0;
  for (const { group, name, values } of series.series) {
    if (group !== 'states') continue;
    const clear = values.map((value, i) => (isClear(series.at[i]!) ? (value ?? 0) : 0));
    const index = clear.indexOf(Math.max(...clear));
    if (clear[index]! < hosts / 20) continue;
    const color = await page.evaluate<number[]>(`(() => {
      const { plot } = reportCharts[0];
      const row = plot.series.findIndex(({ label }) => label === ${JSON.stringify(name)});
      const [top, bottom] = [plot.data[row][${index}], plot.data[row + 1]?.[${index}] ?? 0];
      const x = Math.round(plot.valToPos(plot.data[0][${index}], 'x', true));
      const y = Math.round(plot.valToPos((top + bottom) / 2, 'y', true));
      const copy = new OffscreenCanvas(1, 1).getContext('2d');
      copy.drawImage(plot.ctx.canvas, -x, -y);
      return [...copy.getImageData(0, 0, 1, 1).data].slice(0, 3);
    })()`);
    const expected = stateLook('BareMetalHost', name)![theme];
    assert.equal(`#${color.map((part) => part.toString(16).padStart(2, '0')).join('')}`, expected, `${name}, ${theme}`);
    checked++;
  }
  assert.ok(checked >= 3 && STATE_LOOKS.length > checked, `${checked} states were large enough to be looked at`);
}

/** The same report, with a name that stands wherever names stand. */
function renamed(report: Report, name: string): Report {
  return {
    ...report,
    name,
    steps: report.steps.map((step, i) => ({ ...step, name: `${name} ${i}` })),
    distributions: report.distributions.map((each) => ({ ...each, step: name })),
    series: { ...report.series, series: report.series.series.map((each, i) => ({ ...each, name: `${name} ${i}` })) },
  };
}
