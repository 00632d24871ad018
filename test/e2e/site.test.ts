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
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
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

/** Opens an address, and asserts that axe finds nothing, nothing is complained of, and nothing is wider than the page. */
async function looksRight(
  url: string,
  [width, colorScheme]: (typeof SIZES)[number],
  name: string,
  more?: (page: Page) => Promise<void>,
) {
  const options: BrowserContextOptions = {
    viewport: { width, height: 900 },
    colorScheme,
    reducedMotion: 'reduce',
    bypassCSP: true,
  };
  const context = await browser!.newContext(options);
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await page.goto(url, { waitUntil: 'networkidle' });
    await more?.(page);
    if (screenshots !== undefined)
      await page.screenshot({
        path: join(screenshots, `${name.replaceAll(/\W+/g, '-')}-${width}-${colorScheme}.png`),
        fullPage: true,
      });
    assert.deepEqual(await accessibilityProblems(page), [], name);
    assert.deepEqual(complaints, [], name);
    const [content = 0, room = 0] = await page.evaluate<number[]>(
      '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
    );
    assert.ok(content <= room, `${name}: ${content} px of content on ${room} px`);
  } finally {
    await context.close();
  }
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
    for (const size of SIZES)
      it(`have nothing to find: ${name}, ${size.join(' px, ')}`, async (t) => {
        if (browser === undefined) return t.skip('chromium is not on PATH, and CHROMIUM does not name it');
        const file = join(dir, `${name}.html`);
        writeFileSync(file, page());
        await looksRight(pathToFileURL(file).href, size, name, async (opened) => {
          // A legend entry that is off has to be read too, and every table that is folded away.
          await opened.evaluate(
            'document.querySelector(".legend-entry")?.click(); for (const each of document.querySelectorAll("details")) each.open = true',
          );
        });
      });
});

describe('the site', { timeout: 600_000 }, () => {
  let server: Server | undefined;
  let base = '';
  const isInstalled = existsSync(join(root, 'docs', 'node_modules', '.bin', 'vitepress'));
  before(async () => {
    // Only where it was asked for: 150 packages, which a test of the code does not need.
    if (!isInstalled) return;
    const built = await runProgram('npm', ['run', '--silent', 'build', '--prefix', 'docs']);
    assert.equal(built.code, 0, built.stdout + built.stderr);
    server = createServer((request, response) => {
      const path = join(dist, decodeURIComponent(new URL(request.url ?? '/', 'http://site').pathname));
      const file = path.endsWith('/') ? `${path}index.html` : path;
      if (!file.startsWith(dist) || !existsSync(file) || statSync(file).isDirectory())
        return response.writeHead(404).end();
      response
        .writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
        .end(readFileSync(file));
    });
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
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

  it('looks right to axe, on a phone and on a desk, light and dark', async (t) => {
    if (!isInstalled) return t.skip('npm ci --prefix docs has not been run');
    if (browser === undefined) return t.skip('chromium is not on PATH, and CHROMIUM does not name it');
    const pages = pagesOf(dist).filter((page) => page !== '404.html');
    const chosen = ALL
      ? pages
      : pages.filter((page) => !/^reference\/(api|testbed-yaml)\//.test(page) || /api\/index|step/.test(page));
    // All of them are told, not the first alone.
    const problems: string[] = [];
    for (const [i, page] of chosen.entries()) {
      // Each page in one size and theme, and those that differ most in all.
      const isInAll = ALL || /^(index|tutorial|reference\/cli|how-to\/cdk8s)\.html/.test(page);
      for (const size of isInAll ? SIZES : [SIZES[i % SIZES.length]!])
        await looksRight(`${base}/${page}`, size, page).catch((error: unknown) =>
          problems.push(`${page}, ${size.join(' px, ')}: ${(error as Error).message}`),
        );
    }
    assert.deepEqual(problems, []);
  });
});

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
