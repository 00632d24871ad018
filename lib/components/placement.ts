import type { k8s } from 'cdk8s-plus-27';
import { array, enumeration, integer, map, object, string } from '../crd';

/** On which nodes pods run. */
export interface PodPlacement {
  /**
   * Labels that a node has to have.
   * @default - any node
   */
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
  /**
   * Taints of nodes that the pods put up with.
   * @default [] - none
   */
  readonly tolerations?: readonly PodToleration[] | undefined;
  /**
   * Whether pods alike keep away from each other's nodes: `preferred` where there are enough, `required` also where one then
   * does not run.
   * @default 'preferred'
   */
  readonly antiAffinity?: 'none' | 'preferred' | 'required' | undefined;
}

/** A taint that pods put up with, as Kubernetes has it. */
export interface PodToleration {
  /** Its key. @default - all keys, with `operator: Exists` */
  readonly key?: string | undefined;
  /** Whether its value is to be the same, or any will do. @default 'Equal' */
  readonly operator?: 'Equal' | 'Exists' | undefined;
  /** Its value, with `operator: Equal`. @default - the empty one */
  readonly value?: string | undefined;
  /** What it does to pods that do not put up with it. @default - all effects */
  readonly effect?: 'NoExecute' | 'NoSchedule' | 'PreferNoSchedule' | undefined;
  /** How long it puts up with a taint whose effect is NoExecute. @default - for good */
  readonly tolerationSeconds?: number | undefined;
}

/** Its fields, as a description may have them. */
export const podPlacement = {
  nodeSelector: map(string()),
  tolerations: array(
    object({
      key: string(),
      operator: enumeration('Equal', 'Exists'),
      value: string(),
      effect: enumeration('NoExecute', 'NoSchedule', 'PreferNoSchedule'),
      tolerationSeconds: integer({ minimum: 0 }),
    }),
  ),
  antiAffinity: enumeration('none', 'preferred', 'required'),
};

/**
 * What a pod's spec has of it.
 *
 * @param labels of the pods that keep away from each other
 * @param namespaces whether those of other namespaces count too
 */
export function placed(
  { nodeSelector, tolerations = [], antiAffinity = 'preferred' }: PodPlacement,
  labels: Readonly<Record<string, string>>,
  namespaces: 'all' | 'own' = 'own',
): Pick<k8s.PodSpec, 'affinity' | 'nodeSelector' | 'tolerations'> {
  return {
    nodeSelector: nodeSelector && { ...nodeSelector },
    tolerations: tolerations.length === 0 ? undefined : tolerations.map((each) => ({ ...each })),
    affinity: affinityOf(antiAffinity, {
      labelSelector: { matchLabels: { ...labels } },
      namespaceSelector: namespaces === 'all' ? {} : undefined,
      topologyKey: 'kubernetes.io/hostname',
    }),
  };
}

function affinityOf(kind: 'none' | 'preferred' | 'required', term: k8s.PodAffinityTerm): k8s.Affinity | undefined {
  if (kind === 'none') return undefined;
  return {
    podAntiAffinity:
      kind === 'required'
        ? { requiredDuringSchedulingIgnoredDuringExecution: [term] }
        : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }] },
  };
}
