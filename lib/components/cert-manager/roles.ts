import type { k8s } from 'cdk8s-plus-27';
import { componentLabels } from './labels';
import { isAtLeast, type CertManagerComponent, type CertManagerVersion } from './releases';

/** A role of the release, and the component whose ServiceAccount it is bound to. */
export interface ReleaseRole {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly rules: k8s.PolicyRule[];
  /** Undefined: bound to nobody. */
  readonly boundTo?: CertManagerComponent;
}

const certManager = ['cert-manager.io'];
const acme = ['acme.cert-manager.io'];
const gateway = ['gateway.networking.k8s.io'];
const networking = ['networking.k8s.io'];
const core = [''];

const read = ['get', 'list', 'watch'];
const readSecrets: k8s.PolicyRule = { apiGroups: core, resources: ['secrets'], verbs: read };
const recordEvents: k8s.PolicyRule = { apiGroups: core, resources: ['events'], verbs: ['create', 'patch'] };
const askForAccess: k8s.PolicyRule = {
  apiGroups: ['authorization.k8s.io'],
  resources: ['subjectaccessreviews'],
  verbs: ['create'],
};
/** The names under which issuers stand where somebody approves or signs. */
const allIssuers = ['issuers.cert-manager.io/*', 'clusterissuers.cert-manager.io/*'];

/** What cert-manager may do anywhere in the cluster, and what its users may, by way of Kubernetes' own roles. */
export function clusterRoles(version: CertManagerVersion): readonly ReleaseRole[] {
  return [
    {
      name: 'cert-manager-cainjector',
      labels: componentLabels(version, 'cainjector'),
      rules: cainjectorRules(version),
      boundTo: 'cainjector',
    },
    controllerRole(version, 'issuers', issuerRules('issuers')),
    controllerRole(version, 'clusterissuers', issuerRules('clusterissuers')),
    controllerRole(version, 'certificates', certificateRules),
    controllerRole(version, 'orders', orderRules(version)),
    controllerRole(version, 'challenges', challengeRules),
    controllerRole(version, 'ingress-shim', ingressShimRules(version)),
    ...userRoles(version),
    withOddComponent(controllerRole(version, 'approve:cert-manager-io', approveRules)),
    withOddComponent(controllerRole(version, 'certificatesigningrequests', signingRequestRules)),
    {
      name: 'cert-manager-webhook:subjectaccessreviews',
      labels: componentLabels(version, 'webhook'),
      rules: [askForAccess],
      boundTo: 'webhook',
    },
  ];
}

/** Leader election of the components that do it, in a namespace of the cluster's own. */
export function leaderElectionRoles(version: CertManagerVersion): readonly ReleaseRole[] {
  return [
    {
      name: 'cert-manager-cainjector:leaderelection',
      labels: componentLabels(version, 'cainjector'),
      rules: leaseRules('cert-manager-cainjector-leader-election', 'cert-manager-cainjector-leader-election-core'),
      boundTo: 'cainjector',
    },
    {
      name: 'cert-manager:leaderelection',
      labels: componentLabels(version, 'controller'),
      rules: leaseRules('cert-manager-controller'),
      boundTo: 'controller',
    },
  ];
}

/** The webhook's own certificate authority, in cert-manager's namespace. */
export function webhookServingRole(version: CertManagerVersion, caSecretName: string): ReleaseRole {
  return {
    name: 'cert-manager-webhook:dynamic-serving',
    labels: componentLabels(version, 'webhook'),
    rules: [
      { apiGroups: core, resources: ['secrets'], resourceNames: [caSecretName], verbs: [...read, 'update'] },
      { apiGroups: core, resources: ['secrets'], verbs: ['create'] },
    ],
    boundTo: 'webhook',
  };
}

function controllerRole(version: CertManagerVersion, name: string, rules: k8s.PolicyRule[]): ReleaseRole {
  return {
    name: `cert-manager-controller-${name}`,
    labels: componentLabels(version, 'controller'),
    rules,
    boundTo: 'controller',
  };
}

/** The release labels two of the controller's roles with a component that does not exist. */
function withOddComponent(role: ReleaseRole): ReleaseRole {
  return { ...role, labels: { ...role.labels, 'app.kubernetes.io/component': 'cert-manager' } };
}

function cainjectorRules(version: CertManagerVersion): k8s.PolicyRule[] {
  const inject = [...read, 'update', ...(isAtLeast(version, 'v1.21.1') ? ['patch'] : [])];
  return [
    { apiGroups: certManager, resources: ['certificates'], verbs: read },
    readSecrets,
    { apiGroups: core, resources: ['events'], verbs: ['get', 'create', 'update', 'patch'] },
    {
      apiGroups: ['admissionregistration.k8s.io'],
      resources: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'],
      verbs: inject,
    },
    { apiGroups: ['apiregistration.k8s.io'], resources: ['apiservices'], verbs: inject },
    { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: inject },
  ];
}

function issuerRules(resource: 'clusterissuers' | 'issuers'): k8s.PolicyRule[] {
  return [
    { apiGroups: certManager, resources: [resource, `${resource}/status`], verbs: ['update', 'patch'] },
    { apiGroups: certManager, resources: [resource], verbs: read },
    { apiGroups: core, resources: ['secrets'], verbs: [...read, 'create', 'update', 'delete'] },
    recordEvents,
  ];
}

const certificateRules: k8s.PolicyRule[] = [
  {
    apiGroups: certManager,
    resources: ['certificates', 'certificates/status', 'certificaterequests', 'certificaterequests/status'],
    verbs: ['update', 'patch'],
  },
  {
    apiGroups: certManager,
    resources: ['certificates', 'certificaterequests', 'clusterissuers', 'issuers'],
    verbs: read,
  },
  {
    apiGroups: certManager,
    resources: ['certificates/finalizers', 'certificaterequests/finalizers'],
    verbs: ['update'],
  },
  { apiGroups: acme, resources: ['orders'], verbs: ['create', 'delete', ...read] },
  { apiGroups: core, resources: ['secrets'], verbs: [...read, 'create', 'update', 'delete', 'patch'] },
  recordEvents,
];

function orderRules(version: CertManagerVersion): k8s.PolicyRule[] {
  const ownIssuers: k8s.PolicyRule = {
    apiGroups: certManager,
    resources: ['clusterissuers/finalizers', 'issuers/finalizers'],
    verbs: ['update'],
  };
  return [
    { apiGroups: acme, resources: ['orders', 'orders/status'], verbs: ['update', 'patch'] },
    { apiGroups: acme, resources: ['orders', 'challenges'], verbs: read },
    { apiGroups: certManager, resources: ['clusterissuers', 'issuers'], verbs: read },
    { apiGroups: acme, resources: ['challenges'], verbs: ['create', 'delete'] },
    { apiGroups: acme, resources: ['orders/finalizers'], verbs: ['update'] },
    ...(isAtLeast(version, 'v1.21.1') ? [ownIssuers] : []),
    readSecrets,
    recordEvents,
  ];
}

const challengeRules: k8s.PolicyRule[] = [
  { apiGroups: acme, resources: ['challenges', 'challenges/status'], verbs: ['update', 'patch'] },
  { apiGroups: acme, resources: ['challenges'], verbs: read },
  { apiGroups: certManager, resources: ['issuers', 'clusterissuers'], verbs: read },
  readSecrets,
  recordEvents,
  // HTTP-01: the pod that answers, and the way to it.
  { apiGroups: core, resources: ['pods', 'services'], verbs: [...read, 'create', 'delete'] },
  { apiGroups: networking, resources: ['ingresses'], verbs: [...read, 'create', 'delete', 'update'] },
  { apiGroups: gateway, resources: ['httproutes'], verbs: [...read, 'create', 'delete', 'update'] },
  { apiGroups: ['route.openshift.io'], resources: ['routes/custom-host'], verbs: ['create'] },
  { apiGroups: acme, resources: ['challenges/finalizers'], verbs: ['update'] },
  // DNS-01: the release grants the Secrets of providers a second time.
  readSecrets,
];

function ingressShimRules(version: CertManagerVersion): k8s.PolicyRule[] {
  const parents = ['gateways', 'httproutes', ...(isAtLeast(version, 'v1.21.1') ? ['listenersets'] : [])];
  return [
    {
      apiGroups: certManager,
      resources: ['certificates', 'certificaterequests'],
      verbs: ['create', 'update', 'delete'],
    },
    {
      apiGroups: certManager,
      resources: ['certificates', 'certificaterequests', 'issuers', 'clusterissuers'],
      verbs: read,
    },
    { apiGroups: networking, resources: ['ingresses'], verbs: read },
    { apiGroups: networking, resources: ['ingresses/finalizers'], verbs: ['update'] },
    { apiGroups: gateway, resources: parents, verbs: read },
    { apiGroups: gateway, resources: parents.map((parent) => `${parent}/finalizers`), verbs: ['update'] },
    recordEvents,
  ];
}

const approveRules: k8s.PolicyRule[] = [
  { apiGroups: certManager, resources: ['signers'], resourceNames: allIssuers, verbs: ['approve'] },
];

const signingRequestRules: k8s.PolicyRule[] = [
  {
    apiGroups: ['certificates.k8s.io'],
    resources: ['certificatesigningrequests'],
    verbs: [...read, 'update'],
  },
  {
    apiGroups: ['certificates.k8s.io'],
    resources: ['certificatesigningrequests/status'],
    verbs: ['update', 'patch'],
  },
  { apiGroups: ['certificates.k8s.io'], resources: ['signers'], resourceNames: allIssuers, verbs: ['sign'] },
  askForAccess,
];

/** Rights that Kubernetes adds to its roles `view`, `edit` and `admin`, and OpenShift to its `cluster-reader`. */
function userRoles(version: CertManagerVersion): readonly ReleaseRole[] {
  const isNewest = isAtLeast(version, 'v1.21.1');
  const userKinds = ['certificates', 'certificaterequests', 'issuers'];
  const change = ['delete', 'deletecollection', 'patch', 'update'];

  const clusterView: ReleaseRole = {
    name: 'cert-manager-cluster-view',
    labels: aggregated(version, 'cluster-reader'),
    rules: [{ apiGroups: certManager, resources: ['clusterissuers'], verbs: read }],
  };
  const view: ReleaseRole = {
    name: 'cert-manager-view',
    labels: aggregated(version, 'view', 'edit', 'admin', ...(isNewest ? ['cluster-reader'] : [])),
    rules: [
      { apiGroups: certManager, resources: userKinds, verbs: read },
      { apiGroups: acme, resources: ['challenges', 'orders'], verbs: read },
    ],
  };
  const edit: ReleaseRole = {
    name: 'cert-manager-edit',
    labels: aggregated(version, 'edit', 'admin'),
    rules: [
      { apiGroups: certManager, resources: userKinds, verbs: ['create', ...change] },
      { apiGroups: certManager, resources: ['certificates/status'], verbs: ['update'] },
      ...(isNewest
        ? [
            { apiGroups: acme, resources: ['challenges'], verbs: change },
            { apiGroups: acme, resources: ['orders'], verbs: ['delete', 'deletecollection'] },
          ]
        : [{ apiGroups: acme, resources: ['challenges', 'orders'], verbs: ['create', ...change] }]),
    ],
  };
  return isNewest ? [clusterView, view, edit] : [view, edit];
}

function aggregated(version: CertManagerVersion, ...roles: readonly string[]): Record<string, string> {
  const labels = roles.map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, 'true']);
  return { ...componentLabels(version, 'controller'), ...(Object.fromEntries(labels) as Record<string, string>) };
}

function leaseRules(...names: string[]): k8s.PolicyRule[] {
  const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
  return [
    { ...leases, resourceNames: names, verbs: ['get', 'update', 'patch'] },
    { ...leases, verbs: ['create'] },
  ];
}
