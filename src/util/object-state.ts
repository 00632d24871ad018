/** The state of objects as text, and back: fields of instances of classes, maps, sets and plain values; no functions. */
import { isMap } from './is-map';

const MAP = '$map';
const SET = '$set';

/** A time of another process is no time of this one. */
export interface Times {
  /** The fields that are times, on the clock of performance.now(), and maps of which each value is one. */
  readonly fields: ReadonlySet<string>;
  /** What is added to them. */
  readonly shift: number;
}

export function textOf(state: unknown): string {
  return JSON.stringify(state, (_, value: unknown) => {
    if (value instanceof Set) return { [SET]: [...value] };
    return value instanceof Map ? { [MAP]: [...value] } : value;
  });
}

export function stateOf(text: string, { fields, shift }: Times = { fields: new Set(), shift: 0 }): unknown {
  return JSON.parse(text, (key, value: unknown) => {
    const isTime = fields.has(key);
    if (typeof value === 'number' && isTime) return value + shift;
    if (isMap(value) && Array.isArray(value[SET])) return new Set(value[SET]);
    if (!isMap(value) || !Array.isArray(value[MAP])) return value;
    const entries = value[MAP] as readonly [unknown, unknown][];
    return new Map(isTime ? entries.map(([name, at]) => [name, (at as number) + shift]) : entries);
  });
}

/** Gives an object the fields of another one of its class, from its state. */
export function restoreState(object: object, state: unknown): void {
  if (!isMap(state)) return;
  const fields = object as Record<string, unknown>;
  for (const [name, value] of Object.entries(state)) {
    const own = fields[name];
    if (isInstance(own)) restoreState(own, value);
    else fields[name] = value;
  }
}

/** Whether it is of a class of ours, with methods that its state has not. */
function isInstance(value: unknown): value is object {
  return (
    isMap(value) &&
    !(value instanceof Map) &&
    !(value instanceof Set) &&
    Object.getPrototypeOf(value) !== Object.prototype
  );
}
