/** Where the releases that are built in come from. */
import type { Manifest } from '../../lib/upstream';

export interface UpstreamSource {
  readonly name: string;
  /** Where tests look for it, below the folder of upstream's manifests. */
  readonly file: string;
  readonly from: { readonly url: string } | GitSource;
  /** An image that the configuration names without the release's tag. */
  readonly image?: { readonly name: string; readonly tag: string };
}

/** A folder of a repository, as it is at a tag. */
export interface GitSource {
  readonly repository: string;
  readonly tag: string;
  /** What the tag has to be: tags can be moved. */
  readonly commit: string;
  readonly folder: string;
}

const capi = (file: string) => `https://github.com/kubernetes-sigs/cluster-api/releases/download/v1.13.4/${file}`;
const metal3 = (repository: string, file: string) =>
  `https://github.com/metal3-io/${repository}/releases/download/v1.13.2/${file}`;

function certManager(version: string): UpstreamSource {
  return {
    name: `cert-manager-${version}`,
    file: `cert-manager/${version}.yaml`,
    from: { url: `https://github.com/cert-manager/cert-manager/releases/download/${version}/cert-manager.yaml` },
  };
}

function operator(tag: string, commit: string): UpstreamSource {
  return {
    name: `bmo-${tag}`,
    file: `baremetal-operator/${tag}.yaml`,
    from: { repository: 'https://github.com/metal3-io/baremetal-operator', tag, commit, folder: 'config' },
    image: { name: 'quay.io/metal3-io/baremetal-operator', tag },
  };
}

export const UPSTREAM_SOURCES: readonly UpstreamSource[] = [
  certManager('v1.11.0'),
  certManager('v1.21.1'),
  operator('v0.3.0', '945aa3ee6d9d9b0caa48b5f7bb81dccdac445816'),
  operator('v0.13.2', '2b3ea2e1349eefe6f5dfc311ac388ce38911f57d'),
  operator('v0.14.0-rc.0', '1433bc0126748784a0b47287669c075917b411d5'),
  { name: 'cluster-api', file: 'cluster-api/v1.13.4.yaml', from: { url: capi('core-components.yaml') } },
  {
    name: 'kubeadm-bootstrap',
    file: 'kubeadm-bootstrap/v1.13.4.yaml',
    from: { url: capi('bootstrap-components.yaml') },
  },
  {
    name: 'kubeadm-control-plane',
    file: 'kubeadm-control-plane/v1.13.4.yaml',
    from: { url: capi('control-plane-components.yaml') },
  },
  {
    name: 'capm3',
    file: 'cluster-api-provider-metal3/v1.13.2.yaml',
    from: { url: metal3('cluster-api-provider-metal3', 'infrastructure-components.yaml') },
  },
  {
    name: 'ipam',
    file: 'ip-address-manager/v1.13.2.yaml',
    from: { url: metal3('ip-address-manager', 'ipam-components.yaml') },
  },
];

/** The objects with the release's tag where its configuration leaves it to whoever installs it. */
export function withImageTag(objects: readonly Manifest[], { image }: UpstreamSource): readonly Manifest[] {
  if (image === undefined) return objects;
  const text = JSON.stringify(objects);
  const bare = new RegExp(`"image":"${image.name.replaceAll('.', '\\.')}(:[^"@]*)?"`, 'g');
  return JSON.parse(text.replaceAll(bare, `"image":"${image.name}:${image.tag}"`)) as readonly Manifest[];
}
