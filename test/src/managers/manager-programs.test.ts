import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { resolveTestbed, type TestbedProps } from '../../../lib/testbed/resolve';
import { installationOf } from '../../../src/install/installation';
import { findManagers, managersOf, type FindManagersOptions } from '../../../src/managers/manager-programs';
import type { Build } from '../../../src/simulators/builds';
import { bareMachine } from '../../support/bare-machine';
import { synthesizedProvider, providers } from '../../support/providers';
import { fakeManager } from '../programs/fake-program';

const NAMES = ['cluster-api', 'kubeadm-bootstrap', 'kubeadm-control-plane', 'ip-address-manager', 'metal3-provider'];
/** Flags of its own by which each is known, beside those of all. */
const OWN = {
  'cluster-api-core': ['clusterclass-concurrency', 'machine-concurrency', 'feature-gates'],
  'kubeadm-bootstrap': ['kubeadmconfig-concurrency', 'feature-gates', 'bootstrap-token-ttl'],
  'kubeadm-control-plane': ['kubeadmcontrolplane-concurrency', 'feature-gates'],
  ipam: ['ippool-concurrency'],
  capm3: [
    ...['metal3machine-concurrency', 'metal3cluster-concurrency', 'metal3datatemplate-concurrency'],
    'enable-bmh-name-based-preallocation',
  ],
} as const;
const COMMON = ['kubeconfig', 'webhook-port', 'webhook-cert-dir', 'health-addr', 'kube-api-qps', 'kube-api-burst'];

function machineWithAll(t: TestContext): string {
  const { bin } = bareMachine(t);
  for (const [name, own] of Object.entries(OWN)) fakeManager(join(bin, name), [...COMMON, ...own]);
  return bin;
}

async function find(
  clusterApi: TestbedProps['clusterApi'],
  options: Partial<FindManagersOptions> = {},
): Promise<readonly Build[]> {
  const managers = managersOf(installationOf(resolveTestbed({ clusterApi, hostSets: [] })));
  return (await findManagers(managers, { lockFile: '/nowhere/lock', ...options })).map(({ build }) => build);
}

describe('the programs of managers', () => {
  it('are found for what is described, in the order of installing, with their releases and digests', async (t) => {
    machineWithAll(t);
    const builds = await find({});
    assert.deepEqual(
      builds.map(({ name, version }) => `${name} ${version}`),
      NAMES.map((name) => `${name} ${/^(ip|metal3)/.test(name) ? 'v1.13.2' : 'v1.13.4'}`),
    );
    for (const { digest } of builds) assert.match(digest ?? '', /^sha256:[0-9a-f]{64}$/);
    const fewer = await find({ without: ['metal3Provider', 'ipAddressManager'] });
    assert.deepEqual(
      fewer.map(({ name }) => name),
      NAMES.slice(0, 3),
    );
  });

  it('are told from one another, and from other releases, by their flags', async (t) => {
    const bin = machineWithAll(t);
    process.env['METAL3_TESTBED_CAPM3'] = join(bin, 'ipam');
    await assert.rejects(find({}), {
      code: 'invalid-input',
      message: /^METAL3_TESTBED_CAPM3 cannot be used: .*ipam is not the program capm3/,
    });
    delete process.env['METAL3_TESTBED_CAPM3'];
    fakeManager(join(bin, 'capm3'), [...COMMON, 'metal3machine-concurrency']);
    await assert.rejects(find({}), {
      code: 'environment',
      message: /PATH: .*capm3 has no flag --enable-bmh-name-based-preallocation, .* of another release.*- image: /s,
    });
  });

  it('of which one is another build than the last time are refused, until somebody names the one that is meant', async (t) => {
    const bin = machineWithAll(t);
    const before = await find({});
    assert.deepEqual(await find({}, { before }), before);
    fakeManager(join(bin, 'ipam'), [...COMMON, ...OWN.ipam], 'exit 2');
    await assert.rejects(find({}, { before }), {
      code: 'invalid-input',
      message:
        /^ip-address-manager v1\.13\.2 \(sha256 [0-9a-f]{12}\) is not the build of last time, v1\.13\.2 \(sha256 .*\): set METAL3_TESTBED_IPAM to/,
    });
    process.env['METAL3_TESTBED_IPAM'] = join(bin, 'ipam');
    const warnings: string[] = [];
    await find({}, { before, listener: (event) => void (event.type === 'warning' && warnings.push(event.detail)) });
    assert.match(warnings.join('\n'), /^ip-address-manager v1\.13\.2 .* is not the build of last time/);
  });

  it('of which one is no longer described are refused, since the cluster would still ask it', async (t) => {
    machineWithAll(t);
    const before = await find({});
    await assert.rejects(find({ without: ['ipAddressManager'] }, { before }), {
      code: 'invalid-input',
      message: /^clusterApi: the testbed has ip-address-manager, which the description leaves out: .*down --delete/,
    });
  });

  it('are called as the manifests of a release that is not built in call them', (t) => {
    machineWithAll(t);
    const core = providers.find(({ spec }) => spec.name === 'cluster-api')!;
    const manifests = synthesizedProvider(core, { extraArgs: ['--clustercache-client-qps=40'] });
    const described = { core: { manifests, version: 'v1.13.9', concurrency: { machine: 7 } }, ...ONLY_CORE };
    const [manager] = managersOf(installationOf(resolveTestbed({ clusterApi: described, hostSets: [] })));
    const args = manager?.form.args ?? [];
    assert.ok(
      args.includes('--clustercache-client-qps=40') && args.includes('--machine-concurrency=7'),
      args.join(' '),
    );
    assert.deepEqual(
      args.filter((arg) => /^--(leader-elect|diagnostics-address|insecure-diagnostics|webhook-port)\b/.test(arg)),
      [],
    );
  });
});

const ONLY_CORE: TestbedProps['clusterApi'] = {
  without: ['kubeadmBootstrap', 'kubeadmControlPlane', 'ipAddressManager', 'metal3Provider'],
};
