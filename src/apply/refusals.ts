import { invalidInput, TestbedError } from '../../lib/errors';
import { isLease, isNamespace, type KindOfObject } from '../../lib/order';
import { MAX_QUOTED_BYTES, quoted } from '../../lib/visible';
import { ApiError } from '../kubernetes/api-error';
import type { KubernetesObject } from '../kubernetes/objects';
import { describeObject } from '../kubernetes/objects';
import { groupKindOf } from '../kubernetes/rest-mapper';
import { requireNoMembership, type ApplySet } from './apply-set';
import { Mark } from './digest-table';

/** A run goes on past objects that are refused, so that all of them are known at once; but not past this many. */
const MOST = 100;
const SHOWN = 10;

/** Collects what the API server refuses, to say it in one error. */
export class Refusals {
  private readonly errors: ApiError[] = [];

  get count(): number {
    return this.errors.length;
  }

  get isTooMany(): boolean {
    return this.errors.length >= MOST;
  }

  /** @returns whether the error is about this object alone, so that others may still be applied */
  take(object: KubernetesObject, error: unknown): boolean {
    if (
      !(error instanceof ApiError) ||
      error.status < 400 ||
      error.status >= 500 ||
      error.status === 401 ||
      error.status === 429
    )
      return false;
    this.errors.push(refusalOf(object, error));
    return true;
  }

  /** @throws ApiError naming the objects and the fields, where any were refused */
  throwIfAny(): void {
    const [first] = this.errors;
    if (first === undefined) return;
    if (this.errors.length === 1) throw first;
    let left = MAX_QUOTED_BYTES;
    const messages = this.errors.slice(0, SHOWN).filter(({ message }, i) => i === 0 || (left -= message.length) > 0);
    const shown = messages.map(({ message }) => `  ${message}`);
    const more = this.errors.length > shown.length ? [`  and ${this.errors.length - shown.length} more`] : [];
    throw new ApiError(
      first.status,
      first.reason,
      [`${this.errors.length}${this.isTooMany ? ' and more' : ''} objects were refused:`, ...shown, ...more].join('\n'),
      this.errors.flatMap(({ causes }) => causes),
    );
  }
}

/** What the API server said, with the object and the fields. */
export function refusalOf(object: KubernetesObject, error: ApiError): ApiError {
  const causes = error.causes.map(({ field, message }) => `${field ?? ''}: ${message ?? ''}`);
  const what = causes.length > 0 ? quoted(causes.join('; ')) : error.message;
  const advice = error.isFieldConflict
    ? '; change it back, or take the fields over with --force-conflicts (forceConflicts of a HostFleet)'
    : '';
  return new ApiError(
    error.status,
    error.reason,
    `${describeObject(object)} was refused: ${what}${advice}`,
    error.causes,
  );
}

/** An object that may be in a set. @throws TestbedError (`invalid-input`) where it says which, or is where the set is recorded */
export function requireMember(object: KubernetesObject, set: ApplySet): void {
  requireNoMembership(object, set.id);
  if (set.isRecordedIn(object))
    throw invalidInput(
      `${describeObject(object)} is the ConfigMap in which the set ${set.name} itself is recorded: give the set another name`,
    );
}

/** Says of objects what can be said before any of them is written. @throws TestbedError (`invalid-input`) */
export function requireMembers(objects: readonly KubernetesObject[], set: ApplySet): void {
  const seen = new Set<string>();
  for (const object of objects) {
    requireMember(object, set);
    const { namespace = '', name } = object.metadata;
    const key = `${groupKindOf(object)} ${namespace}/${name}`;
    if (seen.has(key)) throw isDescribedTwice(object);
    seen.add(key);
  }
}

/**
 * What becomes of an object that is on the cluster already and belongs to no set: whoever made it did not make it for us.
 *
 * - `adopt`: it joins the set, as with `kubectl apply`, since its manifest was given for that; but not a namespace, which
 *   is brought to what its manifest says and would be deleted with all that others have in it.
 * - `update`: it is brought to what is described, and does not join.
 * - `refuse`: an error names it, but for namespaces and leases, which are shared: they are used as they are.
 */
export type Existing = 'adopt' | 'update' | 'refuse';

/** Whether one object of a kind serves many. */
export function isShared(object: KindOfObject): boolean {
  return isNamespace(object) || isLease(object);
}

/** Of which kinds it has to be known what belongs to no set. */
export function asksForOthers(existing: Existing = 'adopt'): (kind: KindOfObject) => boolean {
  return (kind) => existing !== 'adopt' || isNamespace(kind);
}

/**
 * What is done with an object of a description: `join`, it is written as a member of the set; `update`, it is written and
 * belongs to no set; `leave`, it is used as it is.
 *
 * @param marks what was known of it before it came
 * @throws TestbedError where it is somebody else's (`cluster`), or comes a second time (`invalid-input`)
 */
export function treatmentOf(
  object: KubernetesObject,
  marks: number,
  existing: Existing = 'adopt',
): 'join' | 'update' | 'leave' {
  if (marks & Mark.Described) throw isDescribedTwice(object);
  const isUsedAsItIs = isShared(object) && existing !== 'adopt';
  if (marks & Mark.Foreign) {
    if (isUsedAsItIs) return 'leave';
    throw new TestbedError(
      'cluster',
      `${describeObject(object)} belongs to another set and was not changed: put it into one of the two sets only`,
    );
  }
  if (!(marks & Mark.Alone) || marks & Mark.Deleting) return 'join';
  if (existing === 'adopt') return isNamespace(object) ? 'update' : 'join';
  if (existing === 'update') return 'update';
  if (isUsedAsItIs) return 'leave';
  throw new TestbedError(
    'cluster',
    `${describeObject(object)} exists already and belongs to somebody else, so it was not changed: rename yours, or delete that one first`,
  );
}

function isDescribedTwice(object: KubernetesObject): TestbedError {
  return invalidInput(`${describeObject(object)} is in the manifests twice: leave one out`);
}
