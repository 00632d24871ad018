import { hostAnnotations } from './manifests';
import type { BareMetalHostSpec, ProvisioningState } from './schema';

/** What decides where a host settles, of a BareMetalHost as it is described or as it is in the cluster. */
interface SettlingHost {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: Pick<BareMetalHostSpec, 'bmc' | 'customDeploy' | 'externallyProvisioned' | 'image'>;
}

/** The state in which a host settles; undefined where it may be any, as for one that is paused. */
export function settledState({ metadata, spec = {} }: SettlingHost): ProvisioningState | undefined {
  if (metadata.annotations !== undefined && hostAnnotations.paused in metadata.annotations) return undefined;
  if (!spec.bmc?.address) return 'unmanaged';
  if (spec.externallyProvisioned) return 'externally provisioned';
  return spec.image != null || spec.customDeploy != null ? 'provisioned' : 'available';
}
