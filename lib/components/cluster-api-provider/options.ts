import { resourceProblems, type ComputeResources } from '../compute-resources';
import {
  array,
  boolean,
  check,
  closest,
  enumeration,
  integer,
  intOrString,
  map,
  number,
  object,
  string,
} from '../../crd';
import { isVersion } from '../../version';
import { podPlacement, type PodPlacement } from '../placement';
import type { ProviderRelease, ProviderSpec } from './release';

/** What may be said of any provider of Cluster API: its install, and how its manager is called. */
export interface ProviderProps extends PodPlacement {
  /**
   * A release that is built in, or with `manifests` the one that they are of.
   * @default - the release that is built in
   */
  readonly version?: string | undefined;

  /**
   * The release's own objects, as read from its YAML: for releases that are not built in. Every option here works on them;
   * what no option asks for stays as they have it.
   * @default - the objects that are built in
   */
  readonly manifests?: readonly unknown[] | undefined;

  /**
   * The namespace that the manager itself runs in.
   * @default - as the release
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
   * Whether its CRDs have the version alone in which objects are stored, so that nobody converts them: that saves 800 calls a
   * cluster, a twentieth of its CPU and a fifth of the API server's memory. Clients of other versions find nothing.
   * @default false - as the release
   */
  readonly leanCrds?: boolean | undefined;

  /**
   * Whether clusterctl is to know it, as if `clusterctl init` had installed it: by the labels of its objects and an entry in
   * the inventory. `clusterctl move` moves the kinds of what it knows.
   * @default false - as the release's own manifests; in a testbed true
   */
  readonly clusterctl?: boolean | undefined;

  /**
   * The image of the manager.
   * @default - the release's own
   */
  readonly image?: string | undefined;

  /**
   * When the image is pulled.
   * @default - as the release: `Always` for Cluster API, `IfNotPresent` for Metal3
   */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never' | undefined;

  /**
   * Requests and limits of the manager's container.
   * @default - none, as the release
   */
  readonly resources?: ComputeResources | undefined;

  /**
   * Pods of the manager, from 1. Several need `leaderElection`, and one of them works.
   * @default 1
   */
  readonly replicas?: number | undefined;

  /**
   * Requests a second to the Kubernetes API, above 0.
   * @default - the manager's own: 100 for Cluster API, 20 for Metal3; in a testbed 1000
   */
  readonly kubeApiQps?: number | undefined;

  /**
   * Requests at once to the Kubernetes API, from 1.
   * @default - the manager's own: 200 for Cluster API, 30 for Metal3; in a testbed 2000
   */
  readonly kubeApiBurst?: number | undefined;

  /**
   * The one namespace whose objects the manager takes care of.
   * @default - all
   */
  readonly watchedNamespace?: string | undefined;

  /**
   * Namespaces of which each has a manager of its own, in a Deployment of its own: for more clusters than one manager takes care
   * of. The first keeps the release's name. Clusters elsewhere have nobody, and classes have to be where their clusters are.
   * @default - one manager for all
   */
  readonly watchedNamespaces?: readonly string[] | undefined;

  /**
   * Value of the label `cluster.x-k8s.io/watch-filter` of the objects that the manager takes care of.
   * @default - all objects
   */
  readonly watchFilter?: string | undefined;

  /**
   * How often every object is looked at again, changed or not: a duration such as `10m`.
   * @default - the manager's own, `10m`
   */
  readonly syncPeriod?: string | undefined;

  /**
   * How much is logged, from 0 (nearly nothing) to 10 (whole API requests).
   * @default - the manager's own, 2 for Cluster API and 0 for Metal3
   */
  readonly logLevel?: number | undefined;

  /**
   * Whether of several pods only one is active.
   * @default - as the release: true for Cluster API, false for Metal3
   */
  readonly leaderElection?: boolean | undefined;

  /**
   * Whether metrics and profiles are served over plain HTTP, to everybody who asks.
   * @default false - over HTTPS, to who may read them
   */
  readonly insecureDiagnostics?: boolean | undefined;

  /**
   * Further arguments, one text an argument: `--clustercache-client-qps=40`. Not those that a prop here is for.
   * @default []
   */
  readonly extraArgs?: readonly string[] | undefined;
}

/** What managers of Cluster API itself take beyond that. */
export interface GatedProviderProps extends ProviderProps {
  /**
   * Feature gates, by name; the others stay as the release sets them. `ClusterTopology` is to be the same for the core and the
   * kubeadm control plane.
   * @default {} - the release's own choice of each
   */
  readonly featureGates?: Readonly<Record<string, boolean>> | undefined;
}

/** All that any provider may be told, for what works on each of them. */
export interface AnyProviderProps extends GatedProviderProps {
  readonly concurrency?: object | undefined;
}

const dnsLabel = string({ pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', maxLength: 63 });
const labelValue = string({ pattern: '^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$', maxLength: 63 });
/** As Go reads a duration, above nothing. */
export const duration = string({ pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$' });
const computeResources = object({ requests: map(intOrString()), limits: map(intOrString()) });

const common = {
  version: string(),
  namespace: dnsLabel,
  createNamespace: boolean(),
  crds: boolean(),
  leanCrds: boolean(),
  clusterctl: boolean(),
  image: string({ minLength: 1 }),
  imagePullPolicy: enumeration('Always', 'IfNotPresent', 'Never'),
  resources: computeResources,
  replicas: integer({ format: 'int32', minimum: 1 }),
  kubeApiQps: number(),
  kubeApiBurst: integer({ minimum: 1 }),
  watchedNamespace: dnsLabel,
  watchedNamespaces: array(dnsLabel),
  watchFilter: labelValue,
  ...podPlacement,
  syncPeriod: duration,
  logLevel: integer({ minimum: 0, maximum: 10 }),
  leaderElection: boolean(),
  insecureDiagnostics: boolean(),
  extraArgs: array(string({ pattern: '^--[a-z0-9]' })),
};

/** The props of one provider. @param own those that it alone has */
export function providerSchema(spec: Pick<ProviderSpec, 'controllers' | 'type'>, own: Fields = {}) {
  const each = integer({ minimum: 1, maximum: 10_000 });
  const concurrency = object(Object.fromEntries(spec.controllers.map((name) => [name, each])));
  const gated = ['CoreProvider', 'BootstrapProvider', 'ControlPlaneProvider'].includes(spec.type);
  const gates: Fields = gated ? { featureGates: map(boolean()) } : {};
  return object({ ...common, ...gates, concurrency, ...own });
}

type Fields = Parameters<typeof object>[0];

/** What is not allowed in the props: one sentence a problem, each beginning with the prop's name. */
export function providerProblems(spec: ProviderSpec, schema: object, props: AnyProviderProps): string[] {
  const { manifests, ...rest } = props;
  const problems = check(schema, rest, '').map(({ path, message }) => `${path}: ${message}`);
  // What follows takes the props to be of their types.
  if (problems.length > 0) return problems;
  const version = versionProblems(spec, props.version, manifests);
  if (version.length > 0) return version;
  const release = manifests === undefined ? spec.releases[props.version ?? spec.defaultVersion] : undefined;
  return [
    ...(props.kubeApiQps !== undefined && !(props.kubeApiQps > 0)
      ? [`kubeApiQps: must be above 0; given ${props.kubeApiQps}`]
      : []),
    ...resourceProblems(props.resources ?? {}),
    ...replicaProblems(props, release),
    ...shardProblems(props),
    ...gateProblems(spec, props, release),
    ...argumentProblems(spec, props.extraArgs ?? [], release),
  ];
}

function versionProblems(spec: ProviderSpec, version: string | undefined, manifests: readonly unknown[] | undefined) {
  if (manifests === undefined) {
    if (version === undefined || Object.hasOwn(spec.releases, version)) return [];
    const known = Object.keys(spec.releases).join(', ');
    return [
      `version: must be one of ${known}, or come with its manifests (metal3-testbed manifests add ${spec.name} URL, then manifests: ${spec.name}); given '${version}'`,
    ];
  }
  if (version === undefined)
    return ['version: must be given with manifests, which do not say of which release they are'];
  return isVersion(version) ? [] : [`version: must be a release such as ${spec.defaultVersion}; given '${version}'`];
}

function replicaProblems({ replicas = 1, leaderElection }: AnyProviderProps, release: ProviderRelease | undefined) {
  const elects = leaderElection ?? release?.leaderElection ?? true;
  if (replicas < 2 || elects) return [];
  return [
    `replicas: ${replicas} managers without leaderElection would all work on the same objects: set leaderElection`,
  ];
}

function shardProblems({ watchedNamespaces, watchedNamespace, replicas = 1, leaderElection }: AnyProviderProps) {
  if (watchedNamespaces === undefined) return [];
  const where = 'watchedNamespaces: ';
  if (watchedNamespaces.length === 0) return [`${where}give one namespace at least, or leave it out`];
  const twice = watchedNamespaces.find((each, i) => watchedNamespaces.indexOf(each) < i);
  return [
    ...(twice === undefined ? [] : [`${where}'${twice}' is given twice, and two managers would work on its objects`]),
    ...(watchedNamespace === undefined ? [] : [`${where}watchedNamespace is given too: leave one of them out`]),
    ...(replicas < 2 && leaderElection !== true
      ? []
      : [`${where}each of its managers is one pod, which elects nobody: leave out replicas and leaderElection`]),
  ];
}

function gateProblems(
  spec: ProviderSpec,
  { featureGates = {} }: AnyProviderProps,
  release?: ProviderRelease,
): string[] {
  // Which a release that is not built in has, nobody knows here.
  if (release === undefined) return [];
  const unknown = Object.keys(featureGates).flatMap((gate) => {
    if (release.knownGates.includes(gate)) return [];
    const meant = closest(gate, release.knownGates);
    const hint = meant === undefined ? `it has ${release.knownGates.join(', ')}` : `did you mean '${meant}'?`;
    return [`featureGates.${gate}: no gate of this release of the ${spec.title}; ${hint}`];
  });
  const isOn = (gate: string) => featureGates[gate] ?? release.featureGates[gate] ?? false;
  if (unknown.length === 0 && isOn('ReconcilerRateLimiting') && !isOn('PriorityQueue'))
    return ['featureGates.PriorityQueue: ReconcilerRateLimiting needs it, or the manager exits: set both to false'];
  return unknown;
}

/** What sets those arguments that `extraArgs` may not. */
const setterOfFlag: Readonly<Record<string, string>> = {
  'diagnostics-address': 'the release, whose port is named there',
  'feature-gates': "the prop 'featureGates'",
  'health-addr': 'the release, whose probes ask there',
  'insecure-diagnostics': "the prop 'insecureDiagnostics'",
  'kube-api-burst': "the prop 'kubeApiBurst'",
  'kube-api-qps': "the prop 'kubeApiQps'",
  kubeconfig: 'the place where it runs',
  'leader-elect': "the prop 'leaderElection'",
  namespace: "the prop 'watchedNamespace'",
  'sync-period': "the prop 'syncPeriod'",
  v: "the prop 'logLevel'",
  'watch-filter': "the prop 'watchFilter'",
  'webhook-cert-dir': 'the release, which has the certificate there',
  'webhook-port': 'the release, whose Service points there',
};

function argumentProblems(spec: ProviderSpec, args: readonly string[], release?: ProviderRelease): string[] {
  const setters = { ...setterOfFlag, ...spec.ownSetters };
  const flags = args.map(flagName);
  return args.flatMap((_, i) => {
    const flag = flags[i] ?? '';
    const where = `extraArgs[${i}]`;
    if (Object.hasOwn(setters, flag)) return [`${where}: --${flag} is set by ${setters[flag]}`];
    if (spec.controllers.some((name) => concurrencyFlag(name) === flag))
      return [`${where}: --${flag} is set by the prop 'concurrency'`];
    if (flags.indexOf(flag) < i) return [`${where}: --${flag} is given twice`];
    if (release === undefined || release.flags.has(flag)) return [];
    const meant = closest(flag, release.flags);
    const hint = meant === undefined ? 'leave it out' : `did you mean '--${meant}'?`;
    return [`${where}: this release of the ${spec.title} has no argument --${flag}; ${hint}`];
  });
}

/** `v` of `--v=2`. */
export function flagName(arg: string): string {
  return arg.replace(/^--/, '').replace(/=.*$/s, '');
}

/** `machinedeployment-concurrency` of `machineDeployment`. */
export function concurrencyFlag(controller: string): string {
  return `${controller.toLowerCase()}-concurrency`;
}
