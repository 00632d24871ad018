/** The providers of Cluster API that are built in, for tests that go through all of them. */
import { Testing } from 'cdk8s';
import type { Construct } from 'constructs';
import { ClusterApi } from '../../lib/components/cluster-api/cluster-api';
import { clusterApiSpec } from '../../lib/components/cluster-api/spec';
import type { AnyProviderProps } from '../../lib/components/cluster-api-provider/options';
import type { ClusterApiProvider } from '../../lib/components/cluster-api-provider/provider';
import type { ProviderSpec } from '../../lib/components/cluster-api-provider/release';
import { IpAddressManager } from '../../lib/components/ip-address-manager/ip-address-manager';
import { ipAddressManagerSpec } from '../../lib/components/ip-address-manager/spec';
import { KubeadmBootstrap } from '../../lib/components/kubeadm-bootstrap/kubeadm-bootstrap';
import { kubeadmBootstrapSpec } from '../../lib/components/kubeadm-bootstrap/spec';
import { KubeadmControlPlaneProvider } from '../../lib/components/kubeadm-control-plane/kubeadm-control-plane';
import { kubeadmControlPlaneSpec } from '../../lib/components/kubeadm-control-plane/spec';
import { Metal3Provider } from '../../lib/components/metal3-provider/metal3-provider';
import { metal3ProviderSpec } from '../../lib/components/metal3-provider/spec';
import type { KubernetesObject as ApplicableObject } from '../../src/kubernetes/objects';
import type { KubernetesObject } from './upstream';
import { testChart } from './charts';

interface BuiltInProvider {
  readonly spec: ProviderSpec;
  readonly construct: new (scope: Construct, id: string, props: AnyProviderProps) => ClusterApiProvider;
  /** The manifest of a release, as `upstream` has it. */
  readonly manifest: (version: string) => string;
}

const provider = (spec: ProviderSpec, construct: unknown, folder: string = spec.name): BuiltInProvider => ({
  spec,
  construct: construct as BuiltInProvider['construct'],
  manifest: (version) => `${folder}/${version}.yaml`,
});

export const providers: readonly BuiltInProvider[] = [
  provider(clusterApiSpec, ClusterApi),
  provider(kubeadmBootstrapSpec, KubeadmBootstrap),
  provider(kubeadmControlPlaneSpec, KubeadmControlPlaneProvider),
  provider(metal3ProviderSpec, Metal3Provider, 'cluster-api-provider-metal3'),
  provider(ipAddressManagerSpec, IpAddressManager),
];

/** What a provider becomes in a chart. */
export function synthesizedProvider(
  { spec, construct }: BuiltInProvider,
  props: AnyProviderProps & object = {},
): KubernetesObject[] {
  const chart = testChart();
  new construct(chart, spec.name, props);
  return Testing.synth(chart) as KubernetesObject[];
}

/** The CRDs of all of them. */
export function providerDefinitions(): readonly ApplicableObject[] {
  const objects = providers.flatMap((each) => synthesizedProvider(each)) as unknown as readonly ApplicableObject[];
  return objects.filter(({ kind }) => kind === 'CustomResourceDefinition');
}

/** The manager's arguments among objects. */
export function managerArgumentsOf(objects: readonly KubernetesObject[]): readonly string[] {
  interface Deployment {
    readonly spec: {
      readonly template: { readonly spec: { readonly containers: readonly { readonly args: readonly string[] }[] } };
    };
  }
  const deployment = objects.find(({ kind }) => kind === 'Deployment') as unknown as Deployment;
  return deployment.spec.template.spec.containers[0]?.args ?? [];
}
