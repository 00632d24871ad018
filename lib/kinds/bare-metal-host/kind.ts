/** What this package knows of BareMetalHosts, for whatever works on objects of any kind. */
import { hostAnnotations } from './manifests';
import { bareMetalHostFace } from './kind-face';
import { identityOf, unseenObject, type Kind, type LiveObject, type ObservedObject } from '../kind';
import { provisioningStates, type BareMetalHostSpec } from './schema';
import { settledState } from './settled-state';
import { recordedConditions } from '../conditions';

/** What is worth remembering of a BareMetalHost. Its state is `status.provisioning.state`. */
export interface ObservedHost extends ObservedObject {
  readonly operationalStatus: string;
  readonly poweredOn: boolean;
  /** `status` of each condition, by its type. */
  readonly conditions: Readonly<Record<string, string>>;
  /** `spec.online`. */
  readonly online: boolean;
  /** URL of the image that it is provisioned with, as its status says; '' for none. */
  readonly imageUrl: string;
  /** `namespace/name` of whoever has taken it, such as a Metal3Machine; '' for nobody. */
  readonly consumer: string;
  /** What annotations ask of its operator. */
  readonly isPaused: boolean;
  readonly isDetachAsked: boolean;
  readonly isRebootAsked: boolean;
}

interface HostObject extends LiveObject {
  readonly spec?: BareMetalHostSpec;
  readonly status?: {
    readonly operationalStatus?: string;
    readonly errorType?: string;
    readonly errorMessage?: string;
    readonly poweredOn?: boolean;
    readonly provisioning?: { readonly state?: string; readonly image?: { readonly url?: string } };
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const isTrue = (value: boolean) => (value ? 'true' : '');

export const bareMetalHostKind: Kind<ObservedHost> = {
  ...bareMetalHostFace,
  apiVersion: 'metal3.io/v1alpha1',
  plural: 'baremetalhosts',
  shortNames: ['bmh', 'bmhost', 'host'],
  isSimulated: true,
  writtenByControllers: ['spec.architecture', 'spec.automatedCleaningMode'],
  states: provisioningStates.filter((state) => state !== ''),
  stateColumn: 'State',

  observe(object: HostObject, shared) {
    const { metadata, status = {} } = object;
    const state = shared(status.provisioning?.state);
    const settled = settledState(object);
    const annotations = Object.keys(metadata.annotations ?? {});
    return {
      ...identityOf(object, shared),
      state,
      isSettled: settled === undefined || state === settled,
      errorType: shared(status.errorType),
      errorMessage: shared(status.errorMessage),
      operationalStatus: shared(status.operationalStatus),
      poweredOn: status.poweredOn ?? false,
      conditions: Object.fromEntries(
        (status.conditions ?? []).map(({ type, status: value }) => [shared(type), shared(value)]),
      ),
      online: object.spec?.online ?? false,
      imageUrl: shared(status.provisioning?.image?.url),
      consumer: consumerOf(object),
      isPaused: annotations.includes(hostAnnotations.paused),
      isDetachAsked: annotations.includes(hostAnnotations.detached),
      isRebootAsked: annotations.some(
        (name) => name === hostAnnotations.reboot || name.startsWith(`${hostAnnotations.reboot}/`),
      ),
    };
  },

  unseen(namespace, name) {
    return {
      ...unseenObject(namespace, name),
      operationalStatus: '',
      conditions: {},
      imageUrl: '',
      consumer: '',
      poweredOn: false,
      online: false,
      isPaused: false,
      isDetachAsked: false,
      isRebootAsked: false,
    };
  },

  // Power is no state: without a line of its own, powerOff would look like nothing.
  lines: [
    { name: 'powered on', field: 'poweredOn', value: isTrue(true) },
    { name: 'asked to be on', field: 'online', value: isTrue(true) },
  ],

  /** `online` is power as it is asked for, `poweredOn` as it is. */
  *recorded({ operationalStatus, online, poweredOn, consumer, conditions }) {
    yield ['operationalStatus', operationalStatus];
    yield ['online', isTrue(online)];
    yield ['poweredOn', isTrue(poweredOn)];
    yield ['consumer', consumer];
    yield* recordedConditions(conditions);
  },
};

function consumerOf({ metadata, spec }: HostObject): string {
  const { name, namespace = metadata.namespace } = spec?.consumerRef ?? {};
  return name === undefined ? '' : `${namespace}/${name}`;
}
