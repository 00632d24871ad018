/**
 * Questions about a host, as jq. Each is a boolean expression in brackets over the BareMetalHost, so that they combine
 * with `and`, `or` and `not`; each says what the function of the same name in the Bare Metal Operator says.
 */
import { hostAnnotations, hostFinalizer } from './host-state';
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
export const hasFinalizer = `((.metadata.finalizers // []) | any(. == "${hostFinalizer}"))`;
export const hasStatus = '(.status.lastUpdated != null)';
export const hasHardwareDetails = '(.status.hardware != null)';

/** One of the two is enough for a host to be more than discovered. */
export const hasBmcDetails = '((.spec.bmc.address // "") != "" or (.spec.bmc.credentialsName // "") != "")';
export const hasAllBmcDetails = '((.spec.bmc.address // "") != "" and (.spec.bmc.credentialsName // "") != "")';

export const isInspectionDisabled = `(.spec.inspectionMode == "disabled" or ${annotations}["${hostAnnotations.inspect}"] == "disabled")`;
export const isInspectionRequested = `(${annotations}["${hostAnnotations.inspect}"] | . != null and . != "disabled")`;

/** Annotations that hold JSON count where it can be read. */
export const hasReadableStatusAnnotation = `(${jsonAnnotation(hostAnnotations.status)} | type == "object")`;
export const hasStatusAnnotation = hasAnnotation(hostAnnotations.status);
export const hasReadableHardwareAnnotation = `(${jsonAnnotation(hostAnnotations.hardwareDetails)} | type == "object")`;
export const hasHardwareAnnotation = hasAnnotation(hostAnnotations.hardwareDetails);
export const isHardwareAnnotationTaken = `(${jsonAnnotation(hostAnnotations.hardwareDetails)} == .status.hardware)`;

export const isDetachRequested = hasAnnotation(hostAnnotations.detached);
export const isDetachForced = `(${jsonAnnotation(hostAnnotations.detached)} | .force? == true)`;
/** A detached host may say that it stays until it is attached again; so does one that is about to be. */
export const isDeletionOfDetachedDelayed = `((${isDetachRequested} | not) or (${jsonAnnotation(hostAnnotations.detached)} | .deleteAction? == "delay"))`;

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

export const needsArchitecture = '((.spec.architecture // "") == "" and (.status.hardware.cpu.arch // "") != "")';

const rebootAnnotations = `(${annotations} | with_entries(select(.key == "${hostAnnotations.reboot}" or (.key | startswith("${hostAnnotations.reboot}/")))))`;
const mayHaveRebootAnnotation = `(${annotationNames} | contains("${hostAnnotations.reboot}"))`;
export const hasRebootAnnotation = `(${mayHaveRebootAnnotation} and (${rebootAnnotations} | length > 0))`;
/** The one without a suffix goes once the host is off; the others hold the host off until their writers take them away. */
export const hasPlainRebootAnnotation = hasAnnotation(hostAnnotations.reboot);
/** A host without an image is rebooted by force alone. */
const isRebootAsked = `(${mayHaveRebootAnnotation} and if ${state} == "available" then (${rebootAnnotations} | any(try fromjson catch null | .force? == true)) else ${hasRebootAnnotation} end)`;
export const shouldBePoweredOn = `(${isOnline} and (${isRebootAsked} | not))`;

/** The jq that is true where `query` is not. */
export function not(query: string): string {
  return `(${query} | not)`;
}

/** The jq that is true where all are. */
export function all(...queries: readonly string[]): string {
  return `(${queries.join(' and ')})`;
}

function hasAnnotation(name: string): string {
  return `(${annotations} | has("${name}"))`;
}

function jsonAnnotation(name: string): string {
  return `(${annotations}["${name}"] | try fromjson catch null)`;
}
