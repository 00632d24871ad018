import { invalidInput } from '../../lib/errors';
import { describeObject, type KubernetesObject } from '../kubernetes/objects';

/** So much is held back at most, as JSON; each object counts for a kilobyte at least, which is what it takes in memory. */
const MOST_CHARACTERS = 128 * 1024 * 1024;
const LEAST_EACH = 1024;
const SHOWN = 3;

/** What an object needs that is not there yet: a namespace, or the CustomResourceDefinition of its kind. */
export type Need = `namespace ${string}` | `kind ${string}`;

export function namespaceNeed(name: string): Need {
  return `namespace ${name}`;
}

export function kindNeed(apiVersion: string, kind: string): Need {
  return `kind ${kind} of ${apiVersion}`;
}

/** Objects that came before what they need, which may still come: they are held until then, up to a limit. */
export class Deferred {
  private readonly waiting = new Map<Need, KubernetesObject[]>();
  /** Of those that have been claimed as members already, what was known of them before. */
  private readonly marks = new Map<KubernetesObject, number>();
  private size = 0;

  constructor(private readonly mostCharacters = MOST_CHARACTERS) {}

  get needs(): readonly Need[] {
    return [...this.waiting.keys()];
  }

  isAwaited(need: Need): boolean {
    return this.waiting.has(need);
  }

  /** @throws TestbedError (`invalid-input`) where too much is held back */
  add(need: Need, object: KubernetesObject, marks?: number): void {
    const waiting = this.waiting.get(need);
    if (waiting === undefined) this.waiting.set(need, [object]);
    else waiting.push(object);
    if (marks !== undefined) this.marks.set(object, marks);
    this.size += sizeOf(object);
    if (this.size <= this.mostCharacters) return;
    throw invalidInput(
      `too many objects (more than ${Math.round(this.mostCharacters / 2 ** 20)} MiB of them) came before what they need: ${this.describeNeeds()}; put Namespaces and CustomResourceDefinitions first`,
    );
  }

  /** Those that wait for something. */
  peek(need: Need): readonly KubernetesObject[] {
    return this.waiting.get(need) ?? [];
  }

  /** Gives those back that waited for something. */
  take(need: Need): readonly KubernetesObject[] {
    const objects = this.waiting.get(need) ?? [];
    this.waiting.delete(need);
    for (const object of objects) this.size -= sizeOf(object);
    return objects;
  }

  /** What was known of an object before it was claimed; undefined where it has not been. */
  takeMarks(object: KubernetesObject): number | undefined {
    if (this.marks.size === 0) return undefined;
    const marks = this.marks.get(object);
    this.marks.delete(object);
    return marks;
  }

  /** `namespace a (needed by 3 objects: Secret a/b, …)` */
  describeNeed(need: Need): string {
    const objects = this.waiting.get(need) ?? [];
    const shown = objects.slice(0, SHOWN).map(describeObject);
    const count = objects.length === 1 ? '1 object' : `${objects.length} objects`;
    return `${need} (needed by ${count}: ${shown.join(', ')}${objects.length > SHOWN ? ', …' : ''})`;
  }

  private describeNeeds(): string {
    const shown = this.needs.slice(0, SHOWN).map((need) => this.describeNeed(need));
    return `${shown.join('; ')}${this.needs.length > SHOWN ? '; …' : ''}`;
  }
}

function sizeOf(object: KubernetesObject): number {
  return Math.max(LEAST_EACH, JSON.stringify(object).length);
}
