/**
 * Bodies in Protocol Buffers, of the kinds that clients which prefer them write into a workload cluster (client-go's typed
 * clients in Cluster API's managers). Answers are JSON, which all of them take.
 */
import { microTimeOf, timeOf } from './api-object';
import { decode, ProtobufError, type Field, type Fields } from './protobuf';
import { badRequest, StatusError } from './status-error';

const MAGIC = Buffer.from('k8s\0');

const TIMESTAMP: Fields = { 1: ['seconds', 'int'], 2: ['nanos', 'int'] };
const LATEST = 253_402_300_799;

function millisecondsOf(bytes: Buffer, depth: number): number | undefined {
  const { seconds = 0, nanos = 0 } = decode(TIMESTAMP, bytes, depth) as { seconds?: number; nanos?: number };
  if (Math.abs(seconds) > LATEST) throw new ProtobufError('it has a time that is no time');
  // Go's zero time is none.
  return bytes.length === 0 ? undefined : seconds * 1000 + Math.trunc(nanos / 1e6);
}

const time: Field = {
  as: (bytes, depth) => {
    const ms = millisecondsOf(bytes, depth);
    return ms === undefined ? undefined : timeOf(ms);
  },
};
const microTime: Field = {
  as: (bytes, depth) => {
    const ms = millisecondsOf(bytes, depth);
    return ms === undefined ? undefined : microTimeOf(ms);
  },
};
const message = (fields: Fields): Field => ({ message: () => fields });

const OWNER: Fields = {
  1: ['kind', 'string'],
  3: ['name', 'string'],
  4: ['uid', 'string'],
  5: ['apiVersion', 'string'],
  6: ['controller', 'bool'],
  7: ['blockOwnerDeletion', 'bool'],
};
const METADATA: Fields = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  4: ['selfLink', 'string'],
  5: ['uid', 'string'],
  6: ['resourceVersion', 'string'],
  7: ['generation', 'int'],
  8: ['creationTimestamp', time],
  9: ['deletionTimestamp', time],
  10: ['deletionGracePeriodSeconds', 'int'],
  11: ['labels', { map: 'string' }],
  12: ['annotations', { map: 'string' }],
  13: ['ownerReferences', { repeated: message(OWNER) }],
  14: ['finalizers', { repeated: 'string' }],
  // Nobody keeps them here.
  17: ['managedFields', { as: () => undefined }],
};
const DELETE_OPTIONS: Fields = {
  1: ['gracePeriodSeconds', 'int'],
  2: ['preconditions', message({ 1: ['uid', 'string'], 2: ['resourceVersion', 'string'] })],
  3: ['orphanDependents', 'bool'],
  4: ['propagationPolicy', 'string'],
  5: ['dryRun', { repeated: 'string' }],
  6: ['ignoreStoreReadErrorWithClusterBreakingPotential', 'bool'],
};
const LEASE_SPEC: Fields = {
  1: ['holderIdentity', 'string'],
  2: ['leaseDurationSeconds', 'int'],
  3: ['acquireTime', microTime],
  4: ['renewTime', microTime],
  5: ['leaseTransitions', 'int'],
  6: ['strategy', 'string'],
  7: ['preferredHolder', 'string'],
};
const ROLE_REFERENCE: Fields = { 1: ['apiGroup', 'string'], 2: ['kind', 'string'], 3: ['name', 'string'] };
const SUBJECT: Fields = {
  1: ['kind', 'string'],
  2: ['apiGroup', 'string'],
  3: ['name', 'string'],
  4: ['namespace', 'string'],
};
const RULE: Fields = {
  1: ['verbs', { repeated: 'string' }],
  2: ['apiGroups', { repeated: 'string' }],
  3: ['resources', { repeated: 'string' }],
  4: ['resourceNames', { repeated: 'string' }],
  5: ['nonResourceURLs', { repeated: 'string' }],
};
const metadata = { 1: ['metadata', message(METADATA)] } as const satisfies Fields;
const role: Fields = { ...metadata, 2: ['rules', { repeated: message(RULE) }] };
const binding: Fields = {
  ...metadata,
  2: ['subjects', { repeated: message(SUBJECT) }],
  3: ['roleRef', message(ROLE_REFERENCE)],
};

const textOrNumber: Field = {
  as: (bytes, depth) => {
    const {
      type,
      number = 0,
      text = '',
    } = decode({ 1: ['type', 'int'], 2: ['number', 'int'], 3: ['text', 'string'] }, bytes, depth);
    return type === 1 ? text : number;
  },
};
/** What a client has no business to say. */
const ignored: Field = { as: () => undefined };
const LABEL_SELECTOR: Fields = {
  1: ['matchLabels', { map: 'string' }],
  2: [
    'matchExpressions',
    { repeated: message({ 1: ['key', 'string'], 2: ['operator', 'string'], 3: ['values', { repeated: 'string' }] }) },
  ],
};
const SERVICE_PORT: Fields = {
  1: ['name', 'string'],
  2: ['protocol', 'string'],
  3: ['port', 'int'],
  4: ['targetPort', textOrNumber],
  5: ['nodePort', 'int'],
  6: ['appProtocol', 'string'],
};
const SERVICE_SPEC: Fields = {
  1: ['ports', { repeated: message(SERVICE_PORT) }],
  2: ['selector', { map: 'string' }],
  3: ['clusterIP', 'string'],
  4: ['type', 'string'],
  5: ['externalIPs', { repeated: 'string' }],
  7: ['sessionAffinity', 'string'],
  10: ['externalName', 'string'],
  18: ['clusterIPs', { repeated: 'string' }],
};
const CONTAINER_PORT: Fields = {
  1: ['name', 'string'],
  2: ['hostPort', 'int'],
  3: ['containerPort', 'int'],
  4: ['protocol', 'string'],
  5: ['hostIP', 'string'],
};
const CONTAINER: Fields = {
  1: ['name', 'string'],
  2: ['image', 'string'],
  3: ['command', { repeated: 'string' }],
  4: ['args', { repeated: 'string' }],
  5: ['workingDir', 'string'],
  6: ['ports', { repeated: message(CONTAINER_PORT) }],
  7: ['env', { repeated: message({ 1: ['name', 'string'], 2: ['value', 'string'] }) }],
  8: ['resources', message({})],
  14: ['imagePullPolicy', 'string'],
};
const POD_SPEC: Fields = {
  2: ['containers', { repeated: message(CONTAINER) }],
  3: ['restartPolicy', 'string'],
  4: ['terminationGracePeriodSeconds', 'number'],
  6: ['dnsPolicy', 'string'],
  7: ['nodeSelector', { map: 'string' }],
  8: ['serviceAccountName', 'string'],
  10: ['nodeName', 'string'],
  14: ['securityContext', message({})],
  19: ['schedulerName', 'string'],
  24: ['priorityClassName', 'string'],
};

const quantity: Field = {
  as: (bytes, depth) => decode({ 1: ['text', 'string'] }, bytes, depth)['text'] ?? '0',
};
const TAINT: Fields = { 1: ['key', 'string'], 2: ['value', 'string'], 3: ['effect', 'string'], 4: ['timeAdded', time] };
const NODE_SPEC: Fields = {
  1: ['podCIDR', 'string'],
  3: ['providerID', 'string'],
  4: ['unschedulable', 'flag'],
  5: ['taints', { repeated: message(TAINT) }],
  7: ['podCIDRs', { repeated: 'string' }],
};
const NODE_CONDITION: Fields = {
  1: ['type', 'string'],
  2: ['status', 'string'],
  3: ['lastHeartbeatTime', time],
  4: ['lastTransitionTime', time],
  5: ['reason', 'string'],
  6: ['message', 'string'],
};
const NODE_INFO: Fields = {
  1: ['machineID', 'string'],
  2: ['systemUUID', 'string'],
  3: ['bootID', 'string'],
  4: ['kernelVersion', 'string'],
  5: ['osImage', 'string'],
  6: ['containerRuntimeVersion', 'string'],
  7: ['kubeletVersion', 'string'],
  8: ['kubeProxyVersion', 'string'],
  9: ['operatingSystem', 'string'],
  10: ['architecture', 'string'],
};
const NODE_STATUS: Fields = {
  1: ['capacity', { map: quantity }],
  2: ['allocatable', { map: quantity }],
  3: ['phase', 'string'],
  4: ['conditions', { repeated: message(NODE_CONDITION) }],
  5: ['addresses', { repeated: message({ 1: ['type', 'string'], 2: ['address', 'string'] }) }],
  6: ['daemonEndpoints', message({ 1: ['kubeletEndpoint', message({ 1: ['Port', 'int'] })] })],
  7: ['nodeInfo', message(NODE_INFO)],
  8: ['images', { repeated: message({ 1: ['names', { repeated: 'string' }], 2: ['sizeBytes', 'int'] }) }],
  9: ['volumesInUse', { repeated: 'string' }],
  10: ['volumesAttached', { repeated: message({ 1: ['name', 'string'], 2: ['devicePath', 'string'] }) }],
};

const KINDS: Readonly<Record<string, Fields>> = {
  // CAPM3 taints a Node whose host it has switched off.
  Node: { ...metadata, 2: ['spec', message(NODE_SPEC)], 3: ['status', message(NODE_STATUS)] },
  Secret: {
    ...metadata,
    2: ['data', { map: 'bytes' }],
    3: ['type', 'string'],
    4: ['stringData', { map: 'string' }],
    5: ['immutable', 'bool'],
  },
  ConfigMap: {
    ...metadata,
    2: ['data', { map: 'string' }],
    3: ['binaryData', { map: 'bytes' }],
    4: ['immutable', 'bool'],
  },
  Namespace: { ...metadata, 2: ['spec', ignored], 3: ['status', ignored] },
  ServiceAccount: { ...metadata, 4: ['automountServiceAccountToken', 'bool'] },
  Service: { ...metadata, 2: ['spec', message(SERVICE_SPEC)], 3: ['status', ignored] },
  Deployment: {
    ...metadata,
    2: [
      'spec',
      message({
        1: ['replicas', 'number'],
        2: ['selector', message(LABEL_SELECTOR)],
        3: ['template', message({ ...metadata, 2: ['spec', message(POD_SPEC)] })],
        4: ['strategy', message({ 1: ['type', 'string'] })],
      }),
    ],
    3: ['status', ignored],
  },
  PodDisruptionBudget: {
    ...metadata,
    2: [
      'spec',
      message({
        1: ['minAvailable', textOrNumber],
        2: ['selector', message(LABEL_SELECTOR)],
        3: ['maxUnavailable', textOrNumber],
        4: ['unhealthyPodEvictionPolicy', 'string'],
      }),
    ],
    3: ['status', ignored],
  },
  Lease: { ...metadata, 2: ['spec', message(LEASE_SPEC)] },
  Role: role,
  ClusterRole: role,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  Eviction: { ...metadata, 2: ['deleteOptions', message(DELETE_OPTIONS)] },
  DeleteOptions: DELETE_OPTIONS,
};

const ENVELOPE: Fields = {
  1: ['typeMeta', message({ 1: ['apiVersion', 'string'], 2: ['kind', 'string'] })],
  2: ['raw', { as: (bytes) => bytes }],
  3: ['contentEncoding', 'string'],
  4: ['contentType', 'string'],
};

/** @throws StatusError (400) for what is none; (415) for a kind that is taken as JSON only */
export function decodeBody(body: Buffer): Record<string, unknown> {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) throw badRequest('the body is not Protocol Buffers of Kubernetes');
  try {
    const { typeMeta, raw } = decode(ENVELOPE, body.subarray(MAGIC.length));
    const { apiVersion = '', kind = '' } = (typeMeta ?? {}) as { apiVersion?: string; kind?: string };
    const fields = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
    if (fields === undefined)
      throw new StatusError(
        415,
        `the simulated API of workload clusters takes no ${JSON.stringify(kind.slice(0, 100))} as Protocol Buffers, but ${Object.keys(KINDS).join(', ')}: send JSON`,
      );
    return { apiVersion, kind, ...decode(fields, (raw as Buffer | undefined) ?? Buffer.alloc(0)) };
  } catch (error) {
    if (error instanceof ProtobufError)
      throw badRequest(`the body cannot be read as Protocol Buffers (${error.message}): send JSON`);
    throw error;
  }
}
