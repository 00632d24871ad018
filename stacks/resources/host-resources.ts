import type * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import type { SecretManifest } from '../../lib/kinds/bare-metal-host/manifests';
import type { CredentialsEntry } from '../../lib/testbed/entries';
import { toBeMade } from '../../lib/testbed/resolve';
import { resolveHostSet } from '../../src/testbed/host-set-entry';
import { namespaceObject, type KubernetesObject } from '../../src/kubernetes/objects';
import { groupKindOf } from '../../src/kubernetes/rest-mapper';
import type { OnClusterGone } from './fleet-state';
import type { HostFleetInputs } from './host-fleet-state';
import { deletedAtOnce, kubernetesObject, resourceNameOf } from './kubernetes-object';
import { kubernetesProvider } from './kubernetes-provider';
import { withPlainErrors } from '../plain-errors';

export interface HostResourcesArgs {
  readonly kubeconfig: pulumi.Input<string>;
  readonly context?: pulumi.Input<string | undefined>;
  /** @default - one with the kubeconfig */
  readonly provider?: kubernetes.Provider | undefined;
  readonly hostSet: HostFleetInputs['hostSet'];
  /** The same, as hosts; what it has for credentials is not looked at. */
  readonly fleet: Fleet;
  readonly credentials?: pulumi.Input<CredentialsEntry>;
  readonly createNamespaces: boolean;
  readonly onClusterGone: pulumi.Input<OnClusterGone>;
}

/**
 * Every object of a host set as a resource of its own: namespaces, then Secrets, then hosts, so that they are deleted the
 * other way round.
 *
 * @returns the resources, and how many there are by `Kind.group`
 */
export function hostResources(
  parent: pulumi.Resource,
  name: string,
  args: HostResourcesArgs,
): { readonly made: readonly pulumi.CustomResource[]; readonly counts: Readonly<Record<string, number>> } {
  const { kubeconfig, context, hostSet, fleet, credentials, createNamespaces, onClusterGone } = args;
  const provider = args.provider ?? kubernetesProvider(name, { kubeconfig, context, onClusterGone }, { parent });
  const all: pulumi.CustomResource[] = [];
  const namespaces = createNamespaces ? toBeMade(fleet.namespaces(), []) : [];
  const objects = [...fleet.hosts()].flatMap((host) => fleet.objectsOf(host)) as unknown as KubernetesObject[];
  const isSecret = ({ kind }: KubernetesObject) => kind === 'Secret';
  const data = secretData(hostSet, credentials);
  const counts: Record<string, number> = {};
  let dependsOn: pulumi.Resource[] = [];
  for (const rank of [
    namespaces.map(namespaceObject),
    objects.filter(isSecret),
    objects.filter((each) => !isSecret(each)),
  ]) {
    const made = rank.map((object) => {
      counts[groupKindOf(object)] = (counts[groupKindOf(object)] ?? 0) + 1;
      const opts = { parent, provider, dependsOn };
      return kubernetesObject(
        resourceNameOf(name, object),
        deletedAtOnce(object),
        opts,
        isSecret(object) ? data(object) : undefined,
      );
    });
    if (made.length > 0) dependsOn = made;
    all.push(...made);
  }
  return { made: all, counts };
}

/** What each Secret holds: credentials may come from the environment, from files, or from other resources. */
function secretData(
  hostSet: HostFleetInputs['hostSet'],
  credentials: pulumi.Input<CredentialsEntry> | undefined,
): (secret: KubernetesObject) => pulumi.Output<SecretManifest['data'] | undefined> {
  const all = pulumi.secret(
    pulumi.output(credentials).apply((entry) =>
      withPlainErrors(async () => {
        const fleet = new Fleet(await resolveHostSet({ ...hostSet, credentials: entry }, process.cwd()));
        const secrets = [...fleet.hosts()].flatMap((host) =>
          fleet.objectsOf(host).filter(({ kind }) => kind === 'Secret'),
        );
        return Object.fromEntries((secrets as readonly SecretManifest[]).map((each) => [keyOf(each), each.data]));
      }),
    ),
  );
  return (secret) => all.apply((byKey) => byKey[keyOf(secret)]);
}

function keyOf({ metadata }: Pick<KubernetesObject, 'metadata'>): string {
  return `${metadata.namespace}/${metadata.name}`;
}
