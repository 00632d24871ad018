import { invalidInput } from '../../errors';
import { isDnsLabel } from '../../names';
import { CommandLine, releaseProblems } from './command-line';
import { defaultVersion } from './releases';

/** How BMO is run, in a pod or as a plain process alike. */
export interface OperatorOptions {
  /**
   * The release of BMO: what it understands differs.
   * @default 'v0.13.2'
   */
  readonly version?: string | undefined;

  /**
   * Makes every host a fake one: no Ironic is asked, no machine is touched. All hosts of one operator then share one
   * fake machine, so an operator should have only hosts that agree in `online`.
   * @default false - as the release: BMO talks to Ironic; in a testbed true
   */
  readonly testMode?: boolean | undefined;

  /**
   * Requests a second to the Kubernetes API, above 0.
   * @default 20 - BMO's own: about 133 hosts a minute, whatever else is done; in a testbed 1000 in test mode
   */
  readonly kubeApiQps?: number | undefined;

  /**
   * Requests at once to the Kubernetes API, from 1.
   * @default 30 - BMO's own; in a testbed 2000 in test mode
   */
  readonly kubeApiBurst?: number | undefined;

  /**
   * Objects of each kind that are worked on at the same time, from 1.
   * @default - BMO's own: as many as there are CPUs, 2 at least and 8 at most; in a testbed 32 in test mode
   */
  readonly concurrency?: number | undefined;

  /**
   * The namespaces whose hosts this operator takes care of.
   * @default [] - all
   */
  readonly watchedNamespaces?: readonly string[] | undefined;

  /**
   * Whether it hands hosts to HostClaims, which releases from v0.14 on can.
   * @default - as the release: true from v0.14 on
   */
  readonly hostClaims?: boolean | undefined;

  /**
   * Whether of several replicas only one is active.
   * @default true - as the release
   */
  readonly leaderElection?: boolean | undefined;

  /**
   * Whether BMO checks hosts when they are written. Needs a certificate, and a Service that the API server reaches.
   * @default true - as the release
   */
  readonly webhook?: boolean | undefined;

  /**
   * Further command-line arguments, such as `--dev`; not those that an option here is for.
   * @default []
   */
  readonly extraArgs?: readonly string[] | undefined;

  /**
   * Further environment variables; not those that an option here is for. No credentials: they would be in plain text.
   * @default {}
   */
  readonly extraEnv?: Readonly<Record<string, string>> | undefined;
}

/** What a plain process is told beyond that; in a pod the release has these settled. */
export interface OperatorProcessOptions extends OperatorOptions {
  /**
   * Where `/healthz` and `/readyz` are served, such as `127.0.0.1:9440`; `0` for nowhere.
   * @default ':9440' - BMO's own
   */
  readonly healthAddress?: string | undefined;

  /**
   * Where the metrics are served, over HTTPS; `0` for nowhere.
   * @default ':8443' - BMO's own
   */
  readonly metricsAddress?: string | undefined;

  /**
   * The namespace that holds the lease of leader election.
   * @default - in a pod its own; a process with leader election on must name one
   */
  readonly leaseNamespace?: string | undefined;
}

/** The command line and environment of one operator. */
export interface OperatorCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * How BMO is called for the given options: the Deployment's container and a plain process are called the same way.
 *
 * @throws TestbedError (invalid-input) naming every option that is not allowed
 */
export function operatorArguments(options: OperatorProcessOptions): OperatorCommand {
  const problems = optionProblems(options);
  if (problems.length > 0) throw invalidInput(problems.join('\n'));

  const { watchedNamespaces = [], kubeApiQps, kubeApiBurst, concurrency } = options;
  const commandLine = new CommandLine(options.version ?? defaultVersion);
  const args: string[] = [];
  const env: Record<string, string> = {};

  if (options.leaderElection ?? true) args.push('--enable-leader-election');
  if (options.hostClaims ?? commandLine.understands('hostclaims')) args.push('--hostclaims');
  if (options.testMode) args.push(commandLine.understands('test-mode') ? '--test-mode' : '--provisioner=fixture');
  if (watchedNamespaces.length > 0) args.push(`--namespace=${watchedNamespaces.join(',')}`);
  if (kubeApiQps !== undefined) args.push(`--kube-api-qps=${kubeApiQps}`);
  if (kubeApiBurst !== undefined) args.push(`--kube-api-burst=${kubeApiBurst}`);
  if (concurrency !== undefined) {
    if (commandLine.understands('controller-concurrency')) args.push(`--controller-concurrency=${concurrency}`);
    // Every release reads the variable.
    else env.BMO_CONCURRENCY = String(concurrency);
  }
  if (options.webhook === false) args.push('--webhook-port=0');
  if (options.healthAddress !== undefined) args.push(`--health-addr=${options.healthAddress}`);
  if (options.metricsAddress !== undefined) args.push(`--metrics-addr=${options.metricsAddress}`);
  if (options.leaseNamespace !== undefined) env.POD_NAMESPACE = options.leaseNamespace;

  return { args: [...args, ...(options.extraArgs ?? [])], env: { ...env, ...options.extraEnv } };
}

/** What sets those of BMO's arguments that `extraArgs` may not. */
const setterOfFlag: Readonly<Record<string, string>> = {
  'controller-concurrency': "the option 'concurrency'",
  'enable-leader-election': "the option 'leaderElection'",
  hostclaims: "the option 'hostClaims'",
  'health-addr': "the option 'healthAddress' of a process, and fixed in a pod",
  'kube-api-burst': "the option 'kubeApiBurst'",
  'kube-api-qps': "the option 'kubeApiQps'",
  'metrics-addr': "the option 'metricsAddress' of a process, and fixed in a pod",
  namespace: "the option 'watchedNamespaces'",
  provisioner: "the option 'testMode'",
  'test-mode': "the option 'testMode'",
  'webhook-port': "the option 'webhook'",
};

/** The same for its environment. */
const setterOfVariable: Readonly<Record<string, string>> = {
  BMO_CONCURRENCY: "the option 'concurrency'",
  POD_NAME: 'the release itself',
  POD_NAMESPACE: "the option 'leaseNamespace' of a process, and by the release in a pod",
  WATCH_NAMESPACE: "the option 'watchedNamespaces'",
};

/** What is not allowed in the options: one sentence a problem, each beginning with the option's name. */
export function optionProblems(options: OperatorProcessOptions): string[] {
  const { version = defaultVersion, watchedNamespaces = [] } = options;
  const unknownRelease = releaseProblems(version);
  if (unknownRelease.length > 0) return unknownRelease;
  const commandLine = new CommandLine(version);
  return [
    ...numberProblems(options),
    ...missingArguments(options, commandLine),
    ...namespaceProblems(watchedNamespaces, commandLine),
    ...argumentProblems(options.extraArgs ?? [], commandLine),
    ...variableProblems(options.extraEnv ?? {}),
  ];
}

function numberProblems({ kubeApiQps, kubeApiBurst, concurrency }: OperatorOptions): string[] {
  const problems: string[] = [];
  if (kubeApiQps !== undefined && !(Number.isFinite(kubeApiQps) && kubeApiQps > 0)) {
    problems.push(`kubeApiQps: must be a number above 0; given ${kubeApiQps}`);
  }
  if (kubeApiBurst !== undefined && !(Number.isSafeInteger(kubeApiBurst) && kubeApiBurst >= 1)) {
    problems.push(`kubeApiBurst: must be an integer of at least 1; given ${kubeApiBurst}`);
  }
  if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency >= 1)) {
    problems.push(`concurrency: must be an integer of at least 1; given ${concurrency}`);
  }
  return problems;
}

/** The options that the release has no argument for; one that is off needs none. */
function missingArguments(options: OperatorOptions, commandLine: CommandLine): string[] {
  const needed = { kubeApiQps: 'kube-api-qps', kubeApiBurst: 'kube-api-burst', hostClaims: 'hostclaims' } as const;
  return (Object.keys(needed) as (keyof typeof needed)[]).flatMap((option) => {
    const problem = options[option] ? commandLine.argumentProblem(needed[option]) : undefined;
    return problem === undefined ? [] : [`${option}: ${problem}`];
  });
}

function namespaceProblems(namespaces: readonly string[], commandLine: CommandLine): string[] {
  const tooMany = commandLine.namespacesProblem(namespaces.length);
  const problems = namespaces.flatMap((namespace, index) => {
    if (!isDnsLabel(namespace)) return [`watchedNamespaces[${index}]: ${dnsLabelRule}; given '${namespace}'`];
    if (namespaces.indexOf(namespace) < index) return [`watchedNamespaces[${index}]: '${namespace}' is named twice`];
    return [];
  });
  return tooMany === undefined ? problems : [`watchedNamespaces: ${tooMany}`, ...problems];
}

function argumentProblems(args: readonly string[], commandLine: CommandLine): string[] {
  const flags = args.map(flagName);
  return args.flatMap((arg, index) => {
    const flag = flags[index];
    // The value of the argument before it, as in `--lease-duration-seconds`, `60`.
    if (flag === undefined) {
      return index > 0 && flags[index - 1] !== undefined
        ? []
        : [`extraArgs[${index}]: must be an argument such as --dev; given '${arg}'`];
    }
    if (Object.hasOwn(setterOfFlag, flag)) return [`extraArgs[${index}]: --${flag} is set by ${setterOfFlag[flag]}`];
    if (flags.indexOf(flag) < index) return [`extraArgs[${index}]: --${flag} is given twice`];
    const problem = commandLine.argumentProblem(flag);
    return problem === undefined ? [] : [`extraArgs[${index}]: ${problem}`];
  });
}

/** Go reads `-flag` and `--flag` alike, with or without `=value`. */
function flagName(arg: string): string | undefined {
  return /^--?([^-=][^=]*)/.exec(arg)?.[1];
}

function variableProblems(env: Readonly<Record<string, string>>): string[] {
  return Object.keys(env).flatMap((name) => {
    if (Object.hasOwn(setterOfVariable, name)) return [`extraEnv.${name}: is set by ${setterOfVariable[name]}`];
    if (!/^[A-Za-z_.-][\w.-]*$/.test(name))
      return [`extraEnv: '${name}' is not a valid name for an environment variable`];
    return [];
  });
}

export const dnsLabelRule = "must be a DNS label: lower-case letters, digits and '-', at most 63 characters";
