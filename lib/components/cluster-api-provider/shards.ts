/** Where the pods of a manager run, and of how many Deployments: one for each namespace that it takes care of. */
import { placed } from '../placement';
import {
  deploymentWithContainer,
  withArguments,
  withPod,
  type DeploymentManifest,
  type Manifest,
} from '../../upstream';
import { withoutUndefined } from '../../without-undefined';
import type { AnyProviderProps } from './options';
import { containerName } from './pod';

/** The namespace that a Deployment takes care of, where there are several of a manager. */
export const SHARD_LABEL = 'metal3-testbed/watched-namespace';
/** It has the namespace alone, and shares it with nobody. */
const REPLACED: ReadonlySet<string> = new Set(['leader-elect', 'namespace']);

/** The objects of a provider with its Deployment placed, and in as many as its namespaces take. The first keeps its name. */
export function placedAndSharded(objects: readonly Manifest[], props: AnyProviderProps): readonly Manifest[] {
  const { watchedNamespaces = [], nodeSelector, tolerations, antiAffinity } = props;
  const isSharded = watchedNamespaces.length > 0;
  if (!isSharded && [nodeSelector, tolerations, antiAffinity].every((each) => each === undefined)) return objects;
  const original = deploymentWithContainer(objects, containerName);
  const all = isSharded ? watchedNamespaces.map((each, i) => shardOf(original, each, i)) : [original];
  return objects.flatMap((object) =>
    object === original ? all.map((each) => onNodes(each, props, isSharded ? 'preferred' : 'none')) : [object],
  );
}

function shardOf(deployment: DeploymentManifest, namespace: string, i: number): DeploymentManifest {
  const { metadata, spec } = deployment;
  const label = { [SHARD_LABEL]: namespace };
  const { selector, template } = spec as typeof spec & { readonly selector: { readonly matchLabels: object } };
  const changed = withPod(
    deployment,
    containerName,
    (pod) => pod,
    (container) => ({
      ...container,
      args: withArguments(container.args ?? [], REPLACED, [`--namespace=${namespace}`]),
    }),
  );
  return {
    ...changed,
    metadata: { ...metadata, name: i === 0 ? metadata.name : `${metadata.name}-${namespace}` },
    spec: {
      ...changed.spec,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, ...label } },
      template: {
        ...changed.spec.template,
        metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...label } },
      },
    },
  } as DeploymentManifest;
}

/** @param usual whether pods of a manager keep away from each other where nothing is said of it */
function onNodes(
  deployment: DeploymentManifest,
  { nodeSelector, tolerations, antiAffinity }: AnyProviderProps,
  usual: 'none' | 'preferred',
): Manifest {
  // Shards have the same labels but one.
  const { [SHARD_LABEL]: _, ...labels } = deployment.spec.template.metadata?.labels ?? {};
  const of = placed({ nodeSelector, tolerations, antiAffinity: antiAffinity ?? usual }, labels);
  return withPod(
    deployment,
    containerName,
    (pod) => {
      const own = (pod['tolerations'] as readonly object[] | undefined) ?? [];
      return { ...pod, ...withoutUndefined({ ...of, tolerations: of.tolerations && [...own, ...of.tolerations] }) };
    },
    (container) => container,
  );
}
