/**
 * A fleet of BareMetalHosts simulated by kwok: the stages through which hosts go as the Bare Metal Operator v0.13.2, or
 * v0.14 where that is described, in its test mode makes them go (`host_state_machine.go`, `baremetalhost_controller.go`, `pkg/provisioner/fixture`).
 *
 * What the kwok simulator does not do:
 * - It reads no Secrets itself. Where the annotation `metadata.annotations["metal3-testbed/credentials-error"]` says what
 *   is wrong with the one that a host names, the host is refused as the operator refuses it; the command line keeps that
 *   annotation (`CredentialsWatch`), and without it credentials are taken for good. `status.goodCredentials` and
 *   `triedCredentials` name the Secret without its version, errors are not counted up while a Secret is missing, and
 *   Secrets get no label, owner or finalizer: one that is deleted after its host has been registered is taken to be
 *   there, since the operator's finalizer would keep it. Image, user data and network data are not looked at.
 * - A host with hardware details by annotation that the operator cannot read is left alone until they are mended, as the
 *   operator does, but it can be deleted. JSON with anything behind it counts as unreadable, and 1.0 and 1e3 as whole
 *   numbers.
 * - It makes no HardwareData, HostFirmwareSettings, FirmwareSchema or HostFirmwareComponents, and does not serve
 *   HostUpdatePolicy, DataImage, BMCEventSubscription or PreprovisioningImage.
 * - From v0.14 on, failed provisioning is not counted (`status.provisioningFailCount`), and goes on for ever.
 * - No admission webhook checks hosts. An unknown scheme of a BMC address is no error, as in test mode.
 * - RAID settings that are taken back are not cleared, and a spec's null in them is as good as none.
 * - What never happened is absent in `status.operationHistory`, where the operator writes null.
 * - Events are left out unless asked for; they come from `kwok_controller`, and "ProfileSet" does not name the profile.
 * - It has no metrics of its own about hosts.
 *
 * What test mode does and it does not: share one machine among all hosts. Here each host has its own power, image and
 * delays, and hosts that are to be on may stand beside hosts that are to be off.
 */
import { invalidInput } from '../../../errors';
import type { HostDelays } from './delays';
import { checkDelays } from './delays';
import { deletionStages } from './deletion-stages';
import { detachmentStages } from './detachment-stages';
import type { HostFailure } from './failures';
import { resolveFailures } from './failures';
import { conditionsStage, metadataStages, pauseStage } from './metadata-stages';
import { powerStages, rebootAnnotationStage } from './power-stages';
import { provisioningStages } from './provisioning-stages';
import { refusalStages, registrationStages, renewalStages } from './registration-stages';
import type { HostShare, Stage } from './stage';
import { toStages } from './stage';

/** How hosts behave. */
export interface HostStagesProps extends HostDelays {
  /**
   * Shares of the hosts that fail, each in one state.
   * @default - none fails
   */
  readonly failures?: readonly HostFailure[];
  /**
   * Whether what happens to hosts is recorded as events too, as the operator does. That is five more writes for each
   * host on its way to available, and of a large fleet kwok leaves out those that it cannot write in time.
   * @default false
   */
  readonly events?: boolean;
  /**
   * How many hosts are written to at a time, from 1 to 16. For every one more kwok watches all hosts once more: on two
   * cores, where kwok and the API server compete for them, more than two gain nothing.
   * @default 2
   */
  readonly workers?: number;
}

/**
 * The Stage objects for kwok's `--config` file, or for a cluster that has kwok's Stage CRD.
 *
 * The same props give the same stages. kwok v0.8 is needed.
 *
 * @param release the release of the operator as which hosts behave, such as `v0.13.2`
 * @param share the hosts that they are for, by namespace, where several kwoks share them
 *
 * @throws TestbedError (invalid-input) for delays, shares or states that cannot be
 */
export function hostStages(props: HostStagesProps = {}, release = 'v0.13.2', share?: HostShare): Stage[] {
  checkDelays(props);
  const workers = props.workers ?? 2;
  if (!Number.isInteger(workers) || workers < 1 || workers > 16) {
    throw invalidInput(`kwok cannot write with ${workers} workers: give a whole number from 1 to 16`);
  }
  const behaviour = { delays: props, failures: resolveFailures(props.failures ?? []), release };
  const stages = [
    pauseStage(),
    ...deletionStages(behaviour),
    ...metadataStages(),
    ...refusalStages(),
    ...detachmentStages(),
    ...renewalStages(),
    rebootAnnotationStage(),
    ...registrationStages(behaviour),
    ...provisioningStages(behaviour),
    ...powerStages(behaviour),
    conditionsStage(),
  ];
  const kept =
    (props.events ?? false)
      ? stages
      : stages.map(({ steps, ...rest }) => ({ ...rest, steps: steps.filter((step) => step.event === undefined) }));
  return toStages(kept, workers, share);
}
