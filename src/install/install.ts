import type { Applier } from '../apply/apply';
import type { ApplyOptions } from '../apply/options';
import type { Listener } from '../util/events';
import type { KubernetesClient } from '../kubernetes/client';
import { waitFor } from '../util/wait-for';
import type { Installation } from './installation';
import { installSteps } from './steps';
import { CONDITIONS } from './waits';

export interface InstallOptions extends Pick<ApplyOptions, 'set' | 'existing' | 'forceConflicts'> {
  /** How long each wait may take, in milliseconds; a pull of an image is part of one. @default 300000 */
  readonly timeoutMs?: number;
  readonly listener?: Listener;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 300_000;

/**
 * Installs components on a cluster with pods, each once what it needs is there. Each wait is an
 * event with its duration. Running it again goes on.
 *
 * @throws TestbedError (`timeout`) naming what is missing, down to the pod and its reason; ApiError for what is refused
 */
export async function install(
  client: KubernetesClient,
  applier: Applier,
  installation: Installation,
  options: InstallOptions = {},
): Promise<void> {
  const { listener, signal, timeoutMs: deadlineMs = TIMEOUT_MS, ...common } = options;
  for (const step of installSteps(installation)) {
    const { task, objects } = step;
    if (step.kind === 'apply') {
      await applier.applyAll(objects, {
        ...common,
        task,
        isPart: true,
        ...(listener && { listener }),
        ...(signal && { signal }),
      });
    } else {
      await waitFor({ task, deadlineMs, listener, signal }, () => CONDITIONS[step.condition](client, objects));
    }
  }
}
