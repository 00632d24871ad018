import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { installOrder } from '../../../lib/components/install-order';
import { componentsOf, partsOf } from '../../../lib/testbed/components';
import { resolveTestbed, type TestbedProps } from '../../../lib/testbed/resolve';
import { refuses } from '../../support/refuses';

const item = (name: string, ...needs: readonly string[]) => ({ name, needs });
const namesOf = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);

describe('the order of installing', () => {
  it('puts each after all that it needs, and keeps the given order otherwise', () => {
    const items = [
      item('ipam', 'capi'),
      item('capm3', 'ipam', 'bmo'),
      item('certs'),
      item('bmo', 'certs'),
      item('capi'),
    ];
    assert.deepEqual(namesOf(installOrder(items)), ['certs', 'bmo', 'capi', 'ipam', 'capm3']);
  });

  it('takes what the cluster has for met', () => {
    assert.deepEqual(namesOf(installOrder([item('bmo', 'certs')], ['certs'])), ['bmo']);
  });

  it('names a need that nobody meets, needs in a circle, and two of one name', () => {
    refuses(() => installOrder([item('bmo', 'certs')]), /component bmo needs certs, which is neither installed nor/);
    refuses(
      () => installOrder([item('x', 'a'), item('a', 'b'), item('b', 'c'), item('c', 'a')]),
      /in a circle: a, which needs b, which needs c, which needs a; take one of the needs out/,
    );
    refuses(() => installOrder([item('a', 'a')]), /in a circle: a, which needs a;/);
    refuses(() => installOrder([item('a'), item('a')]), /two components are called a/);
  });
});

describe('the components of a testbed', () => {
  const of = (props: TestbedProps) => resolveTestbed({ hostSets: [], ...props });

  it('are cert-manager and the operators, whose webhooks need it', () => {
    const components = componentsOf(of({}));
    assert.deepEqual(
      components.map(({ name, needs, namespaces }) => [name, needs, namespaces]),
      [
        ['cert-manager', [], ['cert-manager']],
        ['baremetal-operator', ['cert-manager'], ['baremetal-operator-system']],
      ],
    );
  });

  it('have the same places whichever of them a testbed has', () => {
    const places = [
      ...['cert-manager', 'baremetal-operator', 'hosts', 'cluster-api', 'kubeadm-bootstrap', 'kubeadm-control-plane'],
      ...['ip-address-manager', 'metal3-provider', 'kwok', 'workload-api'],
    ];
    for (const props of [
      {},
      { installCertManager: false },
      { operators: [] },
      { operators: [{ webhook: false }] },
      { clusterApi: {} },
    ])
      assert.deepEqual(namesOf(partsOf(of(props))), places, JSON.stringify(props));
    assert.deepEqual(namesOf(componentsOf(of({ installCertManager: false }))), ['baremetal-operator']);
    assert.deepEqual(componentsOf(of({ operators: [{ webhook: false }] }))[0]?.needs, []);
  });

  it('are the providers of Cluster API too where it is described, each after what it needs', () => {
    const components = componentsOf(of({ clusterApi: {}, operators: [{ webhook: false }] }));
    assert.deepEqual(
      components.map(({ name, needs }) => [name, needs]),
      [
        ['cert-manager', []],
        ['baremetal-operator', []],
        ['cluster-api', ['cert-manager']],
        ['kubeadm-bootstrap', ['cert-manager', 'cluster-api']],
        ['kubeadm-control-plane', ['cert-manager', 'cluster-api', 'kubeadm-bootstrap']],
        ['ip-address-manager', ['cert-manager', 'cluster-api']],
        ['metal3-provider', ['cert-manager', 'cluster-api', 'baremetal-operator', 'ip-address-manager']],
      ],
    );
    const without = componentsOf(
      of({ clusterApi: { without: ['core', 'metal3Provider'] }, installCertManager: false }),
    );
    assert.deepEqual(namesOf(without), [
      ...['baremetal-operator', 'kubeadm-bootstrap', 'kubeadm-control-plane', 'ip-address-manager'],
    ]);
    refuses(
      () => of({ clusterApi: { core: {}, without: ['core'] } }),
      /clusterApi\.core is described, and clusterApi\.without names it: leave one of them out/,
    );
  });
});
