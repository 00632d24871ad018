import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { isOnPath } from './cli';

/** Why tests of a real registry are skipped; undefined where there is one: Debian's package docker-registry. */
export async function whyNoRegistry(): Promise<string | undefined> {
  return (await isOnPath('docker-registry')) ? undefined : 'docker-registry is not on PATH';
}

/** A real registry on loopback, in a folder of its own. */
export interface RealRegistry {
  /** `127.0.0.1:41234`. */
  readonly host: string;
  readonly origin: string;
  stop(): Promise<void>;
}

/** @param settings of its configuration besides, in YAML */
export async function startRegistry(dir: string, settings = ''): Promise<RealRegistry> {
  mkdirSync(dir, { recursive: true });
  // The port that it is given may be another's by then; the next one will do.
  for (let attempt = 1; ; attempt++) {
    const host = `127.0.0.1:${await freePort()}`;
    const config = join(dir, 'config.yml');
    writeFileSync(
      config,
      `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${join(dir, 'data')} } }\nhttp: { addr: ${host}, draintimeout: 1s }\n${settings}`,
    );
    const child = spawn('docker-registry', ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = once(child, 'exit');
    const stop = async () => {
      child.kill('SIGKILL');
      await ended;
    };
    const origin = `http://${host}`;
    const deadline = performance.now() + 60_000;
    while (child.exitCode === null && performance.now() < deadline) {
      // Any answer is one: it may ask for a password.
      const answer = await fetch(`${origin}/v2/`).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer !== undefined && child.exitCode === null) return { host, origin, stop };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await stop();
    if (attempt === 3) throw new Error(`docker-registry does not start: ${said}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
