import { App, Chart } from 'cdk8s';
import { BareMetalHostSet, BareMetalOperator, CertManager } from 'metal3-testbed';

const app = new App();
const platform = new Chart(app, 'platform');
new CertManager(platform, 'cert-manager');
new BareMetalOperator(platform, 'operator', { testMode: true });
const hosts = new BareMetalHostSet(new Chart(app, 'hosts'), 'rack', { count: 40, namespace: 'lab' });
console.log(hosts.fleet.hosts().next().value?.name);
app.synth();
