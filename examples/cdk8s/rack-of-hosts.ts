/** A testbed whose hosts differ: three control planes and a rack of workers, of which one in ten is powered off. */
import { App } from 'cdk8s';
import { Testbed } from 'metal3-testbed';

const app = new App();
new Testbed(app, 'rack', {
  // Hosts of one test-mode operator are all on or all off: those that are off have an operator of their own.
  operators: [
    { namespace: 'operator-on', watchedNamespaces: ['control-plane', 'workers'] },
    { namespace: 'operator-off', watchedNamespaces: ['spare'] },
  ],
  hostSets: [
    {
      name: 'control-plane',
      namespace: 'control-plane',
      count: 3,
      labels: { role: 'control-plane' },
      bmcProtocol: 'redfish-virtualmedia',
      rootDeviceHints: { deviceName: '/dev/nvme0n1' },
    },
    {
      name: 'worker',
      namespace: 'workers',
      count: 90,
      firstIndex: 4,
      labels: { role: 'worker' },
      override: ({ index }) => ({ labels: { shelf: `${Math.ceil(index / 10)}` } }),
    },
    { name: 'spare', namespace: 'spare', count: 10, firstIndex: 94, online: false },
  ],
});
app.synth();
