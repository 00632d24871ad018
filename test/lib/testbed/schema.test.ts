import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { BareMetalHostSetProps, BareMetalOperatorProps, CertManagerProps, TestbedProps } from '../../../lib';
import type { SchemaNode } from '../../../lib/crd';
import { requireTestbedShape, testbedSchema } from '../../../lib/testbed/schema';
import { refuses } from '../../support/refuses';
import { root } from '../../support/cli';
import { schemaFile, schemaText } from '../../support/testbed-schema-file';

/** Names every prop once; the compiler refuses a list that misses one or has one too many. */
const namesOf = <T>(names: Record<keyof Required<T>, true>) => Object.keys(names).sort();
const fieldsOf = (node: SchemaNode | undefined) => Object.keys(node?.properties ?? {}).sort();

describe('the schema of testbed.yaml', () => {
  it('is the published one', () => {
    assert.equal(
      readFileSync(join(root, schemaFile), 'utf8'),
      schemaText(),
      "run 'npm run schema' and commit the file",
    );
  });

  it('has every prop of the constructs, and no others', () => {
    const { properties = {} } = testbedSchema;
    assert.deepEqual(
      fieldsOf(testbedSchema),
      namesOf<TestbedProps>({
        certManager: true,
        installCertManager: true,
        operators: true,
        hostSets: true,
        simulator: true,
        scenario: true,
      }),
    );
    assert.deepEqual(
      fieldsOf(properties['operators']?.items),
      namesOf<BareMetalOperatorProps>({
        version: true,
        manifests: true,
        testMode: true,
        namespace: true,
        createNamespace: true,
        namePrefix: true,
        crds: true,
        image: true,
        imagePullPolicy: true,
        resources: true,
        ironicConfig: true,
        kubeApiQps: true,
        kubeApiBurst: true,
        concurrency: true,
        watchedNamespaces: true,
        hostClaims: true,
        leaderElection: true,
        webhook: true,
        extraArgs: true,
        extraEnv: true,
      }),
    );
    assert.deepEqual(
      fieldsOf(properties['certManager']),
      namesOf<CertManagerProps>({
        version: true,
        namespace: true,
        createNamespace: true,
        crds: true,
        replicas: true,
        resources: true,
        featureGates: true,
        logLevel: true,
        extraArgs: true,
        imageRegistry: true,
        imagePullPolicy: true,
        kubeApiQps: true,
        kubeApiBurst: true,
        leaderElectionNamespace: true,
      }),
    );
    assert.deepEqual(
      fieldsOf(properties['hostSets']?.items),
      // A function has no place in YAML.
      namesOf<Omit<BareMetalHostSetProps, 'override'>>({
        count: true,
        name: true,
        namePattern: true,
        firstIndex: true,
        namespace: true,
        namespaces: true,
        hostsPerNamespace: true,
        bmcProtocol: true,
        bmcAddresses: true,
        bmcEndpoint: true,
        systemId: true,
        bmcPort: true,
        disableCertificateVerification: true,
        credentials: true,
        secretPer: true,
        macPrefix: true,
        bootMAC: true,
        online: true,
        image: true,
        userData: true,
        networkData: true,
        rootDeviceHints: true,
        inspectionMode: true,
        automatedCleaningMode: true,
        paused: true,
        status: true,
        spec: true,
        labels: true,
        annotations: true,
        overrides: true,
      }),
    );
  });

  it('refuses what it does not know, naming every field', () => {
    refuses(
      () => requireTestbedShape({ hostSet: [] }, 'testbed.yaml'),
      /testbed.yaml is refused:\n {2}hostSet: unknown field; did you mean 'hostSets'/,
    );
    refuses(
      () => requireTestbedShape({ hostSets: [{ count: 1, overrides: [{ hosts: 1, onlin: true }] }] }, 'f'),
      /hostSets\[0\].overrides\[0\].onlin/,
    );
    refuses(() => requireTestbedShape([], 'f'), /f is refused/);
    requireTestbedShape(
      { hostSets: [{ count: 1, overrides: [{ hosts: '1-2', online: false, bmc: { address: 'ipmi://a' } }] }] },
      'f',
    );
  });
});
