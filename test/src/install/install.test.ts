import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Applier } from '../../../src/apply/apply';
import { install } from '../../../src/install/install';
import { resolveTestbed } from '../../../lib/testbed/resolve';
import { allObjects, installationOf } from '../../../src/install/installation';
import { installSteps } from '../../../src/install/steps';
import type { KubernetesClient } from '../../../src/kubernetes/client';
import type { KubernetesObject } from '../../../src/kubernetes/objects';

const CERTIFICATE = /certificates\/baremetal-operator-serving-cert$/;

/**
 * A cluster on which everything is there at once, but for what `late` names: the first answer to that is without it.
 *
 * @returns what was applied and asked for, in order: `kind` for an object, `METHOD path` for a question
 */
function cluster(late: RegExp) {
  const log: string[] = [];
  const asked = new Set<string>();
  const request = (method: string, path: string): Promise<unknown> => {
    log.push(`${method} ${path}`);
    if (method === 'POST') return Promise.resolve({});
    const isLate = late.test(path) && !asked.has(path);
    asked.add(path);
    const conditions = [
      { type: 'Established', status: isLate ? 'False' : 'True' },
      { type: 'Ready', status: isLate ? 'False' : 'True', message: 'being issued' },
    ];
    const available = isLate ? 0 : 1;
    return Promise.resolve({
      metadata: { name: path.split('/').at(-1), namespace: 'x', generation: 1 },
      spec: { selector: { matchLabels: {} } },
      status: { conditions, observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: available },
      items: [],
      resources: RESOURCES,
      webhooks: [{ name: 'w', clientConfig: { caBundle: isLate ? '' : 'eA==' } }],
    });
  };
  const applyAll = (objects: readonly KubernetesObject[]): Promise<void> => {
    for (const { kind, metadata } of objects) log.push(`${kind} ${metadata.name}`);
    return Promise.resolve();
  };
  return { log, client: { request } as unknown as KubernetesClient, applier: { applyAll } as unknown as Applier };
}

const RESOURCES = [
  { name: 'mutatingwebhookconfigurations', kind: 'MutatingWebhookConfiguration', namespaced: false },
  { name: 'validatingwebhookconfigurations', kind: 'ValidatingWebhookConfiguration', namespaced: false },
  { name: 'issuers', kind: 'Issuer', namespaced: true },
  { name: 'baremetalhosts', kind: 'BareMetalHost', namespaced: true },
];

describe('an install on a cluster with pods', () => {
  it('puts every part on once what it needs is there', async () => {
    const { log, client, applier } = cluster(CERTIFICATE);
    await install(client, applier, installSteps(installationOf(resolveTestbed({}))));
    const at = (what: RegExp) => {
      const index = log.findIndex((line) => what.test(line));
      assert.notEqual(index, -1, `${what.source} never came`);
      return index;
    };
    const lastOf = (what: RegExp) => log.findLastIndex((line) => what.test(line));
    assert.ok(lastOf(/^CustomResourceDefinition/) < at(/^Deployment cert-manager$/));
    assert.ok(lastOf(/^GET .*deployments\/cert-manager/) < at(/^POST .*\/issuers$/));
    assert.ok(at(/^POST .*\/issuers$/) < at(/^Certificate /));
    assert.ok(lastOf(new RegExp(`^GET .*${CERTIFICATE.source}`)) < at(/^Deployment baremetal-operator/));
    assert.ok(lastOf(/^GET .*deployments\/baremetal-operator/) < at(/^POST .*\/baremetalhosts$/));
    assert.equal(log.filter((line) => new RegExp(`^GET .*${CERTIFICATE.source}`).test(line)).length, 2);
  });

  it('applies every object of the testbed once', async () => {
    const { log, client, applier } = cluster(/nothing/);
    const installation = installationOf(resolveTestbed({ hostSets: [{ count: 1, namespace: 'farm' }] }));
    await install(client, applier, installSteps(installation));
    const applied = log.filter((line) => !/^(GET|POST) /.test(line)).sort();
    const described = allObjects(installation);
    assert.deepEqual(applied, described.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort());
    assert.ok(applied.includes('Namespace farm'));
  });

  it('asks for nothing of cert-manager where no webhook needs it', async () => {
    const { log, client, applier } = cluster(/nothing/);
    await install(client, applier, installSteps(installationOf(resolveTestbed({ operators: [{ webhook: false }] }))));
    assert.deepEqual(
      log.filter((line) => /cert-manager|issuers|webhookconfigurations/i.test(line)),
      [],
    );
    assert.ok(log.some((line) => /^POST .*\/namespaces\/default\/baremetalhosts$/.test(line)));
  });

  it('tries a host where each operator looks after them', async () => {
    const { log, client, applier } = cluster(/nothing/);
    const operators = ['north', 'south'].map((name) => ({ namespace: `bmo-${name}`, watchedNamespaces: [name] }));
    const hostSets = ['north', 'south'].map((namespace) => ({
      count: 1,
      namespace,
      name: namespace,
      macPrefix: namespace === 'north' ? '00:60:2f' : '00:60:30',
      bmcAddresses: [namespace === 'north' ? '10.0.0.0/24' : '10.0.1.0/24'],
    }));
    await install(client, applier, installSteps(installationOf(resolveTestbed({ operators, hostSets }))));
    const probes = log.filter((line) => /^POST .*\/baremetalhosts$/.test(line));
    assert.deepEqual(
      probes.map((line) => /namespaces\/(\w+)\//.exec(line)?.[1]),
      ['north', 'south'],
    );
  });
});
