import { invalidInput } from '../../errors';
import {
  argumentName,
  checkingOnly,
  deploymentWithContainer,
  inNamespace,
  namespaceOfDeployment,
  requireManifests,
  withArguments,
  withEnv,
  withNamespaceObject,
  withoutSecretVolumes,
  withoutWebhook,
  withPod,
  type Container,
  type DeploymentManifest,
  type Manifest,
} from '../../upstream';
import { operatorArguments, type OperatorOptions } from './arguments';
import { withoutUndefined } from '../../without-undefined';
import { placed, type PodPlacement } from '../placement';
import type { ComputeResources } from '../compute-resources';
import { containerName } from './pod';

/** What may be asked of a release that comes from its own manifests; what is left out stays as they have it. */
export interface FromManifestsOptions extends OperatorOptions, PodPlacement {
  readonly version: string;
  readonly manifests: readonly unknown[];
  readonly namespace?: string | undefined;
  readonly createNamespace?: boolean | undefined;
  readonly crds?: boolean | undefined;
  readonly image?: string | undefined;
  readonly imagePullPolicy?: string | undefined;
  readonly resources?: ComputeResources | undefined;
  readonly ironicConfig?: Readonly<Record<string, string>> | undefined;
}

/** A release from its own manifests, as the options want it. */
export interface OperatorFromManifests {
  readonly objects: readonly Manifest[];
  readonly namespaceName: string;
  readonly deploymentName: string;
  readonly serviceAccountName: string;
  readonly image: string;
  readonly testMode: boolean;
  readonly leaderElection: boolean;
  readonly hostClaims: boolean;
}

/**
 * Applies the options to a release's own manifests. The container is found by its name, `manager`: up to v0.8 it has
 * another one beside it.
 *
 * @throws TestbedError (`invalid-input`) for manifests without that container, or without a namespace
 */
export function operatorFromManifests(options: FromManifestsOptions): OperatorFromManifests {
  const { watchedNamespaces = [] } = options;
  let objects = requireManifests(options.manifests);
  const original = deploymentWithContainer(objects, containerName);
  const namespaceName = options.namespace ?? namespaceOfDeployment(original);

  objects = inNamespace(objects, namespaceOfDeployment(original), namespaceName);
  objects = withNamespaceObject(objects, namespaceName, options.createNamespace ?? true);
  if (options.crds === false) objects = objects.filter(({ kind }) => kind !== 'CustomResourceDefinition');
  let webhookSecrets: ReadonlySet<string> = new Set();
  if (options.webhook === false) {
    ({ manifests: objects, secretNames: webhookSecrets } = withoutWebhook(objects));
  } else if (watchedNamespaces.length > 0) {
    objects = objects.map((object) => checkingOnly(object, watchedNamespaces));
  }

  const before = deploymentWithContainer(objects, containerName);
  const deployment = withPod(
    before,
    containerName,
    (pod) => ({ ...withoutSecretVolumes(pod, webhookSecrets), ...withoutUndefined(placementOf(options, before)) }),
    (container) => changedContainer(container, options),
  );
  objects = objects.map((object) => (object === before ? deployment : object));
  if (options.ironicConfig) objects = withIronicConfig(objects, deployment, options.ironicConfig);

  const { image = '', args = [] } = managerOf(deployment);
  const isSwitchedOn = (name: string) => args.some((arg) => argumentName(arg) === name && !arg.endsWith('=false'));
  return {
    objects,
    namespaceName,
    deploymentName: deployment.metadata.name,
    serviceAccountName: deployment.spec.template.spec.serviceAccountName ?? 'default',
    image,
    testMode: isSwitchedOn('test-mode') || args.some((arg) => /^--?provisioner=fixture$/.test(arg)),
    leaderElection: isSwitchedOn('enable-leader-election'),
    hostClaims: isSwitchedOn('hostclaims'),
  };
}

function placementOf(options: FromManifestsOptions, { spec }: DeploymentManifest) {
  const { labels = {} } = spec.template.metadata ?? {};
  return placed({ antiAffinity: 'none', ...options }, labels, 'all');
}

function managerOf(deployment: DeploymentManifest): Container {
  return deployment.spec.template.spec.containers.find(({ name }) => name === containerName)!;
}

/**
 * The image of the operator in a release's own manifests, where it has neither a tag nor a digest: a source tree has it so
 * until it is released. Such a testbed runs the image of the operator's version.
 *
 * @returns undefined where it has one, or the manifests have no such container
 */
export function untaggedImage(manifests: readonly Manifest[]): string | undefined {
  const containers = manifests.flatMap((manifest) => {
    const { spec } = manifest as Partial<DeploymentManifest>;
    return manifest.kind === 'Deployment' ? (spec?.template?.spec?.containers ?? []) : [];
  });
  const image = containers.find(({ name }) => name === containerName)?.image;
  return image !== undefined && isUntagged(image) ? image : undefined;
}

/** A registry may have a port, so that only the last part of the path tells. */
function isUntagged(image: string): boolean {
  return image !== '' && !/[:@]/.test(image.slice(image.lastIndexOf('/') + 1));
}

function changedContainer(container: Container, options: FromManifestsOptions): Container {
  const { imagePullPolicy, resources, webhook, version } = options;
  const own = container.image ?? '';
  // Without a tag it would be `latest`: another release, with other arguments.
  const image = options.image ?? (isUntagged(own) ? `${own}:${version}` : undefined);
  const { args, env } = operatorArguments({
    ...options,
    // Unsaid, these are as the manifests have them, not as the built-in releases do.
    leaderElection: options.leaderElection ?? false,
    hostClaims: options.hostClaims ?? false,
  });
  const ports = container.ports?.filter(({ name }) => webhook !== false || name !== 'webhook-server');
  return {
    ...container,
    args: withArguments(container.args ?? [], replacedArguments(options, args), args),
    env: container.env === undefined && Object.keys(env).length === 0 ? undefined : withEnv(container.env ?? [], env),
    ports,
    image: image ?? container.image,
    imagePullPolicy: imagePullPolicy ?? container['imagePullPolicy'],
    resources: resources ? { ...(container['resources'] as object | undefined), ...resources } : container['resources'],
  };
}

/** The arguments of the manifests that an option has the say in: those it gives, and those it says no to. */
function replacedArguments(options: FromManifestsOptions, given: readonly string[]): ReadonlySet<string> {
  return new Set([
    ...given.flatMap((arg) => argumentName(arg) ?? []),
    ...(options.testMode === undefined ? [] : ['test-mode', 'provisioner']),
    ...(options.leaderElection === undefined ? [] : ['enable-leader-election']),
    ...(options.hostClaims === undefined ? [] : ['hostclaims']),
  ]);
}

/** The ConfigMap that the container has its environment from: releases prefix its name. */
function withIronicConfig(
  objects: readonly Manifest[],
  deployment: DeploymentManifest,
  data: Readonly<Record<string, string>>,
): readonly Manifest[] {
  const name = managerOf(deployment).envFrom?.find(({ configMapRef }) => configMapRef?.name)?.configMapRef?.name;
  const { namespace } = deployment.metadata;
  if (name === undefined || namespace === undefined) {
    throw invalidInput(`ironicConfig: the container ${containerName} has its environment from no ConfigMap`);
  }
  const isThis = ({ kind, metadata }: Manifest) =>
    kind === 'ConfigMap' && metadata.name === name && metadata.namespace === namespace;
  if (objects.some(isThis)) return objects.map((object) => (isThis(object) ? { ...object, data } : object));
  return [...objects, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }];
}
