/**
 * Questions about a host, as jq. Each is a boolean expression in brackets over the BareMetalHost, so that they combine
 * with `and`, `or` and `not`; each says what the function of the same name in the Bare Metal Operator says.
 */
import type { Shape } from './go-json';
import { hardwareShape, isReadable, statusShape } from './go-json';
import { hostAnnotations } from '../manifests';
import { hostFinalizer } from './host-state';
import type { HostState } from './host-state';
import { rootDeviceHintsOfProfile } from './hardware-profile';

const annotations = '(.metadata.annotations // {})';
/** As one text, which is looked into many times faster than names are compared one by one. */
const annotationNames = `(${annotations} | keys | tojson)`;
const specImageUrl = '(.spec.image.url // "")';
const statusImageUrl = '(.status.provisioning.image.url // "")';
const specDeployMethod = '(.spec.customDeploy.method // "")';
const statusDeployMethod = '(.status.provisioning.customDeploy.method // "")';

export const state = '(.status.provisioning.state // "")';

export const isDeleting = '(.metadata.deletionTimestamp != null)';
export const isPaused = hasAnnotation(hostAnnotations.paused);
export const isDetached = '(.status.operationalStatus == "detached")';
export const isOnline = '(.spec.online == true)';
export const isPoweredOn = '(.status.poweredOn == true)';
export const isInError = '((.status.errorType // "") != "")';
export const isExternallyProvisioned = '(.spec.externallyProvisioned == true)';
export const hasFinalizer = `(.metadata.finalizers // [] | index("${hostFinalizer}") != null)`;
export const hasStatus = '(.status.lastUpdated != null)';
export const hasHardwareDetails = '(.status.hardware != null)';

/** One of the two is enough for a host to be more than discovered. */
export const hasBmcDetails = '((.spec.bmc.address // "") != "" or (.spec.bmc.credentialsName // "") != "")';

export const isInspectionDisabled = `(.spec.inspectionMode == "disabled" or ${annotation(hostAnnotations.inspect)} == "disabled")`;
export const isInspectionRequested = `(${annotation(hostAnnotations.inspect)} | . != null and . != "disabled")`;

/** Whether the operator has inspected the host itself, and so keeps what it found beside the host. */
const wasInspected = '(.status.operationHistory.inspect.end != null and .status.hardware != null)';

/** Annotations that hold JSON count where it can be read. */
export const hasStatusAnnotation = hasAnnotation(hostAnnotations.status);
export const hasReadableStatusAnnotation = isReadableAnnotation(hostAnnotations.status, statusShape, false);
export const hasHardwareAnnotation = hasAnnotation(hostAnnotations.hardwareDetails);
/** Hardware details count while there are none, and where nobody looks for them. */
export const isHardwareAnnotationWanted = `(${annotation(hostAnnotations.hardwareDetails)} // "" | . != "") and (.status.hardware == null or ${isInspectionDisabled}) and (${wasInspected} | not)`;
export const hasReadableHardwareAnnotation = isReadableAnnotation(hostAnnotations.hardwareDetails, hardwareShape, true);

export const isDetachRequested = hasAnnotation(hostAnnotations.detached);
/** What the annotation says, names in small letters; null where that cannot be read. */
const detachment = `(${annotation(hostAnnotations.detached)} | if . == "" then {} else try (fromjson | . // {} | objects | with_entries(.key |= ascii_downcase) | select((.force | . == null or type == "boolean") and (.deleteaction | . == null or type == "string"))) catch null end)`;
export const isDetachForced = `([${detachment} | .force?] | any(. == true))`;
/** A detached host may say that it stays until it is attached again; so does one that is about to be. */
export const isDeletionOfDetachedDelayed = `((${isDetachRequested} | not) or ([${detachment} | .deleteaction?] | any(. == "delay")))`;

const credentialsName = '(.spec.bmc.credentialsName // "")';
/** Without credentials the operator does nothing for a host that it manages, unless it is to be deleted. */
export const lacksCredentials = `(${credentialsName} == "" or ${annotation(hostAnnotations.credentialsError)} != null or (.spec.bmc.address // "") == "")`;

/** Whether a host is in error because it was refused, and not because it was made to fail. */
export const wasRefused = isRefused(
  ...['No BMC CredentialsName', 'BMC CredentialsName', 'Empty BMC address', 'Validation error with BMC'],
  'no hardware profile',
);

/** Whether a host that is past registering has to be registered anew: with other credentials, or after an error. */
export const needsRegistration = `(.status.goodCredentials.credentials.name != ${credentialsName} or ${wasRefused})`;
export const hasUnknownProfile = `(.status.hardwareProfile // .spec.hardwareProfile // "" | . != "" and ${Object.keys(
  rootDeviceHintsOfProfile,
)
  .map((name) => `. != ${JSON.stringify(name)}`)
  .join(' and ')})`;
/** The operator gives up on cleaning or switching off a host that it cannot reach. */
export const isGivenUp = '(.status.errorType == "registration error" and .status.errorCount > 3)';

export const wasProvisioned = `(${statusImageUrl} != "" or ${statusDeployMethod} != "")`;
export const needsProvisioning = `(${isOnline} and ((${specImageUrl} != "" and ${statusImageUrl} == "") or (${specDeployMethod} != "" and ${specDeployMethod} != ${statusDeployMethod})))`;

const imageChanged = `(${statusImageUrl} != "" and ${specImageUrl} != ${statusImageUrl})`;
export const isProvisioningCancelled =
  `(if ${specDeployMethod} != "" then (${statusDeployMethod} != "" and ${statusDeployMethod} != ${specDeployMethod}) or ${imageChanged} ` +
  `elif ${statusDeployMethod} != "" then true else ${specImageUrl} == "" or ${imageChanged} end)`;

/** Settings that a host must be prepared for again. What is empty and what is absent are one. */
export const hasNewSettings =
  '((.spec.raid // .spec.firmware // .status.provisioning.firmware) != null and ' +
  '(def filled: (. // {}) | with_entries(select(.value != null)); ' +
  '((.spec.raid | filled) as $raid | $raid != {} and $raid != (.status.provisioning.raid | filled)) or ' +
  '((.spec.firmware | filled) != (.status.provisioning.firmware | filled))))';

/** Of a registered host, that is: before, it has no profile. */
export const hasNewRootDeviceHints =
  `(.status.hardwareProfile != null and (.spec.rootDeviceHints // (${JSON.stringify(rootDeviceHintsOfProfile)})[.status.hardwareProfile] // {}) ` +
  '!= (.status.provisioning.rootDeviceHints // {}))';

/** The operator writes it after an inspection of its own. */
export const needsArchitecture = `((.spec.architecture // "") == "" and ${wasInspected} and (.status.hardware.cpu.arch // "") != "")`;

const rebootAnnotations = `(${annotations} | with_entries(select(.key == "${hostAnnotations.reboot}" or (.key | startswith("${hostAnnotations.reboot}/")))))`;
const mayHaveRebootAnnotation = `(.metadata.annotations != null and (${annotationNames} | contains("${hostAnnotations.reboot}")))`;
export const hasRebootAnnotation = `(${mayHaveRebootAnnotation} and (${rebootAnnotations} | length > 0))`;
/** The one without a suffix goes once the host is off; the others hold the host off until their writers take them away. */
export const hasPlainRebootAnnotation = hasAnnotation(hostAnnotations.reboot);
/** A host without an image is rebooted by force alone. */
const isRebootAsked = `(${mayHaveRebootAnnotation} and if ${isState('available', 'ready')} then (${rebootAnnotations} | any(try (fromjson | objects | to_entries | any((.key | ascii_downcase) == "force" and .value == true)) catch false)) else ${hasRebootAnnotation} end)`;
export const shouldBePoweredOn = `(${isOnline} and (${isRebootAsked} | not))`;

/** The jq that is true where `query` is not. */
export function not(query: string): string {
  return `(${query} | not)`;
}

/** The jq that is true where all are. */
export function all(...queries: readonly string[]): string {
  return `(${queries.join(' and ')})`;
}

function isRefused(...messages: readonly string[]): string {
  const starts = messages.map((message) => `startswith(${JSON.stringify(message)})`).join(' or ');
  return `(.status.errorType == "registration error" and (.status.errorMessage // "" | ${starts}))`;
}

export function isState(...states: readonly HostState[]): string {
  return `(${state} | ${states.map((each) => `. == ${JSON.stringify(each)}`).join(' or ')})`;
}

function hasAnnotation(name: string): string {
  return `(${annotation(name)} != null)`;
}

function annotation(name: string): string {
  return `.metadata.annotations["${name}"]`;
}

function isReadableAnnotation(name: string, shape: Shape, isStrict: boolean): string {
  return `(${annotation(name)} // "" | . != "" and ${isReadable('.', shape, isStrict)})`;
}
