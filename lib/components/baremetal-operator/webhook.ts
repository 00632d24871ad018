import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { clusterScoped } from '../../cluster-scoped';
import type { Release } from './releases';

/** The Secret that cert-manager keeps the webhook's certificate in. The pod waits for it. */
export const certificateSecretName = 'bmo-webhook-server-cert';

/** What the webhook's Service finds the pod by, beside the labels that every pod of the operator has. */
export const webhookLabels = { webhook: 'metal3-io-v1alpha1-baremetalhost' };

export const webhookPort = 9443;

export interface OperatorWebhookProps {
  readonly release: Release;
  readonly namePrefix: string;
  readonly namespace: string;
  /** The namespaces whose objects are checked; empty for all. */
  readonly watchedNamespaces: readonly string[];
  readonly podLabels: Readonly<Record<string, string>>;
}

/** What lets the API server ask BMO about the objects that are written: Service, Certificate, Issuer, configuration. */
export class OperatorWebhook extends Construct {
  constructor(scope: Construct, id: string, props: OperatorWebhookProps) {
    super(scope, id);
    const { namePrefix, namespace } = props;
    const serviceName = `${namePrefix}-webhook-service`;
    const issuerName = `${namePrefix}-selfsigned-issuer`;

    new k8s.KubeService(this, 'Service', {
      metadata: { name: serviceName, namespace },
      spec: {
        selector: { ...props.podLabels, ...webhookLabels },
        ports: [{ port: 443, targetPort: k8s.IntOrString.fromNumber(webhookPort) }],
      },
    });
    new ApiObject(this, 'Certificate', {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: certificateName(namePrefix), namespace },
      spec: {
        dnsNames: [`${serviceName}.${namespace}.svc`, `${serviceName}.${namespace}.svc.cluster.local`],
        issuerRef: { kind: 'Issuer', name: issuerName },
        secretName: certificateSecretName,
      },
    });
    new ApiObject(this, 'Issuer', {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Issuer',
      metadata: { name: issuerName, namespace },
      spec: { selfSigned: {} },
    });
    clusterScoped(
      new k8s.KubeValidatingWebhookConfiguration(this, 'Configuration', {
        metadata: {
          name: `${namePrefix}-validating-webhook-configuration`,
          annotations: caInjection(namePrefix, namespace),
        },
        webhooks: webhooks(props, serviceName),
      }),
    );
  }
}

/** The annotation by which cert-manager writes the webhook's CA into an object. */
export function caInjection(namePrefix: string, namespace: string): Record<string, string> {
  return { 'cert-manager.io/inject-ca-from': `${namespace}/${certificateName(namePrefix)}` };
}

function certificateName(namePrefix: string): string {
  return `${namePrefix}-serving-cert`;
}

function webhooks({ release, namespace, watchedNamespaces }: OperatorWebhookProps, service: string) {
  return release.webhooks.map(({ kind, onDelete }): k8s.ValidatingWebhook => {
    const { singular, plural } = namesOf(release, kind);
    const operations = ['CREATE', 'UPDATE', ...(onDelete ? ['DELETE'] : [])];
    return {
      name: `${singular}.metal3.io`,
      admissionReviewVersions: [...release.admissionReviewVersions],
      clientConfig: { service: { name: service, namespace, path: `/validate-metal3-io-v1alpha1-${singular}` } },
      rules: [{ apiGroups: ['metal3.io'], apiVersions: ['v1alpha1'], operations, resources: [plural] }],
      // An operator that is down must not keep the hosts of another one from being written.
      namespaceSelector: watchedNamespaces.length > 0 ? inNamespaces(watchedNamespaces) : undefined,
      failurePolicy: 'Fail',
      sideEffects: 'None',
    };
  });
}

function namesOf(release: Release, kind: string) {
  const crd = release.crds.find(({ spec }) => spec.names.kind === kind);
  if (crd === undefined) throw new Error(`the release checks ${kind}, and has no such kind`);
  return crd.spec.names;
}

/** By the label that Kubernetes itself gives every namespace. */
function inNamespaces(names: readonly string[]): k8s.LabelSelector {
  return { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: [...names] }] };
}
