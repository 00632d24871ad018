/** The site of the documentation, built and looked at in a browser; and the pages of reports, with axe. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, ConsoleMessage, Page } from 'playwright-core';
import { formatHistory } from '../../src/report/formats';
import { reportPage } from '../../src/report/html/page';
import { accessibilityProblems, SIZES } from '../support/accessibility';
import { findChromium, startChromium } from '../support/chromium';
import { root, runProgram } from '../support/cli';
import { sampleClusterReport } from '../support/sample-clusters';
import { sampleReport } from '../support/sample-report';

const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-site-'));
const screenshots = process.env['METAL3_TESTBED_SCREENSHOTS'];
const dist = join(root, 'docs', '.vitepress', 'dist');

/** Of the pages of the reference that are alike, and those of typedoc, one stands for all, unless all are asked for. */
const ALL = process.env['METAL3_TESTBED_SITE'] === 'all';

let browser: Browser | undefined;
before(async () => {
  const program = await findChromium();
  if (program !== undefined) browser = await startChromium(program);
  if (screenshots !== undefined) mkdirSync(screenshots, { recursive: true });
});
after(async () => {
  await browser?.close();
  rmSync(dir, { recursive: true, force: true });
});

type Size = (typeof SIZES)[number];

/** One window, in which pages are opened one after the other: what they share is loaded once. */
async function openWindow(): Promise<Page> {
  const context = await browser!.newContext({ reducedMotion: 'reduce', bypassCSP: true });
  return context.newPage();
}

/**
 * Opens an address, and looks at it in each of these sizes without loading it again, as when a phone is turned or a system goes
 * dark: axe finds nothing, nothing is complained of, and nothing is wider than the page.
 *
 * @param prepare what is done to the page once it is there
 * @returns what is wrong, one line each
 */
async function problemsOf(
  window: Page,
  url: string,
  sizes: readonly Size[],
  name: string,
  prepare: (page: Page) => Promise<unknown>,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const complain = (text: string) => problems.push(`${name}: ${text}`);
  const onError = (error: Error) => complain(String(error));
  const onConsole = (message: ConsoleMessage) => message.type() === 'error' && complain(message.text());
  window.on('pageerror', onError);
  window.on('console', onConsole);
  try {
    await show(window, sizes[0]!);
    await window.goto(url);
    await prepare(window);
    for (const size of sizes) {
      await show(window, size);
      if (screenshots !== undefined)
        await window.screenshot({
          path: join(screenshots, `${name.replaceAll(/\W+/g, '-')}-${size.join('-')}.png`),
          fullPage: true,
        });
      for (const problem of await accessibilityProblems(window)) complain(`${size.join(' px, ')}: ${problem}`);
      const { content, room, brightness } = await window.evaluate<Look>(LOOK);
      if (brightness > 0.5 !== (size[1] === 'light')) complain(`${size.join(' px, ')}: its theme is another`);
      if (content > room) complain(`${size.join(' px, ')}: ${content} px of content on ${room} px`);
    }
  } catch (error) {
    complain((error as Error).message);
  } finally {
    window.off('pageerror', onError);
    window.off('console', onConsole);
  }
  return problems;
}

interface Look {
  readonly content: number;
  readonly room: number;
  /** Of the page behind everything: 0 to 1. */
  readonly brightness: number;
}
const LOOK = `(() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).map(Number);
  return { content: scrollWidth, room: clientWidth, brightness: (red + green + blue) / 3 / 255 };
})()`;

/** Gives the window a size and a theme, and waits until the page has been drawn so. */
async function show(window: Page, [width, colorScheme]: Size): Promise<void> {
  await window.setViewportSize({ width, height: 900 });
  await window.emulateMedia({ colorScheme });
  await window.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
}

describe('reports, as axe sees them', { timeout: 240_000 }, () => {
  const pages = {
    hosts: () => reportPage(sampleReport()),
    clusters: () => reportPage(sampleClusterReport(100)),
    history: () =>
      formatHistory(
        [1, 1.2, 1.1].map((slowdown, i) => ({
          source: `nightly-${i}.json`,
          report: { ...sampleReport({ hosts: 200, slowdown }), startedAt: `2026-0${i + 1}-01T00:00:00Z` },
        })),
        'html',
      ),
  };
  for (const [name, page] of Object.entries(pages))
    it(`have nothing to find, on a phone and on a desk, light and dark: ${name}`, async (t) => {
      if (browser === undefined) return t.skip('chromium is not on PATH, and CHROMIUM does not name it');
      const file = join(dir, `${name}.html`);
      writeFileSync(file, page());
      const problems = await problemsOf(await openWindow(), pathToFileURL(file).href, SIZES, name, (opened) =>
        // A legend entry that is off has to be read too, and every table that is folded away.
        opened.evaluate(
          'document.querySelector(".legend-entry")?.click(); for (const each of document.querySelectorAll("details")) each.open = true',
        ),
      );
      assert.deepEqual(problems, []);
    });
});

describe('the site', { timeout: ALL ? 3_600_000 : 600_000 }, () => {
  let server: Server | undefined;
  let base = '';
  const { homepage } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { homepage: string };
  const folder = new URL(homepage).pathname;
  const isInstalled = existsSync(join(root, 'docs', 'node_modules', '.bin', 'vitepress'));
  before(async () => {
    // Only where it was asked for: 150 packages, which a test of the code does not need.
    if (!isInstalled) return;
    const built = await runProgram('npm', ['run', '--silent', 'build', '--prefix', 'docs']);
    assert.equal(built.code, 0, built.stdout + built.stderr);
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://site');
      // As it is published: below a folder, or at the top.
      const path = pathname.startsWith(folder) ? join(dist, decodeURIComponent(pathname.slice(folder.length))) : dist;
      const file = path.endsWith('/') ? `${path}index.html` : path;
      if (!file.startsWith(dist) || !existsSync(file) || statSync(file).isDirectory())
        return response.writeHead(404).end();
      response
        .writeHead(200, {
          'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
          // What all pages share has its hash in its name.
          ...(file.includes('/assets/') && { 'cache-control': 'max-age=3600' }),
        })
        .end(readFileSync(file));
    });
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}${folder}`;
  });
  after(() => server?.close());

  it('has every page of the documentation, each of a size that a phone can load', (t) => {
    if (!isInstalled) return t.skip('npm ci --prefix docs has not been run');
    const pages = pagesOf(dist);
    for (const page of [
      'index',
      'tutorial',
      'how-to/clusters',
      'reference/cli',
      'reference/api/index',
      'troubleshooting',
    ])
      assert.ok(pages.includes(`${page}.html`), page);
    for (const page of pages)
      assert.ok(statSync(join(dist, page)).size < 600_000, `${page}: ${statSync(join(dist, page)).size} bytes`);
  });

  it('has its pictures in the theme that is shown, whatever that of the system is', async (t) => {
    if (!isInstalled) return t.skip('npm ci --prefix docs has not been run');
    if (browser === undefined) return t.skip('chromium is not on PATH, and CHROMIUM does not name it');
    const window = await openWindow();
    await show(window, [1440, 'light']);
    await window.goto(`${base}tutorial.html`);
    await isAlive(window);
    const shows = (theme: string) =>
      window.waitForFunction(
        `[...document.querySelectorAll('picture img')].every(({ currentSrc }) => currentSrc.includes('-${theme}.'))`,
      );
    assert.ok((await window.locator('picture img').count()) > 0);
    await shows('light');
    await window.getByRole('switch', { name: 'Switch to dark theme' }).click();
    await shows('dark');
    // Also on a page that is gone to from there.
    await window.locator('.VPNavBarTitle a').click();
    await window.waitForURL(base);
    await shows('dark');
    await window.context().close();
  });

  it('looks right to axe, on a phone and on a desk, light and dark', async (t) => {
    if (!isInstalled) return t.skip('npm ci --prefix docs has not been run');
    if (browser === undefined) return t.skip('chromium is not on PATH, and CHROMIUM does not name it');
    const pages = pagesOf(dist).filter((page) => page !== '404.html');
    const chosen = ALL
      ? pages
      : pages.filter((page) => !/^reference\/(api|testbed-yaml)\//.test(page) || /api\/index|step/.test(page));
    // Each page in one size and theme, and those that differ most in all.
    const queue = chosen.map((page, i) => {
      const isInAll = ALL || /^(index|tutorial|reference\/cli|how-to\/cdk8s)\.html/.test(page);
      return { page, sizes: isInAll ? SIZES : [SIZES[i % SIZES.length]!] };
    });
    // All problems are told, not the first alone.
    const problems: string[] = [];
    let looks = 0;
    const windows = await Promise.all(Array.from({ length: 2 }, openWindow));
    await Promise.all(
      windows.map(async (window) => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          problems.push(...(await problemsOf(window, `${base}${next.page}`, next.sizes, next.page, isAlive)));
          looks += next.sizes.length;
        }
      }),
    );
    t.diagnostic(`${chosen.length} of ${pages.length} pages, ${looks} looks, ${problems.length} problems`);
    assert.deepEqual(problems, []);
  });
});

/** Until the script of a page has taken it over, and has drawn what it alone draws. */
function isAlive(page: Page): Promise<unknown> {
  return page.waitForFunction(
    'document.querySelector("#app")?.__vue_app__ !== undefined && document.querySelector(".DocSearch-Button") !== null',
  );
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

function pagesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
}
