/** The description of a testbed, checked as a whole. Nothing here makes objects, or loads what does. */
import { Fleet } from '../kinds/bare-metal-host/fleet';
import { HOST_CLAIMS } from '../kinds/bare-metal-host/host-registry';
import type { HostSetProps } from '../kinds/bare-metal-host/host-set-props';
import { ClusterPlan } from '../kinds/cluster/cluster-plan';
import { requireUniqueClusters } from '../kinds/cluster/cluster-registry';
import type { ClusterIdentity, ClusterSetProps } from '../kinds/cluster/cluster-set-props';
import { requireUniqueMembers } from '../kinds/registry';
import type { BareMetalOperatorProps } from '../components/baremetal-operator';
import { namespaceOf } from '../components/baremetal-operator/releases';
import type { CertManagerProps } from '../components/cert-manager';
import { kwokNamespace, type KwokProps, type KwokSimulatorProps } from '../components/simulators/kwok-props';
import type { WorkloadApiProps } from '../components/simulators/workload-api';
import { workloadApiHost, workloadApiNamespace } from '../components/simulators/workload-api-address';
import { invalidInput, TestbedError } from '../errors';
import { resolveScenario } from '../scenario/resolve-scenario';
import type { ScenarioProps } from '../scenario/steps';
import { hostStages, type HostStagesProps } from '../kinds/bare-metal-host/stages/host-stages';
import {
  clusterApiNamespaces,
  clusterManagers,
  isBoundToNamespaces,
  requireProviders,
  requireWatched,
  resolveClusterApi,
  type ClusterApiComponents,
  type ResolvedClusterApi,
} from './cluster-api';
import { checkHostsSuffice } from './cluster-hosts';
import { shardOperators, type TestbedOperatorProps } from './operator-shards';
import { checkOperators, crdOwner, newestRelease, releasesOf } from './operators';
import { spread, together, withTestMode } from './defaults';

/** A whole test environment in one description; `testbed.yaml` says the same in YAML (`TestbedEntries`). */
export interface TestbedProps {
  /**
   * cert-manager, which makes the certificates of the webhooks of operators and of Cluster API.
   * @default - the newest release that is built in
   */
  readonly certManager?: CertManagerProps | undefined;
  /**
   * Whether cert-manager is part of the testbed; false where the cluster has one.
   * @default - true if an operator has its webhook on, or there is Cluster API
   */
  readonly installCertManager?: boolean | undefined;
  /**
   * The Bare Metal Operators. `testMode` is on unless it is set, and those in test mode are given what makes them fast
   * unless it is set too: `kubeApiQps` 1000, `kubeApiBurst` 2000, `concurrency` 32. The CRDs come with the one of the
   * newest release.
   * @default - one in test mode, for all namespaces; [] for none
   */
  readonly operators?: readonly TestbedOperatorProps[] | undefined;
  /**
   * Cluster API, with its kubeadm and Metal3 providers; `{}` for all of them as a testbed has them. They are known to
   * clusterctl, and given what makes them fast unless it is set: `kubeApiQps` 1000, `kubeApiBurst` 2000. They run in
   * pods, and on `local`, which has none, as processes of this machine.
   * @default - none; all of them where there are `clusterSets`
   */
  readonly clusterApi?: ClusterApiComponents | undefined;
  /**
   * The hosts. A set that names no namespace goes 20 to a namespace (`default`, `default-2`, …), unless an operator has
   * `watchedNamespaces`.
   * @default - one set of 10 hosts, as in the blog; none where there are `clusterSets`, which make their own
   */
  readonly hostSets?: readonly HostSetProps[] | undefined;
  /**
   * Metal3 clusters, on hosts that their sets make or on those of `hostSets`. A testbed with some has Cluster API.
   * @default - none
   */
  readonly clusterSets?: readonly ClusterSetProps[] | undefined;
  /**
   * How the hosts behave where kwok simulates them: delays, and a share that fails. The operator's own test mode has no such
   * settings, and nothing of this is part of what is synthesized.
   * @default - delays of a second or so in each state, and no failures
   */
  readonly simulator?: HostStagesProps | undefined;
  /**
   * kwok in the cluster, where it simulates the hosts in place of the operators, of which the testbed then has the CRDs alone;
   * `{}` for one as it is by default. Clusters with pods alone have it.
   * @default - none: hosts are simulated by the operators, or by a kwok on the machine that types the command
   */
  readonly kwok?: KwokProps | undefined;
  /**
   * The API of workload clusters in the cluster; `{}` for one as it is by default. Clusters whose set gives no endpoints have
   * theirs at its Services. Clusters with pods alone have it.
   * @default - where there are clusters, a process on the machine that types the command
   */
  readonly workloadApi?: WorkloadApiProps | undefined;
  /**
   * What `metal3-testbed run` does with the testbed, and measures. Nothing of this is part of what is synthesized.
   * @default - all hosts are enrolled
   */
  readonly scenario?: ScenarioProps | undefined;
}

/** The description with its defaults filled in, and checked as a whole. */
export interface ResolvedTestbed {
  /** undefined where it is not part of the testbed. */
  readonly certManager: CertManagerProps | undefined;
  readonly operators: readonly BareMetalOperatorProps[];
  /** The providers of Cluster API; undefined where there are none. */
  readonly clusterApi?: ResolvedClusterApi | undefined;
  /** kwok in the cluster, with how the hosts behave; undefined where it is not part of the testbed. */
  readonly kwok?: KwokSimulatorProps | undefined;
  /** The API of workload clusters in the cluster; undefined where it is not part of the testbed. */
  readonly workloadApi?: WorkloadApiProps | undefined;
  /** The host sets, and the hosts of the cluster sets, each able to give its hosts one at a time. */
  readonly fleets: readonly Fleet[];
  /** The cluster sets, each able to give its clusters one at a time. Their hosts are among `fleets`. */
  readonly clusterSets: readonly ClusterPlan[];
  /** The namespaces of the hosts and clusters, and of those that operators watch, that do not exist in every cluster. */
  readonly namespaces: readonly string[];
  /** How the hosts behave where kwok simulates them, as it is described. */
  readonly simulator: HostStagesProps;
  /** kwok's Stages, from which the hosts get their behaviour where kwok simulates them. */
  readonly stages: readonly object[];
}

/** Namespaces that every cluster has. */
const BUILT_IN_NAMESPACES: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease']);

/** Of the namespaces that are needed, those that nothing else brings. @param made names of those that something does */
export function toBeMade(needed: Iterable<string>, made: readonly string[]): readonly string[] {
  return [...new Set(needed)].filter((name) => !BUILT_IN_NAMESPACES.has(name) && !made.includes(name));
}

/**
 * Fills in the defaults of a description and checks all of it, without making any object: a million hosts take no more
 * memory than their names' hashes, and none where one set without overrides gives them all.
 *
 * @throws TestbedError (`invalid-input`) for what any part refuses; for two hosts with one name, boot MAC or BMC address;
 * for hosts of one test-mode operator that differ in `online`; for hosts that say what its release does not know; for hosts that no operator, or more than one, takes care of
 */
export function resolveTestbed(props: TestbedProps): ResolvedTestbed {
  // Its type may be that of a whole description, of which a part would be left out without a word.
  if ((props as { readonly managementClusters?: unknown }).managementClusters !== undefined)
    throw invalidInput(
      'several testbeds are described, and this takes one: managementClusters(description) gives each',
    ).at('managementClusters');
  const described = props.operators ?? [{}];
  const sets = props.clusterSets ?? [];
  const clusterApi = resolveClusterApi(
    props.clusterApi ?? (sets.length > 0 ? {} : undefined),
    sets.some(({ clusterClass }) => clusterClass !== undefined),
  );
  // Whoever moves clusters with clusterctl wants their hosts moved too.
  const known = clusterApi === undefined ? {} : { clusterctl: true };
  const inTestMode = described.map(withTestMode);
  const { workloadApi } = props;
  const releases = { clusterApi: clusterApi?.core?.version, operator: releasesOf(inTestMode)[0] };
  const endpointHostOf = workloadApi && ((cluster: ClusterIdentity) => workloadApiHost(workloadApi, cluster));
  const hostSets = (props.hostSets ?? (sets.length > 0 ? [] : [{ count: 10 }])).map((set, i) =>
    at(`hostSets[${i}]`, () => {
      const fleet = new Fleet(spread(set, inTestMode));
      fleet.check();
      return fleet;
    }),
  );
  const clusterSets = sets.map((set, i) =>
    at(`clusterSets[${i}]`, () => {
      const plan = new ClusterPlan(together(set, isBoundToNamespaces(clusterApi)), releases, endpointHostOf);
      plan.check();
      return plan;
    }),
  );
  at('clusterSets', () => {
    requireUniqueClusters(clusterSets);
    checkHostsSuffice(clusterSets, hostSets);
  });
  at('clusterApi', () => {
    requireProviders(props.clusterApi, clusterSets);
    requireWatched(clusterApi, clusterSets);
  });
  const fleets = [...hostSets, ...clusterSets.flatMap(({ hosts }) => hosts ?? [])];
  at('hostSets', () => requireUniqueHosts(fleets));
  const hostNamespaces = () => [...new Set(fleets.flatMap((fleet) => [...fleet.namespaces()]))];
  const sharded = shardOperators(inTestMode, hostNamespaces);
  const owner = crdOwner(sharded);
  const operators = sharded.map((operator, i) => ({
    crds: i === owner,
    ...known,
    ...operator,
    crdsOnly: props.kwok !== undefined || operator.crdsOnly,
  }));
  at('operators', () => checkOperators(operators, fleets));
  if (props.scenario !== undefined) {
    // The hosts that cluster sets make are for their machines, and not for steps.
    resolveScenario(props.scenario, {
      fleets: hostSets,
      clusterSets,
      managers: clusterManagers(clusterApi),
      operators: operators.length,
      releases: releasesOf(operators),
    });
  }
  // An operator has a role in each namespace that it watches, with hosts or without.
  const watched = operators.flatMap(({ watchedNamespaces = [] }) => watchedNamespaces);
  const ofClusterApi = clusterApiNamespaces(clusterApi);
  const namespaces = new Set([
    ...[...hostSets, ...clusterSets].flatMap((set) => set.namespaces()),
    ...watched,
    ...ofClusterApi.watched,
  ]);
  const needsCertManager =
    clusterApi !== undefined || operators.some(({ webhook, crdsOnly }) => !crdsOnly && (webhook ?? true));
  if (!(props.installCertManager ?? needsCertManager) && props.certManager !== undefined) {
    throw invalidInput(
      'certManager is described, and installCertManager is false or no operator has a webhook: leave one of them out',
    );
  }
  const certManager = (props.installCertManager ?? needsCertManager) ? (props.certManager ?? {}) : undefined;
  const release = newestRelease(operators);
  const kwok = props.kwok && { ...props.kwok, behaviour: props.simulator, release };
  const made = [
    ...operators.filter(({ crdsOnly }) => !crdsOnly).map(namespaceOf),
    ...ofClusterApi.made,
    ...(kwok === undefined ? [] : [kwokNamespace(kwok)]),
    ...(workloadApi === undefined ? [] : [workloadApiNamespace(workloadApi)]),
  ];
  return {
    certManager,
    operators,
    clusterApi,
    kwok,
    workloadApi,
    fleets,
    clusterSets,
    simulator: props.simulator ?? {},
    stages: hostStages(props.simulator, release),
    namespaces: toBeMade(namespaces, made),
  };
}

/** Runs a check of one part of a description, of which its error says where it is. */
function at<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof TestbedError ? error.at(path) : error;
  }
}

/**
 * Refuses sets that have the same host twice.
 *
 * @throws TestbedError (`invalid-input`) naming two hosts that share a name, boot MAC or BMC address
 */
export function requireUniqueHosts(fleets: readonly Fleet[]): void {
  requireUniqueMembers('host', fleets, HOST_CLAIMS, (fleet, nth) => fleet.nth(nth));
}

/** Exported for the CLI, which changes the number of hosts of a description by a flag. */
export function withHostCount(props: TestbedProps, count: number): TestbedProps {
  const sets = props.hostSets ?? [{ count }];
  const [only] = sets;
  if (only === undefined || sets.length > 1) {
    throw invalidInput(
      `the description has ${sets.length} host sets: a number of hosts can be given for one set only; change count in the description`,
    );
  }
  return { ...props, hostSets: [{ ...only, count }] };
}
