/**
 * The objects of CertManager on a real kube-apiserver.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CertManager, certManagerVersions, type CertManagerVersion } from '../../lib/components/cert-manager';
import type { IssuerSpec } from '../../lib/components/cert-manager/crds';
import { startLocalCluster, stopLocalCluster } from '../../src/cluster/local/local-cluster';
import { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import { describeObject, type KubernetesObject } from '../../src/kubernetes/objects';
import { RESTMapper } from '../../src/kubernetes/rest-mapper';
import { until } from '../../src/util/until';
import { skipWithout, upstreamObjects, type Json } from '../support/upstream';
import { testChart } from '../support/charts';

/** An API server of the test's own. */
class Server {
  private readonly mapper: RESTMapper;

  private constructor(
    private readonly client: KubernetesClient,
    private readonly stateDir: string,
  ) {
    this.mapper = new RESTMapper(client);
  }

  static async start(): Promise<Server> {
    const stateDir = mkdtempSync(join(tmpdir(), 'metal3-testbed-'));
    const { connection } = await startLocalCluster({ stateDir });
    return new Server(new KubernetesClient(await readKubeconfig(connection.kubeconfig)), stateDir);
  }

  async stop(): Promise<void> {
    await this.client.close();
    await stopLocalCluster(this.stateDir, { graceMs: 0 });
    rmSync(this.stateDir, { recursive: true, force: true });
  }

  /** Server-side apply that takes no field which the schema does not name. @returns the object as it is stored */
  async apply(object: KubernetesObject): Promise<KubernetesObject> {
    return this.client.request('PATCH', await this.mapper.pathOf(object), {
      query: { fieldManager: 'test', fieldValidation: 'Strict' },
      contentType: 'application/apply-patch+yaml',
      body: object,
    });
  }

  async applyAll(objects: readonly KubernetesObject[]): Promise<void> {
    for (const object of objects) await this.apply(object);
  }

  async get(object: KubernetesObject): Promise<KubernetesObject> {
    return this.client.request('GET', await this.mapper.pathOf(object));
  }

  async resourceVersions(objects: readonly KubernetesObject[]): Promise<Map<string, string | undefined>> {
    const versions = objects.map(async (object) => {
      const { metadata } = await this.get(object);
      return [describeObject(object), metadata.resourceVersion] as const;
    });
    return new Map(await Promise.all(versions));
  }

  /** The conditions of a CRD once it is established, as `type=status`. */
  async establishedConditions(crd: KubernetesObject): Promise<string[]> {
    let conditions: string[] = [];
    const isEstablished = await until(
      async () => {
        const { status } = (await this.get(crd)) as { status?: { conditions?: { type: string; status: string }[] } };
        conditions = (status?.conditions ?? []).map(({ type, status }) => `${type}=${status}`).sort();
        return conditions.includes('Established=True');
      },
      { deadlineMs: 30_000 },
    );
    assert.ok(isEstablished, `${crd.metadata.name}: ${conditions.join(', ')}`);
    return conditions;
  }
}

function certManagerObjects(version: CertManagerVersion): KubernetesObject[] {
  const construct = new CertManager(testChart(), 'cert-manager', { version });
  return construct.apiObjects.map((object) => object.toJson() as KubernetesObject);
}

/** What a release's object is beyond its descriptions, which ours do not have. */
function withoutDescriptions(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => withoutDescriptions(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, child]) => !(key === 'description' && typeof child === 'string'))
      .map(([key, child]) => [key, withoutDescriptions(child)]),
  );
}

/** In every corner of the schema that both releases have. */
const issuerSpec: IssuerSpec = {
  acme: {
    server: 'https://acme.example.org/directory',
    privateKeySecretRef: { name: 'account' },
    externalAccountBinding: { keyID: 'id', keySecretRef: { name: 'eab', key: 'hmac' }, keyAlgorithm: 'HS256' },
    caBundle: 'bWV0YWwz',
    solvers: [
      { selector: { dnsZones: ['example.org'] }, dns01: { route53: { region: 'eu-north-1', hostedZoneID: 'Z1' } } },
      {
        dns01: { webhook: { groupName: 'dns.example.org', solverName: 'own', config: { any: [1, { thing: true }] } } },
      },
      { http01: { gatewayHTTPRoute: { parentRefs: [{ group: 'g', kind: 'Gateway', name: 'edge', port: 80 }] } } },
      {
        http01: {
          ingress: {
            class: 'nginx',
            podTemplate: {
              metadata: { labels: { app: 'solver' } },
              spec: {
                nodeSelector: { disk: 'ssd' },
                tolerations: [{ key: 'dedicated', operator: 'Exists', tolerationSeconds: 5 }],
                affinity: {
                  podAntiAffinity: {
                    preferredDuringSchedulingIgnoredDuringExecution: [
                      {
                        weight: 1,
                        podAffinityTerm: { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'solver' } } },
                      },
                    ],
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
};

/** What ours changes in an object that the release's manifest made, by release. */
const expectedChanges: Readonly<Record<CertManagerVersion, readonly string[]>> = {
  // The release owns `data: null`, and ours does not.
  'v1.11.0': ['ConfigMap cert-manager/cert-manager-webhook'],
  'v1.21.1': [],
};

for (const version of certManagerVersions) {
  describe(`cert-manager ${version} on a kube-apiserver`, () => {
    const objects = certManagerObjects(version);
    const crds = objects.filter(({ kind }) => kind === 'CustomResourceDefinition');
    let server: Server;
    before(async () => {
      server = await Server.start();
    });
    after(() => server.stop());

    // First, while nothing calls for the webhook, which cannot run here.
    it('keeps every field of an Issuer', async () => {
      await server.applyAll(crds);
      for (const crd of crds) await server.establishedConditions(crd);
      const metadata = { name: 'acme', namespace: 'default' };
      const issuer = { apiVersion: 'cert-manager.io/v1', kind: 'Issuer', metadata, spec: issuerSpec };
      await server.apply(issuer);
      assert.deepEqual((await server.get(issuer)).spec, issuerSpec);
    });

    it('is taken whole by strict validation, with structural schemas', async () => {
      await server.applyAll(objects);
      assert.equal(crds.length, 6);
      for (const crd of crds) {
        assert.deepEqual(await server.establishedConditions(crd), ['Established=True', 'NamesAccepted=True']);
      }
    });

    it(
      'changes nothing in what the release made but what is explained',
      { skip: skipWithout(`cert-manager/${version}.yaml`) },
      async () => {
        const theirs = upstreamObjects(`cert-manager/${version}.yaml`).map(
          (object) => withoutDescriptions(object) as unknown as KubernetesObject,
        );
        await server.applyAll(theirs);
        const before = await server.resourceVersions(theirs);
        await server.applyAll(objects);
        const after = await server.resourceVersions(theirs);
        const changed = [...before.keys()].filter((name) => before.get(name) !== after.get(name));
        assert.deepEqual(changed, expectedChanges[version]);
      },
    );
  });
}
