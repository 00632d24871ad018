import type { ResolvedTestbed } from '../../lib/testbed/resolve';
import type { Applier } from '../apply/apply';
import type { Existing } from '../apply/refusals';
import type { ClusterChoice } from '../cluster/clusters';
import type { Operation } from '../util/events';
import type { KubernetesClient } from '../kubernetes/client';
import type { NamespacedName } from '../kubernetes/objects';
import type { Build } from '../simulators/builds';
import type { SimulatorKind } from '../simulators/names';
import type { ManagerMember } from '../managers/members';
import type { WorkloadApiSource } from '../managers/members';
import type { SimulatorPlace, Simulators } from '../simulators/simulators';
import type { TestbedSets } from './sets';

/** Where a testbed runs, and what simulates its hosts. */
export interface BringUpOptions extends Operation {
  /** Folder that the testbed has for itself. */
  readonly stateDir: string;
  /** Folders of other testbeds that are brought up side by side with it, and may have had its clusters. @default - none */
  readonly beside?: readonly string[];
  /** @default - an embedded control plane on this machine */
  readonly cluster?: ClusterChoice;
  /**
   * What simulates the hosts: a Bare Metal Operator in test mode, or kwok.
   * @default - on a cluster with pods bmo, in the cluster; elsewhere what it was the last time, at first bmo where any source
   * gives the program of the description's release, otherwise kwok
   */
  readonly simulator?: SimulatorKind;
  /**
   * File of the Bare Metal Operator's binary, which then runs on this machine whatever the cluster; or the file for each release
   * that is described.
   */
  readonly bmoBinary?: string | Readonly<Record<string, string>>;
  /**
   * `programs.lock.json`, which says what digests the tags of images stand for that programs are taken from. It is written
   * where it does not say it yet; another digest is an error.
   * @default - the testbed's own, in its folder
   */
  readonly lockFile?: string;
  /**
   * How long each step of an install on a cluster with pods may take, in milliseconds.
   * @default 300000
   */
  readonly installTimeoutMs?: number;
  /** Whether fields that somebody else owns are taken over. */
  readonly forceConflicts?: boolean;
  /**
   * Whether it goes on where the cluster has hosts that this testbed did not make, which its simulator then takes care of
   * too. An embedded control plane, and a kind cluster of its own, it shares with nobody.
   * @default false: they are an error that names the first
   */
  readonly takeOverHosts?: boolean;
  /**
   * Where somebody with more rights has brought all of it to an existing cluster, and has looked for what is others': nothing
   * is installed. The ServiceAccount there may read metrics and nothing else.
   * @default - it is installed
   * @internal
   */
  readonly installed?: { readonly metricsReader: NamespacedName } | undefined;
  /** Is told what happens. */
  /** Ends it, with its reason. */
}

/** A testbed that is up, but for its hosts. */
export interface LiveTestbed {
  readonly testbed: ResolvedTestbed;
  readonly cluster: ClusterChoice['kind'];
  readonly kubeconfig: string;
  readonly client: KubernetesClient;
  readonly applier: Applier;
  readonly simulator: SimulatorKind;
  /** Which builds of it. */
  readonly builds: readonly Build[];
  readonly sets: TestbedSets;
  /** What becomes of objects that are there and belong to no set. */
  readonly existing: Existing;
  /** What simulates the hosts, wherever it runs. */
  readonly simulators: Simulators;
  /** What takes care of clusters. */
  readonly managers: readonly ManagerMember[];
  /** Where the API of workload clusters tells of itself; undefined where there is none. */
  readonly workloadApi: WorkloadApiSource | undefined;
  /** Who may read metrics. @default - one that is made for it */
  readonly metricsReader?: NamespacedName | undefined;
  close(): Promise<void>;
}

/** What decides what can be done to a testbed. */
export interface Capabilities extends Pick<LiveTestbed, 'cluster' | 'simulator'> {
  /** Where the API of workload clusters runs. @default 'process' */
  readonly workloadApi?: SimulatorPlace | undefined;
}
