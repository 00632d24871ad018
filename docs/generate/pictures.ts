/**
 * `npm run pictures`: makes the pictures of the README from a real run: what a terminal showed, as an SVG that moves, and the first
 * screen of the report, both light and dark. Takes what simulates hosts on this machine, and Chromium for the report.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { terminalSvg, type TypedCommand } from './terminal-svg';

const root = join(__dirname, '..', '..', '..');
const out = join(root, 'docs', 'public');

/** Where programs lie on this machine is nothing of a picture. */
const FOLDERS = /(?<![\w:~/])\/(?:[\w.@+-]+\/)+/g;

const DESCRIPTION = `hostSets:
  - { count: 100, namespace: lab, hostsPerNamespace: 20 }
scenario:
  name: the operator dies at work
  steps:
    - enroll: {}
    - parallel:
        - provision: {}
        - killOperator: { downSeconds: 2 }
    - deprovision: { share: 0.5 }
`;

/** Runs the command as somebody would in a terminal, and remembers when each line came. */
async function type(text: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<TypedCommand> {
  const begin = performance.now();
  const child = spawn(process.execPath, [join(root, 'build', 'src', 'cli', 'main.js'), ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: { at: number; text: string }[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (data: string) => {
      const parts = (rest + data).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts)
        lines.push({ at: (performance.now() - begin) / 1000, text: part.replaceAll(cwd, '~').replaceAll(FOLDERS, '') });
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${text} ended with ${code}:\n${lines.map((line) => line.text).join('\n')}`);
  return { text, lines, seconds: (performance.now() - begin) / 1000 };
}

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-pictures-'));
  const env = { ...process.env, METAL3_TESTBED_STATE_DIR: join(dir, 'state'), NO_COLOR: '1' };
  const run = (text: string) => type(text, text.split(' ').slice(1), dir, env);
  try {
    writeFileSync(join(dir, 'testbed.yaml'), DESCRIPTION);
    const commands = [await run('metal3-testbed up --hosts 10')];
    await run('metal3-testbed down --delete');
    commands.push(await run('metal3-testbed run testbed.yaml --report report.json'));
    commands.push(await run('metal3-testbed report report.json'));
    for (const theme of ['light', 'dark'] as const)
      writeFileSync(join(out, `terminal-${theme}.svg`), terminalSvg(commands, theme));
    await photograph(join(dir, 'report.html'));
  } finally {
    await type('down', ['down', '--delete'], dir, env).catch(() => undefined);
    rmSync(dir, { recursive: true, force: true });
  }
}

async function photograph(file: string): Promise<void> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    chromiumSandbox: process.getuid?.() !== 0,
  });
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width: 1200, height: 890 }, colorScheme });
      await page.goto(pathToFileURL(file).href);
      await page.waitForFunction('document.querySelectorAll("canvas").length > 0');
      await page.screenshot({ path: join(out, `report-${colorScheme}.png`) });
      await page.close();
    }
  } finally {
    await browser.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
