/** Which cluster a resource is for, as a program says it. */
import type * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { invalidInput } from '../../lib/errors';
import { clusterDigest } from '../cluster-digest';
import { withPlainErrors } from '../plain-errors';

export interface ConnectionArgs {
  readonly kubeconfig?: pulumi.Input<string> | undefined;
  readonly context?: pulumi.Input<string | undefined>;
  readonly provider?: kubernetes.Provider | undefined;
}

export interface Connection {
  /** Content of a kubeconfig, or the path of one; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  readonly context: pulumi.Input<string | undefined>;
  /** Undefined where it was the kubeconfig that was given. */
  readonly provider: kubernetes.Provider | undefined;
}

/**
 * The cluster of `kubeconfig`, else of `provider`, else of the provider for `@pulumi/kubernetes` among the options or those of
 * the parent.
 *
 * @param what the resource, as it reads in the error
 * @throws TestbedError (`invalid-input`) where there is none of them
 */
export function connectionOf(
  what: string,
  args: ConnectionArgs,
  opts: pulumi.ComponentResourceOptions = {},
): Connection {
  const provider = args.provider ?? providerIn(opts);
  if (args.kubeconfig !== undefined) {
    const kubeconfig = args.provider === undefined ? args.kubeconfig : sameCluster(what, args.kubeconfig, args);
    return { kubeconfig: pulumi.secret(kubeconfig), context: args.context, provider: args.provider };
  }
  if (provider === undefined)
    throw invalidInput(`${what} is for no cluster: give kubeconfig, or a provider of @pulumi/kubernetes`);
  const inputs = provider as ProviderInputs;
  const kubeconfig = pulumi.output(inputs.kubeconfig).apply((content) => {
    if (content) return content;
    // In a preview of a cluster that is yet to be made there is none either.
    if (pulumi.runtime.isDryRun()) return '';
    return withPlainErrors(() => {
      throw invalidInput(`the provider of ${what} has no kubeconfig of its own: give it one, or give kubeconfig`);
    });
  });
  return { kubeconfig: pulumi.secret(kubeconfig), context: args.context ?? inputs.context, provider };
}

/** The kubeconfig, where a provider was given besides. */
function sameCluster(what: string, kubeconfig: pulumi.Input<string>, { provider, context }: ConnectionArgs) {
  const other = provider as ProviderInputs;
  const provided = pulumi.output({ kubeconfig: other.kubeconfig, context: other.context });
  return pulumi
    .all([pulumi.output({ kubeconfig, context }), provided])
    .apply(([given, theirs]) => withPlainErrors(() => requireSameCluster(what, given, theirs)));
}

interface Named {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/**
 * @returns the kubeconfig that was given
 * @throws TestbedError (`invalid-input`) where the provider was given the kubeconfig of another cluster
 */
export async function requireSameCluster(
  what: string,
  given: Named & { readonly kubeconfig: string },
  provided: Named,
): Promise<string> {
  const { kubeconfig } = given;
  // A path, or nothing of its own: it is not looked at which cluster that is.
  if (![kubeconfig, provided.kubeconfig].every((content) => content?.includes('\n'))) return kubeconfig;
  return withPlainErrors(async () => {
    const [one, other] = await Promise.all(
      [given, provided].map((each) => clusterDigest(each.kubeconfig ?? '', each.context)),
    );
    if (one === other) return kubeconfig;
    throw invalidInput(`kubeconfig and provider of ${what} are for two different clusters: give one of them`);
  });
}

/** Pulumi keeps the inputs of a provider as its outputs; the types of `@pulumi/kubernetes` do not say so. */
type ProviderInputs = kubernetes.Provider & {
  readonly kubeconfig?: pulumi.Output<string | undefined>;
  readonly context?: pulumi.Output<string | undefined>;
};

function providerIn({ provider, providers, parent }: pulumi.ComponentResourceOptions): kubernetes.Provider | undefined {
  const all = [...(provider === undefined ? [] : [provider]), ...Object.values(providers ?? {})];
  const given = all.find(isKubernetes);
  return given ?? parent?.getProvider('kubernetes:core/v1:Namespace');
}

function isKubernetes(provider: pulumi.ProviderResource): provider is kubernetes.Provider {
  return (provider as unknown as { readonly __pulumiType?: string }).__pulumiType === 'pulumi:providers:kubernetes';
}
