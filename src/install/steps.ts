import { namespaceObject, type KubernetesObject } from '../kubernetes/objects';
import { withoutPods } from './without-pods';
import { allObjects, type Installation } from './installation';
import type { ConditionName } from './waits';

/** Objects that are applied together. */
export interface ApplyStep {
  readonly kind: 'apply';
  /** Names the step in events. */
  readonly task: string;
  readonly objects: readonly KubernetesObject[];
}

/** A condition that holds before the next step is begun. */
export interface WaitStep {
  readonly kind: 'wait';
  /** Names the wait in events and errors. */
  readonly task: string;
  readonly condition: ConditionName;
  /** What the condition is asked of. */
  readonly objects: readonly KubernetesObject[];
}

/** One step of an install. */
export type InstallStep = ApplyStep | WaitStep;

/**
 * The order in which a platform is put onto a cluster with pods: each part once what it needs is there. Whoever installs
 * goes through these, whether it is `up` or a Pulumi program.
 */
export function installSteps(installation: Installation): readonly InstallStep[] {
  const { certManager, operators, probeNamespaces, leases = [] } = installation;
  const foundations = allObjects(installation).filter(isFoundation);
  const certificates = ofKind(operators, 'Certificate');
  const certificateNamespaces = certificates.map(({ metadata }) => metadata.namespace ?? 'default');
  const operatorParts = operators.filter((object) => !isFoundation(object));
  const steps: readonly InstallStep[] = [
    apply('namespaces and CRDs', foundations),
    wait('CRDs established', 'crds-established', ofKind(foundations, 'CustomResourceDefinition')),
    apply('leases', leases),
    apply(
      'cert-manager',
      certManager.filter((object) => !isFoundation(object)),
    ),
    wait('cert-manager available', 'deployments-available', ofKind(certManager, 'Deployment')),
    wait('CA of cert-manager', 'ca-bundles-injected', certManager.filter(isWebhookConfiguration)),
    wait('Issuer accepted', 'issuer-accepted', [...new Set(certificateNamespaces)].map(namespaceObject)),
    // A pod that is made before its certificate is retried by the kubelet ever more rarely: it comes after it.
    apply(
      'operator',
      operatorParts.filter(({ kind }) => !COMES_WITH_PODS.has(kind)),
    ),
    wait('Certificate ready', 'certificates-ready', certificates),
    apply(
      'operator pods',
      operatorParts.filter(({ kind }) => COMES_WITH_PODS.has(kind)),
    ),
    wait('caBundle injected', 'ca-bundles-injected', operators.filter(isWebhookConfiguration)),
    wait('operator available', 'deployments-available', ofKind(operators, 'Deployment')),
    wait('host accepted', 'host-accepted', [...new Set(probeNamespaces)].map(namespaceObject)),
  ];
  return steps.filter(({ objects }) => objects.length > 0);
}

/** The same on a cluster without pods, where no webhook would ever answer: what is not made is not waited for either. */
export function stepsWithoutPods(steps: readonly InstallStep[]): readonly InstallStep[] {
  return steps
    .filter((step) => step.kind === 'apply' || step.condition === 'crds-established')
    .map((step) => ({ ...step, objects: withoutPods(step.objects) }))
    .filter(({ objects }) => objects.length > 0);
}

/** A Service is ready once it has pods to lead to, as whoever waits for it sees it. */
const COMES_WITH_PODS: ReadonlySet<string> = new Set(['Deployment', 'Service', 'ValidatingWebhookConfiguration']);

function apply(task: string, objects: readonly KubernetesObject[]): ApplyStep {
  return { kind: 'apply', task, objects };
}

function wait(task: string, condition: ConditionName, objects: readonly KubernetesObject[]): WaitStep {
  return { kind: 'wait', task, condition, objects };
}

function isFoundation({ kind }: KubernetesObject): boolean {
  return kind === 'Namespace' || kind === 'CustomResourceDefinition';
}

function isWebhookConfiguration({ kind }: KubernetesObject): boolean {
  return kind.endsWith('WebhookConfiguration');
}

function ofKind(objects: readonly KubernetesObject[], kind: string): readonly KubernetesObject[] {
  return objects.filter((object) => object.kind === kind);
}
