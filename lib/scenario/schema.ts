/** What `testbed.yaml` may say about a scenario. Whatever a schema cannot say is checked by `resolveScenario`. */
import { image } from '../kinds/bare-metal-host/schema';
import { machineImage } from '../kinds/cluster/machine-image-schema';
import type { RequiredField, Schema, SchemaNode } from '../crd';
import { array, boolean, enumeration, integer, intOrString, number, object, required, string } from '../crd';
import { failuresSchema } from '../kinds/bare-metal-host/stages/failures-schema';
import type { ClusterManager, StepKind } from './steps';
import { faultFields } from './workload-api-faults';

const share = number({ minimum: 0, maximum: 1 });
const seconds = number({ minimum: 0, maximum: 1_000_000 });

const sets = { hostSets: array(string(), { minItems: 1 }), hosts: intOrString() };
const limits = { share, perSecond: number({ minimum: 0 }) };
const selection = { ...sets, ...limits };
const clusterSets = { clusterSets: array(string(), { minItems: 1 }), clusters: intOrString() };
/** Which clusters a step is for, and how fast it takes them on. */
const clusterSelection = { ...clusterSets, ...limits };
const hostsOrClusters = { ...selection, ...clusterSelection };
const role = enumeration('controlPlane', 'workers');

const MANAGERS = [
  ...([
    'core',
    'kubeadmBootstrap',
    'kubeadmControlPlane',
    'ipAddressManager',
    'metal3Provider',
    'workloadApi',
  ] as const),
] satisfies readonly ClusterManager[];
const stoppedShare = required(number({ minimum: 0, maximum: 0.95 }));

const kinds: Readonly<Record<StepKind, SchemaNode>> = {
  enroll: object({ ...selection, state: enumeration('available', 'provisioned') }),
  provision: object({ ...selection, image }),
  deprovision: object(selection),
  powerOn: object(selection),
  powerOff: object(selection),
  reboot: object({ ...selection, mode: enumeration('hard', 'soft'), force: boolean() }),
  detach: object(selection),
  attach: object(selection),
  pause: object(hostsOrClusters),
  unpause: object(hostsOrClusters),
  delete: object(hostsOrClusters),
  churn: object({
    ...sets,
    ...clusterSets,
    share: required(share),
    everySeconds: required(seconds),
    forSeconds: required(seconds),
  }),
  create: object({
    ...clusterSelection,
    waves: object({ size: required(integer({ minimum: 1 })), everySeconds: seconds }),
    state: enumeration('available'),
  }),
  scaleControlPlane: object({ ...clusterSelection, replicas: required(integer({ minimum: 1 })) }),
  scaleWorkers: object({
    ...clusterSelection,
    replicas: required(integer({ minimum: 0 })),
    machineDeployment: string(),
  }),
  upgrade: object({ ...clusterSelection, version: required(string()), image: machineImage }),
  rollout: object({ ...clusterSelection, role }),
  remediate: object({ ...clusterSelection, role: required(role), machineShare: share }),
  move: object({ ...clusterSelection, to: required(string({ minLength: 1 })) }),
  rest: object({ seconds: required(seconds) }),
  killOperator: object({ operator: integer({ minimum: 1 }), downSeconds: seconds }),
  slowApiServer: object({ stoppedShare, forSeconds: required(seconds) }),
  stopApiServer: object({ forSeconds: required(number({ minimum: 0, maximum: 60 })) }),
  killManager: object({ manager: enumeration(...MANAGERS), downSeconds: seconds }),
  slowManager: object({ manager: enumeration(...MANAGERS), stoppedShare, forSeconds: required(seconds) }),
  workloadApiFault: object({
    ...clusterSets,
    share,
    ...faultFields,
    forSeconds: required(number({ minimum: 0, maximum: 86_400 })),
  }),
  takeCredentials: object({ ...selection, how: enumeration('delete', 'empty') }),
  giveCredentials: object(selection),
  failHosts: object({ failures: required(failuresSchema) }),
};

export const STEP_KINDS = Object.keys(kinds) as readonly StepKind[];

/** A step. Groups of steps hold steps, so this node is part of itself: JSON Schema has to refer to it by a name. */
export const stepSchema: SchemaNode = {
  type: 'object',
  get properties() {
    return stepProperties;
  },
};

const steps: SchemaNode = { type: 'array', items: stepSchema, minItems: 1 };
const stepProperties: Readonly<Record<string, SchemaNode>> = {
  name: string({ minLength: 1, maxLength: 63 }),
  timeoutSeconds: seconds,
  mayFail: boolean(),
  sequence: steps,
  parallel: steps,
  ...kinds,
};

const fields = {
  name: string({ minLength: 1, maxLength: 63 }),
  steps: required(steps),
  timeoutSeconds: seconds,
  scrapeSeconds: number({ minimum: 1, maximum: 3_600 }),
} satisfies Record<string, Schema | RequiredField>;

export const scenarioSchema: SchemaNode = object(fields);
