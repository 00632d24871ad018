/** What this package knows of the Machines of Cluster API, for whatever works on objects of any kind. */
import { API_VERSIONS } from '../cluster/api-groups';
import { failureOf, statusByType, whyNot, type Condition } from '../conditions';
import { identityOf, unseenObject, type Kind, type LiveObject, type ObservedObject } from '../kind';
import { machineFace } from './kind-face';

/** What is worth remembering of a Machine. Its state is its phase. */
export interface ObservedMachine extends ObservedObject {
  /** Name of its Node; '' before there is one. */
  readonly node: string;
  readonly version: string;
  /** `status` of each condition, by its type. */
  readonly conditions: Readonly<Record<string, string>>;
}

interface MachineObject extends LiveObject {
  readonly spec?: { readonly version?: string };
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

  observe(object: MachineObject, shared) {
    const { spec = {}, status = {} } = object;
    const conditions = statusByType(status.conditions ?? [], shared);
    const state = shared(stateOf(status.phase ?? ''));
    return {
      ...identityOf(object, shared),
      state,
      isSettled: state === 'running' && conditions['Ready'] === 'True',
      ...failureOf(status.conditions ?? [], state === 'failed', shared),
      node: status.nodeRef?.name ?? '',
      version: shared(spec.version),
      conditions,
    };
  },

  unseen: (namespace, name) => ({ ...unseenObject(namespace, name), node: '', version: '', conditions: {} }),

  *recorded({ node, version, conditions }) {
    yield ['node', node === '' ? '' : 'there'];
    yield ['version', version];
    for (const [type, status] of Object.entries(conditions)) yield [`condition ${type}`, status];
  },

  whyPending: ({ status = {} }: MachineObject) => whyNot('Ready', status.conditions ?? []),
};

/** One that is deleted is so for a moment only, until its finalizer has gone. */
function stateOf(phase: string): string {
  const state = phase.toLowerCase();
  return state === 'deleted' ? 'deleting' : state;
}
