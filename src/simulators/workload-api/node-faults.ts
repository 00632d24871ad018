/** Nodes of one cluster that are lost for a time. */
import type { MachineFacts } from './facts';
import type { NodeFault } from './faults';

export class NodeFaults {
  private faults: readonly NodeFault[] = [];
  /** The machines that each fault has struck, and how often their hosts had been switched on by then. */
  private readonly struck = new Map<string, ReadonlyMap<string, number>>();
  /** Machines whose Node was gone, and is to come back. */
  private readonly back = new Set<string>();
  /** Machines that were kept away, so that each is told of once. */
  private readonly away = new Set<string>();
  private onStruck: () => void = () => undefined;

  /**
   * @param joined machines that have a Node, of which those are taken that a fault is for
   * @returns whether anything has changed
   */
  change(faults: readonly NodeFault[], joined: readonly MachineFacts[], onStruck: () => void): boolean {
    const isSame = faults.length === this.faults.length && faults.every(({ id }) => this.struck.has(id));
    if (isSame) return false;
    this.onStruck = onStruck;
    this.back.clear();
    for (const { id, how } of this.faults)
      if (!faults.some((each) => each.id === id)) {
        if (how === 'gone') for (const uid of this.struck.get(id)?.keys() ?? []) this.back.add(uid);
        this.struck.delete(id);
      }
    this.faults = faults;
    for (const fault of faults) {
      if (this.struck.has(fault.id)) continue;
      const chosen = fault.how === 'neverJoin' ? [] : chosenOf(fault, joined);
      this.struck.set(fault.id, new Map(chosen.map(({ uid, host }) => [uid, host?.boots ?? 0])));
      for (const _ of chosen) onStruck();
    }
    if (!faults.some(({ how }) => how === 'neverJoin')) this.away.clear();
    return true;
  }

  /** How the Node of a machine is lost; not any more once its host has been switched on again. */
  of({ uid, host }: MachineFacts): 'gone' | 'notReady' | undefined {
    let how: 'gone' | 'notReady' | undefined;
    for (const fault of this.faults) {
      const boots = this.struck.get(fault.id)?.get(uid);
      if (fault.how === 'neverJoin' || boots === undefined || (host?.boots ?? 0) > boots) continue;
      if (how !== 'gone') how = fault.how;
    }
    return how;
  }

  /** Whether a machine that has no Node is to get none. */
  keepsAway(machine: MachineFacts): boolean {
    const isKept = this.faults.some((fault) => fault.how === 'neverJoin' && isMeant(fault, machine));
    if (isKept && !this.away.has(machine.uid)) {
      this.away.add(machine.uid);
      this.onStruck();
    }
    return isKept || this.of(machine) === 'gone';
  }

  /** Whether the Node of a machine was gone by a fault that has just ended. */
  hasComeBack(uid: string): boolean {
    return this.back.has(uid);
  }
}

function isMeant({ of }: NodeFault, { isControlPlane }: MachineFacts): boolean {
  return of === undefined || (of === 'controlPlane') === isControlPlane;
}

/** A share of them, at least one, workers first, spread evenly over their names. */
function chosenOf(fault: NodeFault, joined: readonly MachineFacts[]): readonly MachineFacts[] {
  const inOrder = joined
    .filter((machine) => isMeant(fault, machine))
    .sort((a, b) => Number(a.isControlPlane) - Number(b.isControlPlane) || (a.name < b.name ? -1 : 1));
  return inOrder.filter((_, i) => Math.ceil((i + 1) * fault.share) > Math.ceil(i * fault.share));
}
