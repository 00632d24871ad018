import type { ObservedHost } from './host-watch';

/** One step in the life of a host. */
export interface Transition {
  /** `state`, `operationalStatus`, `online` (as asked), `poweredOn` (as it is), `error`, or `condition TYPE`. */
  readonly field: string;
  /** '' for a value that was not there. */
  readonly from: string;
  readonly to: string;
  /** When the event arrived, in milliseconds on the monotonic clock of performance.now(). */
  readonly at: number;
  /** Whether further steps in between may have gone unseen, since the API server had forgotten them. */
  readonly isAfterGap: boolean;
}

/** The life of one host, from when it was first seen. */
export interface Timeline {
  readonly namespace: string;
  readonly name: string;
  /** A host that is deleted and made anew is another host. */
  readonly uid: string;
  /** When the host was first seen, on the same clock. */
  readonly seenAt: number;
  /** When it was gone; undefined while it is there. */
  readonly goneAt: number | undefined;
  readonly transitions: readonly Transition[];
}

interface Recorded extends Timeline {
  goneAt: number | undefined;
  readonly transitions: Transition[];
}

/** What a host looks like to the recorder, by field. */
type Snapshot = ReadonlyMap<string, string>;

/** Records what hosts go through, as it is told. Pure: the times are given to it. */
export class Timelines {
  private readonly current = new Map<string, { readonly line: Recorded; snapshot: Snapshot }>();
  private readonly past: Recorded[] = [];

  /** The host as it is now. */
  put(key: string, host: ObservedHost, at: number, isAfterGap: boolean): void {
    const known = this.current.get(key);
    const snapshot = snapshotOf(host);
    if (known !== undefined && known.line.uid === host.uid) {
      record(known.line, known.snapshot, snapshot, at, isAfterGap);
      known.snapshot = snapshot;
      return;
    }
    if (known !== undefined) this.remove(key, at);
    const line: Recorded = {
      namespace: host.namespace,
      name: host.name,
      uid: host.uid,
      seenAt: at,
      goneAt: undefined,
      transitions: [],
    };
    record(line, EMPTY, snapshot, at, isAfterGap);
    this.current.set(key, { line, snapshot });
  }

  /** The host has gone. */
  remove(key: string, at: number): void {
    const known = this.current.get(key);
    if (known === undefined) return;
    known.line.goneAt = at;
    this.past.push(known.line);
    this.current.delete(key);
  }

  /** Of every host that was seen, those that are gone first. */
  *all(): Generator<Timeline, void, undefined> {
    yield* this.past;
    for (const { line } of this.current.values()) yield line;
  }

  /** Of one host that is there. */
  get(key: string): Timeline | undefined {
    return this.current.get(key)?.line;
  }
}

const EMPTY: Snapshot = new Map();

function snapshotOf(host: ObservedHost): Snapshot {
  return new Map([
    ['state', host.state],
    ['operationalStatus', host.operationalStatus],
    ['online', host.online ? 'true' : ''],
    ['poweredOn', host.poweredOn ? 'true' : ''],
    ['error', host.errorType],
    ...Object.entries(host.conditions).map(([type, status]) => [`condition ${type}`, status] as const),
  ]);
}

function record(line: Recorded, before: Snapshot, after: Snapshot, at: number, isAfterGap: boolean): void {
  for (const field of new Set([...before.keys(), ...after.keys()])) {
    const from = before.get(field) ?? '';
    const to = after.get(field) ?? '';
    if (from !== to) line.transitions.push({ field, from, to, at, isAfterGap });
  }
}
