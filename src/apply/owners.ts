import { applyRank, isCustomResourceDefinition, isNamespace, type KindOfObject } from '../../lib/order';
import type { KubernetesObject } from '../kubernetes/objects';

/** What an object says of whose it is. */
export interface OwnerReference extends KindOfObject {
  readonly name: string;
  readonly uid: string;
}

/** An object that others name as their owner. */
export interface Owner extends OwnerReference {
  /** Of what it owns, and its own unless its kind is in no namespace. */
  readonly namespace: string | undefined;
}

/**
 * Which objects own others that the order of kinds alone would delete before them or beside them. What has lost what it
 * owns makes it anew, so the owners go first. Those whose kind goes first anyway, as hosts before Secrets, are not kept
 * here: of a million hosts there would be a million.
 */
export class Owners {
  private readonly owners = new Map<string, Owner>();
  /** By what is owned. */
  private readonly ownersOf = new Map<string, readonly string[]>();

  /** @param kind of the object, which a list leaves out */
  add(kind: KindOfObject, { uid = '', namespace, ownerReferences }: Metadata): void {
    if (ownerReferences === undefined) return;
    const rank = applyRank(kind);
    // Namespaces and definitions go last, since with them goes all that they hold.
    const early = ownerReferences.filter(
      (owner) => applyRank(owner) <= rank && !isNamespace(owner) && !isCustomResourceDefinition(owner),
    );
    if (early.length === 0) return;
    for (const { apiVersion, kind: ownerKind, name, uid: ownerUid } of early)
      this.owners.set(ownerUid, { apiVersion, kind: ownerKind, name, uid: ownerUid, namespace });
    this.ownersOf.set(
      uid,
      early.map((owner) => owner.uid),
    );
  }

  /** The owners, those first that own others of them. In a circle none is first, and they come together. */
  levels(): readonly (readonly Owner[])[] {
    const left = new Map(this.owners);
    const levels: (readonly Owner[])[] = [];
    while (left.size > 0) {
      const free = [...left.values()].filter(
        ({ uid }) => !(this.ownersOf.get(uid) ?? []).some((owner) => owner !== uid && left.has(owner)),
      );
      const level = free.length > 0 ? free : [...left.values()];
      for (const { uid } of level) left.delete(uid);
      levels.push(level);
    }
    return levels;
  }
}

type Metadata = Pick<KubernetesObject['metadata'], 'uid' | 'namespace'> & {
  readonly ownerReferences?: readonly OwnerReference[];
};
