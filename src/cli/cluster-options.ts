/** The flags of `up` that say where a testbed is brought to life. */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { invalidInput } from '../../lib/errors';
import type { PortMapping } from '../cluster/kind/config';
import type { ClusterChoice } from '../cluster/clusters';
import { DEFAULT_KIND_NAME } from '../cluster/kind/config';
import { whole } from './options';

/** What commander makes of them. */
export interface ClusterFlags {
  readonly cluster: ClusterChoice['kind'];
  readonly withoutControllerManager?: true;
  readonly name?: string;
  readonly nodeImage?: string;
  readonly workers?: number;
  readonly port?: readonly PortMapping[];
  readonly registryMirror?: Readonly<Record<string, readonly string[]>>;
  readonly loadImage?: readonly string[];
  readonly kubeconfig?: readonly string[];
  readonly context?: readonly string[];
  readonly yesThisCluster?: readonly string[];
}

const LOCAL_FLAGS = { withoutControllerManager: '--without-controller-manager' } as const;
/** Without --node-image, whose variable may be set for a whole machine. */
const KIND_FLAGS = {
  name: '--name',
  workers: '--workers',
  port: '--port',
  registryMirror: '--registry-mirror',
  loadImage: '--load-image',
} as const;
const EXISTING_FLAGS = {
  kubeconfig: '--kubeconfig',
  context: '--context',
  yesThisCluster: '--yes-this-cluster',
} as const;

export function addClusterOptions(command: Command): void {
  command
    .addOption(
      new Option(
        '--cluster <kind>',
        'where: an embedded control plane on this machine, a kind cluster (with pods), or one that exists',
      )
        .choices(['local', 'kind', 'existing'])
        .default('local'),
    )
    .optionsGroup('With --cluster local:')
    .option(
      LOCAL_FLAGS.withoutControllerManager,
      'no garbage collector and no namespace controller: what deleted objects owned stays, and deleted namespaces too',
    )
    .optionsGroup('With --cluster kind:')
    .option(`${KIND_FLAGS.name} <name>`, 'name of the cluster (default: metal3-testbed)')
    .addOption(
      new Option('--node-image <image>', "image of its nodes (default: kind's own)").env('METAL3_TESTBED_NODE_IMAGE'),
    )
    .option(`${KIND_FLAGS.workers} <n>`, 'worker nodes beside the control plane (default: 0)', whole(0))
    .option(
      `${KIND_FLAGS.port} <host:node>`,
      'forward a port of this machine to a port of the node; may be repeated',
      port,
    )
    .option(
      `${KIND_FLAGS.registryMirror} <registry=url>`,
      'mirror from which the images of a registry are pulled; may be repeated',
      registryMirror,
    )
    .option(
      `${KIND_FLAGS.loadImage} <image>`,
      'image, or archive of images, to load onto the nodes first; may be repeated',
      collect,
    )
    .optionsGroup('With --cluster existing:')
    .option(
      `${EXISTING_FLAGS.kubeconfig} <file>`,
      'its kubeconfig, which is never taken from the environment; NAME=FILE where each management cluster has its own',
      collect,
    )
    .option(
      `${EXISTING_FLAGS.context} <name>`,
      'its context, which is never the current one; NAME=CONTEXT for each of several management clusters',
      collect,
    )
    .option(
      `${EXISTING_FLAGS.yesThisCluster} <name>`,
      "the context's name again, where it does not look like one for tests; may be repeated",
      collect,
    );
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/**
 * @param among which one it is, where there are several
 * @throws TestbedError (`invalid-input`) for flags that do not go together
 */
export function clusterChoice(flags: ClusterFlags, among: Among = { names: [] }): ClusterChoice {
  const { cluster } = flags;
  const { name } = among;
  if (cluster !== 'local') refuse(flags, LOCAL_FLAGS, 'local');
  if (cluster !== 'kind') refuse(flags, KIND_FLAGS, 'kind');
  if (cluster !== 'existing') refuse(flags, EXISTING_FLAGS, 'existing');
  if (cluster === 'local') return { kind: 'local', controllerManager: flags.withoutControllerManager !== true };
  if (cluster === 'kind') {
    return {
      kind: 'kind',
      name: name === undefined ? flags.name : `${flags.name ?? DEFAULT_KIND_NAME}-${name}`,
      nodeImage: flags.nodeImage,
      workers: flags.workers,
      ports: flags.port,
      registryMirrors: flags.registryMirror,
      loadImages: flags.loadImage,
    };
  }
  const [kubeconfig, context] = [valueFor(flags, 'kubeconfig', among), valueFor(flags, 'context', among)];
  if (kubeconfig === undefined || context === undefined) {
    throw invalidInput(
      name === undefined
        ? '--cluster existing changes a cluster that somebody else made, so it must be named: give --kubeconfig FILE and --context NAME'
        : `--cluster existing changes clusters that somebody else made, so each must be named: give --kubeconfig FILE and --context ${name}=CONTEXT`,
    );
  }
  const { yesThisCluster = [] } = flags;
  return {
    kind: 'existing',
    kubeconfig,
    context,
    confirmed: yesThisCluster.find((each) => each === context) ?? yesThisCluster.at(-1),
  };
}

/** One of several management clusters, and how all are called. */
export interface Among {
  readonly name?: string | undefined;
  readonly names: readonly string[];
}

/** What a flag says of one of several management clusters, `east=VALUE`, or of whatever it is. */
function valueFor(flags: ClusterFlags, flag: 'context' | 'kubeconfig', { name, names }: Among): string | undefined {
  const all = flags[flag] ?? [];
  const own = all.filter((each) => each.startsWith(`${name}=`)).map((each) => each.slice(`${name}=`.length));
  const plain = all.filter((each) => !names.some((other) => each.startsWith(`${other}=`)));
  const [value, ...more] = own.length > 0 ? own : plain;
  if (more.length > 0)
    throw invalidInput(
      `${EXISTING_FLAGS[flag]} is given several times${name === undefined ? '' : ` for ${name}`}: give it once`,
    );
  return value;
}

function refuse(flags: ClusterFlags, names: Readonly<Record<string, string>>, kind: string): void {
  const given = Object.entries(names).filter(([key]) => flags[key as keyof ClusterFlags] !== undefined);
  if (given.length === 0) return;
  const list = given.map(([, flag]) => flag).join(', ');
  throw invalidInput(
    `${list} goes with --cluster ${kind}, and it is ${flags.cluster}: leave it out, or give --cluster ${kind}`,
  );
}

function port(text: string, before: readonly PortMapping[] = []): readonly PortMapping[] {
  const [, hostPort, nodePort] = /^(\d+):(\d+)$/.exec(text) ?? [];
  if (hostPort === undefined || nodePort === undefined)
    throw new InvalidArgumentError('Give two ports, of this machine and of the node: 8080:30080.');
  return [...before, { hostPort: Number(hostPort), nodePort: Number(nodePort) }];
}

function registryMirror(
  text: string,
  before: Readonly<Record<string, readonly string[]>> = {},
): Readonly<Record<string, readonly string[]>> {
  const [, registry, url] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (registry === undefined || url === undefined)
    throw new InvalidArgumentError('Give a registry and a URL: quay.io=http://10.0.0.5:5000.');
  return { ...before, [registry]: [...(before[registry] ?? []), url] };
}
