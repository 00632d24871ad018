/** The kinds of `metal3.io`, one a file; BareMetalHost's own is beside its construct. */
export { bareMetalHost } from '../../../kinds/bare-metal-host/schema';
export * from './baremetal-switch';
export * from './bmc-event-subscription';
export * from './data-image';
export * from './firmware-schema';
export * from './hardware-data';
export * from './host-claim';
export * from './host-deploy-policy';
export * from './host-firmware-components';
export * from './host-firmware-settings';
export * from './host-network-attachment';
export * from './host-update-policy';
export * from './preprovisioning-image';
