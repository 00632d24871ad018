/** Where a testbed differs from what each of its parts would do by itself: it is there to have many hosts. */
import type { HostSetProps } from '../kinds/bare-metal-host/host-set-props';
import { MOST_CLUSTERS, NAME_MARK } from '../kinds/cluster/cluster-plan';
import type { ClusterSetProps } from '../kinds/cluster/cluster-set-props';
import type { BareMetalOperatorProps } from '../components/baremetal-operator';
import { CommandLine, releaseProblems } from '../components/baremetal-operator/command-line';
import { defaultVersion } from '../components/baremetal-operator/releases';

/**
 * BMO's own defaults, 20 requests a second and 2 to 8 hosts at a time, are for machines that take minutes to do anything,
 * and bring about 133 fake hosts a minute to available, whatever else is done. Found by `metal3-testbed tune`.
 */
const KUBE_API = { kubeApiQps: 1_000, kubeApiBurst: 2_000 };
const CONCURRENCY = 32;
/** All hosts of a namespace update one FirmwareSchema, and with many of them conflict most of the time. */
const HOSTS_PER_NAMESPACE = 20;

/** The operator in test mode, unless it says otherwise, and then with what makes it fast, where its release has that. */
export function withTestMode<T extends BareMetalOperatorProps>(operator: T): T {
  const { testMode = true, version = defaultVersion } = operator;
  // What is wrong with the version is said where all of the operator is checked.
  if (!testMode || releaseProblems(version).length > 0) return { testMode, ...operator };
  const hasKubeApi = new CommandLine(version).understands('kube-api-qps');
  return { testMode, ...(hasKubeApi ? KUBE_API : undefined), concurrency: CONCURRENCY, ...operator };
}

/**
 * The host set over as many namespaces as suit BMO, where nobody has said in which its hosts are to be. The first hosts
 * stay where the blog has them, in `default`.
 */
export function spread(set: HostSetProps, operators: readonly BareMetalOperatorProps[]): HostSetProps {
  const { namespace, namespaces, hostsPerNamespace } = set;
  const isSaid = [namespace, namespaces, hostsPerNamespace].some((each) => each !== undefined);
  const isBound = operators.some(({ watchedNamespaces = [] }) => watchedNamespaces.length > 0);
  return isSaid || isBound ? set : { ...set, hostsPerNamespace: HOSTS_PER_NAMESPACE };
}

/**
 * The cluster set in the one namespace that it names, where managers look at some namespaces alone, and nobody has said how
 * many clusters share one.
 */
export function together(set: ClusterSetProps, isBound: boolean): ClusterSetProps {
  const { namespace, clustersPerNamespace } = set;
  const isShared = namespace !== undefined && !namespace.includes(NAME_MARK);
  return isBound && isShared && clustersPerNamespace === undefined
    ? { ...set, clustersPerNamespace: MOST_CLUSTERS }
    : set;
}
