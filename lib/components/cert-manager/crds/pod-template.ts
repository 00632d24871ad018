/** The pod that serves the page of an HTTP-01 challenge: the pieces of a Kubernetes pod that an issuer may set. */
import { boolean, integer, intOrString, map, mapList, object, required, string, withDefault } from '../../../crd';
import { list, since } from './since';

export const objectMetadata = object({ annotations: map(string()), labels: map(string()) });

/** A label, a field or a topology key, compared with values. */
const requirement = object({ key: required(string()), operator: required(string()), values: list(string()) });

const nodeSelectorTerm = object(
  { matchExpressions: list(requirement), matchFields: list(requirement) },
  { mapType: 'atomic' },
);

/** In words of Kubernetes: `requiredDuringSchedulingIgnoredDuringExecution` and its like. */
const nodeAffinity = object({
  preferredDuringSchedulingIgnoredDuringExecution: list(
    object({ weight: required(integer({ format: 'int32' })), preference: required(nodeSelectorTerm) }),
  ),
  requiredDuringSchedulingIgnoredDuringExecution: object(
    { nodeSelectorTerms: required(list(nodeSelectorTerm)) },
    { mapType: 'atomic' },
  ),
});

const labelSelector = object(
  { matchExpressions: list(requirement), matchLabels: map(string()) },
  { mapType: 'atomic' },
);

const podAffinityTerm = object({
  topologyKey: required(string()),
  labelSelector,
  matchLabelKeys: since('v1.21.1', list(string())),
  mismatchLabelKeys: since('v1.21.1', list(string())),
  namespaces: list(string()),
  namespaceSelector: labelSelector,
});

const podAffinity = object({
  preferredDuringSchedulingIgnoredDuringExecution: list(
    object({ weight: required(integer({ format: 'int32' })), podAffinityTerm: required(podAffinityTerm) }),
  ),
  requiredDuringSchedulingIgnoredDuringExecution: list(podAffinityTerm),
});

const toleration = object({
  key: string(),
  operator: string(),
  value: string(),
  effect: string(),
  tolerationSeconds: integer({ format: 'int64' }),
});

/** An amount of CPU, memory or another resource, such as `2`, `100m` or `64Mi`. */
const quantity = intOrString({
  pattern:
    '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$',
});

/** What a container is promised at least, and allowed at most. */
export const resourceRequirements = object({ requests: map(quantity), limits: map(quantity) });

const securityContext = object({
  fsGroup: integer({ format: 'int64' }),
  fsGroupChangePolicy: string(),
  runAsGroup: integer({ format: 'int64' }),
  runAsNonRoot: boolean(),
  runAsUser: integer({ format: 'int64' }),
  seLinuxOptions: object({ level: string(), role: string(), type: string(), user: string() }),
  seccompProfile: object({ type: required(string()), localhostProfile: string() }),
  supplementalGroups: list(integer({ format: 'int64' })),
  sysctls: list(object({ name: required(string()), value: required(string()) })),
});

const imagePullSecret = object({ name: withDefault(string(), '') }, { mapType: 'atomic' });

export const podTemplate = object({
  metadata: objectMetadata,
  spec: object({
    affinity: object({ nodeAffinity, podAffinity, podAntiAffinity: podAffinity }),
    imagePullSecrets: since('v1.21.1', mapList(imagePullSecret, ['name'])),
    nodeSelector: map(string()),
    priorityClassName: string(),
    resources: since('v1.21.1', resourceRequirements),
    securityContext: since('v1.21.1', securityContext),
    serviceAccountName: string(),
    tolerations: list(toleration),
  }),
});
