/** Objects of a workload cluster, as they are kept and as they go over the wire. What is kept is never changed in place. */

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly [field: string]: unknown;
}

export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

/** What an object says before the store gives it its kind, uid, version and time. */
export interface Draft {
  readonly metadata?: Partial<Metadata>;
  readonly [field: string]: unknown;
}

/** A field somewhere in an object; undefined where there is none. @param path such as `status.phase` */
export function fieldOf(object: unknown, path: string): unknown {
  let value: unknown = object;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
  }
  return value;
}

/** A time as Kubernetes writes it. @param ms since the epoch */
export function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** As leases have it. */
export function microTimeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}
