import { chromium, type Browser } from 'playwright-core';
import { runProgram } from './cli';

/** The program that tests look at pages with: what CHROMIUM names, or chromium on PATH; undefined where there is none. */
export async function findChromium(): Promise<string | undefined> {
  const named = process.env['CHROMIUM'];
  if (named !== undefined && named !== '') return named;
  const { code, stdout } = await runProgram('sh', ['-c', 'command -v chromium || command -v chromium-browser']);
  return code === 0 ? stdout.trim() : undefined;
}

/** Starts a browser that asks nobody for anything of its own. */
export function startChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    // Its sandbox does not work for root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync'],
    ],
  });
}
