/** A component of the tests' own: a Deployment with its settings, which needs cert-manager. */
import { k8s } from 'cdk8s-plus-27';
import { apply, ofKind, probe, wait, type Component } from '../../lib/components/component';

export const gadgetComponent: Component = {
  name: 'gadget',
  needs: ['cert-manager'],
  namespaces: ['default'],
  addTo: (scope) => [
    new k8s.KubeConfigMap(scope, 'settings', {
      metadata: { name: 'gadget', namespace: 'default' },
      data: { size: '9' },
    }),
    new k8s.KubeDeployment(scope, 'deployment', {
      metadata: { name: 'gadget', namespace: 'default' },
      spec: {
        selector: { matchLabels: { app: 'gadget' } },
        template: {
          metadata: { labels: { app: 'gadget' } },
          spec: { containers: [{ name: 'gadget', image: 'gadget' }] },
        },
      },
    }),
  ],
  steps: (objects) => [
    apply('gadget', objects),
    wait('gadget available', 'deployments-available', ofKind(objects, 'Deployment')),
    wait('ConfigMap accepted', 'accepted', [probe('v1', 'ConfigMap', 'default', {})]),
  ],
};
