/** What a watch takes while nothing happens. */
import { setTimeout as delay } from 'node:timers/promises';

/** Long enough for the bookmark of each minute. */
const REST_MS = 65_000;

/** How much of a core this process uses while nothing happens. */
export async function coresOnceSettled(): Promise<number> {
  const before = process.cpuUsage();
  const start = performance.now();
  await delay(REST_MS);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (performance.now() - start);
}
