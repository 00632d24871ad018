import type { k8s } from 'cdk8s-plus-27';
import type { Manifest } from '../../upstream';
import { podArguments } from './arguments';
import { caInjection, customResourceDefinitions, PROVIDER_LABEL } from './definitions';
import type { AnyProviderProps } from './options';
import { managerPod } from './pod';
import type { ProviderRelease, ProviderSpec } from './release';
import { holdLeases } from './rules';
import { webhooks } from './webhooks';

const RBAC = 'rbac.authorization.k8s.io';
const ADMISSION = 'admissionregistration.k8s.io/v1';

/** What a built-in release installs, as the props want it, in an order in which it can be applied. */
export function releaseObjects(
  spec: ProviderSpec,
  release: ProviderRelease,
  props: AnyProviderProps,
): readonly Manifest[] {
  const namespace = props.namespace ?? spec.namespace;
  return [
    ...((props.createNamespace ?? true) ? [namespaceObject(spec, release, namespace)] : []),
    ...((props.crds ?? true) ? customResourceDefinitions(spec, release, namespace) : []),
    ...permissions(spec, release, namespace, props.leaderElection),
    ...environment(spec, props, namespace),
    service(spec, release, namespace),
    deployment(spec, release, props, namespace),
    ...certificate(spec, release, namespace),
    ...webhookConfigurations(spec, release, namespace),
  ];
}

function namespaceObject({ label }: ProviderSpec, release: ProviderRelease, name: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { [PROVIDER_LABEL]: label, ...release.namespaceLabels } },
  };
}

function permissions(
  spec: ProviderSpec,
  release: ProviderRelease,
  namespace: string,
  elects = release.leaderElection,
): readonly Manifest[] {
  const { label, prefix } = spec;
  const { aggregatedBy } = release;
  const labels = { [PROVIDER_LABEL]: label };
  const contributes = aggregatedBy === undefined ? {} : { [aggregatedBy]: 'true' };
  const account = { kind: 'ServiceAccount', name: `${prefix}-manager`, namespace };
  const aggregated = { name: `${prefix}-aggregated-manager-role`, labels };
  const role = (name: string, rules: readonly k8s.PolicyRule[]) => ({ name: `${prefix}-${name}`, rules });
  // A release whose manager elects no leader has no right to.
  const leases = elects && !release.leaderElectionRules.includes(holdLeases) ? [holdLeases] : [];
  const own = role('leader-election-role', [...release.leaderElectionRules, ...leases]);
  const manager = role('manager-role', release.managerRules);
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account.name, namespace, labels } },
    { ...rbac('Role'), metadata: { name: own.name, namespace, labels }, rules: own.rules },
    ...(aggregatedBy === undefined
      ? []
      : [
          {
            ...rbac('ClusterRole'),
            metadata: aggregated,
            aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [aggregatedBy]: 'true' } }] },
          },
        ]),
    {
      ...rbac('ClusterRole'),
      metadata: {
        name: manager.name,
        labels: { ...contributes, ...labels },
      },
      rules: manager.rules,
    },
    {
      ...rbac('RoleBinding'),
      metadata: { name: `${prefix}-leader-election-rolebinding`, namespace, labels },
      roleRef: { apiGroup: RBAC, kind: 'Role', name: own.name },
      subjects: [account],
    },
    {
      ...rbac('ClusterRoleBinding'),
      metadata: { name: `${prefix}-manager-rolebinding`, labels },
      roleRef: {
        apiGroup: RBAC,
        kind: 'ClusterRole',
        name: aggregatedBy === undefined ? manager.name : aggregated.name,
      },
      subjects: [account],
    },
  ];
}

function rbac(kind: string) {
  return { apiVersion: `${RBAC}/v1`, kind };
}

function environment(spec: ProviderSpec, props: AnyProviderProps, namespace: string): readonly Manifest[] {
  const { name, data } = spec.environment?.(props) ?? {};
  if (name === undefined) return [];
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      data,
      metadata: { name, namespace, labels: { [PROVIDER_LABEL]: spec.label } },
    },
  ];
}

function service({ label, prefix }: ProviderSpec, { pod }: ProviderRelease, namespace: string): Manifest {
  const selector = { [PROVIDER_LABEL]: label };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `${prefix}-webhook-service`, namespace, labels: selector },
    spec: { ports: [{ port: 443, targetPort: pod.webhookPortName }], selector },
  };
}

function deployment(
  spec: ProviderSpec,
  release: ProviderRelease,
  props: AnyProviderProps,
  namespace: string,
): Manifest {
  const { label, prefix } = spec;
  const { pod } = release;
  const labels = { [PROVIDER_LABEL]: label, 'control-plane': 'controller-manager', ...pod.labels };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: `${prefix}-controller-manager`,
      namespace,
      labels,
      annotations: pod.annotations,
    },
    spec: {
      replicas: props.replicas ?? pod.replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: managerPod({
          release: pod,
          args: podArguments(spec, release, props),
          image: props.image ?? release.image,
          imagePullPolicy: props.imagePullPolicy ?? release.imagePullPolicy,
          resources: props.resources,
          serviceAccountName: `${prefix}-manager`,
          certificateSecretName: `${prefix}-webhook-service-cert`,
          configMapName: spec.environment?.(props).name,
        }),
      },
    },
  };
}

function certificate(
  { label, prefix }: ProviderSpec,
  release: ProviderRelease,
  namespace: string,
): readonly Manifest[] {
  const { certificateOrganizations: organizations } = release;
  const labels = { [PROVIDER_LABEL]: label };
  const issuer = `${prefix}-selfsigned-issuer`;
  const host = `${prefix}-webhook-service.${namespace}.svc`;
  return [
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: `${prefix}-serving-cert`, namespace, labels },
      spec: {
        dnsNames: [host, `${host}.cluster.local`],
        issuerRef: { kind: 'Issuer', name: issuer },
        secretName: `${prefix}-webhook-service-cert`,
        subject: organizations && { organizations },
      },
    },
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Issuer',
      metadata: { name: issuer, namespace, labels },
      spec: { selfSigned: {} },
    },
  ];
}

function webhookConfigurations(spec: ProviderSpec, release: ProviderRelease, namespace: string): readonly Manifest[] {
  const { label, prefix } = spec;
  const place = { serviceName: `${prefix}-webhook-service`, namespace };
  const metadata = (name: string) => ({
    name: `${prefix}-${name}-webhook-configuration`,
    labels: { [PROVIDER_LABEL]: label },
    annotations: caInjection(spec, namespace),
  });
  return [
    {
      apiVersion: ADMISSION,
      kind: 'MutatingWebhookConfiguration',
      metadata: metadata('mutating'),
      webhooks: webhooks('mutate', release, place),
    },
    {
      apiVersion: ADMISSION,
      kind: 'ValidatingWebhookConfiguration',
      metadata: metadata('validating'),
      webhooks: webhooks('validate', release, place),
    },
  ];
}
