import type { Kind, ObservedObject } from '../../lib/kinds/kind';
import type { Change, Life } from '../../lib/kinds/life';

/** One step in the life of an object, in milliseconds on the monotonic clock of performance.now(): when its event arrived. */
export interface Transition extends Change {
  /** '' for a value that was not there. */
  readonly from: string;
  /** Whether further steps in between may have gone unseen, since the API server had forgotten them. */
  readonly isAfterGap: boolean;
}

/** The life of one object, from when it was first seen. */
export interface Timeline extends Life {
  /** Its kind, such as `BareMetalHost`. */
  readonly kind: string;
  /** An object that is deleted and made anew is another one. */
  readonly uid: string;
  readonly transitions: readonly Transition[];
}

interface Recorded extends Timeline {
  goneAt: number | undefined;
  readonly transitions: Transition[];
}

/** Records what objects of a kind go through, as it is told. Pure: the times are given to it. */
export class Timelines {
  /** With each object as it was last, which others keep too: what it looked like is computed from it once it changes. */
  private readonly current = new Map<string, { readonly line: Recorded; last: ObservedObject }>();
  private readonly past: Recorded[] = [];
  /** Those that somebody else has recorded, of objects that may be there still; undefined once it is known. */
  private before: Map<string, Recorded> | undefined;

  /** @param before what another process has recorded of the same objects, whose record goes on behind a gap */
  constructor(
    private readonly kind: Kind,
    before?: readonly Timeline[],
  ) {
    if (before === undefined) return;
    this.before = new Map();
    for (const each of before.filter((line) => line.kind === kind.kind)) {
      const line = { ...each, goneAt: each.goneAt, transitions: [...each.transitions] };
      if (line.goneAt === undefined) this.before.set(`${line.namespace}/${line.name}`, line);
      else this.past.push(line);
    }
  }

  /** All objects that are there have been put: others of which there is a record have gone. */
  endGap(at: number): void {
    for (const line of this.before?.values() ?? []) this.past.push({ ...line, goneAt: at });
    this.before = undefined;
  }

  /** The object as it is now. */
  put(key: string, object: ObservedObject, at: number, isAfterGap: boolean): void {
    const known = this.current.get(key);
    if (known !== undefined && known.line.uid === object.uid) {
      this.record(known.line, this.fieldsOf(known.last), this.fieldsOf(object), at, isAfterGap);
      known.last = object;
      return;
    }
    if (known !== undefined) this.remove(key, at);
    const earlier = this.before?.get(key);
    if (earlier !== undefined && earlier.uid === object.uid) {
      this.before?.delete(key);
      const last = new Map(earlier.transitions.map(({ field, to }): Field => [field, to]));
      this.record(earlier, last, this.fieldsOf(object), at, true);
      this.current.set(key, { line: earlier, last: object });
      return;
    }
    const line: Recorded = {
      kind: this.kind.kind,
      namespace: object.namespace,
      name: object.name,
      uid: object.uid,
      seenAt: at,
      goneAt: undefined,
      transitions: [],
    };
    this.record(line, NOTHING, this.fieldsOf(object), at, isAfterGap || this.before !== undefined);
    this.current.set(key, { line, last: object });
  }

  /** The object has gone. */
  remove(key: string, at: number): void {
    const known = this.current.get(key);
    if (known === undefined) return;
    known.line.goneAt = at;
    this.past.push(known.line);
    this.current.delete(key);
  }

  /** Of every object that was seen, those that are gone first. */
  *all(): Generator<Timeline, void, undefined> {
    yield* this.past;
    for (const { line } of this.current.values()) yield line;
  }

  /** Of one object that is there. */
  get(key: string): Timeline | undefined {
    return this.current.get(key)?.line;
  }

  /** What an object looks like to the recorder. */
  private *fieldsOf(object: ObservedObject): Generator<Field, void> {
    yield ['state', object.state];
    yield ['error', object.errorType];
    yield* this.kind.recorded(object);
  }

  private record(
    line: Recorded,
    before: Iterable<Field>,
    after: Iterable<Field>,
    at: number,
    isAfterGap: boolean,
  ): void {
    const was = new Map(before);
    const add = (field: string, from: string, to: string) => {
      if (from !== to) line.transitions.push({ field, from, to, at, isAfterGap });
    };
    for (const [field, to] of after) {
      add(field, was.get(field) ?? '', to);
      was.delete(field);
    }
    // What it no longer has.
    for (const [field, from] of was) add(field, from, '');
  }
}

type Field = readonly [name: string, value: string];

const NOTHING: readonly Field[] = [];
