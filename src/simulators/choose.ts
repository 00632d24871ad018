/** What simulates the hosts of a testbed, decided before anything is started. */
import {
  defaultVersion,
  describeRange,
  namespaceOf,
  operatorArguments,
  releases,
  releasesWith,
  type BareMetalOperatorProps,
} from '../../lib/components/baremetal-operator';
import { BAREMETAL_OPERATOR } from '../../lib/components/baremetal-operator/component';
import { operatorProcess } from '../../lib/components/baremetal-operator/process';
import type { ComponentMetrics, ProcessForm } from '../../lib/components/component';
import { KWOK, KWOK_RELEASE } from '../../lib/components/simulators/kwok';
import { invalidInput, TestbedError } from '../../lib/errors';
import type { ResolvedTestbed } from '../../lib/testbed/resolve';
import { isAtLeast } from '../../lib/version';
import { simulatorDeployments, type Installation } from '../install/installation';
import type { KubernetesClient } from '../kubernetes/client';
import type { BringUpOptions } from '../testbed/live-testbed';
import type { Listener } from '../util/events';
import { missingFlags } from '../programs/candidate';
import { CATALOG } from '../programs/catalog';
import { findProgram, lookForProgram, notFound, type Program } from '../programs/find';
import { bmoSimulator } from './bmo';
import { describeBuild, digestOf, describeSimulator, type Build, type SimulatorBuilds } from './builds';
import { SimulatorDeployments } from './in-cluster';
import { kwokSimulator } from './kwok';
import { nameOfSimulator, type SimulatorKind } from './names';
import { SimulatorProcesses, type ProcessesProps } from './processes';
import type { SimulatorPlace, Simulators } from './simulators';

/** What is simulated with, once it is decided. */
export interface ChosenSimulators {
  readonly kind: SimulatorKind;
  readonly place: SimulatorPlace;
  /** Fetches what is missing. */
  prepare(): Promise<PreparedSimulators>;
}

/** What is simulated with, once all of it is here. */
export interface PreparedSimulators {
  readonly builds: readonly Build[];
  /** What runs on this machine of it. */
  readonly programs: readonly Program[];
  /** Makes them, where the cluster is there. */
  at(where: Where): Simulators;
}

/** Where simulators find what they are to simulate, and have their folders. */
interface Where extends Pick<ProcessesProps, 'kubeconfig' | 'stateDir'> {
  readonly client: KubernetesClient;
}

interface Wanted {
  readonly testbed: ResolvedTestbed;
  readonly installation: Installation;
  readonly options: Pick<BringUpOptions, 'bmoBinary' | 'cluster' | 'simulator' | 'listener' | 'signal'>;
  /** What digests the tags of images stand for. @default none */
  readonly lockFile?: string | undefined;
  /** What simulated the hosts of this testbed the last time. @default - there was none */
  readonly before?: SimulatorBuilds | undefined;
}

/**
 * @returns where the simulators of a testbed run
 * @throws TestbedError (`invalid-input`) where pods are described, and there are none
 */
export function placeOf(
  { kwok, workloadApi }: Pick<ResolvedTestbed, 'kwok' | 'workloadApi'>,
  { bmoBinary, cluster, simulator = 'bmo' }: Wanted['options'],
): SimulatorPlace {
  const hasPods = cluster !== undefined && cluster.kind !== 'local';
  for (const [field, described] of Object.entries({ kwok, workloadApi }))
    if (described !== undefined && !hasPods)
      throw invalidInput(
        `${field} is described, which runs in pods, and --cluster local has none: use --cluster kind or existing, or leave it out, so that it runs on this machine`,
      );
  if (kwok !== undefined) return 'cluster';
  return hasPods && simulator === 'bmo' && bmoBinary === undefined ? 'cluster' : 'process';
}

/**
 * What is asked for; else what it was the last time; else the Bare Metal Operator of the description's release where any source
 * gives it, and kwok where none does. What is not as it was is said.
 *
 * @throws TestbedError: `invalid-input` for a program that was named and will not do, and where no operator is described;
 * `environment` for an operator that cannot be had, and is asked for or was there the last time
 */
export async function chooseSimulators(wanted: Wanted): Promise<ChosenSimulators> {
  const place = placeOf(wanted.testbed, wanted.options);
  if (wanted.testbed.kwok !== undefined) return kwokInCluster(wanted);
  if (place === 'cluster') return operatorsInCluster(wanted);
  const { before, testbed } = wanted;
  const { bmoBinary, simulator, listener } = wanted.options;
  if (bmoBinary !== undefined && simulator === 'kwok') {
    throw invalidInput('--bmo-binary is given with --simulator kwok: leave one of them out');
  }
  const asked = bmoBinary === undefined ? simulator : 'bmo';
  const say = (detail: string) => listener?.({ type: 'warning', task: 'simulator', detail });
  const sayChange = (to: SimulatorKind) => {
    if (before !== undefined && before.simulator !== asked)
      say(
        `${nameOfSimulator(to)} takes the place of ${describeSimulator(before)}, which simulated the hosts of this testbed until now`,
      );
  };
  if (asked === 'kwok') {
    sayChange(asked);
    return kwokHere(wanted);
  }
  if (asked === 'bmo') {
    const programs = await requireOperatorPrograms(wanted);
    sayChange(asked);
    return operatorsHere(wanted, programs);
  }
  if (before?.simulator === 'kwok')
    return kwokHere(wanted, 'as the last time; --simulator bmo takes the real operator');
  if (before?.simulator === 'bmo') return operatorsHere(wanted, await asTheLastTime(wanted, before));
  if (testbed.operators.length === 0) return kwokHere(wanted, 'since no operator is described');
  const found = await findOperatorPrograms(wanted);
  if ('programs' in found) return operatorsHere(wanted, found.programs);
  if (found.misfit !== undefined) throw found.misfit;
  const { version, tried } = found;
  say(`kwok simulates the hosts, since the Bare Metal Operator ${version} cannot be had: ${tried.join('; ')}`);
  return kwokHere(wanted);
}

/** @throws TestbedError (`environment`) where it is gone: another would be a surprise */
async function asTheLastTime(wanted: Wanted, before: SimulatorBuilds): Promise<readonly Program[]> {
  try {
    return await requireOperatorPrograms(wanted);
  } catch (error) {
    if (!(error instanceof TestbedError) || error.code !== 'environment') throw error;
    throw new TestbedError(
      error.code,
      `the hosts of this testbed are simulated by ${describeSimulator(before)}; --simulator kwok changes that: ${error.message}`,
      { cause: error },
    );
  }
}

async function requireOperatorPrograms(wanted: Wanted): Promise<readonly Program[]> {
  requireOperators(wanted.testbed.operators);
  const found = await findOperatorPrograms(wanted);
  if ('programs' in found) return found.programs;
  throw found.misfit ?? notFound(NAME, found.tried);
}

const NAME = 'baremetal-operator';

type FoundOperators =
  | { readonly programs: readonly Program[] }
  | {
      /** The release that cannot be had. */
      readonly version: string;
      readonly tried: readonly string[];
      /** Of a program that is there and is of another release. */
      readonly misfit: TestbedError | undefined;
    };

/** A program for each operator of the description, of its release. */
async function findOperatorPrograms({ testbed, options, lockFile }: Wanted): Promise<FoundOperators> {
  const { bmoBinary, listener, signal } = options;
  const { operators } = testbed;
  const binaries = typeof bmoBinary === 'string' ? { '': bmoBinary } : (bmoBinary ?? {});
  requireDescribed(Object.keys(binaries), operators);
  const programs: Program[] = [];
  for (const [i, operator] of operators.entries()) {
    const { version = defaultVersion, image } = operator;
    const { args } = operatorProcess(operator);
    const problemOf = ({ flags }: Pick<Program, 'flags'>, at: string) => flagProblem(args, flags, at, i, operator);
    const isAlike = (each: BareMetalOperatorProps) =>
      (each.version ?? defaultVersion) === version && each.image === image;
    const known = programs[operators.findIndex(isAlike)];
    if (known !== undefined && problemOf(known, known.file) === undefined) {
      programs.push(known);
      continue;
    }
    const file = binaries[version] ?? binaries[''];
    let misfit: TestbedError | undefined;
    const passOver = (found: Pick<Program, 'flags'>, at: string): string | undefined => {
      const problem = problemOf(found, at);
      misfit ??= problem;
      return problem?.message;
    };
    // Of one that somebody named the error is its own, and begins with what to change.
    const isNamed = file !== undefined || Boolean(process.env[CATALOG[NAME].variable]);
    const unfit = isNamed ? undefined : passOver;
    const quiet = withoutWarnings(listener);
    const looked = await lookForProgram(NAME, { file, version, image, lockFile, unfit, listener: quiet, signal });
    if ('tried' in looked) return { version, tried: looked.tried, misfit };
    const problem = problemOf(looked.program, looked.program.file);
    if (problem !== undefined) throw problem;
    programs.push(looked.program);
  }
  return { programs };
}

/** What has failed is told in one line, once all of it has. */
function withoutWarnings(listener: Listener | undefined): Listener | undefined {
  return listener && ((event) => event.type !== 'warning' && listener(event));
}

/** @throws TestbedError (`invalid-input`) for a binary of a release that no operator is of */
function requireDescribed(given: readonly string[], operators: readonly BareMetalOperatorProps[]): void {
  const described: readonly string[] = operators.map(({ version = defaultVersion }) => version);
  const other = given.find((version) => version !== '' && !described.includes(version));
  if (other === undefined) return;
  throw invalidInput(
    `--bmo-binary ${other}=…: no operator of the description is of that release; described: ${[...new Set(described)].join(', ')}`,
  );
}

function operatorsInCluster({ testbed, installation }: Wanted): ChosenSimulators {
  const { operators } = testbed;
  requireOperators(operators);
  const commands = operators.map((operator) => operatorArguments(operator));
  const common = {
    kind: 'bmo',
    deployments: simulatorDeployments(installation),
    members: membersOf(operators, commands),
    metrics: metricsOf(installation),
    version: () => Promise.resolve(releasesOf(operators)),
  } as const;
  const builds = operators.map((operator) => {
    const { version = defaultVersion, image } = operator;
    return { name: namespaceOf(operator), version, image };
  });
  return {
    kind: 'bmo',
    place: 'cluster',
    prepare: () =>
      Promise.resolve({ builds, programs: [], at: ({ client }) => new SimulatorDeployments({ ...common, client }) }),
  };
}

/** @throws TestbedError (`invalid-input`) where the operator is asked for besides */
function kwokInCluster({ testbed, installation, options }: Wanted): ChosenSimulators {
  const { bmoBinary, simulator } = options;
  if (bmoBinary !== undefined || simulator === 'bmo')
    throw invalidInput(
      `kwok is described, which simulates the hosts in the cluster, and ${bmoBinary === undefined ? '--simulator bmo' : '--bmo-binary'} is given: leave one of them out`,
    );
  const deployments = simulatorDeployments(installation);
  const described = describedBehaviour(testbed);
  const version = testbed.kwok?.kwokImage?.split(':').at(-1) ?? KWOK_RELEASE;
  return {
    kind: 'kwok',
    place: 'cluster',
    prepare: () =>
      Promise.resolve({
        builds: [{ name: 'kwok', version }],
        programs: [],
        at: ({ client }) =>
          new SimulatorDeployments({
            kind: 'kwok',
            client,
            deployments,
            members: deployments.map(({ name }) => ({ name, arguments: described, environment: {} })),
            metrics: metricsOf(installation, KWOK),
            version: () => Promise.resolve(`${version}, in the cluster`),
          }),
      }),
  };
}

/** One process for each operator of the description. @param programs of each */
function operatorsHere({ testbed, installation, options }: Wanted, programs: readonly Program[]): ChosenSimulators {
  const { listener, signal } = options;
  const { operators } = testbed;
  const forms = operators.map(operatorProcess);
  const common = {
    kind: 'bmo',
    listener,
    signal,
    specs: forms.map(bmoSimulator),
    members: membersOf(operators, forms),
    measured: metricsOf(installation),
  };
  return {
    kind: 'bmo',
    place: 'process',
    prepare: async () => {
      // Many operators of one release are one file.
      const files = [...new Set(programs.map(({ file }) => file))];
      const digests = new Map(await Promise.all(files.map(async (file) => [file, await digestOf(file)] as const)));
      const builds = programs.map(({ file, image }, i): Build => {
        const { version = defaultVersion } = operators[i] ?? {};
        return { name: namespaceOf(operators[i] ?? {}), version, digest: digests.get(file), image };
      });
      return prepared(common, programs, builds);
    },
  };
}

/** One for all hosts. @param why it is this and no other, where that needs to be said */
function kwokHere({ testbed, options, lockFile }: Wanted, why?: string): ChosenSimulators {
  const { listener, signal } = options;
  const common = {
    kind: 'kwok',
    listener,
    signal,
    specs: [kwokSimulator(testbed.stages)],
    members: [{ name: 'kwok', arguments: describedBehaviour(testbed), environment: {} }],
  };
  return {
    kind: 'kwok',
    place: 'process',
    prepare: async () => {
      const program = await findProgram('kwok', { lockFile, listener, signal });
      if (why !== undefined) listener?.({ type: 'progress', task: 'simulator', detail: `kwok, ${why}` });
      const { file, version, image } = program;
      return prepared(common, [program], [{ name: 'kwok', version, digest: await digestOf(file), image }]);
    },
  };
}

/** What the description says of how hosts behave. */
function describedBehaviour({ simulator }: ResolvedTestbed): readonly string[] {
  return Object.entries(simulator).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
}

function prepared(
  common: Omit<ProcessesProps, 'programs' | 'version' | 'kubeconfig' | 'stateDir'>,
  programs: readonly Program[],
  builds: readonly Build[],
): PreparedSimulators {
  const files = programs.map(({ file }, i) => ({ file, digest: builds[i]?.digest }));
  const version = () => Promise.resolve([...new Set(builds.map(describeBuild))].join(', '));
  return { builds, programs, at: (where) => new SimulatorProcesses({ ...common, ...where, programs: files, version }) };
}

function membersOf(
  operators: readonly BareMetalOperatorProps[],
  commands: readonly Pick<ProcessForm, 'args' | 'env'>[],
) {
  return operators.map((operator, i) => {
    const { args = [], env = {} } = commands[i] ?? {};
    return { name: namespaceOf(operator), arguments: args, environment: env };
  });
}

function metricsOf({ components }: Installation, name: string = BAREMETAL_OPERATOR): ComponentMetrics | undefined {
  return components.find(({ component }) => component.name === name)?.component.metrics;
}

function releasesOf(operators: readonly BareMetalOperatorProps[]): string {
  return [...new Set(operators.map(({ version = defaultVersion }) => version))].join(', ');
}

/** @throws TestbedError (`invalid-input`) where nobody takes care of the hosts */
function requireOperators(operators: readonly BareMetalOperatorProps[]): void {
  if (operators.length > 0) return;
  throw invalidInput('operators is empty, so nothing simulates the hosts: add an operator, or use --simulator kwok');
}

/**
 * Why a program cannot be an operator of the description: it exits at a flag that it does not know, which would show only once
 * the cluster runs.
 *
 * @param flags of the program; undefined where it does not say
 * @param position of the operator
 */
export function flagProblem(
  args: readonly string[],
  flags: ReadonlySet<string> | undefined,
  file: string,
  position: number,
  { version = defaultVersion }: BareMetalOperatorProps = {},
): TestbedError | undefined {
  const has = missingFlags(args, flags, file);
  if (flags === undefined || has === undefined) return undefined;
  const range = releasesWith(flags);
  const fits = Object.keys(releases).find(
    (release) =>
      range !== undefined &&
      (range.from === undefined || isAtLeast(release, range.from)) &&
      (range.until === undefined || !isAtLeast(release, range.until)),
  );
  // A flag of the user's own, which has nothing to do with the release.
  if (range === undefined || fits === version)
    return invalidInput(`operators[${position}]: ${has}: leave it out of extraArgs, or give another binary`);
  const say = fits === undefined ? 'to its release, with its manifests' : `to ${fits}`;
  return invalidInput(
    `operators[${position}].version: set it ${say}, or give a binary of ${version}: ${has}, so that it is a release ` +
      `${describeRange(range)}; given ${version}`,
  );
}
