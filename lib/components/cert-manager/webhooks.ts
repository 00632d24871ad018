import type { k8s } from 'cdk8s-plus-27';
import { isAtLeast, type CertManagerVersion } from './releases';

interface WebhookProps {
  readonly version: CertManagerVersion;
  readonly namespace: string;
  readonly serviceName: string;
}

const webhookName = 'webhook.cert-manager.io';

/** Every kind of cert-manager's, whenever it is written. */
const allWrites: k8s.RuleWithOperations = {
  apiGroups: ['cert-manager.io', 'acme.cert-manager.io'],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: ['*/*'],
};

/** v1.21.1 fills in who made a request, and nothing else. */
const newRequests: k8s.RuleWithOperations = {
  apiGroups: ['cert-manager.io'],
  apiVersions: ['v1'],
  operations: ['CREATE'],
  resources: ['certificaterequests'],
};

export function mutatingWebhook(props: WebhookProps): k8s.MutatingWebhook {
  const rule = isAtLeast(props.version, 'v1.21.1') ? newRequests : allWrites;
  return { ...commonParts(props, '/mutate'), rules: [rule] };
}

export function validatingWebhook(props: WebhookProps): k8s.ValidatingWebhook {
  const notIn = (key: string, value: string) => ({ key, operator: 'NotIn', values: [value] });
  const enabled = notIn('cert-manager.io/disable-validation', 'true');
  return {
    ...commonParts(props, '/validate'),
    rules: [allWrites],
    namespaceSelector: {
      matchExpressions: isAtLeast(props.version, 'v1.21.1') ? [enabled] : [enabled, notIn('name', props.namespace)],
    },
  };
}

function commonParts({ version, namespace, serviceName }: WebhookProps, path: string) {
  return {
    name: webhookName,
    admissionReviewVersions: ['v1'],
    clientConfig: { service: { name: serviceName, namespace, path } },
    matchPolicy: 'Equivalent',
    timeoutSeconds: isAtLeast(version, 'v1.21.1') ? 30 : 10,
    failurePolicy: 'Fail',
    sideEffects: 'None',
  };
}
