/**
 * Membership in a set of applied objects, after the ApplySet specification (KEP-3659): every member carries a label with
 * the set's id, and a parent object says in which kinds and namespaces there may be members. The parent grows before the
 * first member of a kind or namespace is written, and shrinks only after the last has gone, so that whatever is killed
 * in between, no member is ever out of its sight.
 */
import { createHash } from 'node:crypto';
import { invalidInput, TestbedError } from '../../lib/errors';
import { requireDnsSubdomain, requireDnsLabel } from '../../lib/names';
import type { KubernetesClient } from '../kubernetes/client';
import { describeObject, type KubernetesObject } from '../kubernetes/objects';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import { serverSideApply } from '../kubernetes/server-side-apply';

/** Carried by each member; its value is the set's id. */
export const PART_OF_LABEL = 'applyset.kubernetes.io/part-of';
const ID_LABEL = 'applyset.kubernetes.io/id';
const TOOLING = 'applyset.kubernetes.io/tooling';
const GROUP_KINDS = 'applyset.kubernetes.io/contains-group-kinds';
const NAMESPACES = 'applyset.kubernetes.io/additional-namespaces';
/** Sets of any version of this package are ours. */
const TOOL = 'metal3-testbed';
const TOOL_VERSION = `${TOOL}/v1`;

/** Names a set. */
export interface ApplySetName {
  /** Name of the set, which is that of the ConfigMap that is its parent. */
  readonly name: string;
  /** Namespace of the ConfigMap. @default 'default' */
  readonly namespace?: string;
}

/** Where members may be. */
interface Scope {
  readonly groupKinds: Set<string>;
  readonly namespaces: Set<string>;
}

/** One set, and what its parent says of it. */
export class ApplySet {
  readonly id: string;
  readonly label: Readonly<Record<string, string>>;
  readonly name: string;
  readonly namespace: string;
  private readonly path: string;
  /** What the parent says now. */
  private recorded: Scope = { groupKinds: new Set(), namespaces: new Set() };
  /** What has been written in this run. */
  private readonly current: Scope = { groupKinds: new Set(), namespaces: new Set() };
  private exists = false;

  /** @throws TestbedError (`invalid-input`) for a name that no ConfigMap can have */
  constructor(
    private readonly client: KubernetesClient,
    { name, namespace = 'default' }: ApplySetName,
    private readonly fieldManager: string,
    /** Asked before each write. */
    private readonly beforeTry?: () => Promise<void> | undefined,
  ) {
    this.name = requireDnsSubdomain('name of the set', name);
    this.namespace = requireDnsLabel('namespace of the set', namespace);
    this.id = applySetIdOf({ name, namespace });
    this.label = memberLabel({ name, namespace });
    this.path = `/api/v1/namespaces/${namespace}/configmaps/${name}`;
  }

  /** The kinds in which there may be members, as `Kind.group`. */
  get groupKinds(): readonly string[] {
    return [...new Set([...this.recorded.groupKinds, ...this.current.groupKinds])].sort();
  }

  get isRecorded(): boolean {
    return this.exists;
  }

  /** Whether an object is the parent itself. */
  isRecordedIn({ apiVersion, kind, metadata }: KubernetesObject): boolean {
    const { name, namespace = this.client.defaultNamespace } = metadata;
    return apiVersion === 'v1' && kind === 'ConfigMap' && name === this.name && namespace === this.namespace;
  }

  /**
   * Reads the parent, if there is one.
   *
   * @throws TestbedError (`cluster`) where the ConfigMap is not a parent, or another tool's
   */
  async read(signal?: AbortSignal): Promise<void> {
    const parent = await ignoreNotFound(this.client.request<KubernetesObject>('GET', this.path, { signal }));
    if (parent === undefined) return;
    const { labels = {}, annotations = {} } = parent.metadata;
    const refuse = (what: string) =>
      new TestbedError(
        'cluster',
        `ConfigMap ${this.namespace}/${this.name} ${what}: nothing was changed; give the set another name`,
      );
    if (labels[ID_LABEL] === undefined) throw refuse('exists already and is not the parent of a set');
    if (labels[ID_LABEL] !== this.id)
      throw refuse(`says it is set ${labels[ID_LABEL]}, but by its name it is ${this.id}`);
    const tool = annotations[TOOLING] ?? '';
    if (tool.split('/')[0] !== TOOL) throw refuse(`is the parent of a set of ${tool || 'an unknown tool'}`);
    this.exists = true;
    this.recorded = { groupKinds: listOf(annotations[GROUP_KINDS]), namespaces: listOf(annotations[NAMESPACES]) };
  }

  /** Makes sure that the parent knows of these kinds and namespaces; to be called before members are written. */
  async grow(groupKinds: Iterable<string>, namespaces: Iterable<string>, signal?: AbortSignal): Promise<void> {
    for (const kind of groupKinds) this.current.groupKinds.add(kind);
    for (const namespace of namespaces) if (namespace !== this.namespace) this.current.namespaces.add(namespace);
    const { recorded, current } = this;
    const both: Scope = {
      groupKinds: new Set([...recorded.groupKinds, ...current.groupKinds]),
      namespaces: new Set([...recorded.namespaces, ...current.namespaces]),
    };
    if (!this.exists || !isSame(both, recorded)) await this.write(both, signal);
  }

  /** Makes the parent say what this run has written and nothing else; to be called once the other members are gone. */
  async shrink(signal?: AbortSignal): Promise<void> {
    const { groupKinds, namespaces } = this.current;
    if (!this.exists || isSame(this.recorded, this.current)) return;
    await this.write({ groupKinds: new Set(groupKinds), namespaces: new Set(namespaces) }, signal);
  }

  private async write(scope: Scope, signal?: AbortSignal): Promise<void> {
    const namespaces = [...scope.namespaces].sort().join(',');
    const parent = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: this.name,
        namespace: this.namespace,
        labels: { [ID_LABEL]: this.id },
        annotations: {
          [TOOLING]: TOOL_VERSION,
          [GROUP_KINDS]: [...scope.groupKinds].sort().join(','),
          [NAMESPACES]: namespaces === '' ? undefined : namespaces,
        },
      },
    };
    await serverSideApply(this.client, this.path, parent, this.fieldManager, { signal, beforeTry: this.beforeTry });
    this.recorded = scope;
    this.exists = true;
  }
}

/** Whether there may be members of a set. */
export async function mayHaveMembers(
  client: KubernetesClient,
  name: ApplySetName,
  signal?: AbortSignal,
): Promise<boolean> {
  const set = new ApplySet(client, name, '');
  await set.read(signal);
  return set.groupKinds.length > 0;
}

/** The label of the members of a set. */
export function memberLabel(set: ApplySetName): Readonly<Record<string, string>> {
  return { [PART_OF_LABEL]: applySetIdOf(set) };
}

/** An object as a member of the set of that label. */
export function asMember(object: KubernetesObject, label: Readonly<Record<string, string>>): KubernetesObject {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, ...label } } };
}

/** The id of a set, which its members carry. */
export function applySetIdOf({ name, namespace = 'default' }: ApplySetName): string {
  return applySetId({ name, namespace, kind: 'ConfigMap', group: '' });
}

/** The id that the specification derives from the parent: a hash, so that nobody can pose as another set. */
export function applySetId(parent: {
  readonly name: string;
  readonly namespace: string;
  readonly kind: string;
  readonly group: string;
}): string {
  const { name, namespace, kind, group } = parent;
  return `applyset-${createHash('sha256').update(`${name}.${namespace}.${kind}.${group}`).digest('base64url')}-v1`;
}

/**
 * An object that `kubectl get` has shown says which set it belongs to, and may be applied to that again.
 *
 * @throws TestbedError (`invalid-input`) where an object says itself that it belongs to another set
 */
export function requireNoMembership(object: KubernetesObject, setId: string): void {
  const id = object.metadata.labels?.[PART_OF_LABEL];
  if (id === undefined || id === setId) return;
  throw invalidInput(
    `${describeObject(object)} has the label ${PART_OF_LABEL} of another set, which only apply may set: leave it out`,
  );
}

function isSame(a: Scope, b: Scope): boolean {
  const same = (x: Set<string>, y: Set<string>) => x.size === y.size && [...x].every((each) => y.has(each));
  return same(a.groupKinds, b.groupKinds) && same(a.namespaces, b.namespaces);
}

function listOf(annotation: string | undefined): Set<string> {
  return new Set((annotation ?? '').split(',').filter((each) => each !== ''));
}
