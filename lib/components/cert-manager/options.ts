import {
  array,
  boolean,
  check,
  closest,
  enumeration,
  integer,
  map,
  number,
  object,
  string,
  type Schema,
} from '../../crd';
import { resourceRequirements } from './crds/pod-template';
import type { CertManagerResources } from './pods';
import {
  certManagerComponents,
  certManagerVersions,
  featureGatesOf,
  type CertManagerComponent,
  type CertManagerVersion,
} from './releases';

/** A setting that each component may have in its own way. */
export interface PerComponent<T> {
  /** For the controller, which issues the certificates. */
  readonly controller?: T | undefined;
  /** For the webhook, which checks and converts what is written. */
  readonly webhook?: T | undefined;
  /** For the cainjector, which hands CA certificates to webhooks and CRDs. */
  readonly cainjector?: T | undefined;
}

/** What is installed of cert-manager, and how it is run. */
export interface CertManagerProps {
  /**
   * The release. v1.21.1 names the fields by which lists are selected, which API servers before Kubernetes 1.30 do not
   * know: they take the definitions without them, and strict validation there complains.
   * @default 'v1.21.1' - the newest built in; v1.11.0 is of January 2023 and gets no fixes
   */
  readonly version?: CertManagerVersion | undefined;

  /**
   * The namespace that cert-manager itself runs in.
   * @default 'cert-manager'
   */
  readonly namespace?: string | undefined;

  /**
   * Whether that namespace is created here.
   * @default true
   */
  readonly createNamespace?: boolean | undefined;

  /**
   * Whether the CRDs are installed.
   * @default true
   */
  readonly crds?: boolean | undefined;

  /**
   * Pods of each component, from 1. Of several controllers or cainjectors one works, of several webhooks all.
   * @default - 1 of each, as the release
   */
  readonly replicas?: PerComponent<number> | undefined;

  /**
   * Requests and limits of each component's container.
   * @default - none, as the release
   */
  readonly resources?: PerComponent<CertManagerResources> | undefined;

  /**
   * Feature gates, each given to every component that knows it.
   * @default {} - the release's own choice of each
   */
  readonly featureGates?: Readonly<Record<string, boolean>> | undefined;

  /**
   * How much all components log, from 0 (nearly nothing) to 10 (whole API requests).
   * @default 2 - as the release
   */
  readonly logLevel?: number | undefined;

  /**
   * Further arguments of each component, one text an argument: `--dns01-recursive-nameservers-only`. One that the
   * release sets is replaced; not those that a prop here is for.
   * @default - none
   */
  readonly extraArgs?: PerComponent<readonly string[]> | undefined;

  /**
   * Where the images are pulled from, without the image's own name: `registry.example.org/jetstack`.
   * @default 'quay.io/jetstack'
   */
  readonly imageRegistry?: string | undefined;

  /**
   * When the images are pulled.
   * @default 'IfNotPresent'
   */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never' | undefined;

  /**
   * Requests a second of the controller to the Kubernetes API, above 0. The other components have no such argument.
   * @default 20 - cert-manager's own
   */
  readonly kubeApiQps?: number | undefined;

  /**
   * Requests at once of the controller to the Kubernetes API: an integer, no less than the requests a second.
   * @default 50 - cert-manager's own
   */
  readonly kubeApiBurst?: number | undefined;

  /**
   * The namespace of the leases by which controllers and cainjectors agree on who works. It must exist.
   * @default 'kube-system' - as the release
   */
  readonly leaderElectionNamespace?: string | undefined;
}

export const defaultVersion: CertManagerVersion = 'v1.21.1';
export const defaultKubeApiQps = 20;
export const defaultKubeApiBurst = 50;

const namespace = string({ pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', maxLength: 63 });

function perComponent<T>(schema: Schema<T>) {
  return object({ controller: schema, webhook: schema, cainjector: schema });
}

const propsSchema = object({
  version: enumeration(...certManagerVersions),
  namespace,
  createNamespace: boolean(),
  crds: boolean(),
  replicas: perComponent(integer({ format: 'int32', minimum: 1 })),
  resources: perComponent(resourceRequirements),
  featureGates: map(boolean()),
  logLevel: integer({ minimum: 0, maximum: 10 }),
  extraArgs: perComponent(array(string({ pattern: '^--[a-z0-9]' }))),
  imageRegistry: string({ pattern: '^[A-Za-z0-9]([-A-Za-z0-9._:/]*[A-Za-z0-9])?$' }),
  imagePullPolicy: enumeration('Always', 'IfNotPresent', 'Never'),
  kubeApiQps: number(),
  kubeApiBurst: integer({ minimum: 1 }),
  leaderElectionNamespace: namespace,
});

/** What is not allowed in the props: one sentence a problem, each beginning with the prop's name. */
export function propProblems(props: CertManagerProps): string[] {
  const problems = check(propsSchema, props, '').map(({ path, message }) => `${path}: ${message}`);
  // What follows takes the props to be of their types.
  return problems.length > 0 ? problems : [...rateProblems(props), ...gateProblems(props), ...argumentProblems(props)];
}

/** The controller exits where it may not burst as much as it asks for steadily. */
function rateProblems({ kubeApiQps, kubeApiBurst }: CertManagerProps): string[] {
  const qps = kubeApiQps ?? defaultKubeApiQps;
  const burst = kubeApiBurst ?? defaultKubeApiBurst;
  if (qps <= 0) return [`kubeApiQps: must be above 0; given ${qps}`];
  if (burst >= qps) return [];
  const origin = kubeApiBurst === undefined ? 'cert-manager takes' : 'given';
  return [`kubeApiBurst: must be at least kubeApiQps, ${qps}; ${origin} ${burst}`];
}

function gateProblems({ version = defaultVersion, featureGates = {} }: CertManagerProps): string[] {
  const known = new Set(certManagerComponents.flatMap((component) => featureGatesOf(version, component)));
  return Object.keys(featureGates).flatMap((gate) => {
    if (known.has(gate)) return [];
    const meant = closest(gate, [...known]);
    const hint = meant === undefined ? `it has ${[...known].sort().join(', ')}` : `did you mean '${meant}'?`;
    return [`featureGates.${gate}: no gate of ${version}; ${hint}`];
  });
}

/** What sets those arguments that `extraArgs` may not. */
const setterOfFlag: Readonly<Record<string, string>> = {
  v: "the prop 'logLevel'",
  'feature-gates': "the prop 'featureGates'",
  'leader-election-namespace': "the prop 'leaderElectionNamespace'",
};
const setterOfComponentFlag: Readonly<Record<CertManagerComponent, Readonly<Record<string, string>>>> = {
  controller: { 'kube-api-qps': "the prop 'kubeApiQps'", 'kube-api-burst': "the prop 'kubeApiBurst'" },
  webhook: {
    'secure-port': 'the release, whose Service points there',
    'healthz-port': 'the release, whose probes ask there',
    'dynamic-serving-ca-secret-namespace': 'the release, whose webhooks trust that Secret',
    'dynamic-serving-ca-secret-name': 'the release, whose webhooks trust that Secret',
  },
  cainjector: {},
};

function argumentProblems({ extraArgs = {} }: CertManagerProps): string[] {
  return certManagerComponents.flatMap((component) => {
    const setters = { ...setterOfFlag, ...setterOfComponentFlag[component] };
    return (extraArgs[component] ?? []).flatMap((arg, index) => {
      const flag = flagName(arg);
      return Object.hasOwn(setters, flag)
        ? [`extraArgs.${component}[${index}]: --${flag} is set by ${setters[flag]}`]
        : [];
    });
  });
}

/** `v` of `--v=2`. */
export function flagName(arg: string): string {
  return arg.replace(/^--/, '').replace(/=.*$/s, '');
}
