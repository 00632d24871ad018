import type { Construct } from 'constructs';
import type { Manifest } from '../upstream';

/**
 * All that is known of something that is installed on a cluster. It is data and pure functions: `src/install` carries it
 * out, and so does a Pulumi program.
 */
export interface Component<T extends Construct = Construct> {
  /** Tells it from others: `cert-manager`. */
  readonly name: string;
  /** Components that are installed, and ready, before it. */
  readonly needs: readonly string[];
  /** Namespaces that what it installs runs in. */
  readonly namespaces: readonly string[];
  /** Adds its objects to a chart. @throws TestbedError (`invalid-input`) for props that are not allowed */
  addTo(scope: Construct): readonly T[];
  /**
   * How it is put onto a cluster with pods, and what says that it is ready.
   *
   * @param objects its own, without namespaces and CRDs: those of all components are there by then
   */
  steps(objects: readonly Manifest[]): readonly InstallStep[];
  /** Whether it runs in pods whatever simulates the hosts. @default false */
  readonly needsPods?: boolean | undefined;
  /** How it runs as processes instead of pods. @default - it has no such form */
  readonly processes?: readonly ProcessForm[] | undefined;
  /** Where its pods tell of themselves. @default - nowhere */
  readonly metrics?: ComponentMetrics | undefined;
}

/**
 * A condition by its name, asked of the objects that it is about:
 *
 * - `crds-established`: the API server serves these CRDs;
 * - `deployments-available`: these Deployments have their newest pods, and they are available;
 * - `stateful-sets-ready`: these StatefulSets have their newest pods, and all of them are ready;
 * - `certificates-ready`: cert-manager has made these Certificates;
 * - `ca-bundles-injected`: those of these webhook configurations and CRDs that ask cert-manager for a CA have it;
 * - `accepted`: the API server, and whatever webhook it asks, would take these objects. Nothing is stored.
 */
export type ConditionName =
  | 'crds-established'
  | 'deployments-available'
  | 'stateful-sets-ready'
  | 'certificates-ready'
  | 'ca-bundles-injected'
  | 'accepted';

/** Objects that are applied together. */
export interface ApplyStep {
  readonly kind: 'apply';
  /** Names the step in events. */
  readonly task: string;
  readonly objects: readonly Manifest[];
}

/** A condition that holds before the next step is begun. */
export interface WaitStep {
  readonly kind: 'wait';
  /** Names the wait in events and errors. */
  readonly task: string;
  readonly condition: ConditionName;
  readonly objects: readonly Manifest[];
}

/** One step of an install. One without objects is left out. */
export type InstallStep = ApplyStep | WaitStep;

/** Where a process finds the API server, and is to serve what others ask of it. */
export interface ProcessPlace {
  /** That it works in. */
  readonly folder: string;
  /** File of the kubeconfig. */
  readonly kubeconfig: string;
  /** Addresses such as `127.0.0.1:9440`. */
  readonly health: string;
  readonly metrics: string;
  /** Where the API server asks its webhooks, and what they have for it. @default - nobody asks */
  readonly webhook?: WebhookPlace | undefined;
}

/** Where a process serves its webhooks. */
export interface WebhookPlace {
  readonly port: number;
  /** Folder of `tls.crt` and `tls.key`. */
  readonly certDir: string;
}

/** A call of a program. */
export interface ProcessCall {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What is in its folder before it is started, by name; the names begin with that of the simulator and a `-` or `.`. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** Answers 200 once it is at work. */
  readonly readyUrl: string;
  readonly metricsUrl: string;
}

/** How something runs as a plain process. */
export interface ProcessForm {
  /** Arguments and environment, but for what depends on the place. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  at(place: ProcessPlace): ProcessCall;
}

export interface ComponentMetrics {
  /** Port of its pods. */
  readonly port: number;
  readonly scheme: 'http' | 'https';
  readonly path: string;
  /** The controller, of those that a program has, whose work is measured: the value of the label `controller`. */
  readonly controller: string;
  /** The counter of objects that have come to an error. @default - it has none */
  readonly errors?: string | undefined;
}

export function apply(task: string, objects: readonly Manifest[]): ApplyStep {
  return { kind: 'apply', task, objects };
}

export function wait(task: string, condition: ConditionName, objects: readonly Manifest[]): WaitStep {
  return { kind: 'wait', task, condition, objects };
}

export function ofKind(objects: readonly Manifest[], kind: string): readonly Manifest[] {
  return objects.filter((object) => object.kind === kind);
}

export function isWebhookConfiguration({ kind }: Manifest): boolean {
  return kind.endsWith('WebhookConfiguration');
}

/** An object that is asked about, and never made. Its name is the beginning of one that nobody has. */
export function probe(apiVersion: string, kind: string, namespace: string, spec: object): Manifest {
  return { apiVersion, kind, metadata: { name: 'metal3-testbed-probe-', namespace }, spec };
}
