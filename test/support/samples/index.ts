import type {
  BareMetalSwitchSpec,
  BareMetalSwitchStatus,
  BMCEventSubscriptionSpec,
  BMCEventSubscriptionStatus,
  DataImageSpec,
  DataImageStatus,
  FirmwareSchemaSpec,
  HardwareDataSpec,
  HostClaimSpec,
  HostClaimStatus,
  HostDeployPolicySpec,
  HostFirmwareComponentsSpec,
  HostFirmwareComponentsStatus,
  HostFirmwareSettingsSpec,
  HostFirmwareSettingsStatus,
  HostNetworkAttachmentSpec,
  HostUpdatePolicySpec,
  PreprovisioningImageSpec,
  PreprovisioningImageStatus,
} from '../../../lib/components/baremetal-operator';
import { isAtLeast } from '../../../lib/version';
import { condition, consumerRef, customDeploy, hardware, hostSpec, hostStatus, image, time } from './host';

export interface Sample {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: object;
  /** undefined where the kind has none, or none with a field. */
  readonly status: object | undefined;
}

/** An object of every kind that a release of BMO installs, with every field of its spec and status given. */
export function samples(release: string): readonly Sample[] {
  const isV0_14 = isAtLeast(release, 'v0.14');
  const shared = [
    sample('BareMetalHost', hostSpec(isV0_14), hostStatus(isV0_14)),
    sample<BMCEventSubscriptionSpec, BMCEventSubscriptionStatus>(
      'BMCEventSubscription',
      {
        hostName: 'host-1',
        destination: 'https://events',
        context: 'x',
        httpHeadersRef: { name: 'headers', namespace: 'default' },
      },
      { subscriptionID: '1', error: 'none' },
    ),
    sample<DataImageSpec, DataImageStatus>(
      'DataImage',
      { url: 'http://images/x.iso' },
      {
        attachedImage: { url: 'http://images/x.iso' },
        error: { count: 1, message: 'something' },
        lastReconciled: time,
      },
    ),
    sample<FirmwareSchemaSpec>('FirmwareSchema', {
      hardwareVendor: 'Maker',
      hardwareModel: 'Model',
      schema: {
        Boot: {
          attribute_type: 'Enumeration',
          allowable_values: ['a', 'b'],
          lower_bound: 0,
          upper_bound: 10,
          min_length: 1,
          max_length: 16,
          read_only: true,
          unique: true,
        },
      },
    }),
    sample<HardwareDataSpec>('HardwareData', { hardware }),
    sample<HostClaimSpec, HostClaimStatus>(
      'HostClaim',
      {
        poweredOn: true,
        hostSelector: {
          inNamespace: 'hosts',
          matchLabels: { rack: '1' },
          matchExpressions: [{ key: 'rack', operator: 'In', values: ['1', '2'] }],
        },
        failureDomain: 'room-1',
        consumerRef,
        image,
        customDeploy,
        userData: { name: 'user-data', namespace: 'default' },
        networkData: { name: 'network-data', namespace: 'default' },
        metaData: { name: 'meta-data', namespace: 'default' },
      },
      {
        bareMetalHost: { name: 'host-1', namespace: 'hosts' },
        hardwareData: { name: 'host-1', namespace: 'hosts' },
        poweredOn: true,
        lastUpdated: time,
        conditions: [condition('Associated')],
      },
    ),
    sample<HostDeployPolicySpec>('HostDeployPolicy', {
      hostClaimNamespaces: { names: ['a'], nameMatches: '^b', hasLabels: [{ name: 'team', value: 'c' }] },
    }),
    sample<HostFirmwareComponentsSpec, HostFirmwareComponentsStatus>(
      'HostFirmwareComponents',
      { updates: [{ component: 'bios', url: 'http://firmware/bios' }] },
      {
        updates: [{ component: 'bios', url: 'http://firmware/bios' }],
        components: [
          { component: 'bios', initialVersion: '1', currentVersion: '2', lastVersionFlashed: '2', updatedAt: time },
        ],
        lastUpdated: time,
        conditions: [condition('Valid')],
      },
    ),
    sample<HostFirmwareSettingsSpec, HostFirmwareSettingsStatus>(
      'HostFirmwareSettings',
      { settings: { Boot: 'a', Count: 5 } },
      {
        schema: { name: 'schema-1', namespace: 'default' },
        settings: { Boot: 'a', Count: '5' },
        lastUpdated: time,
        conditions: [condition('Valid')],
      },
    ),
    sample<HostUpdatePolicySpec>('HostUpdatePolicy', { firmwareSettings: 'onReboot', firmwareUpdates: 'onPreparing' }),
    sample<PreprovisioningImageSpec, PreprovisioningImageStatus>(
      'PreprovisioningImage',
      { architecture: 'x86_64', acceptFormats: ['iso', 'initrd'], networkDataName: 'network' },
      {
        architecture: 'x86_64',
        format: 'initrd',
        imageUrl: 'http://images/ipa.initramfs',
        kernelUrl: 'http://images/ipa.kernel',
        extraKernelParams: 'console=ttyS0',
        networkData: { name: 'network', version: '4' },
        conditions: [condition('Ready')],
      },
    ),
  ];
  if (!isV0_14) return shared;
  return [
    ...shared,
    sample<BareMetalSwitchSpec, BareMetalSwitchStatus>(
      'BareMetalSwitch',
      {
        address: 'leaf-1.example',
        macAddress: '00:60:2f:00:01:00',
        deviceType: 'netmiko_arista_eos',
        driver: 'generic-switch',
        port: 22,
        credentials: { name: 'switch', namespace: 'default' },
        disableCertificateVerification: true,
      },
      { conditions: [condition('Valid')] },
    ),
    sample<HostNetworkAttachmentSpec>('HostNetworkAttachment', {
      mode: 'trunk',
      nativeVLAN: 10,
      allowedVLANs: ['100', '200-300'],
      mtu: 9000,
    }),
  ];
}

function sample<Spec extends object, Status extends object = never>(kind: string, spec: Spec, status?: Status): Sample {
  return {
    apiVersion: 'metal3.io/v1alpha1',
    kind,
    metadata: { name: `sample-${kind.toLowerCase()}`, namespace: 'default' },
    spec,
    status,
  };
}
