import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOnPath, root } from '../../test/support/cli';
import { PulumiProject } from '../../test/support/pulumi';
import { measureProgram, toResult, type Usage } from '../measure';
import type { Benchmark, BenchmarkResult } from '../benchmark';
import { onCluster } from '../support/bench-cluster';

/** How many hosts, for single resources and for one fleet: BENCH_PULUMI_HOSTS=50,1000 for a quick look. */
const [FEW = 500, MANY = 10_000] = (process.env['BENCH_PULUMI_HOSTS'] ?? '500,10000').split(',').map(Number);

const built = (...path: readonly string[]) => JSON.stringify(join(root, 'build', ...path));

const FLEET = `
const { HostFleet } = require(${built('stacks', 'resources', 'host-fleet.js')});
const { BENCH_KUBECONFIG, BENCH_NAME, BENCH_COUNT } = process.env;
new HostFleet(BENCH_NAME, { kubeconfig: BENCH_KUBECONFIG, name: BENCH_NAME, count: Number(BENCH_COUNT) });
`;

/** As people write it with Pulumi's own provider of Kubernetes. */
const KUBERNETES_RESOURCES = FLEET.replace('count:', 'asResources: true, count:');

/** Where that provider cannot be had: the smallest that a resource an object can be, over our own transport. */
const DYNAMIC_RESOURCES = `
const pulumi = require('@pulumi/pulumi');
const { Fleet } = require(${built('lib', 'index.js')});
const { BENCH_KUBECONFIG: kubeconfig, BENCH_NAME: name, BENCH_COUNT: count } = process.env;
const provider = {
  async create({ path, manifest }) {
    globalThis.client ??= (async () => {
      const { KubernetesClient } = require(${built('src', 'kubernetes', 'client.js')});
      const { readKubeconfig } = require(${built('src', 'kubernetes', 'kubeconfig.js')});
      return new KubernetesClient(await readKubeconfig(process.env.BENCH_KUBECONFIG));
    })();
    await (await globalThis.client).request('POST', path, { body: manifest });
    return { id: manifest.metadata.name };
  },
};
class KubernetesObject extends pulumi.dynamic.Resource {
  constructor(name, props, options) { super(provider, name, props, options, 'bench', 'KubernetesObject'); }
}
const PATHS = { Secret: '/api/v1/namespaces/default/secrets', BareMetalHost: '/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts' };
const fleet = new Fleet({ name, count: Number(count) });
for (const host of fleet.hosts()) {
  let dependsOn;
  for (const manifest of fleet.objectsOf(host)) {
    const data = manifest.kind === 'Secret' ? { data: pulumi.secret(manifest.data) } : {};
    dependsOn = new KubernetesObject(manifest.kind + '/' + manifest.metadata.name, { path: PATHS[manifest.kind], manifest: { ...manifest, ...data } }, { dependsOn });
  }
}
`;

/** What `pulumi up` costs without any object: engine, language host, and a program that loads the package. */
const EMPTY = FLEET.replace(/^new HostFleet.*$/m, '');

interface MeasuredUp extends Usage {
  readonly stateKB: number;
  /** How long it took beyond an update without objects, in seconds: the part of providers and of the state. */
  readonly ownSeconds: number;
}

/** Runs one program against a cluster of its own, from nothing to the end of `pulumi up`. */
async function measureUp(name: string, program: string, count: number): Promise<MeasuredUp> {
  return onCluster(async ({ kubeconfig }) => {
    const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-bench-pulumi-'));
    try {
      const env = { BENCH_KUBECONFIG: kubeconfig, BENCH_NAME: name, BENCH_COUNT: String(count) };
      const project = new PulumiProject(dir, program, env);
      await project.must(['stack', 'init', 'dev']);
      const args = ['up', '--yes', '--skip-preview', '--non-interactive', '--suppress-progress', '--suppress-outputs'];
      const up = () => measureProgram('pulumi', args, { cwd: dir, env: project.env });
      // The stack itself is made by the first of them.
      project.write(EMPTY);
      await up();
      const empty = await up();
      project.write(program);
      const usage = await up();
      return { ...usage, stateKB: project.stateSize / 1024, ownSeconds: usage.seconds - empty.seconds };
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
}

const skipped = (name: string): BenchmarkResult => ({
  name,
  count: 0,
  perSecond: 0,
  peakRssMB: 0,
  cpuMsPerItem: 0,
  note: 'skipped: pulumi is not on PATH',
});

export const pulumiResources: Benchmark = {
  name: 'pulumi-resources',
  description: 'hosts as Pulumi resources, one an object; memory and CPU are those of its engine',
  async run() {
    if (!(await isOnPath('pulumi'))) return [skipped(this.name)];
    const hasProvider = await isOnPath('pulumi-resource-kubernetes');
    const usage = await measureUp('single', hasProvider ? KUBERNETES_RESOURCES : DYNAMIC_RESOURCES, FEW);
    const how = hasProvider ? '@pulumi/kubernetes' : 'a minimal dynamic provider, without pulumi-resource-kubernetes';
    ownPerSecond = FEW / usage.ownSeconds;
    return [toResult(this.name, FEW, usage, `${how}, ${partsOf(usage)}, ${load()}`)];
  },
};

export const pulumiFleet: Benchmark = {
  name: 'pulumi-fleet',
  description: 'hosts as one HostFleet; memory and CPU are those of the engine',
  async run(earlier) {
    if (!(await isOnPath('pulumi'))) return [skipped(this.name)];
    const single = earlier.find(({ name }) => name === pulumiResources.name);
    const results: BenchmarkResult[] = [];
    for (const count of [FEW, MANY]) {
      const usage = await measureUp('fleet', FLEET, count);
      const whole = single && count / usage.seconds / single.perSecond;
      const own = ownPerSecond && count / usage.ownSeconds / ownPerSecond;
      const compared =
        whole === undefined || own === undefined
          ? ''
          : `as a whole ${whole.toFixed(0)} x ${single?.name}, in its own part ${own.toFixed(0)} x, `;
      results.push(toResult(this.name, count, usage, `${compared}${partsOf(usage)}, ${load()}`));
    }
    return results;
  },
};

/** Hosts a second as resources, without what an update costs in any case; undefined where that has not been measured. */
let ownPerSecond: number | undefined;

function partsOf({ seconds, ownSeconds, stateKB }: MeasuredUp): string {
  return `pulumi up ${seconds.toFixed(1)} s, of which ${ownSeconds.toFixed(1)} s its own part, state ${stateKB.toFixed(0)} KB`;
}

function load(): string {
  return `load ${(loadavg()[0] ?? 0).toFixed(1)}`;
}
