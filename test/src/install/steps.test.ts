import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { componentsOf } from '../../../lib/testbed/components';
import { resolveTestbed } from '../../../lib/testbed/resolve';
import { installationOf } from '../../../src/install/installation';
import { appliedBy, platformSteps } from '../../../src/install/steps';
import { refuseWithoutPods } from '../../../src/install/without-pods';
import { refuses } from '../../support/refuses';

const testbed = (props = {}) => resolveTestbed({ hostSets: [], ...props });
const deployments = (props: object, place: 'cluster' | 'process') =>
  appliedBy(platformSteps(installationOf(testbed(props)), place))
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ metadata }) => metadata.name);

describe('the steps of a platform', () => {
  it('leave out the pods of the operator where it runs beside the cluster, and not those of Cluster API', () => {
    const managers = [
      ...['capi-controller-manager', 'capi-kubeadm-bootstrap-controller-manager'],
      ...['capi-kubeadm-control-plane-controller-manager', 'ipam-controller-manager', 'capm3-controller-manager'],
    ];
    const certManager = ['cert-manager-cainjector', 'cert-manager', 'cert-manager-webhook'];
    const props = { clusterApi: {} };
    assert.deepEqual(deployments(props, 'process'), [...certManager, ...managers]);
    assert.deepEqual(deployments(props, 'cluster'), [
      ...certManager,
      'baremetal-operator-controller-manager',
      ...managers,
    ]);
    assert.deepEqual(deployments({}, 'process'), []);
  });

  it('make the leases that cert-manager would make, beside either', () => {
    const leases = (place: 'cluster' | 'process') =>
      appliedBy(platformSteps(installationOf(testbed({ clusterApi: {} })), place))
        .filter(({ kind }) => kind === 'Lease')
        .map(({ metadata }) => metadata.name);
    assert.ok(leases('process').includes('cert-manager-controller'));
    assert.deepEqual(leases('process'), leases('cluster'));
  });

  it('ask nobody whether a host would be accepted where the operator runs beside the cluster', () => {
    const probed = (place: 'cluster' | 'process') =>
      platformSteps(installationOf(testbed({ clusterApi: {} })), place).flatMap((step) =>
        step.kind === 'wait' && step.condition === 'accepted' ? step.objects.map(({ kind }) => kind) : [],
      );
    const own = ['Cluster', 'KubeadmConfig', 'KubeadmControlPlane', 'IPPool', 'Metal3Cluster'];
    assert.deepEqual(
      probed('process').filter((kind) => kind !== 'Issuer'),
      own,
    );
    assert.deepEqual(
      probed('cluster').filter((kind) => kind !== 'Issuer'),
      ['BareMetalHost', ...own],
    );
  });
});

describe('a cluster without pods', () => {
  it('is refused for what does nothing without them', () => {
    const of = (props: object) => componentsOf(testbed(props));
    refuses(
      () => refuseWithoutPods(of({ clusterApi: { without: ['metal3Provider'] } }), 'there are none'),
      /^clusterApi: cluster-api, kubeadm-bootstrap, .* run in pods, and there are none: use kind or an existing cluster/,
    );
    refuseWithoutPods(of({}), 'there are none');
  });
});
