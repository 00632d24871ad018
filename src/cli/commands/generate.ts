import { once } from 'node:events';
import type { Command } from 'commander';
import { Option } from 'commander';
import { BMC_PROTOCOLS, type BmcProtocol } from '../../../lib/kinds/bare-metal-host/bmc-address';
import { fleetYaml } from '../../../lib/kinds/bare-metal-host/fleet-yaml';
import { clusterYaml } from '../../../lib/kinds/cluster/cluster-yaml';
import { yamlDocument } from '../../../lib/yaml';
import type { HostSetProps } from '../../../lib/kinds/bare-metal-host/host-set-props';
import { resolveTestbed, type ResolvedTestbed, type TestbedProps } from '../../../lib/testbed/resolve';
import { invalidInput } from '../../../lib/errors';
import { BEGIN_MARK, documentsIn, endMark } from '../../apply/stream-marks';
import { namespaceObject } from '../../kubernetes/objects';
import { addCommand } from '../command-list';
import { oneManagementClusterOption, whole } from '../options';

/** How much is written at once, in characters: enough that the writes cost little. */
const CHUNK = 1 << 16;

interface Options {
  readonly count?: number;
  readonly clusters?: number;
  readonly name?: string;
  readonly firstIndex?: number;
  readonly namespace?: string;
  readonly hostsPerNamespace?: number;
  readonly protocol?: BmcProtocol;
  readonly macPrefix?: string;
  readonly online: boolean;
  readonly managementCluster?: readonly string[];
}

export function register(program: Command): void {
  addCommand(program, 'generate')
    .argument(
      '[testbed.yaml]',
      'testbed.yaml whose host and cluster sets are written (default: one set, described by the options)',
    )
    .option('--count <n>', 'how many hosts', whole(0))
    .option('--clusters <n>', 'how many clusters, each with its hosts and in a namespace of its own', whole(0))
    .option('--name <name>', 'name of the set, and first part of all names in it (default: worker, or cluster)')
    .option('--first-index <n>', 'index of the first host or cluster (default: 1)', whole(0))
    .option('--namespace <name>', 'namespace of the hosts or clusters (default: default, or one for each cluster)')
    .option('--hosts-per-namespace <n>', 'spread the hosts over namespaces <namespace>, <namespace>-2, …', whole(1))
    .addOption(
      new Option('--protocol <scheme>', 'scheme of the BMC addresses (default: libvirt)').choices(BMC_PROTOCOLS),
    )
    .option('--mac-prefix <octets>', 'first octets of the boot MAC addresses (default: 00:60:2f)')
    .option('--no-online', 'make hosts that are powered off')
    .addOption(oneManagementClusterOption())
    .action(generate);
}

async function generate(file: string | undefined, options: Options): Promise<void> {
  const { fleets, clusterSets, namespaces } =
    file === undefined ? resolveTestbed({ operators: [], ...setsOf(options) }) : await described(file, options);
  let buffer = '';
  let written = 0;
  const flush = async () => {
    written += documentsIn(buffer);
    // Going on only once the reader has taken what is there keeps memory flat.
    await write(buffer);
    buffer = '';
  };
  await write(BEGIN_MARK);
  for (const name of namespaces) buffer += yamlDocument(namespaceObject(name));
  for (const texts of [...fleets.map(fleetYaml), ...clusterSets.map(clusterYaml)]) {
    for (const text of texts) {
      buffer += text;
      if (buffer.length >= CHUNK) await flush();
    }
  }
  await flush();
  await write(endMark(written));
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

function setsOf(options: Options): Pick<TestbedProps, 'clusterSets' | 'hostSets'> {
  const { clusters, count, ...rest } = options;
  if (clusters === undefined) return { hostSets: [setOf(options)] };
  if (count !== undefined) throw invalidInput('--count and --clusters are both given: give one of them');
  const { name, firstIndex, namespace, hostsPerNamespace, protocol, macPrefix, online } = rest;
  if (hostsPerNamespace !== undefined)
    throw invalidInput('--hosts-per-namespace is for hosts alone: describe clustersPerNamespace in a testbed.yaml');
  const hosts = { bmcProtocol: protocol, macPrefix, online: online ? undefined : false };
  return { hostSets: [], clusterSets: [{ count: clusters, name, firstIndex, namespace, hosts }] };
}

function setOf(options: Options): HostSetProps {
  const { count, protocol, online, clusters: _, ...rest } = options;
  if (count === undefined)
    throw invalidInput('the number of hosts is missing: give --count N, --clusters N, or a testbed.yaml');
  return {
    namespace: 'default',
    count,
    ...rest,
    bmcProtocol: protocol,
    online: online ? undefined : false,
  };
}

async function described(file: string, { managementCluster, ...options }: Options): Promise<ResolvedTestbed> {
  const given = Object.entries(options).filter(
    ([key, value]) => value !== undefined && !(key === 'online' && value === true),
  );
  if (given.length > 0) {
    throw invalidInput(
      `${file} and options (${given.map(([key]) => key).join(', ')}) are both given: write them into the description, or leave it out`,
    );
  }
  const { oneDescribedTestbed } = await import('../described-testbeds.js');
  const { props, within } = await oneDescribedTestbed(file, { stateDir: '', managementCluster });
  return within(() => resolveTestbed(props));
}
