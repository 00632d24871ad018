import { needsBootMac, parseBmcAddress, supportsSecureBoot } from './bmc-address';
import { annotationProblems } from './host-annotations';
import { hostAnnotations } from './manifests';
import { v014Problems } from './host-rules-v0-14';
import { imageProblems } from './image-rules';
import type { BareMetalHostManifest } from './manifests';
import { hostSchemasOf } from './schema';
import type { BareMetalHostSpec } from './schema';
import { check } from '../../crd';
import { invalidInput, TestbedError } from '../../errors';
import { requireAnnotations, requireDnsLabel, requireHostName, requireLabels, show } from '../../names';
import { isAtLeast } from '../../version';

/** The series of BMO whose webhooks differ; each release has the rules of the last one before it. */
const SERIES = ['v0.14', 'v0.13'] as const;

/**
 * Checks a host as the API server's schema and BMO's webhook would, so that a description is refused before anything is
 * written; the webhook is switched off on clusters without pods. Which release will look at the host is not known here:
 * one that any of them takes is taken, and `checkHostRelease` says the rest.
 *
 * @param where names the host in the error, such as `host default/worker-1`
 * @throws TestbedError (`invalid-input`) naming every problem that the release has which finds fewest, the newest first
 */
export function checkHost(host: BareMetalHostManifest, where: string): void {
  const problems = fewestProblems((release) => hostProblems(host, release));
  if (problems.length > 0) throw invalidInput(`${where} is refused: ${problems.join('; ')}`);
}

/** @returns none where a release has none, else those of the release that has fewest */
export function fewestProblems(problemsOf: (release: string) => readonly string[]): readonly string[] {
  let fewest: readonly string[] | undefined;
  for (const release of SERIES) {
    const problems = problemsOf(release);
    if (problems.length === 0) return problems;
    if (fewest === undefined || problems.length < fewest.length) fewest = problems;
  }
  return fewest ?? [];
}

/**
 * What a release of BMO and the API server have against a host (internal/webhooks/metal3.io/v1alpha1 of v0.13.2 and
 * v0.14.0-rc.0). Stricter than both are fields that the release does not know, `null` where the schema does not allow it
 * (the API server drops either without a word), and a user name in the BMC's address.
 *
 * @param release such as `v0.13.2`
 */
export function hostProblems(host: BareMetalHostManifest, release: string): readonly string[] {
  const problems: string[] = [];
  const attempt = (rule: () => void) => {
    try {
      rule();
    } catch (error) {
      if (!(error instanceof TestbedError)) throw error;
      problems.push(error.message);
    }
  };
  const { name, namespace, labels = {}, annotations = {} } = host.metadata;
  attempt(() => void requireHostName(name));
  attempt(() => void requireDnsLabel('namespace', namespace));
  attempt(() => requireLabels(labels));
  attempt(() => requireAnnotations(annotations));
  for (const { path, message } of check(hostSchemasOf(release).spec, host.spec, 'spec')) {
    problems.push(`${path}: ${message}`);
  }
  // The rules below read fields whose types the schema vouches for.
  if (problems.length === 0) {
    attempt(() => checkBmc(host.spec, annotations, release));
    problems.push(
      ...specProblems(host.spec, namespace, release),
      ...(isAtLeast(release, 'v0.14') ? v014Problems(host.spec) : []),
      ...annotationProblems(annotations, host.spec, release),
    );
  }
  return problems;
}

function checkBmc(spec: BareMetalHostSpec, annotations: Readonly<Record<string, string>>, release: string): void {
  // A host without a BMC is one that BMO has not been told how to reach; it stays unmanaged.
  if (spec.bmc === undefined || spec.bmc.address === '') return;
  const { protocol } = parseBmcAddress(spec.bmc.address);
  const mac = spec.bootMACAddress;
  // Ethernet, EUI-64 and InfiniBand; Go's ParseMAC takes hyphens and dots too, which the schema's pattern refuses.
  if (mac !== undefined && !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}((:[0-9a-f]{2}){2}|(:[0-9a-f]{2}){14})?$/i.test(mac)) {
    throw invalidInput(
      `spec.bootMACAddress ${show(mac)} is not a valid MAC address: write 6, 8 or 20 octets, such as '00:60:2f:00:00:01'`,
    );
  }
  const isUninspected = spec.inspectionMode === 'disabled' || annotations[hostAnnotations.inspect] === 'disabled';
  if (mac === undefined && (needsBootMac(protocol, release) || isUninspected)) {
    throw invalidInput(
      `spec.bootMACAddress is missing: ${isUninspected ? 'without inspection a host' : `the protocol ${protocol}`} needs one; give it, or use a virtual media protocol with inspection`,
    );
  }
  if (spec.bootMode === 'UEFISecureBoot' && !supportsSecureBoot(protocol)) {
    throw invalidInput(`spec.bootMode UEFISecureBoot is not supported by the protocol ${protocol}: use one of Redfish`);
  }
  const hasHardwareRaid = (spec.raid?.hardwareRAIDVolumes?.length ?? 0) > 0;
  if (hasHardwareRaid && (protocol === 'ipmi' || protocol === 'libvirt')) {
    throw invalidInput(
      `spec.raid.hardwareRAIDVolumes is not supported by the protocol ${protocol}: use one of Redfish`,
    );
  }
  if (spec.firmware !== undefined) {
    throw invalidInput(
      'spec.firmware is supported by no protocol any more: use HostFirmwareSettings of the same name as the host',
    );
  }
}

function specProblems(spec: BareMetalHostSpec, namespace: string, release: string): string[] {
  const { image, raid } = spec;
  const problems = image === undefined ? [] : imageProblems(image, release);
  const deviceName = spec.rootDeviceHints?.deviceName;
  if (deviceName && !/^\/dev\/(disk\/by-path\/)?[^/]*$/.test(deviceName)) {
    problems.push(
      `spec.rootDeviceHints.deviceName ${show(deviceName)} is not allowed: write a path in /dev/ or /dev/disk/by-path/`,
    );
  }
  if (raid?.hardwareRAIDVolumes?.length && raid.softwareRAIDVolumes?.length) {
    problems.push('spec.raid has both hardwareRAIDVolumes and softwareRAIDVolumes: give one of them');
  }
  raid?.hardwareRAIDVolumes?.forEach(({ physicalDisks = [], controller, numberOfPhysicalDisks }, i) => {
    const at = `spec.raid.hardwareRAIDVolumes[${i}]`;
    if (physicalDisks.length > 0 && !controller) problems.push(`${at} has physicalDisks without controller: give both`);
    if (
      physicalDisks.length > 0 &&
      numberOfPhysicalDisks !== undefined &&
      numberOfPhysicalDisks !== physicalDisks.length
    ) {
      problems.push(
        `${at}.numberOfPhysicalDisks is ${numberOfPhysicalDisks} for ${physicalDisks.length} physicalDisks: make them equal`,
      );
    }
  });
  for (const field of ['userData', 'networkData', 'metaData'] as const) {
    const other = spec[field]?.namespace;
    if (other && other !== namespace) {
      problems.push(
        `spec.${field}.namespace is ${show(other)}: a host may name Secrets of its own namespace (${namespace}) only`,
      );
    }
  }
  if (spec.disablePowerOff && !spec.online) {
    problems.push(
      'spec.disablePowerOff is true while spec.online is false: a host that may not be powered off must be online',
    );
  }
  return problems;
}
