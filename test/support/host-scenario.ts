/** What a scenario of one host is, and what scenarios are made of. */

export const HARDWARE = 'inspect.metal3.io/hardwaredetails';
export const STATUS = 'baremetalhost.metal3.io/status';
export const INSPECT = 'inspect.metal3.io';
export const DETACHED = 'baremetalhost.metal3.io/detached';
export const PAUSED = 'baremetalhost.metal3.io/paused';
export const REBOOT = 'reboot.metal3.io';

/** Something that is done. A Secret's data are plain text; null takes the Secret away. */
export type Action =
  | { readonly patch: object }
  | { readonly delete: true }
  | { readonly secret: Readonly<Record<string, string>> | null; readonly name?: string };

/** What is done at one moment, and how long is waited then. */
export interface Step {
  readonly actions: readonly Action[];
  /** A state in the middle, at which the next step follows at once. @default until nothing happens any more */
  readonly until?: string;
  /** Whether it comes after errors in a row, after which the operator looks away for minutes. @default false */
  readonly isFresh?: boolean;
}

/** What kwok's hosts do otherwise. */
export interface Difference {
  readonly because: string;
  /** The states that they go through, for each step that is waited out. */
  readonly traces: readonly (readonly string[])[];
}

export interface HostScenario {
  readonly name: string;
  /** Data of the Secret that the host names. @default both credentials; null for no Secret */
  readonly secret?: Readonly<Record<string, string>> | null;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: object;
  readonly steps: readonly Step[];
  /** Why kwok's hosts do otherwise, and the states that they go through. @default they do as the operator's */
  readonly differs?: Difference | undefined;
}

export const image = {
  url: 'http://images.invalid/os.qcow2',
  checksum: 'http://images.invalid/os.qcow2.sha256',
  checksumType: 'sha256',
  format: 'qcow2',
} as const;

export const good = { username: 'admin', password: 'password' };
export const address = 'redfish-virtualmedia://192.0.2.1/redfish/v1/Systems/1';

export const HOST = 'host-1';
export const SECRET = 'host-1-bmc';
export const defaultSecret = good;
export const defaultSpec = {
  online: true,
  bootMACAddress: '00:60:2f:00:00:01',
  bmc: { address, credentialsName: SECRET },
};

export const settle = (...actions: Action[]): Step => ({ actions });
export const afterErrors = (...actions: Action[]): Step => ({ actions, isFresh: true });
export const until = (state: string, ...actions: Action[]): Step => ({ actions, until: state });
export const spec = (value: object): Action => ({ patch: { spec: value } });
export const annotate = (annotations: Record<string, string | null>): Action => ({
  patch: { metadata: { annotations } },
});
export const remove: Action = { delete: true };
export const settled = settle();
export const deleted = settle(remove);

export const inspectionDisabled = { [INSPECT]: 'disabled' };

/** Hardware details by annotation, on a host that is not inspected. */
export const givenHardware = (name: string, value: string, ...more: Step[]): HostScenario => ({
  name: `hardware details: ${name}`,
  annotations: { ...inspectionDisabled, [HARDWARE]: value },
  steps: [settled, ...more, deleted],
});

/** A status by annotation. */
export const givenStatus = (name: string, value: unknown, ...more: Step[]): HostScenario => ({
  name: `status: ${name}`,
  annotations: { [STATUS]: typeof value === 'string' ? value : JSON.stringify(value) },
  steps: [settled, ...more, deleted],
});

/** A status in a state, as an older cluster may have left it. */
export const inState = (state: string, rest: object = {}, provisioning: object = {}) => ({
  operationalStatus: 'OK',
  errorCount: 0,
  errorMessage: '',
  poweredOn: false,
  ...rest,
  provisioning: { state, ID: 'an-id', ...provisioning },
});

export const available: readonly Step[] = [settled];
export const provisioned: readonly Step[] = [settle(spec({ image }))];
