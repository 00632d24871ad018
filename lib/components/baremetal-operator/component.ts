import type { Construct } from 'constructs';
import { TestbedError } from '../../errors';
import type { Manifest } from '../../upstream';
import { CERT_MANAGER, issuerProbes } from '../cert-manager/component';
import { apply, isWebhookConfiguration, ofKind, probe, wait, type Component, type InstallStep } from '../component';
import { BareMetalOperator, type BareMetalOperatorProps } from './baremetal-operator';
import { metricsPort } from './pod';
import { operatorProcess } from './process';
import { namespaceOf } from './releases';

export const BAREMETAL_OPERATOR = 'baremetal-operator';

/** The Bare Metal Operators of a description, which are ready once a host would be accepted wherever they look for some. */
export function baremetalOperatorComponent(operators: readonly BareMetalOperatorProps[]): Component<BareMetalOperator> {
  const running = operators.filter(({ crdsOnly }) => crdsOnly !== true);
  const probeNamespaces = running.map(({ watchedNamespaces }) => watchedNamespaces?.[0] ?? 'default');
  return {
    name: BAREMETAL_OPERATOR,
    // Their webhooks have certificates of it.
    needs: running.some(({ webhook = true }) => webhook) ? [CERT_MANAGER] : [],
    namespaces: running.map(namespaceOf),
    addTo: (scope) => operators.map((props, i) => addOperator(scope, props, i)),
    steps: (objects) => stepsOf(objects, [...new Set(probeNamespaces)]),
    get processes() {
      return operators.map(operatorProcess);
    },
    metrics: {
      port: metricsPort,
      scheme: 'https',
      path: '/metrics',
      controller: 'baremetalhost',
      errors: 'metal3_host_error_total',
    },
  };
}

/** A Service is ready once it has pods to lead to, as whoever waits for it sees it. */
const COMES_WITH_PODS: ReadonlySet<string> = new Set(['Deployment', 'Service', 'ValidatingWebhookConfiguration']);

function stepsOf(objects: readonly Manifest[], probeNamespaces: readonly string[]): readonly InstallStep[] {
  const certificates = ofKind(objects, 'Certificate');
  return [
    wait('Issuer accepted', 'accepted', issuerProbes(certificates)),
    // A pod that is made before its certificate is retried by the kubelet ever more rarely: it comes after it.
    apply(
      'operator',
      objects.filter(({ kind }) => !COMES_WITH_PODS.has(kind)),
    ),
    wait('Certificate ready', 'certificates-ready', certificates),
    apply(
      'operator pods',
      objects.filter(({ kind }) => COMES_WITH_PODS.has(kind)),
    ),
    wait('caBundle injected', 'ca-bundles-injected', objects.filter(isWebhookConfiguration)),
    wait('operator available', 'deployments-available', ofKind(objects, 'Deployment')),
    wait('host accepted', 'accepted', probeNamespaces.map(hostProbe)),
  ];
}

export function hostProbe(namespace: string): Manifest {
  return probe('metal3.io/v1alpha1', 'BareMetalHost', namespace, {
    online: false,
    // 192.0.2.0/24 is nobody's (RFC 5737), and nothing is stored.
    bmc: { address: 'libvirt://192.0.2.1:6233/', credentialsName: 'probe' },
    bootMACAddress: '00:00:5e:00:53:01',
  });
}

/** The first has the plain name, so that a testbed with one operator does not number it. */
function addOperator(scope: Construct, props: BareMetalOperatorProps, i: number): BareMetalOperator {
  const id = i === 0 ? 'operator' : `operator-${i + 1}`;
  try {
    return new BareMetalOperator(scope, id, props);
  } catch (error) {
    // Whoever wrote a description knows its paths, and not those of the constructs that are made of it.
    if (!(error instanceof TestbedError)) throw error;
    const message = error.message.replaceAll(`${scope.node.path}/${id}: `, `operators[${i}].`);
    throw new TestbedError(error.code, message, { cause: error });
  }
}
