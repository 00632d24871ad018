import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct, Dependable } from 'constructs';
import { BareMetalHostSet } from '../kinds/bare-metal-host/baremetal-host-set';
import { HostClaimsRoot } from '../kinds/bare-metal-host/host-claims';
import { BareMetalOperator } from '../components/baremetal-operator';
import { CertManager } from '../components/cert-manager';
import { ClusterApiProvider } from '../components/cluster-api-provider/provider';
import { KwokSimulator } from '../components/simulators/kwok';
import { WorkloadApi } from '../components/simulators/workload-api';
import { clusterScoped } from '../cluster-scoped';
import { ClusterSet } from '../kinds/cluster/cluster-set';
import { HOSTS, isSimulator, partsOf } from './components';
import { resolveTestbed, type TestbedProps } from './resolve';
import { releaseFor } from './operators';

/**
 * A whole test environment: a chart each for the namespaces, cert-manager, the operators, the hosts, each provider of
 * Cluster API, and the clusters. What depends on
 * the testbed (`chart.addDependency(testbed)`) depends on all of its charts.
 *
 * The charts' ids begin with a number, by which their files are in the order of applying. They do not depend on each
 * other: cdk8s makes an edge from each object of one chart to each of the other, which takes it 43 s for 1,000 hosts, and
 * 0.2 s without.
 */
export class Testbed extends Construct {
  /** All charts, in the order of applying. */
  readonly charts: readonly Chart[];
  /** undefined where it is not part of the testbed. */
  readonly certManager: CertManager | undefined;
  readonly operators: readonly BareMetalOperator[];
  /** The providers of Cluster API, in the order of installing. */
  readonly clusterApi: readonly ClusterApiProvider[];
  /** undefined where it is not part of the testbed. */
  readonly kwok: KwokSimulator | undefined;
  /** undefined where it is not part of the testbed. */
  readonly workloadApi: WorkloadApi | undefined;
  /** The host sets, and the hosts of the cluster sets. */
  readonly hostSets: readonly BareMetalHostSet[];
  readonly clusterSets: readonly ClusterSet[];

  /** The chart of the hosts, to add some that are described one by one. */
  readonly hosts: Chart;

  /**
   * @param scope an App, a Chart, or any construct below them: two testbeds may be in one App
   * @throws TestbedError (`invalid-input`), as {@link resolveTestbed}
   */
  constructor(scope: Construct, id: string, props: TestbedProps = {}) {
    super(scope, id);
    const resolved = resolveTestbed(props);
    const { operators, fleets, clusterSets, namespaces } = resolved;
    new HostClaimsRoot(this, (namespace) => releaseFor(operators, namespace));
    const charts: Chart[] = [];
    const chart = (place: number, name: string) => {
      const added = new Chart(this, `${place}-${name}`);
      charts.push(added);
      return added;
    };
    if (namespaces.length > 0) {
      const ofNamespaces = chart(0, 'namespaces');
      for (const name of namespaces) clusterScoped(new k8s.KubeNamespace(ofNamespaces, name, { metadata: { name } }));
    }
    const parts = [...partsOf(resolved).entries()];
    let hosts: Chart | undefined;
    const clustersPlace = parts.filter(([, part]) => !isSimulator(part)).length + 1;
    const added = parts.flatMap(([i, part]) => {
      const { name, component } = part;
      const place = isSimulator(part) ? i + 2 : i + 1;
      if (name === HOSTS) hosts = chart(place, HOSTS);
      return component?.addTo(chart(place, name)) ?? [];
    });
    if (hosts === undefined) throw new Error('a testbed has hosts among its parts');
    const clusters = clusterSets.length > 0 ? chart(clustersPlace, 'clusters') : undefined;
    this.hosts = hosts;
    this.charts = charts;
    // cdk8s wants to know the chart of whatever is depended on, and a testbed is in none.
    Dependable.implement(this, { dependencyRoots: [...this.charts] });
    this.certManager = added.find((each) => each instanceof CertManager);
    this.operators = added.filter((each) => each instanceof BareMetalOperator);
    this.clusterApi = added.filter((each) => each instanceof ClusterApiProvider);
    this.kwok = added.find((each) => each instanceof KwokSimulator);
    this.workloadApi = added.find((each) => each instanceof WorkloadApi);
    this.hostSets = fleets.map((fleet, i) => new BareMetalHostSet(this.hosts, numbered('hosts', i), fleet));
    this.clusterSets = clusterSets.map((plan, i) => new ClusterSet(clusters ?? this, numbered('clusters', i), plan));
  }
}

/** The first has the plain name, so that a testbed with one of a thing does not number it. */
function numbered(id: string, i: number): string {
  return i === 0 ? id : `${id}-${i + 1}`;
}
