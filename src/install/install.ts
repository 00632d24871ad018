import type { Applier } from '../apply/apply';
import type { ApplyOptions } from '../apply/options';
import type { Operation } from '../util/events';
import type { KubernetesClient } from '../kubernetes/client';
import { waitFor } from '../util/wait-for';
import type { PlatformStep } from './steps';
import { CONDITIONS } from './waits';

export interface InstallOptions extends Pick<ApplyOptions, 'set' | 'existing' | 'forceConflicts'>, Operation {
  /** How long each wait may take, in milliseconds; a pull of an image is part of one. @default 300000 */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 300_000;

/**
 * Goes through the steps of an install, each once what it needs is there. Each wait is an event with its duration. Running it again goes on.
 *
 * @throws TestbedError (`timeout`) naming what is missing, down to the pod and its reason; ApiError for what is refused
 */
export async function install(
  client: KubernetesClient,
  applier: Applier,
  steps: readonly PlatformStep[],
  options: InstallOptions = {},
): Promise<void> {
  const { listener, signal, timeoutMs: deadlineMs = TIMEOUT_MS, ...common } = options;
  for (const step of steps) {
    const { task, objects } = step;
    if (step.kind === 'start') await step.start();
    else if (step.kind === 'apply') {
      await applier.applyAll(objects, {
        ...common,
        task,
        isPart: true,
        listener,
        signal,
      });
    } else {
      await waitFor({ task, deadlineMs, listener, signal }, () => CONDITIONS[step.condition](client, objects));
    }
  }
}
