/** Which cluster a resource is for, as a program says it. */
import type * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { invalidInput } from '../../lib/errors';

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
  if (args.kubeconfig !== undefined)
    return { kubeconfig: pulumi.secret(args.kubeconfig), context: args.context, provider: args.provider };
  if (provider === undefined)
    throw invalidInput(`${what} is for no cluster: give kubeconfig, or a provider of @pulumi/kubernetes`);
  const inputs = provider as ProviderInputs;
  const kubeconfig = pulumi.output(inputs.kubeconfig).apply((content) => {
    if (content) return content;
    // In a preview of a cluster that is yet to be made there is none either.
    if (pulumi.runtime.isDryRun()) return '';
    throw invalidInput(`the provider of ${what} has no kubeconfig of its own: give it one, or give kubeconfig`);
  });
  return { kubeconfig: pulumi.secret(kubeconfig), context: args.context ?? inputs.context, provider };
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
