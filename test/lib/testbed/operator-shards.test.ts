import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveTestbed, Testbed, type TestbedProps } from '../../../lib';
import { testApp } from '../../support/charts';
import { refuses } from '../../support/refuses';

const hostSets = [{ count: 100, namespace: 'lab', hostsPerNamespace: 20 }];
const operatorsOf = (props: TestbedProps) =>
  resolveTestbed(props).operators.map(({ namespace, watchedNamespaces, crds }) => ({
    namespace,
    watchedNamespaces,
    crds,
  }));

describe('several operators in place of one', () => {
  it('take turns with the namespaces of hosts, and one of them brings the CRDs', () => {
    assert.deepEqual(operatorsOf({ operators: [{ count: 2 }], hostSets }), [
      { namespace: 'baremetal-operator-system', watchedNamespaces: ['lab', 'lab-3', 'lab-5'], crds: true },
      { namespace: 'baremetal-operator-2-system', watchedNamespaces: ['lab-2', 'lab-4'], crds: false },
    ]);
  });

  it('keep what they have where hosts are added', () => {
    const [first] = operatorsOf({ operators: [{ count: 2 }], hostSets });
    const [later] = operatorsOf({
      operators: [{ count: 2 }],
      hostSets: [{ count: 120, namespace: 'lab', hostsPerNamespace: 20 }],
    });
    assert.deepEqual(later, first);
  });

  it('share what one of them would watch', () => {
    const operators = [
      { namespace: 'a-system', watchedNamespaces: ['lab', 'lab-2', 'lab-3'], count: 2 },
      { namespace: 'b', watchedNamespaces: ['lab-4', 'lab-5'] },
    ];
    assert.deepEqual(
      operatorsOf({ operators, hostSets }).map(({ namespace, watchedNamespaces }) => [namespace, watchedNamespaces]),
      [
        ['a-system', ['lab', 'lab-3']],
        ['a-2-system', ['lab-2']],
        ['b', ['lab-4', 'lab-5']],
      ],
    );
  });

  it('are Deployments with names of their own, that keep away from each other and are placed as they are told', () => {
    const testbed = new Testbed(testApp(), 'testbed', {
      operators: [{ count: 2, nodeSelector: { pool: 'operators' }, tolerations: [{ operator: 'Exists' }] }],
      hostSets,
    });
    assert.deepEqual(
      testbed.operators.map(({ deploymentName }) => deploymentName),
      ['baremetal-operator-controller-manager', 'baremetal-operator-2-controller-manager'],
    );
    for (const { apiObjects } of testbed.operators) {
      const deployment = apiObjects.find(({ kind }) => kind === 'Deployment')?.toJson() as {
        spec: { template: { spec: Record<string, unknown> } };
      };
      const { nodeSelector, tolerations, affinity } = deployment.spec.template.spec;
      assert.deepEqual(nodeSelector, { pool: 'operators' });
      assert.deepEqual(tolerations, [{ operator: 'Exists' }]);
      assert.match(JSON.stringify(affinity), /podAntiAffinity.*preferred.*namespaceSelector":\{\}/);
    }
  });

  it('are placed by nothing where nobody asks for it: the release is as it is', () => {
    const [operator] = new Testbed(testApp(), 'testbed', { hostSets: [] }).operators;
    const text = JSON.stringify(operator?.apiObjects.map((object) => object.toJson() as unknown));
    assert.doesNotMatch(text, /affinity|nodeSelector|tolerations/);
  });

  it('are refused where there are too few namespaces, or their names would be one', () => {
    refuses(
      () => resolveTestbed({ operators: [{ count: 6 }], hostSets }),
      /operators\[0\]\.count is 6, and there are 5 namespaces of hosts for them: lower it, or spread the hosts over more \(hostsPerNamespace\)/,
    );
    refuses(
      () => resolveTestbed({ operators: [{ count: 2, namePrefix: 'x' }], hostSets }),
      /namePrefix: .*leave it out/,
    );
    refuses(
      () => resolveTestbed({ operators: [{ count: 2 }, {}], hostSets }),
      /operators\[0\]\.count is 2, and there are other/,
    );
    refuses(() => resolveTestbed({ operators: [{ count: 0 }], hostSets }), /operators\[0\]\.count/);
  });
});
