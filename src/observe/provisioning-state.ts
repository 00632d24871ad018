import { PAUSED_ANNOTATION } from '../../lib/baremetal-host/manifests';
import { provisioningStates, type BareMetalHostSpec, type ProvisioningState } from '../../lib/baremetal-host/schema';
import { closest } from '../../lib/crd';
import { invalidInput } from '../../lib/errors';

/** What a host can be waited for in: every state but that of a host which no operator has seen. */
const STATES = provisioningStates.filter((state) => state !== '');

/** @throws TestbedError (`invalid-input`) for what is no provisioning state */
export function requireProvisioningState(text: string): ProvisioningState {
  const state = STATES.find((each) => each === text);
  if (state !== undefined) return state;
  const meant = closest(text, STATES);
  throw invalidInput(
    `state '${text}' is unknown${meant === undefined ? ':' : `; did you mean '${meant}'?`} use one of ${STATES.join(', ')}`,
  );
}

/** What decides where a host comes to rest, of a BareMetalHost as it is described or as it is in the cluster. */
interface RestingHost {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: Pick<BareMetalHostSpec, 'bmc' | 'customDeploy' | 'externallyProvisioned' | 'image'>;
}

/** The state in which a host comes to rest; undefined where it may be any, as for one that is paused. */
export function restingState({ metadata, spec = {} }: RestingHost): ProvisioningState | undefined {
  if (metadata.annotations !== undefined && PAUSED_ANNOTATION in metadata.annotations) return undefined;
  if (!spec.bmc?.address) return 'unmanaged';
  if (spec.externallyProvisioned) return 'externally provisioned';
  return spec.image != null || spec.customDeploy != null ? 'provisioned' : 'available';
}
