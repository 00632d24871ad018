/** What an object went through, as far as its kind makes something of it. All times are of one clock. */

/** One step in the life of an object. */
export interface Change {
  /** `state`, `error`, or what else the kind records, such as `condition TYPE`. */
  readonly field: string;
  readonly to: string;
  readonly at: number;
}

/** The life of one object, from when it was first seen. */
export interface Life {
  readonly namespace: string;
  readonly name: string;
  readonly seenAt: number;
  /** When it was gone; undefined while it is there. */
  readonly goneAt: number | undefined;
  readonly transitions: readonly Change[];
}

/** The lives of all objects that are known. */
export interface Lives {
  /** Those of a kind that had this value of a field at some time. */
  having(kind: string, field: string, value: string): readonly Life[];
}

/** Where an object comes to in its life: the first time that a field of it has a value. */
export interface Milestone {
  /** What reports call it, such as `InfrastructureReady`. */
  readonly name: string;
  readonly field: string;
  readonly value: string;
}

/** A part of the way of an object: what it waited for, and when that was over. */
export interface Phase {
  readonly name: string;
  readonly start: number;
  /** undefined where it is not over. */
  readonly end: number | undefined;
}

/** @returns when a field first came to a value, at or after a time; undefined where it did not */
export function firstTime({ transitions }: Life, field: string, value: string, since = -Infinity): number | undefined {
  return transitions.find((each) => each.field === field && each.to === value && each.at >= since)?.at;
}

/** A milestone that is a condition. */
export function conditionTrue(type: string): Milestone {
  return { name: type, field: `condition ${type}`, value: 'True' };
}
