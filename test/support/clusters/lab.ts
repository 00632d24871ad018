/**
 * A management cluster with Cluster API's real managers and the workload API, all of them processes of this machine with
 * their webhooks. The Metal3 provider is the real one where its programs are given, else the stand-in on kwok's hosts.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BAREMETAL_OPERATOR } from '../../../lib/components/baremetal-operator/component';
import { CLUSTER_API } from '../../../lib/components/cluster-api/component';
import type { ProcessForm } from '../../../lib/components/component';
import { IP_ADDRESS_MANAGER } from '../../../lib/components/ip-address-manager/component';
import { KUBEADM_BOOTSTRAP } from '../../../lib/components/kubeadm-bootstrap/component';
import { KUBEADM_CONTROL_PLANE } from '../../../lib/components/kubeadm-control-plane/component';
import { METAL3_PROVIDER } from '../../../lib/components/metal3-provider/component';
import { hostStages } from '../../../lib/kinds/bare-metal-host/stages/host-stages';
import { componentsOf } from '../../../lib/testbed/components';
import { resolveTestbed, type ResolvedTestbed } from '../../../lib/testbed/resolve';
import { Applier } from '../../../src/apply/apply';
import { asOwn } from '../../../src/kinds/bare-metal-host/own-hosts';
import { setsOf } from '../../../src/testbed/sets';
import { certificateFiles } from '../../../src/cluster/local/certificates';
import { startLocalCluster, stopLocalCluster } from '../../../src/cluster/local/local-cluster';
import { stateLayout } from '../../../src/cluster/local/state';
import { installationOf } from '../../../src/install/installation';
import { withoutPods } from '../../../src/install/without-pods';
import { KubernetesClient } from '../../../src/kubernetes/client';
import { collectionPath } from '../../../src/kubernetes/rest-mapper';
import { readKubeconfig } from '../../../src/kubernetes/kubeconfig';
import type { KubernetesObject } from '../../../src/kubernetes/objects';
import { isWebhookConfiguration } from '../../../lib/components/component';
import { besideManager } from '../../../src/managers/webhook-urls';
import { findProgram, lookForProgram } from '../../../src/programs/find';
import type { ProgramName } from '../../../src/programs/catalog';
import { kwokSimulator } from '../../../src/simulators/kwok';
import { WORKLOAD_API, workloadApiForm } from '../../../src/simulators/workload-api-process';
import { tailOf } from '../../../src/process/log-tail';
import { until } from '../../../src/util/until';
import { quickStages } from '../quick-stages';
import { freePort } from '../workload-cluster';
import { Metal3StandIn } from './metal3-stand-in';

/** The program of each component that runs as a process of its own. */
const PROGRAMS: Readonly<Record<string, ProgramName>> = {
  [CLUSTER_API]: 'cluster-api-core',
  [KUBEADM_BOOTSTRAP]: 'kubeadm-bootstrap',
  [KUBEADM_CONTROL_PLANE]: 'kubeadm-control-plane',
  [METAL3_PROVIDER]: 'capm3',
  [IP_ADDRESS_MANAGER]: 'ipam',
};
/** Those that cannot be built from Go modules alone. */
const OF_METAL3: ReadonlySet<string> = new Set([METAL3_PROVIDER, IP_ADDRESS_MANAGER]);
const NEEDS_CERT_MANAGER: ReadonlySet<string> = new Set(['Certificate', 'Issuer']);
const START_MS = 120_000;

/** Files of the programs that only sources and images have, as somebody gives them. */
const given = {
  baremetalOperator: process.env['METAL3_TESTBED_BMO'],
  capm3: process.env['METAL3_TESTBED_CAPM3'],
  ipam: process.env['METAL3_TESTBED_IPAM'],
};

/** What is in the place of the Metal3 provider. */
export type Metal3 = 'real' | 'stand-in';

/** The real one where all of its programs are given. */
export const metal3: Metal3 =
  given.baremetalOperator !== undefined && given.capm3 !== undefined && given.ipam !== undefined ? 'real' : 'stand-in';

/** Why there is no lab on this machine; undefined where there is. */
export async function whyNoLab(): Promise<string | undefined> {
  for (const name of ['cluster-api-core', 'kubeadm-bootstrap', 'kubeadm-control-plane'] as const) {
    const found = await lookForProgram(name);
    if (!('program' in found)) return `${name} is nowhere to be had`;
  }
  return undefined;
}

export interface ClusterLabProps {
  /** In one namespace, from which machines take them. */
  readonly hosts: number;
  readonly namespace: string;
  /** @default as the environment says */
  readonly metal3?: Metal3;
  readonly testbed?: Parameters<typeof resolveTestbed>[0];
  readonly workloadApiArguments?: readonly string[];
}

/** How a process is started, again and again. */
interface Call {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly readyUrl: string;
  readonly metricsUrl: string;
}

interface Host extends KubernetesObject {
  readonly spec: { readonly consumerRef?: { readonly name: string } };
  readonly status?: { readonly provisioning?: { readonly state?: string } };
}
interface Groups {
  readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
}
interface ResourceList {
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly verbs: readonly string[];
  }[];
}

/** A process that runs, or has been killed. */
export interface LabProcess {
  readonly name: string;
  readonly call: Call;
  child: ChildProcess;
}

export class ClusterLab {
  readonly processes = new Map<string, LabProcess>();
  private standIn: Metal3StandIn | undefined;

  private constructor(
    readonly dir: string,
    readonly kubeconfig: string,
    readonly client: KubernetesClient,
    readonly metal3: Metal3,
    private readonly testbed: ResolvedTestbed,
  ) {}

  static async start(props: ClusterLabProps): Promise<ClusterLab> {
    const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-clusters-'));
    const { namespace, hosts: count } = props;
    const { clusterApi, ...described } = props.testbed ?? {};
    const testbed = resolveTestbed({
      hostSets: [{ count, namespace, name: 'host' }],
      ...described,
      // Hosts that are given back stay on, as the others are.
      clusterApi: { metal3Provider: { fastTrack: true }, ...clusterApi },
    });
    const management = await startLocalCluster({ stateDir: join(dir, 'management') });
    const { kubeconfig } = management.connection;
    const client = new KubernetesClient(await readKubeconfig(kubeconfig));
    const lab = new ClusterLab(dir, kubeconfig, client, props.metal3 ?? metal3, testbed);
    try {
      await lab.install();
      await lab.startHosts();
      await lab.startWorkloadApi(props.workloadApiArguments);
      await lab.applyHosts();
      return lab;
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  /** Where faults of the workload API are written, and where it says which are in force. */
  get workloadApi(): { readonly folder: string; readonly readyUrl: string } {
    return { folder: this.dir, readyUrl: this.processes.get(WORKLOAD_API)!.call.readyUrl };
  }

  /** Folder of the API server. */
  get managementDir(): string {
    return join(this.dir, 'management');
  }

  async stop(): Promise<void> {
    await this.standIn?.stop();
    await Promise.all([...this.processes.keys()].map((name) => this.kill(name, 'SIGTERM')));
    await this.client.close();
    await stopLocalCluster(this.managementDir, { delete: true, graceMs: 2_000 });
    if (process.env['METAL3_TESTBED_KEEP_LOGS'] === undefined) rmSync(this.dir, { recursive: true, force: true });
  }

  async apply(objects: readonly KubernetesObject[]): Promise<void> {
    await new Applier(this.client).applyAll(objects, { task: 'clusters' });
  }

  private get hostsPath(): string {
    return collectionPath('metal3.io/v1alpha1', 'baremetalhosts', this.testbed.fleets[0]!.namespaces()[0]);
  }

  /** Ends a process. */
  async kill(name: string, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.processes.get(name)?.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    // One that is asked to end has as long as a pod has.
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
  }

  /** Starts a process again that has been killed, at the same address. */
  async restart(name: string): Promise<void> {
    const { call } = this.processes.get(name)!;
    await this.run(name, call);
  }

  /** What is in a namespace of the kinds that clusters consist of: all but its hosts and what each namespace has. */
  async objectsOf(namespace: string): Promise<string[]> {
    const own =
      /^(baremetalhosts|hardwaredata|hostfirmware\w+|firmwareschemas|preprovisioningimages|bmceventsubscriptions)$/;
    const { groups } = await this.client.request<Groups>('GET', '/apis');
    const served = ['v1', ...groups.map(({ preferredVersion }) => preferredVersion.groupVersion)];
    const found = await Promise.all(
      served
        .filter((each) => each === 'v1' || /x-k8s\.io|metal3\.io/.test(each))
        .map(async (groupVersion) => {
          const root = groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`;
          const { resources } = await this.client.request<ResourceList>('GET', root);
          const kinds = resources.filter(
            ({ name, namespaced, verbs }) =>
              namespaced && verbs.includes('list') && !own.test(name) && name !== 'events',
          );
          const lists = kinds.map(async ({ name, kind }) => {
            const path = collectionPath(groupVersion, name, namespace);
            const { items } = await this.client.request<{ readonly items: readonly KubernetesObject[] }>('GET', path);
            return items
              .filter(
                (each) =>
                  !(kind === 'Secret' && /bmc/.test(each.metadata.name)) && each.metadata.name !== 'kube-root-ca.crt',
              )
              .map((each) => `${kind} ${each.metadata.name}`);
          });
          return (await Promise.all(lists)).flat();
        }),
    );
    return found.flat();
  }

  async hosts(): Promise<{ readonly name: string; readonly state: string; readonly consumer: string }[]> {
    const { items } = await this.client.request<{ readonly items: readonly Host[] }>('GET', this.hostsPath);
    return items.map(({ metadata: { name }, spec, status }) => {
      return { name, state: status?.provisioning?.state ?? '', consumer: spec.consumerRef?.name ?? 'none' };
    });
  }

  logFile(name: string): string {
    return join(this.dir, `${name}.log`);
  }

  private async install(): Promise<void> {
    const installation = installationOf(this.testbed);
    const { ca, webhooks } = certificateFiles(stateLayout(this.managementDir).pki);
    const calls = new Map<string, { readonly form: ProcessForm; readonly port: number }>();
    const platform: KubernetesObject[] = [...installation.namespaces];
    const hooks: KubernetesObject[] = [];
    for (const { component, objects } of installation.components) {
      const { name } = component;
      if (name === BAREMETAL_OPERATOR) platform.push(...withoutPods(objects).filter(needsNoCertManager));
      if (!(name in PROGRAMS)) continue;
      if (this.metal3 === 'stand-in' && OF_METAL3.has(name)) {
        platform.push(...objects.filter(({ kind }) => kind === 'CustomResourceDefinition').map(withoutConversion));
        continue;
      }
      const port = await freePort();
      calls.set(name, { form: component.processes![0]!, port });
      for (const object of besideManager(objects, { port, ca: readFileSync(ca.cert, 'utf8') }))
        (isWebhookConfiguration(object) ? hooks : platform).push(object);
    }
    await this.apply(platform);
    const certDir = dirname(webhooks.cert);
    for (const [name, { form, port }] of calls) {
      const { file } = await findProgram(PROGRAMS[name]!);
      await this.startForm(name, file, form, { port, certDir });
    }
    await this.apply(hooks);
    if (this.metal3 === 'real') return;
    this.standIn = new Metal3StandIn(this.client);
    await this.standIn.start();
  }

  private async startForm(name: string, file: string, form: ProcessForm, webhook?: { port: number; certDir: string }) {
    const health = `127.0.0.1:${await freePort()}`;
    const metrics = `127.0.0.1:${await freePort()}`;
    const folder = join(this.dir, `${name}-files`);
    mkdirSync(folder, { recursive: true });
    const call = form.at({ folder, kubeconfig: this.kubeconfig, health, metrics, webhook });
    for (const [path, text] of Object.entries(call.files ?? {})) writeFileSync(join(folder, path), text);
    await this.run(name, { ...call, file });
  }

  private async startHosts(): Promise<void> {
    if (this.metal3 === 'real') {
      const operator = componentsOf(this.testbed).find(({ name }) => name === BAREMETAL_OPERATOR);
      await this.startForm('hosts', given.baremetalOperator!, operator!.processes![0]!);
      return;
    }
    const { form } = kwokSimulator(hostStages(quickStages));
    await this.startForm('hosts', (await findProgram('kwok')).file, form);
  }

  private async startWorkloadApi(more: readonly string[] = []): Promise<void> {
    const health = `127.0.0.1:${await freePort()}`;
    const call = workloadApiForm().at({ folder: this.dir, kubeconfig: this.kubeconfig, health, metrics: health });
    await this.run(WORKLOAD_API, { ...call, file: process.execPath, args: [...call.args, ...more] });
  }

  private async applyHosts(): Promise<void> {
    for (const fleet of this.testbed.fleets) {
      const manifests = [...fleet.hosts()].flatMap((host) => fleet.objectsOf(host)) as unknown as KubernetesObject[];
      // As a testbed has them, so that steps may change them.
      await this.apply(manifests.map((object) => asOwn({ sets: setsOf('local', '') }, object)));
    }
  }

  private async run(name: string, call: Call): Promise<void> {
    const { file, args, env, readyUrl } = call;
    const log = openSync(this.logFile(name), 'a');
    const cwd = join(this.dir, `${name}-files`);
    mkdirSync(cwd, { recursive: true });
    const child = spawn(file, args, { cwd, env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', log, log] });
    closeSync(log);
    this.processes.set(name, { name, call, child });
    const isReady = () =>
      child.exitCode !== null ||
      fetch(readyUrl).then(
        ({ ok }) => ok,
        () => false,
      );
    const ready = await until(isReady, { deadlineMs: START_MS });
    if (ready !== true || child.exitCode !== null)
      throw new Error(`${name} does not become ready:\n${await tailOf(this.logFile(name), 20)}`);
  }
}

function needsNoCertManager({ kind }: KubernetesObject): boolean {
  return !NEEDS_CERT_MANAGER.has(kind);
}

function withoutConversion(object: KubernetesObject): KubernetesObject {
  return { ...object, spec: { ...(object['spec'] as object), conversion: undefined } };
}
