/**
 * What a scenario that runs in the cluster may do there, beside what it really asks for: called as its pod calls it, with the
 * token of its ServiceAccount, on a real kube-apiserver that writes down each request.
 */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TestbedProps } from '../../lib/testbed/resolve';
import { startLocalCluster, stopLocalCluster } from '../../src/cluster/local/local-cluster';
import { DRIVER, driverNamespace } from '../../src/driver/names';
import { driverObjects } from '../../src/driver/objects';
import type { Rule } from '../../src/driver/rights';
import { startDriver } from '../../src/driver/run-in-cluster';
import { allObjects, installationOf } from '../../src/install/installation';
import { KubernetesClient } from '../../src/kubernetes/client';
import { ignoreNotFound } from '../../src/kubernetes/ignore-not-found';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import { prepare } from '../../src/scenario/run-scenario';
import { bringUp } from '../../src/testbed/bring-up';
import { claimStateFolder } from '../../src/testbed/state-folder';
import { until } from '../../src/util/until';
import { askedBy, auditArguments, type Audited } from '../support/audit';
import { cli } from '../support/cli';
import { hostPath } from '../support/hosts';
import { keepDeploymentsAvailable } from '../support/no-nodes';
import { containerOf, killAll, kubeconfigOf, startKwok } from '../support/pods-here';
import { quickStages } from '../support/quick-stages';
import { freePort } from '../support/workload-cluster';

const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-driver-rights-'));
const clusterDir = join(dir, 'cluster');
const stateDir = join(dir, 'state');
const auditLog = join(dir, 'audit.log');
const admin = join(clusterDir, 'kubeconfig');
const context = 'metal3-testbed';
const started: ChildProcess[] = [];
let client: KubernetesClient;
let stopKeeping: () => Promise<void>;

/** Of a host in each namespace it is told why it is pending. */
const props: TestbedProps = {
  kwok: {},
  simulator: quickStages,
  hostSets: [
    { count: 4, namespaces: ['lab', 'lab-2'] },
    { name: 'paused', count: 2, namespaces: ['lab', 'lab-2'], firstIndex: 5 },
  ],
  scenario: {
    timeoutSeconds: 60,
    steps: [
      { enroll: {} },
      { pause: { hostSets: ['paused'] } },
      { provision: {}, timeoutSeconds: 5 },
      { failHosts: { failures: [{ state: 'provisioning', share: 0.5 }] } },
      { killOperator: { downSeconds: 1 } },
    ],
  },
};

interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly name: string }[];
}

/** One verb for one resource in one namespace, or `*` for all. */
interface Right {
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string;
  readonly names: readonly string[] | undefined;
}

const describeRight = ({ verb, resource, namespace }: Right) => `${verb} ${resource} in ${namespace}`;

/** What is allowed to a ServiceAccount by roles and those who have them. */
function rightsOf(account: string, objects: readonly Role[]): readonly Right[] {
  return objects
    .filter(({ subjects }) => subjects?.some(({ name }) => name === account))
    .flatMap(({ metadata, roleRef }) => {
      const isMeant = (each: Role) =>
        each.kind === roleRef?.kind &&
        each.metadata.name === roleRef.name &&
        (each.kind === 'ClusterRole' || each.metadata.namespace === metadata.namespace);
      const rules = objects.find(isMeant)?.rules ?? [];
      return rules.flatMap(({ apiGroups = [''], resources, nonResourceURLs = [], resourceNames: names, verbs }) =>
        apiGroups.flatMap((group) =>
          (resources ?? nonResourceURLs).flatMap((resource) =>
            verbs.map((verb) => ({
              ...{ verb, names, namespace: metadata.namespace ?? '*' },
              resource: resource + (group && `.${group}`),
            })),
          ),
        ),
      );
    });
}

/** What a request takes: one that makes an object by applying it takes two. */
function neededFor({ verb, objectRef, requestURI, responseStatus }: Audited): readonly (Right & { name: string })[] {
  const { apiGroup = '', resource = requestURI, subresource, namespace = '*', name = '' } = objectRef ?? {};
  const of = `${resource}${subresource === undefined ? '' : `/${subresource}`}${apiGroup && `.${apiGroup}`}`;
  const verbs = verb === 'patch' && responseStatus?.code === 201 ? ['patch', 'create'] : [verb];
  return verbs.map((each) => ({ verb: each, resource: of, namespace, name, names: undefined }));
}

/** What the operator would have made for a host, which goes with it. */
async function createOwned(namespace: string, name: string): Promise<void> {
  const owner = { apiVersion: 'metal3.io/v1alpha1', kind: 'BareMetalHost', name, uid: 'of-the-host' };
  const ofSettings = { ...owner, kind: 'HostFirmwareSettings', uid: 'gone' };
  for (const [kind, plural, fields, ownerReferences] of [
    ['HardwareData', 'hardwaredata', { spec: {} }, [owner]],
    ['HostFirmwareSettings', 'hostfirmwaresettings', { spec: { settings: {} } }, [owner]],
    ['HostFirmwareComponents', 'hostfirmwarecomponents', { spec: { updates: [] } }, [owner]],
    ['FirmwareSchema', 'firmwareschemas', { spec: { schema: {} } }, [ofSettings]],
  ] as const)
    await client.request('POST', `/apis/metal3.io/v1alpha1/namespaces/${namespace}/${plural}`, {
      body: { apiVersion: 'metal3.io/v1alpha1', kind, metadata: { name, ownerReferences }, ...fields },
    });
}

before(async () => {
  mkdirSync(clusterDir, { recursive: true });
  await startLocalCluster({
    stateDir: clusterDir,
    // What owners have left is for the run to take away.
    controllerManager: false,
    apiServerArguments: auditArguments(join(dir, 'policy.yaml'), auditLog),
  });
  client = new KubernetesClient(await readKubeconfig(admin));
  stopKeeping = keepDeploymentsAvailable(client);
});

after(async () => {
  await killAll(started);
  await stopKeeping?.();
  await client?.close();
  await stopLocalCluster(clusterDir, { delete: true });
  rmSync(dir, { recursive: true, force: true });
});

describe('the rights of a run in the cluster', { timeout: 300_000 }, () => {
  it('are those that its steps ask for, and no more', async () => {
    const { testbed, scenario } = prepare(props);
    const live = await bringUp(testbed, {
      stateDir,
      cluster: { kind: 'existing', kubeconfig: admin, context, confirmed: context },
    });
    await live.close();
    const objects = allObjects(installationOf(testbed));
    const status = `127.0.0.1:${await freePort()}`;
    started.push(await startKwok(objects, { kubeconfig: admin, status, dir }));
    const id = claimStateFolder(stateDir);
    const driver = { id, description: JSON.stringify(props), args: [], testbed, scenario };
    await startDriver(client, driver);
    const namespace = driverNamespace(id);
    const description = join(dir, 'testbed.json');
    writeFileSync(description, driver.description);
    const kubeconfig = await kubeconfigOf(client, admin, { namespace, name: DRIVER }, dir);
    const args = containerOf(driverObjects(driver), DRIVER).args.map((each) =>
      each
        .replace('/run/testbed/testbed.yaml', description)
        .replace('/etc/metal3-testbed/kubeconfig', kubeconfig)
        .replace('/state', join(dir, 'pod')),
    );
    mkdirSync(join(dir, 'pod'));
    const running = cli([...args, '--runs', '2']);
    const hosts = [...testbed.fleets[0]!.hosts()];
    for (const namespaceOfHosts of testbed.namespaces) {
      const { namespace: where, name } = hosts.find((host) => host.namespace === namespaceOfHosts)!;
      const isThere = async () => (await ignoreNotFound(client.request('GET', hostPath(where, name)))) !== undefined;
      assert.ok(await until(isThere, { deadlineMs: 60_000, everyMs: 100 }), `${name} is enrolled`);
      await createOwned(where, name);
    }
    const { code, stderr } = await running;
    // For the host that is paused.
    assert.equal(code, 4, stderr);
    const asked = askedBy(auditLog, DRIVER);
    const refused = asked.filter(({ responseStatus }) => responseStatus?.code === 403);
    assert.deepEqual(refused, [], 'it is refused what it asks for');
    const needed = asked.flatMap(neededFor);
    const rights = rightsOf(DRIVER, driverObjects(driver));
    const isFor = (right: Right, each: Right & { name: string }) =>
      right.verb === each.verb &&
      right.resource === each.resource &&
      (right.namespace === each.namespace || right.namespace === '*') &&
      (right.names?.includes(each.name) ?? true);
    const idle = rights.filter((right) => !needed.some((each) => isFor(right, each)));
    assert.deepEqual(idle.map(describeRight), [], 'what it may do and never does');
    const everywhere = needed.filter(({ namespace: where, resource }) => where === '*' && !resource.startsWith('/'));
    assert.deepEqual([...new Set(everywhere.map(({ resource }) => resource))], ['baremetalhosts.metal3.io']);
  });
});
