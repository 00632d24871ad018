/** What takes care of clusters on this machine: managers of Cluster API, and the API of workload clusters. */
import { dirname, resolve } from 'node:path';
import type { ProcessForm } from '../../lib/components/component';
import { certificateFiles } from '../cluster/local/certificates';
import { stateLayout } from '../cluster/local/state';
import { findProcess, startProcess, type ProcessPorts, type RunningProcess } from '../simulators/background-process';
import {
  CLUSTER_PROCESSES,
  homesIn,
  processProblem,
  type ProcessHome,
  type ProgramFile,
} from '../simulators/process-folders';
import { unservedClusters, WORKLOAD_API, workloadApiForm } from '../simulators/workload-api-process';
import type { Operation } from '../util/events';
import { readBoundedSync } from '../util/read-bounded';
import { version } from '../util/version';
import type { ReadyManager } from './manager-programs';
import { claimPorts, processFolder } from './ports';
import type { WebhookServer } from './webhook-urls';

/** How long a manager may take until it is ready: at first it reads everything that the cluster has. */
const TIMEOUT_SECONDS = 120;

export interface ProcessesAt extends Operation {
  readonly stateDir: string;
  readonly kubeconfig: string;
}

/** Managers with the ports that they are to serve at, before they are started. */
export class ManagerProcesses {
  private constructor(
    private readonly ports: ReadonlyMap<string, ProcessPorts>,
    /** The CA of their webhooks, PEM. */
    private readonly ca: string,
  ) {}

  /** Chooses where they serve. The cluster of the state folder runs. */
  static async claim(stateDir: string, managers: readonly ReadyManager[]): Promise<ManagerProcesses> {
    const names = managers.map(({ component: { name } }) => ({ name, hasWebhooks: true }));
    const { ca } = certificateFiles(stateLayout(stateDir).pki);
    return new ManagerProcesses(await claimPorts(stateDir, names), readBoundedSync(ca.cert).toString());
  }

  /** Where one is asked for its webhooks. */
  serverOf({ component: { name } }: ReadyManager): WebhookServer {
    return { port: this.ports.get(name)?.webhook ?? 0, ca: this.ca };
  }

  /** @throws PortTakenError where somebody else has taken one of its ports meanwhile; TestbedError where it does not come to work */
  async start({ component: { name }, form, program, build }: ReadyManager, at: ProcessesAt): Promise<void> {
    const { webhooks } = certificateFiles(stateLayout(at.stateDir).pki);
    await startIn(
      name,
      form,
      { file: program.file, digest: build.digest },
      {
        ...at,
        ports: this.ports.get(name),
        // They are started in a folder of their own.
        certDir: resolve(dirname(webhooks.cert)),
        needs: 'an API server that answers, and the CRDs of Cluster API and of hosts',
      },
    );
  }
}

/** Starts the API of workload clusters. Running it again leaves one that runs alone. */
export async function startWorkloadApi(at: ProcessesAt): Promise<void> {
  const claimed = await claimPorts(at.stateDir, [{ name: WORKLOAD_API, hasWebhooks: false }]);
  // Another version of this package is another program.
  const program = { file: process.execPath, digest: version };
  await startIn(WORKLOAD_API, workloadApiForm(), program, {
    ...at,
    ports: claimed.get(WORKLOAD_API),
    needs: 'an API server that answers',
  });
}

function startIn(
  name: string,
  form: ProcessForm,
  { file, digest }: ProgramFile,
  at: ProcessesAt & {
    readonly ports: ProcessPorts | undefined;
    readonly certDir?: string;
    readonly needs: string;
  },
): Promise<RunningProcess> {
  return startProcess({
    kind: name,
    name,
    form,
    program: file,
    digest,
    ...at,
    stateDir: processFolder(at.stateDir, name),
    timeoutSeconds: TIMEOUT_SECONDS,
  });
}

/** A process that takes care of clusters, with where it tells of itself; `running` is undefined where it does not run. */
export interface ClusterProcess {
  /** `cluster-api`, `metal3-provider`, …, or `workload-api`. */
  readonly name: string;
  readonly running: RunningProcess | undefined;
}

/** Those that a testbed has, or had when it last ran. */
export function findClusterProcesses(stateDir: string): readonly ClusterProcess[] {
  return homesIn(stateDir, CLUSTER_PROCESSES).map(({ folder, name }) => ({ name, running: findProcess(folder, name) }));
}

/**
 * What keeps them from their work: one sentence each.
 *
 * @param names of those that a testbed is to have, besides those that it has folders of
 */
export async function clusterProcessProblems(stateDir: string, names: readonly string[]): Promise<readonly string[]> {
  const homes = homesIn(stateDir, CLUSTER_PROCESSES);
  const all = [
    ...homes,
    ...names
      .filter((name) => !homes.some((home) => home.name === name))
      .map((name) => ({ name, folder: processFolder(stateDir, name) })),
  ];
  const problems = await Promise.all(all.map(async (home) => (await processProblem(home)) ?? unservedBy(home)));
  return problems.filter((problem) => problem !== undefined);
}

/** What the API of workload clusters says of those that it cannot serve. */
async function unservedBy({ folder, name }: ProcessHome): Promise<string | undefined> {
  if (name !== WORKLOAD_API) return undefined;
  const running = findProcess(folder, name);
  return running && unservedClusters(running.readyUrl);
}
