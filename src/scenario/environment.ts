import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import type { LiveTestbed } from '../testbed/live-testbed';
import type { Environment } from '../report/report';
import { version } from '../util/version';

/** The machine as it is now: its load is what it does besides. */
export function machineNow(): Environment['machine'] {
  return {
    cpu: cpus()[0]?.model ?? '',
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** What somebody needs to know of a testbed to measure the same again. No credential is part of it. */
export async function environmentOf(
  name: string,
  live: LiveTestbed,
  machine: Environment['machine'],
): Promise<Environment> {
  const { gitVersion } = await live.client.request<{ readonly gitVersion: string }>('GET', '/version');
  return {
    version,
    node: process.version,
    machine,
    clusters: [{ name, kind: live.cluster, kubernetes: gitVersion }],
    simulator: { kind: live.simulator, version: await live.simulators.version() },
    operators: live.simulators.members,
    managers: live.managers.map(({ name, version: release, arguments: args, environment }) => ({
      ...{ name, environment },
      version: release,
      arguments: args,
    })),
    sets: [...live.testbed.fleets, ...live.testbed.clusterSets].map((set) => ({
      kind: set.kind,
      name: set.name,
      objects: set.count,
      namespaces: set.namespaces().length,
    })),
  };
}
