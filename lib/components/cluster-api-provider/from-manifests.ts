import { invalidInput } from '../../errors';
import {
  argumentName,
  deploymentWithContainer,
  inNamespace,
  namespaceOfDeployment,
  requireManifests,
  withArguments,
  withNamespaceObject,
  withPod,
  type Container,
  type Manifest,
} from '../../upstream';
import { withoutUndefined } from '../../without-undefined';
import { gateArgument, tuning } from './arguments';
import { PROVIDER_LABEL } from './definitions';
import type { AnyProviderProps } from './options';
import { containerName } from './pod';
import type { ProviderSpec } from './release';

/**
 * A release's own manifests, as the props want them. What nobody asks for stays as they have it.
 *
 * @throws TestbedError (`invalid-input`) for manifests of another provider, without its manager, or without a namespace
 */
export function objectsFromManifests(spec: ProviderSpec, props: AnyProviderProps): readonly Manifest[] {
  let objects = requireManifests(props.manifests ?? []);
  requireProvider(spec, objects);
  const original = deploymentWithContainer(objects, containerName);
  const from = namespaceOfDeployment(original);
  const namespace = props.namespace ?? from;
  objects = withNamespaceObject(inNamespace(objects, from, namespace), namespace, props.createNamespace ?? true);
  if (props.crds === false) objects = objects.filter(({ kind }) => kind !== 'CustomResourceDefinition');

  const before = deploymentWithContainer(objects, containerName);
  const changed = withPod(
    before,
    containerName,
    (pod) => pod,
    (container) => changedContainer(spec, container, props),
  );
  const { replicas } = props;
  const deployment = replicas === undefined ? changed : { ...changed, spec: { ...changed.spec, replicas } };
  const environment = spec.environment?.(props);
  return objects.map((object) => {
    if (object === before) return deployment;
    const isEnvironment = object.kind === 'ConfigMap' && object.metadata.name === environment?.name;
    // What the release has in it stays, unless somebody asks for something else.
    if (!isEnvironment || !spec.isEnvironmentAsked?.(props)) return object;
    return { ...object, data: { ...(object['data'] as object), ...environment?.data } };
  });
}

/** Every object of a provider says which one it is of. */
function requireProvider(spec: ProviderSpec, objects: readonly Manifest[]): void {
  const labels = new Set(objects.flatMap(({ metadata }) => metadata.labels?.[PROVIDER_LABEL] ?? []));
  if (labels.has(spec.label)) return;
  const found = labels.size === 0 ? 'of no provider of Cluster API' : `of ${[...labels].join(', ')}`;
  throw invalidInput(`the manifests are ${found}, not of ${spec.label}: give those of the ${spec.title}`);
}

function changedContainer(spec: ProviderSpec, container: Container, props: AnyProviderProps): Container {
  const { image, imagePullPolicy, resources } = props;
  const own = spec.ownArguments(props);
  const ofManifests = container.args ?? [];
  const given = [
    ...(props.leaderElection === true ? ['--leader-elect'] : []),
    ...(props.insecureDiagnostics === undefined ? [] : [`--insecure-diagnostics=${props.insecureDiagnostics}`]),
    ...own.asked,
    ...(props.featureGates === undefined ? [] : gateArgument(gatesOf(ofManifests), props)),
    ...tuning(props),
  ];
  const replaced = new Set([
    ...given.flatMap((arg) => argumentName(arg) ?? []),
    ...(props.leaderElection === undefined ? [] : ['leader-elect']),
  ]);
  return {
    ...container,
    args: withArguments(ofManifests, replaced, given),
    ...withoutUndefined({
      image,
      imagePullPolicy,
      resources: resources && { ...(container['resources'] as object | undefined), ...resources },
    }),
  };
}

/** The gates that the manifests set, which stay beside those that are asked for. */
function gatesOf(args: readonly string[]): Readonly<Record<string, boolean>> {
  const text = args.find((arg) => argumentName(arg) === 'feature-gates')?.replace(/^[^=]*=?/, '') ?? '';
  const pairs = text.split(',').filter((pair) => pair !== '');
  return Object.fromEntries(pairs.map((pair) => [pair.replace(/=.*$/, ''), /=true$/i.test(pair)]));
}
