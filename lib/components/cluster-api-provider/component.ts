import type { Construct } from 'constructs';
import { TestbedError } from '../../errors';
import type { Manifest } from '../../upstream';
import { withoutUndefined } from '../../without-undefined';
import { apply, isWebhookConfiguration, ofKind, probe, wait, type Component, type InstallStep } from '../component';
import { CERT_MANAGER, issuerProbes } from '../cert-manager/component';
import { metricsPort, providerProcess } from './arguments';
import type { AnyProviderProps } from './options';
import { providerObjects, type ClusterApiProvider } from './provider';
import { processFromManifests } from './process-from-manifests';
import type { ProviderSpec } from './release';

interface ProviderComponentProps {
  readonly spec: ProviderSpec;
  readonly props: AnyProviderProps;
  /** Besides cert-manager, of which its webhooks have their certificate. */
  readonly needs: readonly string[];
  /** Where it is in a description: `clusterApi.core`. */
  readonly path: string;
  readonly construct: (scope: Construct, id: string) => ClusterApiProvider;
}

/** A provider of Cluster API, which is ready once its webhooks answer for an object of a kind of its own. */
export function providerComponent(of: ProviderComponentProps): Component<ClusterApiProvider> {
  const { spec, props, needs } = of;
  const { name } = spec;
  return {
    name,
    needs: [CERT_MANAGER, ...needs],
    namespaces: [props.namespace ?? spec.namespace],
    needsPods: true,
    addTo: (scope) => [add(scope, of)],
    steps: (objects) => stepsOf(spec, props, objects),
    get processes() {
      // A process takes care of all that there is.
      if (props.watchedNamespaces !== undefined) return undefined;
      const release = spec.releases[props.version ?? spec.defaultVersion];
      return release === undefined || props.manifests !== undefined
        ? [processFromManifests(spec, props)]
        : [providerProcess(spec, release, props)];
    },
    metrics: {
      port: metricsPort,
      path: '/metrics',
      controller: spec.measured,
      scheme: props.insecureDiagnostics === true ? 'http' : 'https',
    },
  };
}

/** A Service is ready once it has pods to lead to, as whoever waits for it sees it. */
const COMES_WITH_PODS: ReadonlySet<string> = new Set([
  ...['Deployment', 'Service', 'MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
]);
/** The entry in clusterctl's inventory says that the provider is there. */
const COMES_LAST = 'Provider';

function stepsOf(spec: ProviderSpec, props: AnyProviderProps, objects: readonly Manifest[]): readonly InstallStep[] {
  const { name } = spec;
  const certificates = ofKind(objects, 'Certificate');
  const rest = objects.filter(({ kind }) => kind !== COMES_LAST);
  const { apiVersion, kind } = spec.probe;
  return [
    // cert-manager's webhook answers, and the API server trusts it.
    wait(`Issuer for ${name} accepted`, 'accepted', issuerProbes(certificates)),
    // A pod that is made before its certificate is retried by the kubelet ever more rarely: it comes after it.
    apply(
      name,
      rest.filter((object) => !COMES_WITH_PODS.has(object.kind)),
    ),
    wait(`Certificate of ${name} ready`, 'certificates-ready', certificates),
    apply(
      `${name} pods`,
      rest.filter((object) => COMES_WITH_PODS.has(object.kind)),
    ),
    wait(`CA of ${name}`, 'ca-bundles-injected', [...rest.filter(isWebhookConfiguration), ...converted(spec, props)]),
    wait(`${name} available`, 'deployments-available', ofKind(rest, 'Deployment')),
    // What a release that is not built in would accept, nobody knows here.
    wait(
      `${kind} accepted`,
      'accepted',
      props.manifests === undefined
        ? [
            probe(
              apiVersion,
              kind,
              props.watchedNamespaces?.[0] ?? props.watchedNamespace ?? 'default',
              spec.probe.spec,
            ),
          ]
        : [],
    ),
    apply(`${name} in clusterctl's inventory`, ofKind(objects, COMES_LAST)),
  ];
}

/** The CRDs whose objects its webhooks convert, by what names them. */
function converted(spec: ProviderSpec, props: AnyProviderProps): readonly Manifest[] {
  if (props.crds === false) return [];
  return ofKind(providerObjects(spec, props), 'CustomResourceDefinition')
    .filter(({ spec: definition }) => (definition as { readonly conversion?: object }).conversion !== undefined)
    .map(({ apiVersion, kind, metadata: { name, annotations } }) => ({
      apiVersion,
      kind,
      metadata: withoutUndefined({ name, annotations }),
    }));
}

function add(scope: Construct, { spec: { name }, path, construct }: ProviderComponentProps): ClusterApiProvider {
  try {
    return construct(scope, name);
  } catch (error) {
    // Whoever wrote a description knows its paths, and not those of the constructs that are made of it.
    if (!(error instanceof TestbedError)) throw error;
    const named = error.message.replaceAll(`${scope.node.path}/${name}: `, `${path}.`);
    const message = named === error.message ? `${path}: ${named}` : named;
    throw new TestbedError(error.code, message, { cause: error });
  }
}
