/**
 * All hosts of the Bare Metal Operator's test mode share one machine. While one of them is provisioned and another one
 * deprovisioned, each undoes every 10 s what the other has done, and neither gets any further: no rollout would end. Whichever
 * the operator looks at twice between two looks at the other goes on, and it looks at what has changed. So hosts that are
 * held up are touched twice, by an annotation that comes and goes.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { KubernetesClient } from '../../kubernetes/client';
import { collectionPath } from '../../kubernetes/rest-mapper';

/** What the operator's test mode gives to each host in place of an id. */
export const TEST_MODE_ID = 'temporary-fake-id';
const LOOK_MS = 3_000;
/** By itself a host is provisioned in as long as that. Each time that it is touched it has twice as long as before. */
const PATIENCE_MS = 12_000;
/** The operator takes what changes at once for one change. */
const BETWEEN_MS = 300;
/** Touched at one look; the others have their turn at the next. */
const MOST = 20;
const ANNOTATION = 'metal3-testbed/touched';

/** Changes a host in a way that means nothing. @param key `NAMESPACE/NAME` */
export type Touch = (key: string) => Promise<void>;

export class SharedMachine {
  /** Hosts that are provisioned, and when they are touched next, in milliseconds since the epoch. */
  private readonly provisioning = new Map<string, { readonly dueAt: number; readonly patienceMs: number }>();
  private readonly deprovisioning = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;

  constructor(private readonly touch: Touch) {}

  start(): void {
    this.timer = setInterval(() => void this.look(), LOOK_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** @param state of a host that is on the machine; undefined for another one */
  see(key: string, state: string | undefined, now = Date.now()): void {
    if (state !== 'provisioning') this.provisioning.delete(key);
    else if (!this.provisioning.has(key)) this.wait(key, PATIENCE_MS, now);
    if (state === 'deprovisioning') this.deprovisioning.add(key);
    else this.deprovisioning.delete(key);
  }

  /** Touches those that are held up. */
  async look(now = Date.now()): Promise<void> {
    if (this.isLooking || this.deprovisioning.size === 0) return;
    this.isLooking = true;
    const heldUp = [...this.provisioning].filter(([, { dueAt }]) => dueAt <= now).slice(0, MOST);
    for (const [key, { patienceMs }] of heldUp) this.wait(key, patienceMs * 2, now);
    await Promise.all(heldUp.map(([key]) => this.touch(key).catch(() => undefined)));
    this.isLooking = false;
  }

  private wait(key: string, patienceMs: number, now: number): void {
    this.provisioning.set(key, { dueAt: now + patienceMs, patienceMs });
  }
}

/** Touches hosts of a cluster. */
export function touchOf(client: KubernetesClient): Touch {
  return async (key) => {
    const [namespace = '', name = ''] = key.split('/');
    const path = `${collectionPath('metal3.io/v1alpha1', 'baremetalhosts', namespace)}/${name}`;
    const annotate = (value: string | null) =>
      client.request('PATCH', path, {
        body: { metadata: { annotations: { [ANNOTATION]: value } } },
        contentType: 'application/merge-patch+json',
      });
    await annotate('');
    await pause(BETWEEN_MS);
    await annotate(null);
  };
}
