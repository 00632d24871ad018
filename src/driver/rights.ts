/**
 * What a scenario that runs in the cluster may do there: what its steps ask for, and no more. What is installed was brought by
 * whoever started it, so that it needs no rights to that.
 */
import { KWOK } from '../../lib/components/simulators/kwok';
import { kwokNamespace, type KwokSimulatorProps } from '../../lib/components/simulators/kwok-props';
import { WORKLOAD_API, workloadApiNamespace } from '../../lib/components/simulators/workload-api-address';
import { GROUPS } from '../../lib/kinds/cluster/api-groups';
import type { ResolvedScenario } from '../../lib/scenario/resolved';
import { stepsOf } from '../../lib/scenario/steps-of';
import type { StepKind } from '../../lib/scenario/steps';
import type { ResolvedTestbed } from '../../lib/testbed/resolve';
import { installationOf, simulatorDeployments, type Installation } from '../install/installation';
import { kwokConfigMaps, kwokInstallation } from '../simulators/kwok-pods';
import type { KubernetesObject } from '../kubernetes/objects';
import { setsOf } from '../testbed/sets';
import { DRIVER, driverLabels, driverNamespace, METRICS_READER } from './names';

export interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

export interface DriverRightsProps {
  /** Of the testbed. */
  readonly id: string;
  readonly testbed: ResolvedTestbed;
  readonly scenario: ResolvedScenario;
}

const RBAC = 'rbac.authorization.k8s.io';
const METAL3 = 'metal3.io';
const KILLS: ReadonlySet<StepKind> = new Set(['killOperator', 'killManager']);
const FAILS: ReadonlySet<StepKind> = new Set(['failHosts']);
const FAULTS: ReadonlySet<StepKind> = new Set(['workloadApiFault']);
const TAKES: ReadonlySet<StepKind> = new Set(['takeCredentials']);
const DELETES: ReadonlySet<StepKind> = new Set(['delete', 'churn']);

function has({ root }: ResolvedScenario, kinds: ReadonlySet<StepKind>): boolean {
  return [...stepsOf(root)].some(({ kind }) => kinds.has(kind));
}

/** The ServiceAccounts of a run and what they may do, in the order in which they are made. */
export function driverRights(props: DriverRightsProps): readonly KubernetesObject[] {
  const { id, testbed } = props;
  const namespace = driverNamespace(id);
  const labels = driverLabels(id);
  const bind = (
    role: { readonly kind: 'ClusterRole' | 'Role'; readonly name: string; readonly rules: readonly Rule[] },
    where: readonly (string | undefined)[],
    account: string = DRIVER,
  ): readonly KubernetesObject[] => {
    const { kind, name, rules } = role;
    const apiVersion = `${RBAC}/v1`;
    const ofRole = kind === 'Role' ? where[0] : undefined;
    return [
      { apiVersion, kind, metadata: { name, namespace: ofRole, labels }, rules },
      ...where.map((each) => ({
        apiVersion,
        kind: each === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
        metadata: { name, namespace: each, labels },
        roleRef: { apiGroup: RBAC, kind, name },
        subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
      })),
    ];
  };
  const installation = installationOf(testbed);
  const inNamespace = Map.groupBy(
    [...ofItself(namespace), ...ofSets(props), ...ofPods(props, installation)],
    ([where]) => where,
  );
  const readsMetrics: Rule = { nonResourceURLs: ['/metrics'], verbs: ['get'] };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: DRIVER, namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: METRICS_READER, namespace } },
    ...bind({ kind: 'ClusterRole', name: `${namespace}-metrics`, rules: [readsMetrics] }, [undefined], METRICS_READER),
    ...bind({ kind: 'ClusterRole', name: namespace, rules: [readsMetrics, ...everywhere(props, installation)] }, [
      undefined,
    ]),
    // Which may be hundreds of namespaces.
    ...bind({ kind: 'ClusterRole', name: `${namespace}-objects`, rules: ofObjects(props, installation) }, [
      ...new Set([...testbed.fleets, ...testbed.clusterSets].flatMap((set) => set.namespaces())),
    ]),
    ...[...inNamespace].flatMap(([where, rules]) =>
      bind({ kind: 'Role', name: namespace, rules: rules.map(([, rule]) => rule) }, [where]),
    ),
  ];
}

type Placed = readonly [namespace: string, rule: Rule];

function rule(group: string, resources: readonly string[], verbs: readonly string[], names?: readonly string[]): Rule {
  return { apiGroups: [group], resources, resourceNames: names, verbs };
}

/** What it looks at wherever it is. */
function everywhere({ testbed, scenario }: DriverRightsProps, installation: Installation): readonly Rule[] {
  const hosts = rule(METAL3, ['baremetalhosts'], ['list', 'watch']);
  if (testbed.clusterSets.length === 0) return [hosts];
  return [
    hosts,
    rule(GROUPS.core, ['clusters', 'machines'], ['watch']),
    ...ofClusters(installation, ['list']),
    // Of clusters that are deleted, what is left is looked for in all namespaces at once, of which there may be a thousand.
    ...(has(scenario, DELETES) ? [rule('', ['secrets'], ['list'])] : []),
  ];
}

/** What it writes of hosts and clusters, where they are, and takes away of what they leave. */
function ofObjects({ testbed, scenario }: DriverRightsProps, installation: Installation): readonly Rule[] {
  const takes = has(scenario, TAKES);
  return [
    rule(METAL3, ['baremetalhosts'], ['create', 'delete', 'list', 'patch']),
    rule(METAL3, ['hardwaredata', 'hostfirmwarecomponents', 'hostfirmwaresettings'], ['delete', 'get']),
    rule(METAL3, ['firmwareschemas'], ['delete', 'list']),
    rule(METAL3, ['hostfirmwaresettings'], ['list']),
    rule('', ['secrets'], ['create', 'deletecollection', 'list', 'patch', ...(takes ? ['delete'] : [])]),
    // Of what is still pending, the last one is told.
    rule('', ['events'], ['list']),
    ...(testbed.clusterSets.length === 0 ? [] : ofClusters(installation, ['create', 'delete', 'get', 'patch'])),
  ];
}

function ofClusters(installation: Installation, verbs: readonly string[]): readonly Rule[] {
  const groups = Object.values(GROUPS);
  const served = new Map<string, string[]>(groups.map((group) => [group, []]));
  for (const { objects } of installation.components)
    for (const { kind, spec } of objects as readonly (KubernetesObject & { spec?: CrdSpec })[])
      if (kind === 'CustomResourceDefinition' && spec !== undefined) served.get(spec.group)?.push(spec.names.plural);
  return groups.flatMap((group) => {
    const resources = served.get(group) ?? [];
    return resources.length === 0 ? [] : [rule(group, resources, verbs)];
  });
}

interface CrdSpec {
  readonly group: string;
  readonly names: { readonly plural: string };
}

/** Where it keeps how far it has come, and its report. */
function ofItself(namespace: string): readonly Placed[] {
  return [[namespace, rule('', ['configmaps'], ['create', 'get', 'patch'])]];
}

/** Which objects are the testbed's, and who is at work on them; and as what managers know the API server. */
function ofSets({ id, testbed }: DriverRightsProps): readonly Placed[] {
  const { hosts, clusters } = setsOf('existing', id);
  const names = [hosts.name, clusters.name];
  const where = 'default';
  const service: Placed = [where, rule('', ['services'], ['get'], ['kubernetes'])];
  const parents: Placed = [where, rule('', ['configmaps'], ['create', 'get', 'patch'], names)];
  if (testbed.clusterSets.length === 0) return [service, parents];
  const leases = names.map((name) => `applyset.${name}`);
  const group = 'coordination.k8s.io';
  return [
    service,
    parents,
    [where, rule(group, ['leases'], ['create'])],
    [where, rule(group, ['leases'], ['delete', 'get', 'update'], leases)],
  ];
}

/** What it reads of simulators and managers, and kills. */
function ofPods({ id, testbed, scenario }: DriverRightsProps, installation: Installation): readonly Placed[] {
  const kills = has(scenario, KILLS);
  const simulators = simulatorDeployments(installation);
  const isKwok = testbed.kwok !== undefined;
  const fails = has(scenario, FAILS);
  const rules: Placed[] = [];
  let asksWho = false;
  for (const { component, objects } of installation.components) {
    if (component.metrics === undefined || component.name === WORKLOAD_API) continue;
    for (const { kind, metadata } of objects) {
      const { namespace = '', name } = metadata;
      const isSimulator = simulators.some((each) => each.namespace === namespace && each.name === name);
      if (kind !== 'Deployment' || (component.name === KWOK && !isSimulator)) continue;
      const changes = kills || (fails && component.name === KWOK);
      rules.push([namespace, rule('apps', ['deployments'], changes ? ['get', 'patch'] : ['get'], [name])]);
      rules.push([namespace, rule('', ['pods'], kills ? ['deletecollection', 'list'] : ['list'])]);
      const scheme = isKwok && isSimulator ? 'http' : 'https';
      rules.push([namespace, readsPods(scheme)]);
      asksWho ||= scheme === 'https';
    }
  }
  if (fails && testbed.kwok !== undefined) rules.push(...ofStages(testbed.kwok, scenario));
  if (asksWho) rules.push([driverNamespace(id), rule('', ['serviceaccounts/token'], ['create'], [METRICS_READER])]);
  if (testbed.workloadApi === undefined) return rules;
  const where = workloadApiNamespace(testbed.workloadApi);
  return [
    ...rules,
    [where, rule('apps', ['statefulsets'], kills ? ['get', 'patch'] : ['get'], [WORKLOAD_API])],
    [where, rule('', ['pods'], kills ? ['deletecollection', 'list'] : ['list'])],
    [where, readsPods('http')],
    // Faults that a run before has left are taken away.
    [
      where,
      rule('', ['configmaps'], has(scenario, FAULTS) ? ['create', 'delete', 'list', 'patch'] : ['delete', 'list']),
    ],
  ];
}

/** The ConfigMaps of kwok's Stages, of which there may be more once hosts fail. */
function ofStages(kwok: KwokSimulatorProps, scenario: ResolvedScenario): readonly Placed[] {
  const namespace = kwokNamespace(kwok);
  const namesOf = (each: KwokSimulatorProps) =>
    kwokConfigMaps(kwokInstallation(each)).map(({ metadata }) => metadata.name);
  const names = new Set<string>();
  for (const { kind, props } of stepsOf(scenario.root))
    if (kind === 'failHosts')
      for (const name of namesOf({ ...kwok, behaviour: { ...kwok.behaviour, failures: props.failures } }))
        names.add(name);
  const before = namesOf(kwok);
  const isMore = [...names].some((name) => !before.includes(name));
  return [
    [namespace, rule('', ['configmaps'], ['patch'], [...names])],
    ...(isMore ? [[namespace, rule('', ['configmaps'], ['create'])] as const] : []),
  ];
}

/** By the scheme of their metrics. From Kubernetes 1.35 on it is not enough that a port may be got. */
function readsPods(scheme: 'http' | 'https'): Rule {
  return scheme === 'http' ? rule('', ['pods/proxy'], ['get']) : rule('', ['pods/portforward'], ['create', 'get']);
}
