import type { Kind } from '../../lib/kinds/kind';
import type { OwnedMetadata } from '../../src/apply/owners';
import type { KubernetesClient } from '../../src/kubernetes/client';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import type { FleetInputs } from './fleet-state';

/** What a fleet has many of, and how they come of what the program says. */
export interface FleetKind<I extends FleetInputs> {
  /** The resource, as people know it: `HostFleet`. */
  readonly resource: string;
  /** Of what it has many: what is waited for. */
  readonly kind: Kind;
  /** Those of the inputs that describe the objects. */
  readonly content: readonly (keyof I & string)[];
  /** A sentence that says what may be missing where they do not settle. */
  readonly advice: string;
  /** How long each of them may take on average until it has settled, in seconds. */
  readonly secondsEach: number;
  /** By what an object that is no longer described is in use, and left until it no longer is. @default - nothing */
  readonly inUse?: ((member: OwnedMetadata) => string | undefined) | undefined;
  /**
   * What is described, with credentials and keys taken from where they are now.
   *
   * @throws TestbedError (`invalid-input`) for what cannot be, or cannot be had
   */
  describe(inputs: I): Promise<DescribedFleet>;
}

/** The objects of a fleet; each time anew, since there may be a million. */
export interface DescribedFleet {
  /** How many of its kind there are. */
  readonly count: number;
  /** The namespaces that they are in. */
  namespaces(): readonly string[];
  /** All that is written but the namespaces, each object after those that it needs. */
  objects(): Iterable<KubernetesObject>;
  /**
   * Whether there are members of the set that have to be gone before anything is written.
   *
   * @param set name of the ApplySet
   */
  hasSurplus(client: KubernetesClient, set: string, signal?: AbortSignal): Promise<boolean>;
  /** Whether controllers have seen what was changed, so that what the objects say of themselves can be believed. */
  isMade(client: KubernetesClient, signal?: AbortSignal): Promise<boolean>;
}
