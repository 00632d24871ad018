import { needsBootMac, parseBmcAddress, supportsSecureBoot } from './bmc-address';
import { v014Problems } from './host-rules-v0-14';
import type { BareMetalHostManifest } from './manifests';
import { STATUS_ANNOTATION } from './manifests';
import { bareMetalHostSpec, bareMetalHostStatus } from './schema';
import type { BareMetalHostSpec } from './schema';
import { check } from '../crd';
import { invalidInput, TestbedError } from '../errors';
import { requireAnnotations, requireDnsLabel, requireHostName, requireLabels, show } from '../names';

const INSPECT_ANNOTATION = 'inspect.metal3.io';
const REBOOT_ANNOTATION = 'reboot.metal3.io';

/**
 * Checks a host as the API server's schema and BMO's webhook would, so that a description is refused before anything is
 * written; the webhook is switched off on clusters without pods. The rules are those of BMO v0.13.2
 * (internal/webhooks/metal3.io/v1alpha1/baremetalhost_validation.go).
 *
 * @param where names the host in the error, such as `host default/worker-1`
 * @throws TestbedError (`invalid-input`) naming every problem
 */
export function checkHost(host: BareMetalHostManifest, where: string): void {
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
  for (const { path, message } of check(bareMetalHostSpec, host.spec, 'spec')) problems.push(`${path}: ${message}`);
  // The rules below read fields whose types the schema vouches for.
  if (problems.length === 0) {
    attempt(() => checkBmc(host.spec, annotations));
    problems.push(
      ...specProblems(host.spec, namespace),
      ...v014Problems(host.spec),
      ...annotationProblems(annotations, host.spec),
    );
  }
  if (problems.length > 0) throw invalidInput(`${where} is refused: ${problems.join('; ')}`);
}

function checkBmc(spec: BareMetalHostSpec, annotations: Readonly<Record<string, string>>): void {
  if (spec.bootMACAddress !== undefined && !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(spec.bootMACAddress)) {
    throw invalidInput(
      `spec.bootMACAddress ${show(spec.bootMACAddress)} is no MAC address: write six octets, such as '00:60:2f:00:00:01'`,
    );
  }
  // A host without a BMC is one that BMO has not been told how to reach; it stays unmanaged.
  if (spec.bmc === undefined || spec.bmc.address === '') return;
  const { protocol } = parseBmcAddress(spec.bmc.address);
  if (spec.bmc.credentialsName === '') {
    throw invalidInput('spec.bmc.credentialsName is empty: name the Secret with the credentials');
  }
  const isUninspected = inspectionDisabled(spec, annotations);
  if (spec.bootMACAddress === undefined && (needsBootMac(protocol) || isUninspected)) {
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

function specProblems(spec: BareMetalHostSpec, namespace: string): string[] {
  const problems: string[] = [];
  const { image, raid } = spec;
  if (image !== undefined) {
    if (!/^([a-z][a-z0-9+.-]*:\S+|\/\S*)$/i.test(image.url)) {
      problems.push(`spec.image.url ${show(image.url)} is no URL: write scheme://host/path`);
    }
    const needsChecksum = image.format !== 'live-iso' && !/^oci:\/\//i.test(image.url);
    if (needsChecksum && !image.checksum) {
      problems.push(
        'spec.image.checksum is missing: give it (any text does in test mode), or use the format live-iso or an oci:// image',
      );
    }
  }
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

function annotationProblems(annotations: Readonly<Record<string, string>>, spec: BareMetalHostSpec): string[] {
  const problems: string[] = [];
  for (const [key, value] of Object.entries(annotations)) {
    if (key === STATUS_ANNOTATION && value !== '') problems.push(...statusProblems(value));
    if (key === INSPECT_ANNOTATION && value !== '' && value !== 'disabled') {
      problems.push(`annotation ${key} is ${show(value)}: use 'disabled' or ''`);
    }
    if ((key === REBOOT_ANNOTATION || key.startsWith(`${REBOOT_ANNOTATION}/`)) && value !== '') {
      const mode = parseJson(value)?.['mode'] ?? '';
      if (parseJson(value) === undefined || !['hard', 'soft', ''].includes(mode as string)) {
        problems.push(`annotation ${key} is ${show(value)}: use '', or JSON such as '{"mode":"hard"}' (hard or soft)`);
      }
    }
    if (key === `${INSPECT_ANNOTATION}/hardwaredetails` && value !== '' && !inspectionDisabled(spec, annotations)) {
      problems.push(`annotation ${key} is given while inspection is on: set inspectionMode to disabled`);
    }
  }
  const annotated = annotations[INSPECT_ANNOTATION];
  if (
    annotated &&
    spec.inspectionMode !== undefined &&
    (annotated === 'disabled') !== (spec.inspectionMode === 'disabled')
  ) {
    problems.push(
      `annotation ${INSPECT_ANNOTATION} is ${show(annotated)} and spec.inspectionMode ${show(spec.inspectionMode)}: give one of them`,
    );
  }
  return problems;
}

function statusProblems(text: string): string[] {
  const status = parseJson(text);
  if (status === undefined) return [`annotation ${STATUS_ANNOTATION} is no JSON object: give a BareMetalHostStatus`];
  // BMO refuses unknown fields here, where the API server would drop them.
  return check(bareMetalHostStatus, status, 'status').map(({ path, message }) => `${path}: ${message}`);
}

function inspectionDisabled(spec: BareMetalHostSpec, annotations: Readonly<Record<string, string>>): boolean {
  return spec.inspectionMode === 'disabled' || annotations[INSPECT_ANNOTATION] === 'disabled';
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
