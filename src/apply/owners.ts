import { deleteRank, isCustomResourceDefinition, isNamespace, type KindOfObject } from '../../lib/order';
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
  /** Place, in the order of kinds, of the last thing that it owns: it goes no later than that. */
  readonly rank: number;
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
  add(kind: KindOfObject, { uid = '', namespace, ownerReferences }: OwnedMetadata): void {
    if (ownerReferences === undefined) return;
    const rank = deleteRank(kind);
    // Namespaces and definitions go last, since with them goes all that they hold.
    const early = ownerReferences.filter(
      (owner) => deleteRank(owner) <= rank && !isNamespace(owner) && !isCustomResourceDefinition(owner),
    );
    if (early.length === 0) return;
    for (const { apiVersion, kind: ownerKind, name, uid: ownerUid } of early)
      this.note({ apiVersion, kind: ownerKind, name, uid: ownerUid, namespace, rank });
    this.ownersOf.set(
      uid,
      early.map((owner) => owner.uid),
    );
  }

  /**
   * The owners that have to go before anything of a place in the order of kinds, those first that own others of them. In a
   * circle none is first, and they come together.
   */
  levels(rank: number): readonly (readonly Owner[])[] {
    this.raiseOwners();
    const left = new Map([...this.owners].filter(([, owner]) => owner.rank === rank));
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

  private note(owner: Owner): void {
    const { rank = 0 } = this.owners.get(owner.uid) ?? {};
    this.owners.set(owner.uid, { ...owner, rank: Math.max(rank, owner.rank) });
  }

  /** Whoever owns an owner goes no later than that. */
  private raiseOwners(): void {
    for (let isRaised = true; isRaised;) {
      isRaised = false;
      for (const { uid, rank } of this.owners.values()) {
        for (const above of this.ownersOf.get(uid) ?? []) {
          const owner = this.owners.get(above);
          if (owner === undefined || owner.rank >= rank) continue;
          this.owners.set(above, { ...owner, rank });
          isRaised = true;
        }
      }
    }
  }
}

/** What an object says of what owns it. */
export type OwnedMetadata = Pick<KubernetesObject['metadata'], 'uid' | 'namespace'> & {
  readonly ownerReferences?: readonly OwnerReference[];
};
