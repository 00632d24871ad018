import { App } from 'cdk8s';
import { Testbed } from 'metal3-testbed';

const app = new App();
new Testbed(app, 'testbed', {
  hostSets: [{ count: 1000, labels: { rack: 'fake' } }],
});
app.synth(); // dist/*.k8s.yaml: namespaces, cert-manager, Bare Metal Operator in test mode, hosts
