/** What simulates the hosts of a testbed, decided before anything is fetched or started. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
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
import { invalidInput } from '../../lib/errors';
import type { ResolvedTestbed } from '../../lib/testbed/resolve';
import { isAtLeast } from '../../lib/version';
import { operatorDeployments, type Installation } from '../install/installation';
import type { KubernetesClient } from '../kubernetes/client';
import { run } from '../process/spawn';
import type { BringUpOptions, SimulatorKind } from '../testbed/live-testbed';
import { findProgram, lookForProgram, type Program } from '../programs/find';
import { bmoSimulator } from './bmo';
import { SimulatorDeployments } from './in-cluster';
import { kwokSimulator } from './kwok';
import { SimulatorProcesses, type ProcessesProps } from './processes';
import type { SimulatorPlace, Simulators } from './simulators';

/** What is simulated with, once it is decided. */
export interface ChosenSimulators {
  readonly kind: SimulatorKind;
  readonly place: SimulatorPlace;
  /** Fetches what is missing. @returns makes them, where the cluster is there */
  prepare(): Promise<(where: Where) => Simulators>;
}

/** Where simulators find what they are to simulate, and have their folders. */
interface Where extends Pick<ProcessesProps, 'kubeconfig' | 'stateDir'> {
  readonly client: KubernetesClient;
}

interface Wanted {
  readonly testbed: ResolvedTestbed;
  readonly installation: Installation;
  readonly options: Pick<BringUpOptions, 'bmoBinary' | 'cluster' | 'simulator' | 'listener' | 'signal'>;
}

/** @returns where the simulators of a testbed run */
export function placeOf({ bmoBinary, cluster, simulator = 'bmo' }: Wanted['options']): SimulatorPlace {
  const hasPods = cluster !== undefined && cluster.kind !== 'local';
  return hasPods && simulator === 'bmo' && bmoBinary === undefined ? 'cluster' : 'process';
}

/** @throws TestbedError (`invalid-input`) for a program that was named and will not do, and where no operator is described */
export async function chooseSimulators(wanted: Wanted): Promise<ChosenSimulators> {
  if (placeOf(wanted.options) === 'cluster') return operatorsInCluster(wanted);
  const { bmoBinary, simulator, listener, signal } = wanted.options;
  if (bmoBinary !== undefined && simulator === 'kwok') {
    throw invalidInput('--bmo-binary is given with --simulator kwok: leave one of them out');
  }
  const search = { listener, signal, fetch: false };
  if (bmoBinary !== undefined || simulator === 'bmo') {
    return operatorsHere(wanted, await findProgram('baremetal-operator', { ...search, file: bmoBinary }));
  }
  const operator = simulator === undefined ? await lookForProgram('baremetal-operator', search) : undefined;
  if (operator !== undefined && 'program' in operator) return operatorsHere(wanted, operator.program);
  const kwok = await lookForProgram('kwok', search);
  return kwokHere(wanted, 'program' in kwok ? kwok.program : undefined);
}

function operatorsInCluster({ testbed, installation }: Wanted): ChosenSimulators {
  const { operators } = testbed;
  requireOperators(operators);
  const commands = operators.map((operator) => operatorArguments(operator));
  const common = {
    kind: 'bmo',
    deployments: operatorDeployments(installation),
    members: membersOf(operators, commands),
    metrics: metricsOf(installation),
    version: () => Promise.resolve(releasesOf(operators)),
  } as const;
  return {
    ...{ kind: 'bmo', place: 'cluster' },
    prepare: () => Promise.resolve(({ client }) => new SimulatorDeployments({ ...common, client })),
  };
}

/** One process for each operator of the description. */
function operatorsHere({ testbed, installation, options }: Wanted, program: Program): ChosenSimulators {
  const { listener, signal } = options;
  const { operators } = testbed;
  const forms = operatorCommands(testbed, program);
  const common = {
    ...{ kind: 'bmo', program: program.file, listener, signal },
    specs: forms.map(bmoSimulator),
    members: membersOf(operators, forms),
    measured: metricsOf(installation),
    // Builds of one's own have no other name.
    version: async () => `${releasesOf(operators)} (sha256 ${await digestOf(program.file)})`,
  };
  return {
    ...{ kind: 'bmo', place: 'process' },
    prepare: () => Promise.resolve((where) => new SimulatorProcesses({ ...common, ...where })),
  };
}

/** One for all hosts. @param program where it is here already */
function kwokHere({ testbed, options }: Wanted, program: Program | undefined): ChosenSimulators {
  const { listener, signal } = options;
  const described = Object.entries(testbed.simulator).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const common = {
    ...{ kind: 'kwok', listener, signal },
    specs: [kwokSimulator(testbed.stages)],
    members: [{ name: 'kwok', arguments: described, environment: {} }],
  };
  return {
    ...{ kind: 'kwok', place: 'process' },
    prepare: async () => {
      const { file } = program ?? (await findProgram('kwok', { listener, signal }));
      return (where) => new SimulatorProcesses({ ...common, ...where, program: file, version: () => versionOf(file) });
    },
  };
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

function metricsOf({ components }: Installation): ComponentMetrics | undefined {
  return components.find(({ component }) => component.name === BAREMETAL_OPERATOR)?.component.metrics;
}

function releasesOf(operators: readonly BareMetalOperatorProps[]): string {
  return [...new Set(operators.map(({ version = defaultVersion }) => version))].join(', ');
}

async function versionOf(program: string): Promise<string> {
  const { stdout } = await run(program, ['--version'], { timeoutMs: 10_000 });
  return /v\d+\.\d+\.\d+\S*/.exec(stdout)?.[0] ?? 'unknown';
}

async function digestOf(program: string): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(program), digest);
  return digest.digest('hex').slice(0, 12);
}

/**
 * How each operator of the description is called as a process: as its Deployment would be.
 *
 * @throws TestbedError (`invalid-input`) where there is none, or the program is of a release that is called otherwise
 */
export function operatorCommands({ operators }: ResolvedTestbed, program: Program): readonly ProcessForm[] {
  requireOperators(operators);
  const commands = operators.map(operatorProcess);
  const { flags } = program;
  if (flags !== undefined)
    for (const [i, { args }] of commands.entries()) requireFlags(args, flags, program.file, i, operators[i]);
  return commands;
}

/** @throws TestbedError (`invalid-input`) where nobody takes care of the hosts */
function requireOperators(operators: readonly BareMetalOperatorProps[]): void {
  if (operators.length > 0) return;
  throw invalidInput('operators is empty, so nothing simulates the hosts: add an operator, or use --simulator kwok');
}

/** The operator exits at a flag that it does not know, which would show only once the cluster runs. */
function requireFlags(
  args: readonly string[],
  flags: ReadonlySet<string>,
  file: string,
  position: number,
  { version = defaultVersion }: BareMetalOperatorProps = {},
): void {
  const unknown = args
    .map((arg) => /^--?([^=]+)/.exec(arg)?.[1])
    .filter((name) => name !== undefined && !flags.has(name));
  if (unknown.length === 0) return;
  const has = `${file} has no flag ${unknown.map((name) => `--${name}`).join(', ')}`;
  const range = releasesWith(flags);
  const fits = Object.keys(releases).find(
    (release) =>
      range !== undefined &&
      (range.from === undefined || isAtLeast(release, range.from)) &&
      (range.until === undefined || !isAtLeast(release, range.until)),
  );
  // A flag of the user's own, which has nothing to do with the release.
  if (range === undefined || fits === version)
    throw invalidInput(`operators[${position}]: ${has}: leave it out of extraArgs, or give another binary`);
  const say = fits === undefined ? 'to its release, with its manifests' : `to ${fits}`;
  throw invalidInput(
    `operators[${position}].version: set it ${say}, or give a binary of ${version}: ${has}, so that it is a release ` +
      `${describeRange(range)}; given ${version}`,
  );
}
