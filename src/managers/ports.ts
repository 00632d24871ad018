/** The ports of the processes that take care of clusters: objects of the cluster name them, so they stay what they were. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { choosePort } from '../cluster/local/ports';
import { isPort } from '../cluster/local/state';
import { findProcess, type ProcessPorts } from '../simulators/background-process';
import { CLUSTER_PROCESSES } from '../simulators/process-folders';
import { writeFileAtomicSync } from '../util/atomic-file';
import { isMap } from '../util/is-map';
import { withLock } from '../util/lock';
import { readJsonFile } from '../util/read-json-file';

/** A process that is to have ports. */
export interface Listening {
  readonly name: string;
  /** Whether it serves webhooks. */
  readonly hasWebhooks: boolean;
}

/** The folder of one of them. */
export function processFolder(stateDir: string, name: string): string {
  return join(stateDir, CLUSTER_PROCESSES.folder, name);
}

/**
 * The ports of processes: those that they have where they run, else those of the last time where they are free, else
 * others. Several commands at the same time come to the same ones.
 */
export async function claimPorts(
  stateDir: string,
  processes: readonly Listening[],
): Promise<ReadonlyMap<string, ProcessPorts>> {
  const dir = join(stateDir, CLUSTER_PROCESSES.folder);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return withLock(join(dir, 'ports.lock'), async () => {
    const file = join(dir, 'ports.json');
    const claimed = new Map(Object.entries(readClaims(file)));
    for (const { name, hasWebhooks } of processes) {
      const running = findProcess(processFolder(stateDir, name), name)?.ports;
      const others = [...claimed].flatMap(([other, { health, metrics, webhook = 0 }]) =>
        other === name ? [] : [health, metrics, webhook],
      );
      claimed.set(name, running ?? (await choose(claimed.get(name), hasWebhooks, new Set(others))));
    }
    writeFileAtomicSync(file, `${JSON.stringify(Object.fromEntries(claimed), undefined, 2)}\n`);
    return claimed;
  });
}

async function choose(
  before: ProcessPorts | undefined,
  hasWebhooks: boolean,
  others: Set<number>,
): Promise<ProcessPorts> {
  const isOurs = (port: number) => !others.has(port);
  const take = async (last: number | undefined, place: 'loopback' | 'every address') => {
    const port = await choosePort(last, isOurs, place);
    others.add(port);
    return port;
  };
  const health = await take(before?.health, 'loopback');
  const metrics = await take(before?.metrics, 'loopback');
  return { health, metrics, webhook: hasWebhooks ? await take(before?.webhook, 'every address') : undefined };
}

/** What has become illegible is chosen anew. */
function readClaims(file: string): Readonly<Record<string, ProcessPorts>> {
  let claims: unknown;
  try {
    claims = readJsonFile(file);
  } catch {
    return {};
  }
  if (!isMap(claims)) return {};
  return Object.fromEntries(Object.entries(claims).filter(([, ports]) => isMap(ports) && isClaim(ports))) as Record<
    string,
    ProcessPorts
  >;
}

function isClaim({ health, metrics, webhook }: Record<string, unknown>): boolean {
  return isPort(health) && isPort(metrics) && (webhook === undefined || isPort(webhook));
}
