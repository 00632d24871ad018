import { inApplyOrder } from '../../lib/order';
import type { KubernetesClient } from '../kubernetes/client';
import type { KubernetesObject } from '../kubernetes/objects';
import { RESTMapper } from '../kubernetes/rest-mapper';
import type { ApplySetName } from './apply-set';
import type { ApplyOptions, ApplyResult, ObjectStream } from './options';
import { ApplyRun } from './apply-run';
import type { Plan } from './plan';
import { plan } from './plan';

/** Server-side apply of objects, to one API server. Running it again continues, and writes nothing that is there. */
export class Applier {
  readonly mapper: RESTMapper;

  constructor(readonly client: KubernetesClient) {
    this.mapper = new RESTMapper(client);
  }

  /**
   * Applies a stream of any length, kinds in the order that they need, CRDs awaited. A stream is looked at a few thousand
   * objects at a time; one that comes before its namespace or CRD is held back until that has come, 128 MiB of them at most.
   *
   * @throws ApiError for what the API server refuses, naming the objects and fields; nothing that was applied is taken
   * back, and nothing is pruned
   * @throws TestbedError (`cluster`) for an object of another set, a set that another run keeps writing, another cluster
   * than `clusterUid`, and an API server that cannot be reached
   */
  async apply(objects: ObjectStream, options: ApplyOptions): Promise<ApplyResult> {
    const run = await this.begin(options);
    await run.apply(objects);
    return run.finish();
  }

  /**
   * As {@link apply}, for objects that come in several streams: `apply` each, then `finish`. A run of a set keeps every
   * other from writing it until it is finished, has failed, or is ended with `end`.
   */
  begin(options: ApplyOptions): Promise<ApplyRun> {
    return ApplyRun.begin(this, options);
  }

  /** As {@link apply}, for objects that are all there, and are sorted first. */
  async applyAll(objects: readonly KubernetesObject[], options: ApplyOptions): Promise<ApplyResult> {
    return this.apply(inApplyOrder(objects), { total: objects.length, compare: true, ...options });
  }

  /**
   * As {@link apply}, for objects that come in groups, such as a host and its Secret.
   *
   * @returns how many objects were applied
   */
  async applyGroups(groups: Iterable<readonly object[]>, options: ApplyOptions): Promise<number> {
    const { added, changed, unchanged } = await this.apply(flatten(groups), options);
    return added + changed + unchanged;
  }

  /** Deletes the members of a set that are not described, and writes nothing else. */
  async prune(objects: ObjectStream, options: ApplyOptions & { readonly set: ApplySetName }): Promise<ApplyResult> {
    const run = await this.begin({ ...options, prune: true });
    await run.describe(objects);
    return run.finish();
  }

  /** What {@link apply} would do, without writing. */
  plan(objects: ObjectStream, options: ApplyOptions): Promise<Plan> {
    return plan(this, objects, options);
  }
}

/** The objects of groups, one by one. */
export function* flatten(groups: Iterable<readonly object[]>): Generator<KubernetesObject> {
  for (const group of groups) yield* group as readonly KubernetesObject[];
}
