/**
 * What the environment of a run was not: each way in which it was unlike production, from the description with its defaults
 * filled in and from how programs were really called.
 */
import { argumentName } from '../../lib/upstream';
import type { ClusterPlan } from '../../lib/kinds/cluster/cluster-plan';
import { placeFlags } from '../../lib/components/cluster-api-provider/arguments';
import { clusterApiParts, ownCallOf, partOfComponent } from '../../lib/testbed/cluster-api';
import type { ResolvedTestbed } from '../../lib/testbed/resolve';
import type { ResolvedScenario, StepGroup } from '../../lib/scenario/resolved';
import type { CommandLine } from '../process/command-line';
import type { Environment } from '../report/report';
import type { SimulatorMember } from '../simulators/simulators';
import { SIMULATORS } from '../simulators/names';
import type { LiveTestbed } from '../testbed/live-testbed';

type Departure = NonNullable<Environment['unlikeProduction']>[number];

/** What ran. */
export interface WhatRan {
  readonly testbed: Pick<ResolvedTestbed, 'certManager' | 'clusterApi' | 'clusterSets' | 'operators' | 'simulator'>;
  readonly scenario: Pick<ResolvedScenario, 'root'>;
  readonly cluster: LiveTestbed['cluster'];
  readonly simulator: LiveTestbed['simulator'];
  readonly operators: readonly SimulatorMember[];
  readonly managers: readonly SimulatorMember[];
  readonly hasWorkloadApi: boolean;
  /** Whether operators and managers are processes of this machine. */
  readonly areProcesses: { readonly operators: boolean; readonly managers: boolean };
  /** How the programs of an embedded control plane were called; of one that is not known nothing is said. */
  readonly controlPlane?: {
    readonly etcd: CommandLine | undefined;
    readonly apiServer: CommandLine | undefined;
    /** `none` where there is none. */
    readonly controllerManager: CommandLine | 'none' | undefined;
  };
}

/** All of them: what the hosts are first, then clusters, what takes care of them, and where all of it runs. */
export function unlikeProduction(ran: WhatRan): readonly Departure[] {
  const all = [
    ...[...ofHosts(ran), ...ofClusters(ran), ...ofManagers(ran), ...ofCrds(ran)],
    ...[...ofPlace(ran), ...ofControlPlane(ran)],
  ];
  // Of a flag that is given twice the last counts.
  return [...new Map(all.map((each) => [each.option, each])).values()];
}

const MACHINES = 'Ironic, and machines with BMCs, which take minutes for each step';

function* ofHosts({ testbed, scenario, simulator, operators, areProcesses }: WhatRan): Generator<Departure> {
  if (simulator === 'kwok') {
    yield departure('simulator', `${SIMULATORS.kwok} changed the status of hosts: no operator ran`, MACHINES);
    for (const [name, value] of Object.entries(testbed.simulator))
      yield departure(`simulator.${name}`, shortened(JSON.stringify(value)), 'what the machines do');
  } else
    for (const operator of operators) {
      const at = (option: string) => `operators.${operator.name}.${option}`;
      const { args, env } = callOf(operator);
      const mode = args.find((arg) => isTestMode(arg));
      if (mode !== undefined)
        yield departure(
          at('testMode'),
          `in test mode (${mode}): no machine is looked at, written or booted, and all hosts of the operator are one`,
          MACHINES,
        );
      yield* changed(at, args, { 'kube-api-qps': '20', 'kube-api-burst': '30' }, { 'controller-concurrency': CPUS });
      if (env['BMO_CONCURRENCY'] !== undefined)
        yield departure(at('BMO_CONCURRENCY'), `BMO_CONCURRENCY=${env['BMO_CONCURRENCY']}`, CPUS);
      if (areProcesses.operators || args.includes('--webhook-port=0'))
        yield departure(at('webhook'), 'its webhook was off: nothing checked hosts as they were written', 'it is on');
    }
  const seeded = [...stepsOf(scenario.root)].flatMap(({ kind, props }) => {
    const { state } = props as { readonly state?: unknown };
    return (kind === 'enroll' || kind === 'create') && typeof state === 'string' ? [`${kind}.${state}`] : [];
  });
  for (const each of new Set(seeded)) {
    const [kind, state = ''] = each.split('.');
    const what = kind === 'enroll' ? 'hosts' : 'clusters';
    yield departure(`scenario.${each}`, `${what} began as ${state}`, 'they come there by themselves');
  }
}

const CPUS = '2 to 8, by CPUs';

function isTestMode(arg: string): boolean {
  return arg === '--provisioner=fixture' || (argumentName(arg) === 'test-mode' && !arg.endsWith('=false'));
}

function* ofClusters({ testbed, hasWorkloadApi }: WhatRan): Generator<Departure> {
  const sets = testbed.clusterSets.filter(({ count }) => count > 0);
  if (hasWorkloadApi && sets.length > 0)
    yield departure(
      'workloadApi',
      'one process answered for the API servers, etcd members and kubelets of all workload clusters',
      'each cluster runs on its own machines',
    );
  for (const set of sets) {
    const at = (option: string) => `clusterSets.${set.name}.${option}`;
    const { keySeed, certificateAuthority } = set.props;
    if (keySeed !== undefined)
      yield departure(
        at('keySeed'),
        'keys and kubeconfigs followed from a seed, and were there before the clusters',
        'Cluster API makes them, and looks for them again every half minute',
      );
    if (certificateAuthority !== undefined)
      yield departure(at('certificateAuthority'), 'all clusters had one certificate authority', 'each has its own');
    const { algorithm, expiry } = keysOf(set);
    if (algorithm !== undefined && algorithm !== RSA)
      yield departure(at('encryptionAlgorithm'), `keys were ${algorithm}`, `${RSA}, which takes longer to make`);
    if (expiry)
      yield departure(
        at('certificatesExpiry'),
        'an annotation said when certificates end',
        'the control plane provider asks the API server of each machine',
      );
  }
}

/** Kubeadm's own. */
const RSA = 'RSA-2048';

/** What the objects of a set say of its keys: those of one cluster, which are like those of the others. */
function keysOf(set: ClusterPlan): { readonly algorithm: string | undefined; readonly expiry: boolean } {
  const [cluster] = set.clusters();
  const text = JSON.stringify([set.sharedObjects(), cluster === undefined ? [] : set.objectsOf(cluster)]);
  return {
    algorithm: /"encryptionAlgorithm":"([^"]+)"/.exec(text)?.[1],
    expiry: text.includes('/certificates-expiry":'),
  };
}

function* ofManagers({ testbed, managers, areProcesses }: WhatRan): Generator<Departure> {
  const { clusterApi } = testbed;
  for (const manager of managers) {
    const at = (option: string) => `managers.${manager.name}.${option}`;
    const part = partOfComponent(manager.name);
    const isBuiltIn = part !== undefined && clusterApi?.[part]?.manifests === undefined;
    const own = isBuiltIn ? ownCallOf(part) : undefined;
    const { args, env } = callOf(manager);
    const isOwn = (arg: string) => own?.args.includes(arg) === true || placeFlags.has(argumentName(arg) ?? '');
    for (const arg of args) {
      const name = argumentName(arg);
      if (name === undefined || isOwn(arg) || (own === undefined && !TUNING.test(name))) continue;
      yield departure(at(name), arg, productionOf(name, own));
    }
    for (const [name, value] of Object.entries(env)) {
      const usual = own?.env[name];
      if (usual !== undefined && usual !== value) yield departure(at(name), `${name}=${value}`, `${name}=${usual}`);
    }
  }
  if (managers.length > 0 && areProcesses.managers) {
    yield departure(
      'managers.processes',
      'managers were processes of this machine, without a lease and without limits, with all rights in the cluster',
      'pods that share a lease, with the rights that their release gives them',
    );
    yield departure(
      'managers.webhooks',
      "the API server asked their webhooks on loopback, with a certificate of the cluster's own CA",
      'through a Service, with certificates of cert-manager',
    );
  }
  const missing = clusterApi === undefined ? [] : clusterApiParts.filter((part) => clusterApi[part] === undefined);
  for (const part of missing) yield departure(`clusterApi.${part}`, 'was not part of the testbed', 'there is one');
}

/** What makes a manager of a release that is not built in faster or slower. */
const TUNING =
  /^(kube-api-(qps|burst)|clustercache-client-(qps|burst)|.*-concurrency|sync-period|namespace|watch-filter)$/;

function productionOf(name: string, own: ReturnType<typeof ownCallOf> | undefined): string {
  if (name === 'kube-api-qps' && own !== undefined) return String(own.kubeApi.qps);
  if (name === 'kube-api-burst' && own !== undefined) return String(own.kubeApi.burst);
  const same = own?.args.find((arg) => argumentName(arg) === name);
  return same ?? "the manager's own default";
}

function* ofCrds({ testbed: { clusterApi = {} } }: WhatRan): Generator<Departure> {
  for (const part of clusterApiParts) {
    const props = clusterApi[part];
    if (props?.leanCrds === true)
      yield departure(
        `clusterApi.${part}.leanCrds`,
        'its CRDs had the stored version alone: nothing was converted',
        'all versions, which webhooks convert',
      );
    if (props !== undefined && 'omitLastUpdated' in props && props.omitLastUpdated === true)
      yield departure(
        `clusterApi.${part}.omitLastUpdated`,
        'its CRDs had no status.lastUpdated, so that its reconciles did not trigger themselves',
        'they have it',
      );
  }
}

function* ofPlace({ cluster, testbed: { certManager } }: WhatRan): Generator<Departure> {
  if (cluster === 'local')
    yield departure(
      'cluster',
      'an API server and an etcd on loopback: no nodes, no scheduler, no pods',
      'several control plane nodes, and nodes for what is installed',
    );
  if (cluster === 'kind')
    yield departure(
      'cluster',
      'a kind cluster, whose nodes are containers of this machine',
      'several control plane nodes on machines of their own',
    );
  if (cluster !== 'existing')
    yield departure(
      'machine',
      'one machine ran everything: control plane, controllers, simulators and what measured them',
      'machines of their own',
    );
  if (cluster !== 'local' && certManager === undefined)
    yield departure('certManager', 'was not part of the testbed', 'makes the certificates of webhooks');
}

/** Flags that say where something is, and nothing of how it behaves. */
const NEUTRAL = new RegExp(
  `^(${[
    ...['bind-address', 'advertise-address', 'secure-port', 'tls-.*', 'etcd-(servers|cafile|certfile|keyfile)'],
    ...['service-account-.*', 'service-cluster-ip-range', 'anonymous-auth', 'authorization-mode', 'allow-privileged'],
    ...[
      'profiling',
      'kubeconfig',
      'authentication-skip-lookup',
      'authorization-always-allow-paths',
      'name',
      'data-dir',
    ],
    ...['listen-.*', 'advertise-client-urls', 'initial-.*', '(peer-)?client-cert-auth', '(peer-)?trusted-ca-file'],
    ...['(peer-)?(cert|key)-file', 'log-.*', 'v', 'client-ca-file', 'etcd-prefix', 'storage-backend'],
  ].join('|')})$`,
);

/** What flags of the embedded control plane are in production, where that can be said in a few words. */
const USUAL: Readonly<Record<string, string>> = {
  'unsafe-no-fsync': 'each write waits for the disk',
  'quota-backend-bytes': '2 GiB',
  'disable-admission-plugins': 'none of them',
  'endpoint-reconciler-type': 'lease',
  'token-auth-file': 'certificates and tokens of each user',
  'max-requests-inflight': '400',
  'max-mutating-requests-inflight': '200',
  'enable-priority-and-fairness': 'true',
  'leader-elect': 'true',
  'kube-api-qps': '20',
  'kube-api-burst': '30',
  'concurrent-namespace-syncs': '10',
};

function* ofControlPlane({ controlPlane }: WhatRan): Generator<Departure> {
  if (controlPlane === undefined) return;
  const { etcd, apiServer, controllerManager } = controlPlane;
  yield* flagsOf('etcd', etcd);
  yield* flagsOf('apiServer', apiServer);
  const { GOGC, GOMEMLIMIT } = apiServer?.env ?? {};
  if (GOGC !== undefined && GOGC !== '100') yield departure('apiServer.GOGC', `GOGC=${GOGC}`, '100');
  if (GOMEMLIMIT !== undefined) yield departure('apiServer.GOMEMLIMIT', `GOMEMLIMIT=${GOMEMLIMIT}`, 'none');
  if (controllerManager === 'none')
    yield departure(
      'controllerManager',
      'there was none: what a deleted object owned stays',
      'kube-controller-manager',
    );
  else if (controllerManager !== undefined) {
    const controllers = valueOf(controllerManager.args, 'controllers');
    if (controllers !== undefined && controllers !== '*')
      yield departure(
        'controllerManager.controllers',
        `of its controllers only ${controllers.split(',').join(' and ')} ran`,
        'all that are on by default',
      );
    const others = controllerManager.args.filter((arg) => argumentName(arg) !== 'controllers');
    yield* flagsOf('controllerManager', { ...controllerManager, args: others });
  }
}

function* flagsOf(program: string, call: CommandLine | undefined): Generator<Departure> {
  for (const arg of call?.args ?? []) {
    const name = argumentName(arg);
    if (name === undefined || NEUTRAL.test(name)) continue;
    // The file's name says nothing, and is another one each time.
    const here = name.endsWith('-file') ? `--${name}` : arg;
    yield departure(`${program}.${name}`, here, USUAL[name] ?? 'not set');
  }
}

/** @param usual of flags, and @param unset what happens without one */
function* changed(
  at: (option: string) => string,
  args: readonly string[],
  usual: Readonly<Record<string, string>>,
  unset: Readonly<Record<string, string>>,
): Generator<Departure> {
  for (const [name, production] of Object.entries({ ...usual, ...unset })) {
    const value = valueOf(args, name);
    if (value !== undefined && value !== production) yield departure(at(name), `--${name}=${value}`, production);
  }
}

function valueOf(args: readonly string[], name: string): string | undefined {
  const last = args.findLast((arg) => argumentName(arg) === name);
  return last?.includes('=') === true ? last.slice(last.indexOf('=') + 1) : undefined;
}

function callOf({ arguments: args, environment: env }: SimulatorMember): CommandLine {
  return { args, env };
}

function* stepsOf({ steps }: StepGroup): Generator<{ readonly kind: string; readonly props: object }> {
  for (const step of steps) {
    if ('steps' in step) yield* stepsOf(step);
    else yield step;
  }
}

const MOST_CHARACTERS = 200;

function shortened(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;
}

function departure(option: string, here: string, production: string): Departure {
  return { option, here, production };
}
