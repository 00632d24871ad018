import { BAREMETAL_OPERATOR, baremetalOperatorComponent } from '../components/baremetal-operator/component';
import { CERT_MANAGER, certManagerComponent } from '../components/cert-manager/component';
import { CLUSTER_API, clusterApiComponent } from '../components/cluster-api/component';
import type { Component } from '../components/component';
import { installOrder, type Needing } from '../components/install-order';
import { IP_ADDRESS_MANAGER, ipAddressManagerComponent } from '../components/ip-address-manager/component';
import { KUBEADM_BOOTSTRAP, kubeadmBootstrapComponent } from '../components/kubeadm-bootstrap/component';
import { KUBEADM_CONTROL_PLANE, kubeadmControlPlaneComponent } from '../components/kubeadm-control-plane/component';
import { METAL3_PROVIDER, metal3ProviderComponent } from '../components/metal3-provider/component';
import { KWOK, kwokComponent } from '../components/simulators/kwok';
import { workloadApiComponent } from '../components/simulators/workload-api';
import { WORKLOAD_API } from '../components/simulators/workload-api-address';
import type { ResolvedTestbed } from './resolve';

/** What a testbed consists of besides its namespaces. */
export interface Part extends Needing {
  /** Undefined where the testbed has none: the cluster has it then, or nothing needs it. And for the hosts. */
  readonly component: Component | undefined;
}

export const HOSTS = 'hosts';

/** Everything that a testbed may consist of, in the order of installing: a part has the same place in every testbed. */
export function partsOf({ certManager, operators, clusterApi = {}, kwok, workloadApi }: Parts): readonly Part[] {
  const bmo = operators.length > 0 ? baremetalOperatorComponent(operators) : undefined;
  const { core, kubeadmBootstrap, kubeadmControlPlane, ipAddressManager, metal3Provider } = clusterApi;
  const parts: readonly Part[] = [
    part(CERT_MANAGER, certManager && certManagerComponent(certManager)),
    part(BAREMETAL_OPERATOR, bmo),
    // Their CRD comes with it.
    { name: HOSTS, needs: [BAREMETAL_OPERATOR], component: undefined },
    part(CLUSTER_API, core && clusterApiComponent(core)),
    part(KUBEADM_BOOTSTRAP, kubeadmBootstrap && kubeadmBootstrapComponent(kubeadmBootstrap)),
    part(KUBEADM_CONTROL_PLANE, kubeadmControlPlane && kubeadmControlPlaneComponent(kubeadmControlPlane)),
    part(IP_ADDRESS_MANAGER, ipAddressManager && ipAddressManagerComponent(ipAddressManager)),
    part(METAL3_PROVIDER, metal3Provider && metal3ProviderComponent(metal3Provider)),
    part(KWOK, kwok && kwokComponent(kwok)),
    part(WORKLOAD_API, workloadApi && workloadApiComponent(workloadApi)),
  ];
  return installOrder(parts);
}

/** The components of a testbed, in the order of installing. */
export function componentsOf(testbed: Parts): readonly Component[] {
  return partsOf(testbed).flatMap(({ component }) => component ?? []);
}

type Parts = Pick<ResolvedTestbed, 'certManager' | 'clusterApi' | 'kwok' | 'operators' | 'workloadApi'>;

/** Those that make hosts and clusters live. */
export function isSimulator({ name }: Part): boolean {
  return name === KWOK || name === WORKLOAD_API;
}

function part(name: string, component: Component | undefined): Part {
  return { name, needs: component?.needs ?? [], component };
}
