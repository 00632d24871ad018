/** How hosts come to be available: registered, inspected, prepared. */
import type { Behaviour } from './behaviour';
import { bootMode, delayOf, failing, transition, transitionWithError } from './behaviour';
import { anyState } from './conditions';
import { hardwareProfile, rootDeviceHintsExpression } from './hardware-profile';
import { fixtureHardwareDetails } from './hardware-details';
import type { HostState } from './host-state';
import { hostAnnotations } from '../manifests';
import { availableStates, everyStateBut } from './host-state';
import {
  all,
  hasBmcDetails,
  hasNewRootDeviceHints,
  hasUnknownProfile,
  isDeleting,
  isExternallyProvisioned,
  isInspectionDisabled,
  isInspectionRequested,
  lacksCredentials,
  needsRegistration,
  not,
  wasRefused,
} from './queries';
import type { HostStage } from './stage';
import type { StageStep } from './status-patch';
import {
  annotationExpression,
  either,
  hasValue,
  newProvisioning,
  newStatus,
  now,
  patchHost,
  patchStatus,
  patchStatusFields,
  recordEvent,
  replacement,
  wholeOrNull,
} from './status-patch';
import { Template, expressionFromHost, fromHost } from './template';
import type { Templated } from './template';

const firmwareKeys = ['virtualizationEnabled', 'simultaneousMultithreadingEnabled', 'sriovEnabled'];
const raidKeys = ['hardwareRAIDVolumes', 'softwareRAIDVolumes'];
const rootDeviceHintsKeys = [
  ...['deviceName', 'hctl', 'model', 'vendor', 'serialNumber', 'minSizeGigabytes'],
  ...['wwn', 'wwnWithExtension', 'wwnVendorExtension', 'rotational'],
];

const rootDeviceHints = replacement(rootDeviceHintsExpression, rootDeviceHintsKeys);
const credentials: Templated = {
  credentials: { name: fromHost('spec.bmc.credentialsName'), namespace: fromHost('metadata.namespace') },
};
const handedOver = `(${annotationExpression(hostAnnotations.credentialsError)} | default "")`;
/** As the jq of `lacksCredentials` finds it. */
const credentialsErrorExpression =
  `ternary "No BMC CredentialsName defined The BMC secret reference is empty" (ternary ${handedOver} ` +
  `"Empty BMC address Missing BMC connection detail 'Address'" (ne ${handedOver} "")) ` +
  `(eq (${expressionFromHost('spec.bmc.credentialsName', '""')}) "")`;
const registered: readonly HostState[] = [
  'inspecting',
  'preparing',
  ...availableStates,
  'provisioning',
  'provisioned',
  'externally provisioned',
];

const newId = 'temporary-fake-id';
const isRegistering = hasValue('status.provisioning.state', 'registering');
const id = expressionFromHost('status.provisioning.ID', '""');
/** One that has been registered elsewhere keeps its id. */
const keptOrNewId = new Template(`${id} | default "${newId}"`);
const addOneError = new Template(`add1 (${expressionFromHost('status.errorCount', '0')})`);

const profileErrorExpression = `printf "no hardware profile named %q" (${hardwareProfile.expression})`;

/** A host is refused once: where its status says so already, it stays as it is. */
function unlessRefused(message: string, refusal: StageStep): StageStep {
  const isTold = `(eq (${expressionFromHost('status.errorMessage', '""')}) (${message}))`;
  const refused = `and ${hasValue('status.errorType', 'registration error')} ${hasValue('status.operationalStatus', 'error')} ${isTold}`;
  return either(`not (${refused})`, refusal);
}

/** The stages of hosts that are refused for their credentials, whatever they are about. */
export function refusalStages(): HostStage[] {
  return [
    {
      name: 'refuse-credentials',
      from: everyStateBut('', 'unmanaged'),
      when: all(not(isDeleting), lacksCredentials),
      steps: [
        // The operator writes no conditions then.
        unlessRefused(
          credentialsErrorExpression,
          patchStatusFields({
            operationalStatus: 'error',
            errorType: 'registration error',
            errorCount: addOneError,
            errorMessage: new Template(credentialsErrorExpression),
            // One that was never registered has neither, unless from elsewhere.
            triedCredentials: new Template(
              `ternary nil (${expressionFromHost('status.triedCredentials')}) ${isRegistering}`,
            ),
            provisioning: {
              ID: new Template(
                `ternary "" (${id}) (and ${isRegistering} ${hasValue('status.provisioning.ID', newId)})`,
              ),
            },
          }),
        ),
      ],
    },
  ];
}

/** The stages of hosts past registering that are registered anew, for what they have of it is old or wrong. */
export function renewalStages(): HostStage[] {
  return [
    {
      name: 'refuse-hardware-profile',
      from: everyStateBut('', 'unmanaged', 'match profile', 'deleting'),
      when: all(not(isDeleting), hasUnknownProfile),
      steps: [
        unlessRefused(
          profileErrorExpression,
          patchStatus({
            states: anyState,
            operationalStatus: 'error',
            status: {
              errorType: 'registration error',
              errorCount: addOneError,
              errorMessage: new Template(profileErrorExpression),
              triedCredentials: credentials,
              operationHistory: { register: { start: now } },
            },
          }),
        ),
      ],
    },
    {
      name: 'register-again',
      from: everyStateBut('', 'unmanaged', 'registering', 'match profile', 'deleting'),
      when: all(not(isDeleting), needsRegistration),
      steps: [
        patchStatus({
          states: anyState,
          operationalStatus: 'OK',
          status: {
            errorType: null,
            errorMessage: '',
            hardwareProfile,
            goodCredentials: credentials,
            triedCredentials: credentials,
            operationHistory: { register: { start: now, end: now } },
            provisioning: { ID: keptOrNewId, rootDeviceHints },
          },
        }),
      ],
    },
  ];
}

/** The stages from a new host to one that is available or externally provisioned. */
export function registrationStages(behaviour: Behaviour): HostStage[] {
  const registering = delayOf(behaviour, 'registering');
  return [
    {
      name: 'discover',
      from: [''],
      when: not(hasBmcDetails),
      steps: [
        patchStatus({
          states: ['unmanaged'],
          operationalStatus: 'discovered',
          status: { ...newStatus, provisioning: { ...newProvisioning, state: 'unmanaged' } },
        }),
        recordEvent('Discovered', 'Discovered host with no BMC details'),
      ],
    },
    transitionWithError({
      name: 'register',
      from: '',
      to: 'registering',
      status: { ...newStatus, triedCredentials: credentials },
      provisioning: { ...newProvisioning, ID: keptOrNewId },
      events: [recordEvent('Registered', 'Registered new host')],
    }),
    transitionWithError({
      name: 'register-discovered',
      from: 'unmanaged',
      to: 'registering',
      when: hasBmcDetails,
      // It is discovered until it has been registered.
      status: { triedCredentials: credentials, operationalStatus: fromHost('status.operationalStatus', '""') },
      provisioning: { ID: keptOrNewId },
      events: [recordEvent('Registered', 'Registered new host')],
    }),
    {
      name: 'try-credentials',
      from: ['registering'],
      when: wasRefused,
      steps: [
        patchStatus({
          states: ['registering'],
          operationalStatus: 'OK',
          status: {
            errorType: null,
            errorMessage: '',
            triedCredentials: credentials,
            provisioning: { ID: keptOrNewId },
          },
        }),
      ],
    },
    ...failing(behaviour, 'registering'),
    ...(
      [
        ['register-externally-provisioned', 'externally provisioned', isExternallyProvisioned],
        ['register-without-inspection', 'preparing', isInspectionDisabled],
        ['inspect', 'inspecting', 'true'],
      ] as const
    ).map(([name, to, when]) =>
      transition({
        name,
        to,
        from: 'registering',
        when,
        delay: registering,
        status: { hardwareProfile, goodCredentials: credentials, triedCredentials: credentials },
        provisioning: { rootDeviceHints, bootMode },
        events: [
          recordEvent('ProfileSet', 'Hardware profile set'),
          recordEvent('BMCAccessValidated', 'Verified access to BMC'),
        ],
      }),
    ),
    {
      name: 'change-root-device-hints',
      from: registered,
      when: hasNewRootDeviceHints,
      steps: [patchStatusFields({ provisioning: { rootDeviceHints } })],
    },
    {
      name: 'accept-inspection-request',
      from: ['inspecting'],
      when: isInspectionRequested,
      steps: [patchHost({ metadata: { annotations: { [hostAnnotations.inspect]: null } } })],
    },
    ...failing(behaviour, 'inspecting', not(isInspectionDisabled)),
    transition({
      name: 'skip-inspection',
      from: 'inspecting',
      to: 'preparing',
      when: isInspectionDisabled,
      events: [recordEvent('InspectionSkipped', 'disabled by user')],
    }),
    transition({
      name: 'prepare',
      from: 'inspecting',
      to: 'preparing',
      delay: delayOf(behaviour, 'inspecting'),
      status: { hardware: inspectedHardware },
      events: [recordEvent('InspectionComplete', 'Hardware inspection completed')],
    }),
    ...failing(behaviour, 'preparing'),
    transition({
      name: 'make-available',
      from: 'preparing',
      to: 'available',
      delay: delayOf(behaviour, 'preparing'),
      provisioning: {
        // RAID volumes stay as they are where the spec has none.
        raid: wholeOrNull(
          `${expressionFromHost('spec.raid')} | default (${expressionFromHost('status.provisioning.raid')})`,
          raidKeys,
        ),
        firmware: wholeOrNull(expressionFromHost('spec.firmware'), firmwareKeys),
      },
    }),
  ];
}

/** What inspection finds, and nothing of what was there before. */
const inspectedHardware: Templated = {
  ...fixtureHardwareDetails,
  systemVendor: { manufacturer: null, productName: null, serialNumber: null },
  firmware: { bios: { date: null, vendor: null, version: null } },
  hostname: null,
};
