/** The programs that a testbed runs: where each comes from, and which versions of it do. */

/** A program of the catalog. */
export type ProgramName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kwok'
  | 'baremetal-operator'
  | 'cluster-api-core'
  | 'kubeadm-bootstrap'
  | 'kubeadm-control-plane'
  | 'capm3'
  | 'ipam'
  | 'kind'
  | 'kubectl';

/** A file to download, and the digest it must have. */
export interface Download {
  /** Below the downloads' base, https://github.com unless METAL3_TESTBED_DOWNLOADS names a mirror. */
  readonly path: string;
  /** `sha256:<hex>` or `sha512:<hex>`. */
  readonly digest: string;
  /** For a tar.gz: which member each program is. @default the file is the program itself */
  readonly members?: Readonly<Partial<Record<ProgramName, string>>>;
}

/** Official builds of one version. */
export interface Release {
  /** Names the folder of the cache that holds it. */
  readonly id: string;
  /** By `<os>-<arch>` as Go names them: `linux-amd64`. */
  readonly downloads: Readonly<Record<string, Download>>;
}

/** A program built with Go. */
export interface GoBuild {
  /** The folder below `tools/` whose go.mod and go.sum pin every module of it. */
  readonly tool: string;
  readonly package: string;
  readonly version: string;
  /** How long it usually takes on two cores, with its modules to be fetched. */
  readonly takes: string;
  /** Go linker flags besides `-s -w`. */
  readonly linkerFlags: string;
}

/** The container images of a program, one a version, tagged with it. */
export interface ProgramImage {
  /** `quay.io/metal3-io/baremetal-operator`. */
  readonly repository: string;
  /** The version that is taken where none is asked for. */
  readonly version: string;
  /** The program's file in the image. */
  readonly path: string;
}

/** What tells a program from any other that has its name or was given in its place. */
export type Question =
  | {
      readonly type: 'version';
      readonly args: readonly string[];
      /** What it says of itself besides the version. */
      readonly says: RegExp;
    }
  | {
      readonly type: 'flags';
      readonly args: readonly string[];
      /** Flags that every release of it has. */
      readonly required: readonly string[];
    };

/** What is known of a program. */
export interface ProgramSpec {
  readonly name: ProgramName;
  /** The environment variable that names its file. */
  readonly variable: string;
  readonly question: Question;
  /** The oldest version that works here: `1.27`. */
  readonly oldest?: string;
  readonly release?: Release;
  /** For Linux alone, as the programs in images are. */
  readonly image?: ProgramImage;
  readonly goBuild?: GoBuild | undefined;
  /** How somebody gets it who has to get it himself. */
  readonly howToGet: string;
}

const GITHUB_CONTROLLER_TOOLS = 'kubernetes-sigs/controller-tools/releases/download';

/** Digests: envtest-releases.yaml of kubernetes-sigs/controller-tools. Holds etcd as well. */
const ENVTEST: Release = {
  id: 'envtest-v1.34.1',
  downloads: Object.fromEntries(
    Object.entries({
      'darwin-amd64':
        'd9e0464dc1708c36ab41147b5e364c8b8e201eafc14c299dcbe58ebeaa82c651b8e834647167a951ded8c6d08c616aadbae1673a54743f9c8fa15a278c78c0c0',
      'darwin-arm64':
        '43d7c10b74100d20044df7c73be03e26f8243a9cb7c1d3035e581ee7bb0c7ffcaf759b9e182186b5bb2f47d1608835414ca443181a02d9ecb6c9cf04b43e3809',
      'linux-amd64':
        'c5e7c237ae18a8c65d0df1214b864ecd19aa9ff4f1383dbd477c202546d778c0f74efe15750ec38f57d8de26ba17cd62f404446cdd3c975399a5d4589de35cdd',
      'linux-arm64':
        'bf13d2456183e66d084e28e1c9eed6a408fb77a06d8d1fd0461a7d9bc0c90b63d29ea67870b28f80d1f992acb026007d6f43987753c859c81d6a78bc1ca2c903',
    }).map(([platform, sha512]) => [
      platform,
      {
        path: `${GITHUB_CONTROLLER_TOOLS}/envtest-v1.34.1/envtest-v1.34.1-${platform}.tar.gz`,
        digest: `sha512:${sha512}`,
        members: { etcd: 'controller-tools/envtest/etcd', 'kube-apiserver': 'controller-tools/envtest/kube-apiserver' },
      },
    ]),
  ),
};

/** Digests: the package kwok-bin of the Arch User Repository for Linux, a project that pins its tools for macOS. */
const KWOK: Release = {
  id: 'kwok-v0.8.0',
  downloads: Object.fromEntries(
    Object.entries({
      'linux-amd64': 'f5a4385a2ae1b9dd7f8acae18e002a75c0ebba124ae9d7259aa8dadb50711f46',
      'linux-arm64': '628f7d277860f524a2a775c217adcc58828e7b59ab0933680315784f1b8b0e37',
      'darwin-arm64': '69a064ec98d37844d9d742b5b28ff57825659a983ccc3e208daa6948b94d64ba',
    }).map(([platform, sha256]) => [
      platform,
      { path: `kubernetes-sigs/kwok/releases/download/v0.8.0/kwok-${platform}`, digest: `sha256:${sha256}` },
    ]),
  ),
};

/** Where each image has its program: the Dockerfiles of the releases. */
const image = (repository: string, version: string, path: string): ProgramImage => ({ repository, version, path });
const KUBERNETES_VERSION = 'v1.34.4';
const CLUSTER_API_VERSION = 'v1.13.4';
/** What makes a program of Kubernetes know its version. */
const KUBERNETES_LINKER_FLAGS = Object.entries({
  gitVersion: KUBERNETES_VERSION,
  gitMajor: '1',
  gitMinor: '34',
})
  .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
  .join(' ');

/** Every program, by its name. */
export const CATALOG: Readonly<Record<ProgramName, ProgramSpec>> = {
  etcd: {
    name: 'etcd',
    variable: 'METAL3_TESTBED_ETCD',
    question: { type: 'version', args: ['--version'], says: /etcd/i },
    oldest: '3.5',
    release: ENVTEST,
    image: image('gcr.io/etcd-development/etcd', 'v3.6.16', '/usr/local/bin/etcd'),
    goBuild: {
      tool: 'etcd',
      takes: '2 to 3 minutes',
      package: 'go.etcd.io/etcd/server/v3',
      version: 'v3.6.16',
      linkerFlags: '',
    },
    howToGet: 'https://github.com/etcd-io/etcd/releases',
  },
  'kube-apiserver': {
    name: 'kube-apiserver',
    variable: 'METAL3_TESTBED_KUBE_APISERVER',
    question: { type: 'version', args: ['--version'], says: /kubernetes/i },
    // What the constructs are written for.
    oldest: '1.27',
    release: ENVTEST,
    image: image('registry.k8s.io/kube-apiserver', KUBERNETES_VERSION, '/usr/local/bin/kube-apiserver'),
    goBuild: {
      tool: 'kube-apiserver',
      takes: '10 to 20 minutes',
      package: 'k8s.io/kubernetes/cmd/kube-apiserver',
      version: KUBERNETES_VERSION,
      linkerFlags: KUBERNETES_LINKER_FLAGS,
    },
    howToGet: 'https://kubernetes.io/releases/download/#binaries',
  },
  // Its releases give no digest of the program alone, and none for macOS.
  'kube-controller-manager': {
    name: 'kube-controller-manager',
    variable: 'METAL3_TESTBED_KUBE_CONTROLLER_MANAGER',
    question: { type: 'version', args: ['--version'], says: /kubernetes/i },
    oldest: '1.27',
    image: image(
      'registry.k8s.io/kube-controller-manager',
      KUBERNETES_VERSION,
      '/usr/local/bin/kube-controller-manager',
    ),
    goBuild: {
      tool: 'kube-controller-manager',
      takes: '3 to 10 minutes',
      package: 'k8s.io/kubernetes/cmd/kube-controller-manager',
      version: KUBERNETES_VERSION,
      linkerFlags: KUBERNETES_LINKER_FLAGS,
    },
    howToGet: 'https://kubernetes.io/releases/download/#binaries',
  },
  kwok: {
    name: 'kwok',
    variable: 'METAL3_TESTBED_KWOK',
    question: { type: 'version', args: ['--version'], says: /kwok/i },
    oldest: '0.7',
    release: KWOK,
    image: image('registry.k8s.io/kwok/kwok', 'v0.8.0', '/usr/local/bin/kwok'),
    goBuild: {
      tool: 'kwok',
      takes: '3 to 5 minutes',
      package: 'sigs.k8s.io/kwok/cmd/kwok',
      version: 'v0.8.0',
      linkerFlags: '-X sigs.k8s.io/kwok/pkg/consts.Version=v0.8.0',
    },
    howToGet: 'https://kwok.sigs.k8s.io/docs/user/installation/',
  },
  'baremetal-operator': {
    name: 'baremetal-operator',
    variable: 'METAL3_TESTBED_BAREMETAL_OPERATOR',
    // It knows no version; its flags tell the releases apart.
    question: { type: 'flags', args: ['-h'], required: ['namespace', 'webhook-port', 'metrics-addr'] },
    image: image('quay.io/metal3-io/baremetal-operator', 'v0.13.2', '/baremetal-operator'),
    howToGet:
      'build it with `go build -o baremetal-operator .` in a clone of https://github.com/metal3-io/baremetal-operator',
  },
  'cluster-api-core': manager(
    'cluster-api-core',
    image('registry.k8s.io/cluster-api/cluster-api-controller', CLUSTER_API_VERSION, '/manager'),
    ['clusterclass-concurrency', 'machine-concurrency'],
    'https://github.com/kubernetes-sigs/cluster-api',
    clusterApiBuild(''),
  ),
  'kubeadm-bootstrap': manager(
    'kubeadm-bootstrap',
    image('registry.k8s.io/cluster-api/kubeadm-bootstrap-controller', CLUSTER_API_VERSION, '/manager'),
    ['kubeadmconfig-concurrency'],
    'https://github.com/kubernetes-sigs/cluster-api',
    clusterApiBuild('/bootstrap/kubeadm'),
  ),
  'kubeadm-control-plane': manager(
    'kubeadm-control-plane',
    image('registry.k8s.io/cluster-api/kubeadm-control-plane-controller', CLUSTER_API_VERSION, '/manager'),
    ['kubeadmcontrolplane-concurrency'],
    'https://github.com/kubernetes-sigs/cluster-api',
    clusterApiBuild('/controlplane/kubeadm'),
  ),
  capm3: manager(
    'capm3',
    image('quay.io/metal3-io/cluster-api-provider-metal3', 'v1.13.2', '/manager'),
    ['metal3machine-concurrency'],
    'https://github.com/metal3-io/cluster-api-provider-metal3',
  ),
  ipam: manager(
    'ipam',
    image('quay.io/metal3-io/ip-address-manager', 'v1.13.2', '/manager'),
    ['ippool-concurrency'],
    'https://github.com/metal3-io/ip-address-manager',
  ),
  kind: {
    name: 'kind',
    variable: 'METAL3_TESTBED_KIND',
    question: { type: 'version', args: ['--version'], says: /kind/i },
    oldest: '0.20',
    howToGet: 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation',
  },
  kubectl: {
    name: 'kubectl',
    variable: 'METAL3_TESTBED_KUBECTL',
    question: { type: 'version', args: ['version', '--client'], says: /client version/i },
    oldest: '1.27',
    howToGet: 'https://kubernetes.io/docs/tasks/tools/#kubectl',
  },
};

/** A manager of Cluster API or a provider: it knows no version, and its flags tell it from the others. */
function manager(
  name: ProgramName,
  from: ProgramImage,
  required: readonly string[],
  sources: string,
  goBuild?: GoBuild,
): ProgramSpec {
  return {
    name,
    variable: `METAL3_TESTBED_${name.replaceAll('-', '_').toUpperCase()}`,
    question: { type: 'flags', args: ['--help'], required },
    image: from,
    goBuild,
    howToGet: `build its manager in a clone of ${sources}`,
  };
}

/** The three managers of Cluster API are of one module, of which the first to be built compiles most. */
function clusterApiBuild(folder: string): GoBuild {
  const version = { gitVersion: CLUSTER_API_VERSION, gitMajor: '1', gitMinor: '13', gitTreeState: 'clean' };
  return {
    tool: 'cluster-api',
    takes: '2 to 6 minutes',
    package: `sigs.k8s.io/cluster-api${folder}`,
    version: CLUSTER_API_VERSION,
    linkerFlags: Object.entries(version)
      .map(([name, value]) => `-X sigs.k8s.io/cluster-api/version.${name}=${value}`)
      .join(' '),
  };
}
