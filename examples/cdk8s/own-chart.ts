/** The constructs one by one, in charts of one's own, beside a Secret that already exists on the cluster. */
import { App, Chart } from 'cdk8s';
import { BareMetalHost, BareMetalHostSet, BareMetalOperator, BmcCredentials } from 'metal3-testbed';

const app = new App();

const operator = new Chart(app, '1-operator');
new BareMetalOperator(operator, 'operator', { testMode: true, webhook: false, concurrency: 32 });

const lab = new Chart(app, '2-lab', { namespace: 'default' });
new BareMetalHost(lab, 'bastion', {
  bootMACAddress: '00:60:2f:ff:00:01',
  bmc: { address: 'redfish://192.0.2.10/redfish/v1/Systems/1' },
  credentials: BmcCredentials.fromSecretName(lab, 'credentials', 'lab-bmc'),
});
new BareMetalHostSet(lab, 'workers', { count: 20, namespace: 'default', credentials: { secretName: 'lab-bmc' } });

app.synth();
