import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { pipeline } from 'node:stream/promises';
import type { TestbedProps } from '../../lib/testbed/resolve';
import { defaultVersion } from '../../lib/components/baremetal-operator/releases';
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import { operatorArguments } from '../../lib/components/baremetal-operator';
import type { LiveTestbed } from '../testbed/live-testbed';
import { run } from '../process/spawn';
import type { Environment } from '../report/report';
import { version } from '../util/version';

type Operators = Environment['operators'];

/** The machine as it is now: its load is what it does besides. */
export function machineNow(): Environment['machine'] {
  return {
    cpu: cpus()[0]?.model ?? '',
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** What somebody needs to know of a testbed to measure the same again. No credential is part of it. */
export async function environmentOf(
  name: string,
  live: LiveTestbed,
  props: TestbedProps,
  machine: Environment['machine'],
): Promise<Environment> {
  const { gitVersion } = await live.client.request<{ readonly gitVersion: string }>('GET', '/version');
  return {
    version,
    node: process.version,
    machine,
    clusters: [{ name, kind: live.cluster, kubernetes: gitVersion }],
    simulator: { kind: live.simulator, version: await simulatorVersion(live) },
    operators: operatorsOf(live, props),
    sets: live.testbed.fleets.map((fleet) => ({
      ...{
        kind: bareMetalHostKind.kind,
        name: fleet.name,
        objects: fleet.count,
        namespaces: fleet.namespaces().length,
      },
    })),
  };
}

/** Names the operators of a description; one kwok simulates the hosts for all of them. */
export function operatorNames({ simulator, testbed }: Pick<LiveTestbed, 'simulator' | 'testbed'>): readonly string[] {
  if (simulator === 'kwok') return ['kwok'];
  return testbed.operators.map(({ namespace }) => namespace ?? 'baremetal-operator-system');
}

function operatorsOf(live: LiveTestbed, props: TestbedProps): Operators {
  const names = operatorNames(live);
  if (live.simulator === 'kwok') {
    const settings = Object.entries(props.simulator ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    return names.map((name) => ({ name, arguments: settings, environment: {} }));
  }
  const commands =
    live.simulators?.kind === 'bmo'
      ? live.simulators.operators
      : live.testbed.operators.map((operator) => operatorArguments(operator));
  return commands.map(({ args, env }, i) => ({ name: names[i] ?? '', arguments: args, environment: env }));
}

/** The release, and for a program on this machine the digest of its file: builds of one's own have no other name. */
async function simulatorVersion({ simulator, simulators, testbed }: LiveTestbed): Promise<string> {
  const described = [...new Set(testbed.operators.map(({ version: release = defaultVersion }) => release))].join(', ');
  if (simulators === undefined) return described;
  if (simulator === 'kwok') {
    const { stdout } = await run(simulators.program, ['--version'], { timeoutMs: 10_000 });
    return /v\d+\.\d+\.\d+\S*/.exec(stdout)?.[0] ?? 'unknown';
  }
  const digest = createHash('sha256');
  await pipeline(createReadStream(simulators.program), digest);
  return `${described} (sha256 ${digest.digest('hex').slice(0, 12)})`;
}
