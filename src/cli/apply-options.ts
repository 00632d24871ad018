/** What the commands apply, diff and prune have in common. */
import type { Command } from 'commander';
import { invalidInput } from '../../lib/errors';
import { requireDnsLabel } from '../../lib/names';
import type { ApplyOptions } from '../apply/options';
import { Applier } from '../apply/apply';
import { readObjects } from '../apply/read-objects';
import type { Removal } from '../apply/prune';
import { recordedCluster } from '../apply/recorded-cluster';
import { KubernetesClient } from '../kubernetes/client';
import type { Credentials } from '../kubernetes/kubeconfig';
import { kubeconfigFiles, readKubeconfig } from '../kubernetes/kubeconfig';
import type { KubernetesObject } from '../kubernetes/objects';
import { testbedCredentials } from '../testbed/open-testbed';
import { readState } from '../testbed/state';
import { confirmPrune } from './confirm-prune';
import { oneChosenFolder } from './described-testbeds';
import { oneManagementClusterOption, stateDirOption, type ChoiceFlags } from './options';
import type { Printer } from './printers/output';
import { createPrinter } from './printers/printer';
import { interruptSignal } from './signals';

export interface SetOptions extends ChoiceFlags {
  readonly set: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly server?: string;
  readonly namespace?: string;
  readonly recursive?: true;
  readonly kustomize?: string;
  readonly json?: true;
}

/** Adds the options that say which set, and on which cluster. */
export function addSetOptions(command: Command): Command {
  return command
    .argument('[files...]', "manifests: files, folders, URLs, or '-' for stdin (default: stdin)")
    .option('-R, --recursive', 'read folders with all folders below them')
    .option('-k, --kustomize <folder>', 'folder of a kustomization, which kustomize or kubectl renders')
    .option('-n, --namespace <name>', 'namespace for objects without one; objects in another namespace are refused')
    .option('--set <name>', 'ApplySet that the objects belong to; its ConfigMap has this name', 'applied')
    .option('--kubeconfig <file>', 'kubeconfig of the cluster (default: that of the testbed in the state folder)')
    .option('--context <name>', 'context in the kubeconfig (default: its current one)')
    .option('--server <url>', "address of the API server, instead of the context's")
    .addOption(oneManagementClusterOption())
    .addOption(stateDirOption());
}

/** What such a command works with. */
export interface SetSession {
  readonly applier: Applier;
  readonly objects: AsyncIterable<KubernetesObject>;
  readonly printer: Printer;
  /** The folder that knows which cluster it is. */
  readonly stateDir: string;
  readonly options: ApplyOptions & { readonly set: { readonly name: string } };
  /** The streams that have ended, so far, without a proof that they were whole. */
  readonly unproven: readonly string[];
}

/** Opens the cluster, runs the command, and closes everything again. */
export async function withSet<T>(
  task: string,
  files: readonly string[],
  options: SetOptions,
  work: (session: SetSession) => Promise<T>,
): Promise<T> {
  const { namespace, kustomize } = options;
  if (namespace !== undefined) requireDnsLabel('namespace', namespace);
  if (kustomize !== undefined && files.length > 0)
    throw invalidInput('manifests and -k are both given: leave one of the two out');
  if (files.filter((file) => file === '-').length > 1)
    throw invalidInput("stdin ('-') is given more than once: name it once");
  if (files.includes('-') && process.stdin.isTTY)
    throw invalidInput(
      "no manifests are given: name files, or pipe them in, as in 'metal3-testbed generate --count 10 | metal3-testbed apply'",
    );
  const stateDir = folderOf(options);
  const client = new KubernetesClient(await credentialsOf({ ...options, stateDir }));
  const unproven: string[] = [];
  const printer = createPrinter(process.stderr);
  const clusterUid = recordedCluster(stateDir, options.set);
  const signal = interruptSignal();
  try {
    return await work({
      applier: new Applier(client),
      objects: readObjects(files, process.stdin, signal, {
        recursive: options.recursive,
        kustomize,
        onUnproven: (where) => unproven.push(where),
      }),
      printer,
      unproven,
      stateDir,
      options: {
        task,
        set: { name: options.set },
        listener: printer.listener,
        signal,
        clusterUid,
        namespace,
      },
    });
  } finally {
    printer.close();
    await client.close();
  }
}

/** What is asked before a prune: whether a pipe may have broken, and it is meant all the same. */
export function beforePrune(
  { unproven, options, printer }: SetSession,
  { yes = false }: { readonly yes?: boolean },
): (removal: Removal) => Promise<void> {
  return (removal) => confirmPrune(removal, { unproven, yes, signal: options.signal, onAsk: () => printer.close() });
}

/** What is read where nothing is named. */
export function filesOf(files: readonly string[], { kustomize }: SetOptions): readonly string[] {
  return files.length > 0 || kustomize !== undefined ? files : ['-'];
}

async function credentialsOf(options: SetOptions): Promise<Credentials> {
  const credentials = await namedCredentials(options);
  return options.namespace === undefined ? credentials : { ...credentials, namespace: options.namespace };
}

/** That of the testbed whose cluster it is, or of whoever names another cluster. */
function folderOf(options: SetOptions): string {
  const { kubeconfig, context, managementCluster, stateDir } = options;
  const isNamed = kubeconfig !== undefined || context !== undefined;
  return isNamed && managementCluster === undefined ? stateDir : oneChosenFolder(options).stateDir;
}

/** A cluster that somebody named, or the testbed's; never one that merely happens to be the current context. */
async function namedCredentials(options: SetOptions): Promise<Credentials> {
  const { kubeconfig, context, server } = options;
  if (kubeconfig !== undefined || context !== undefined)
    return readKubeconfig(kubeconfigFiles(kubeconfig), context, { server });
  const state = readState(options.stateDir);
  if (state === undefined) {
    throw invalidInput(
      `there is no testbed in ${options.stateDir}, and no cluster is named: run 'metal3-testbed up', or give --kubeconfig or --context`,
    );
  }
  return testbedCredentials(options.stateDir, state, { server });
}
