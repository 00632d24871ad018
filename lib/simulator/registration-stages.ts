/** How hosts come to be available: registered, inspected, prepared. */
import type { Behaviour } from './behaviour';
import { delayOf, failing, transition } from './behaviour';
import { hardwareProfile, rootDeviceHintsExpression } from './hardware-profile';
import { fixtureHardwareDetails } from './hardware-details';
import type { HostState } from './host-state';
import { hostAnnotations } from './host-state';
import {
  all,
  hasAllBmcDetails,
  hasBmcDetails,
  hasNewRootDeviceHints,
  isExternallyProvisioned,
  isInError,
  isInspectionDisabled,
  isInspectionRequested,
  needsArchitecture,
  not,
} from './queries';
import type { HostStage } from './stage';
import { patchHost, patchStatus, patchStatusFields, recordEvent, replacement, wholeOrNull } from './status-patch';
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
const bootMode = new Template(`${expressionFromHost('spec.bootMode', '""')} | default "UEFI"`);
const registered: readonly HostState[] = [
  'inspecting',
  'preparing',
  'available',
  'provisioning',
  'provisioned',
  'externally provisioned',
];

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
    transition({
      ...{ name: 'register', from: '', to: 'registering' },
      status: { ...newStatus, triedCredentials: credentials },
      provisioning: { ...newProvisioning, ID: 'temporary-fake-id', bootMode },
      events: [recordEvent('Registered', 'Registered new host')],
    }),
    transition({
      ...{ name: 'register-discovered', from: 'unmanaged', to: 'registering', when: hasBmcDetails },
      status: { triedCredentials: credentials },
      provisioning: { ID: 'temporary-fake-id', bootMode },
      events: [recordEvent('Registered', 'Registered new host')],
    }),
    {
      name: 'refuse-registration',
      from: ['registering'],
      when: all(not(hasAllBmcDetails), not(isInError)),
      steps: [
        patchStatus({
          ...{ states: ['registering'], operationalStatus: 'error' },
          status: { errorType: 'registration error', errorCount: 1, errorMessage: new Template(whatIsMissing) },
        }),
      ],
    },
    ...failing(behaviour, 'registering', hasAllBmcDetails),
    ...(
      [
        ['register-externally-provisioned', 'externally provisioned', isExternallyProvisioned],
        ['register-without-inspection', 'preparing', isInspectionDisabled],
        ['inspect', 'inspecting', 'true'],
      ] as const
    ).map(([name, to, when]) =>
      transition({
        ...{ name, to, from: 'registering', when: all(hasAllBmcDetails, when), delay: registering },
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
      ...{ name: 'prepare', from: 'inspecting', to: 'preparing', delay: delayOf(behaviour, 'inspecting') },
      status: { hardware: fixtureHardwareDetails },
      events: [recordEvent('InspectionComplete', 'Hardware inspection completed')],
    }),
    {
      // The operator does so too, and only after an inspection of its own: what it finds there it writes into the spec.
      name: 'write-architecture',
      from: registered.filter((state) => state !== 'inspecting'),
      when: needsArchitecture,
      steps: [patchHost({ spec: { architecture: fromHost('status.hardware.cpu.arch') } })],
    },
    ...failing(behaviour, 'preparing'),
    transition({
      ...{ name: 'make-available', from: 'preparing', to: 'available', delay: delayOf(behaviour, 'preparing') },
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

/** A status before anything has happened, as far as the CRD requires or the operator writes it. */
const newStatus = { errorCount: 0, errorMessage: '', poweredOn: false, goodCredentials: {} } as const;
const newProvisioning = { ID: '', image: { url: '' } } as const;

const whatIsMissing =
  `ternary "No BMC CredentialsName defined The BMC secret reference is empty" ` +
  `"Empty BMC address Missing BMC connection detail 'Address'" (eq (${expressionFromHost('spec.bmc.credentialsName', '""')}) "")`;
