import type { App } from 'cdk8s';
import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { BareMetalHostSet } from './baremetal-host/baremetal-host-set';
import { bindHostScope } from './baremetal-host/host-scope';
import { BareMetalOperator } from './baremetal-operator';
import { CertManager } from './cert-manager';
import { clusterScoped } from './cluster-scoped';
import { resolveTestbed, type TestbedProps } from './resolve-testbed';
import { releaseFor } from './testbed-operators';

/**
 * A whole test environment: a chart each for the namespaces, cert-manager, the operators and the hosts, in this order by name, so that
 * `kubectl apply -f dist/` finds them in the order in which they are needed.
 *
 * The charts are made beside the testbed, not below it, since cdk8s puts a hash into the file names of nested ones.
 */
export class Testbed extends Construct {
  /** All charts, in the order of applying. */
  readonly charts: readonly Chart[];
  /** undefined where it is not part of the testbed. */
  readonly certManager: CertManager | undefined;
  readonly operators: readonly BareMetalOperator[];
  readonly hostSets: readonly BareMetalHostSet[];

  /** The chart of the hosts, to add some that are described one by one. */
  readonly hosts: Chart;

  /** @throws TestbedError (`invalid-input`), as {@link resolveTestbed} */
  constructor(app: App, id: string, props: TestbedProps = {}) {
    super(app, id);
    const { certManager, operators, fleets, namespaces } = resolveTestbed(props);
    const chart = (name: string, isNeeded: boolean) => (isNeeded ? [new Chart(app, `${id}-${name}`)] : []);
    const [namespacesChart] = chart('0-namespaces', namespaces.length > 0);
    const [certManagerChart] = chart('1-cert-manager', certManager !== undefined);
    const [operatorsChart] = chart('2-baremetal-operator', operators.length > 0);
    this.hosts = new Chart(app, `${id}-3-hosts`);
    this.charts = [namespacesChart, certManagerChart, operatorsChart, this.hosts].filter((each) => each !== undefined);
    bindHostScope([this, ...this.charts], (namespace) => releaseFor(operators, namespace));
    if (namespacesChart !== undefined) {
      for (const name of namespaces)
        clusterScoped(new k8s.KubeNamespace(namespacesChart, name, { metadata: { name } }));
    }
    this.certManager = certManagerChart && new CertManager(certManagerChart, 'cert-manager', certManager);
    this.operators =
      operatorsChart === undefined
        ? []
        : operators.map((operator, i) => new BareMetalOperator(operatorsChart, numbered('operator', i), operator));
    this.hostSets = fleets.map((fleet, i) => new BareMetalHostSet(this.hosts, numbered('hosts', i), fleet.props));
  }
}

/** The first has the plain name, so that a testbed with one of a thing does not number it. */
function numbered(id: string, i: number): string {
  return i === 0 ? id : `${id}-${i + 1}`;
}
