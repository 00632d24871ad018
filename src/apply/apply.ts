import { applyRank, inApplyOrder } from '../../lib/order';
import { TestbedError } from '../../lib/errors';
import type { Listener } from '../events';
import type { KubernetesClient } from '../kubernetes/client';
import { ApiError } from '../kubernetes/client';
import type { KubernetesObject } from '../kubernetes/objects';
import { describeObject } from '../kubernetes/objects';
import { Resources } from '../kubernetes/resources';
import { until } from '../util/until';

/** Who owns the fields that this package writes. */
export const FIELD_MANAGER = 'metal3-testbed';

export interface ApplyOptions {
  /** Names the work in events. */
  readonly task: string;
  readonly listener?: Listener;
  readonly signal?: AbortSignal;
  /**
   * Whether fields that somebody else owns are taken over.
   * @default false: they are an error that names them
   */
  readonly forceConflicts?: boolean;
  /**
   * How many objects (or groups of them) are in flight at once.
   * @default 32
   */
  readonly concurrency?: number;
  /** How many objects there will be, where that is known. */
  readonly total?: number;
}

/** How long a CustomResourceDefinition may take until the API server serves it. */
const ESTABLISHED_DEADLINE_MS = 30_000;

/** Server-side apply of objects, to one API server. Running it again continues, and writes nothing that is there. */
export class Applier {
  private readonly resources: Resources;

  constructor(private readonly client: KubernetesClient) {
    this.resources = new Resources(client);
  }

  /**
   * Applies objects kind by kind in the order that they need, and waits for CRDs to be established.
   *
   * @throws ApiError for what the API server refuses, naming the object; nothing that was applied is taken back
   */
  async applyAll(objects: readonly KubernetesObject[], options: ApplyOptions): Promise<void> {
    const byRank = Map.groupBy(inApplyOrder(objects), ({ kind }) => applyRank(kind));
    const start = performance.now();
    options.listener?.({ type: 'start', task: options.task });
    let done = 0;
    for (const group of byRank.values()) {
      await this.inParallel(group, options, async (object) => {
        await this.applyOne(object, options);
        options.listener?.({
          type: 'progress',
          task: options.task,
          done: ++done,
          total: objects.length,
          unit: 'objects',
        });
      });
      await this.inParallel(
        group.filter(({ kind }) => kind === 'CustomResourceDefinition'),
        options,
        (crd) => this.untilEstablished(crd, options.signal),
      );
    }
    this.done(options, start, `${objects.length} objects`);
  }

  /**
   * Applies groups of objects: those of a group one after the other, the groups side by side and as they come, so that
   * a stream of any length is never held in memory.
   *
   * @returns how many objects were applied
   */
  async applyGroups(groups: Iterable<readonly object[]>, options: ApplyOptions): Promise<number> {
    const start = performance.now();
    options.listener?.({ type: 'start', task: options.task });
    let done = 0;
    await this.inParallel(groups, options, async (group) => {
      for (const object of group) {
        await this.applyOne(object as KubernetesObject, options);
        done++;
      }
      options.listener?.({
        type: 'progress',
        task: options.task,
        done,
        unit: 'objects',
        ...(options.total === undefined ? {} : { total: options.total }),
      });
    });
    this.done(options, start, `${done} objects`);
    return done;
  }

  private done(options: ApplyOptions, start: number, detail: string): void {
    options.listener?.({ type: 'done', task: options.task, detail, seconds: (performance.now() - start) / 1000 });
  }

  private async applyOne(object: KubernetesObject, options: ApplyOptions): Promise<void> {
    const path = await this.resources.pathOf(object);
    try {
      await this.client.request('PATCH', path, {
        query: { fieldManager: FIELD_MANAGER, force: options.forceConflicts ?? false },
        contentType: 'application/apply-patch+yaml',
        body: object,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    } catch (error) {
      throw error instanceof ApiError ? refusal(object, error) : error;
    }
  }

  private async untilEstablished(crd: KubernetesObject, signal: AbortSignal | undefined): Promise<void> {
    interface Condition {
      readonly type: string;
      readonly status: string;
      readonly message: string;
    }
    const path = await this.resources.pathOf(crd);
    let conditions: readonly Condition[] = [];
    const established = await until(
      async () => {
        const current = await this.client.request<{ status?: { conditions?: readonly Condition[] } }>('GET', path);
        conditions = current.status?.conditions ?? [];
        return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
      },
      { deadlineMs: ESTABLISHED_DEADLINE_MS, ...(signal === undefined ? {} : { signal }) },
    );
    if (established === undefined) {
      const why = conditions.filter(
        ({ type, status }) => (status === 'True') !== ['Established', 'NamesAccepted'].includes(type),
      );
      throw new TestbedError(
        'timeout',
        `${describeObject(crd)} was not established within ${ESTABLISHED_DEADLINE_MS / 1000} s: ${why.map(({ message }) => message).join('; ') || 'the API server gave no reason'}`,
      );
    }
  }

  private async inParallel<T>(
    items: Iterable<T>,
    options: ApplyOptions,
    work: (item: T) => Promise<void>,
  ): Promise<void> {
    const iterator = items[Symbol.iterator]();
    let failed = false;
    const worker = async () => {
      for (let next = iterator.next(); next.done !== true && !failed; next = iterator.next()) {
        options.signal?.throwIfAborted();
        await work(next.value).catch((error: unknown) => {
          failed = true;
          throw error;
        });
      }
    };
    // Every worker ends before the first error is thrown, so that nothing is written afterwards.
    const ends = await Promise.allSettled(Array.from({ length: options.concurrency ?? 32 }, worker));
    const failure = ends.find((end) => end.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  }
}

/** What the API server said, with the object and the fields. */
function refusal(object: KubernetesObject, error: ApiError): ApiError {
  const isConflict = error.causes.some(({ message }) => message?.startsWith('conflict with'));
  const causes = error.causes.map(({ field, message }) => `${field ?? ''}: ${message ?? ''}`);
  const what = causes.length > 0 ? causes.join('; ') : error.message;
  const advice = isConflict ? '; change it back, or run with --force-conflicts to take the fields over' : '';
  return new ApiError(
    error.status,
    error.reason,
    `${describeObject(object)} was refused: ${what}${advice}`,
    error.causes,
  );
}
