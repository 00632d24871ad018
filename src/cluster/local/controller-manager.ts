/** kube-controller-manager beside a local API server that runs: started, found, mended and stopped without touching that. */
import { request, Agent } from 'undici';
import { TestbedError } from '../../../lib/errors';
import { startDaemon, stopDaemon, type StopOptions } from '../../process/daemon';
import { tailOf } from '../../process/log-tail';
import { MAX_OWN_BYTES, readBounded } from '../../util/read-bounded';
import { until } from '../../util/until';
import { writeKubeconfig } from '../write-kubeconfig';
import { apiServerUrl, controllerManagerArguments, controllerManagerUrl } from './arguments';
import { tokenOf, type Certificates } from './certificates';
import { endedAtStart } from './launch';
import type { Ports, StateLayout } from './state';

export const CONTROLLER_MANAGER = 'kube-controller-manager';

const ANSWER_MS = 5_000;

export interface ControllerManagerProps {
  readonly layout: StateLayout;
  readonly certificates: Certificates;
  readonly ports: Ports & { readonly controllerManager: number };
  /** File of the program. */
  readonly file: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Starts it, and waits until it answers.
 *
 * @throws TestbedError (`environment`, `timeout`) where it does not; no process is left then
 */
export async function startControllerManager(props: ControllerManagerProps): Promise<void> {
  const { layout, certificates, ports, file, timeoutMs, signal } = props;
  const kubeconfig = layout.controllerManagerKubeconfig;
  const token = tokenOf(certificates, 'controllerManager') ?? '';
  writeKubeconfig(kubeconfig, {
    server: apiServerUrl(ports),
    name: 'controller-manager',
    caFile: certificates.ca.cert,
    token,
  });
  const args = controllerManagerArguments(ports.controllerManager, certificates, kubeconfig);
  try {
    const daemon = await startDaemon({ name: CONTROLLER_MANAGER, dir: layout.run, file, args });
    const isReady = await until(
      async () => {
        if (!daemon.isAlive()) throw await endedAtStart(daemon);
        return (await whyControllerManagerSilent(ports.controllerManager, certificates)) === undefined;
      },
      { deadlineMs: timeoutMs, everyMs: 50, signal },
    );
    if (isReady) return;
    throw new TestbedError(
      'timeout',
      `${CONTROLLER_MANAGER} was not ready, timed out after ${timeoutMs / 1000} s; last lines of ${daemon.logFile}:\n${await tailOf(daemon.logFile)}`,
    );
  } catch (error) {
    await stopControllerManager(layout, { graceMs: 0 });
    throw error;
  }
}

/** @returns whether one ran */
export function stopControllerManager(layout: StateLayout, options: StopOptions = {}): Promise<boolean> {
  return stopDaemon(layout.run, CONTROLLER_MANAGER, options);
}

/** @returns undefined where it answers as one that works */
export async function whyControllerManagerSilent(
  port: number,
  certificates: Certificates,
): Promise<string | undefined> {
  const url = `${controllerManagerUrl(port)}/healthz`;
  let agent: Agent | undefined;
  try {
    agent = new Agent({ connect: { ca: await readBounded(certificates.ca.cert, MAX_OWN_BYTES), timeout: ANSWER_MS } });
    const { statusCode, body } = await request(url, { dispatcher: agent, signal: AbortSignal.timeout(ANSWER_MS) });
    await body.dump({ limit: MAX_OWN_BYTES });
    return statusCode === 200 ? undefined : `${CONTROLLER_MANAGER} is unhealthy: ${url} says ${statusCode}`;
  } catch {
    return `${CONTROLLER_MANAGER} does not answer at ${url}`;
  } finally {
    await agent?.destroy();
  }
}
