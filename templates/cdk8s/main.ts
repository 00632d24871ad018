import { App } from 'cdk8s';
import { Testbed } from 'metal3-testbed';

const app = new App();
new Testbed(app, 'testbed', {
  hostSets: [
    { name: 'control-plane', count: 3, namespace: 'lab' },
    { name: 'worker', count: 100, namespace: 'lab', firstIndex: 4, labels: { rack: 'fake' } },
  ],
});
app.synth();
