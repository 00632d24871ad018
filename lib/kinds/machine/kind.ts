/** What this package knows of the Machines of Cluster API, for whatever works on objects of any kind. */
import { API_VERSIONS, CLUSTER_NAME_LABEL, CONTROL_PLANE_LABEL } from '../cluster/api-groups';
import { failureOf, recordedConditions, statusByType, whyNot, type Condition } from '../conditions';
import { identityOf, unseenObject, type Kind, type LiveObject, type ObservedObject } from '../kind';
import { conditionTrue } from '../life';
import { machineFace } from './kind-face';

/** What is worth remembering of a Machine. Its state is its phase. */
export interface ObservedMachine extends ObservedObject {
  /** Name of its Node; '' before there is one. */
  readonly node: string;
  readonly version: string;
  /** `namespace/name` of its Cluster; '' for none. */
  readonly cluster: string;
  readonly isControlPlane: boolean;
  /** `namespace/name` of what it consists of: that which its host names as its consumer. */
  readonly infrastructure: string;
  /** `status` of each condition, by its type. */
  readonly conditions: Readonly<Record<string, string>>;
}

interface MachineObject extends LiveObject {
  readonly metadata: LiveObject['metadata'] & { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: { readonly version?: string; readonly infrastructureRef?: { readonly name?: string } };
  readonly status?: {
    readonly phase?: string;
    readonly nodeRef?: { readonly name?: string };
    readonly conditions?: readonly Condition[];
  };
}

export const machineKind: Kind<ObservedMachine> = {
  ...machineFace,
  apiVersion: API_VERSIONS.core,
  plural: 'machines',
  shortNames: ['ma'],
  states: ['pending', 'provisioning', 'provisioned', 'running', 'updating', 'failed', 'deleting', 'unknown'],
  stateColumn: 'Phase',
  tableState: (cell) => stateOf(cell('Phase')),
  milestones: [
    ...['BootstrapConfigReady', 'InfrastructureReady', 'NodeReady', 'Ready', 'Available'].map(conditionTrue),
    { name: 'Running', field: 'state', value: 'running' },
  ],

  observe(object: MachineObject, shared) {
    const { metadata, spec = {}, status = {} } = object;
    const { namespace, labels = {} } = metadata;
    const inNamespace = (name: string | undefined) => (name === undefined ? '' : `${namespace}/${name}`);
    const conditions = statusByType(status.conditions ?? [], shared);
    const state = shared(stateOf(status.phase ?? ''));
    return {
      ...identityOf(object, shared),
      state,
      isSettled: state === 'running' && conditions['Ready'] === 'True',
      ...failureOf(status.conditions ?? [], state === 'failed', shared),
      node: status.nodeRef?.name ?? '',
      version: shared(spec.version),
      cluster: shared(inNamespace(labels[CLUSTER_NAME_LABEL])),
      isControlPlane: labels[CONTROL_PLANE_LABEL] !== undefined,
      infrastructure: inNamespace(spec.infrastructureRef?.name),
      conditions,
    };
  },

  unseen: (namespace, name) => ({
    ...unseenObject(namespace, name),
    node: '',
    version: '',
    cluster: '',
    isControlPlane: false,
    infrastructure: '',
    conditions: {},
  }),

  *recorded({ node, version, cluster, isControlPlane, infrastructure, conditions }) {
    yield ['node', node === '' ? '' : 'there'];
    yield ['version', version];
    yield ['cluster', cluster];
    yield ['role', isControlPlane ? 'control plane' : ''];
    yield ['infrastructure', infrastructure];
    yield* recordedConditions(conditions);
  },

  whyPending({ metadata, status = {} }: MachineObject) {
    const conditions = status.conditions ?? [];
    const isLost =
      metadata.deletionTimestamp === undefined &&
      conditions.some(({ type, reason }) => type === 'BootstrapConfigReady' && reason === OBJECT_GONE);
    if (isLost) return 'its KubeadmConfig does not exist any more: delete this Machine, and another one is made';
    return whyNot('Ready', conditions);
  },
};

/** What Cluster API says of a part that is gone. Its kubeadm control plane provider may take back what it has just made (docs/findings.md). */
const OBJECT_GONE = 'ObjectDoesNotExist';

/** One that is deleted is so for a moment only, until its finalizer has gone. */
function stateOf(phase: string): string {
  const state = phase.toLowerCase();
  return state === 'deleted' ? 'deleting' : state;
}
