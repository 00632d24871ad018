import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import type { ResolvedScenario } from '../../lib/scenario/resolved';
import { CONTROLLER_MANAGER } from '../cluster/local/controller-manager';
import { API_SERVER, ETCD } from '../cluster/local/launch';
import { controllerManagerMetricsUrl } from '../cluster/local/local-cluster';
import { stateLayout } from '../cluster/local/state';
import { commandLineOf } from '../process/command-line';
import { findDaemon } from '../process/daemon';
import type { LiveTestbed } from '../testbed/live-testbed';
import type { Environment } from '../report/report';
import { version } from '../util/version';
import { unlikeProduction, type WhatRan } from './unlike-production';

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
  { stateDir, scenario }: { readonly stateDir: string; readonly scenario: ResolvedScenario },
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
    unlikeProduction: unlikeProduction({
      ...live,
      scenario,
      operators: live.simulators.members,
      hasWorkloadApi: live.workloadApi !== undefined || live.testbed.workloadApi !== undefined,
      areProcesses: { operators: live.simulators.place === 'process', managers: live.cluster === 'local' },
      controlPlane: live.cluster === 'local' ? controlPlaneOf(stateDir) : undefined,
    }),
    sets: [...live.testbed.fleets, ...live.testbed.clusterSets].map((set) => ({
      kind: set.kind,
      name: set.name,
      objects: set.count,
      namespaces: set.namespaces().length,
    })),
  };
}

/** How the programs of an embedded control plane were called. */
function controlPlaneOf(stateDir: string): WhatRan['controlPlane'] {
  const { run } = stateLayout(stateDir);
  const callOf = (name: string, variables?: readonly string[]) => {
    const pid = findDaemon(run, name)?.pid;
    return pid === undefined ? undefined : commandLineOf(pid, variables);
  };
  return {
    etcd: callOf(ETCD),
    apiServer: callOf(API_SERVER, ['GOGC', 'GOMEMLIMIT']),
    controllerManager: controllerManagerMetricsUrl(stateDir) === undefined ? 'none' : callOf(CONTROLLER_MANAGER),
  };
}
