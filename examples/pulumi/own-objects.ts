/**
 * A testbed on a cluster that exists, in a program with objects of its own: hosts are provisioned with user data that the
 * program makes, and a ConfigMap says to others where they are.
 */
import * as kubernetes from '@pulumi/kubernetes';
import { Config, interpolate, secret } from '@pulumi/pulumi';
import { HostFleet, MetalPlatform } from 'metal3-testbed/pulumi';

const config = new Config();
const platform = new MetalPlatform('platform', {
  // pulumi config set --secret kubeconfig < kubeconfig
  kubeconfig: config.requireSecret('kubeconfig'),
  // The cluster has one.
  installCertManager: false,
  onClusterGone: 'forget',
});

const options = { provider: platform.provider, dependsOn: platform };
const namespace = new kubernetes.core.v1.Namespace('lab', { metadata: { name: 'lab' } }, options);
const userData = new kubernetes.core.v1.Secret(
  'user-data',
  {
    metadata: { name: 'user-data', namespace: namespace.metadata.name },
    stringData: { value: secret('#cloud-config\nssh_authorized_keys: []\n') },
  },
  options,
);

const hosts = new HostFleet(
  'hosts',
  {
    kubeconfig: platform.kubeconfig,
    count: 50,
    namespace: 'lab',
    createNamespaces: false,
    credentials: { username: 'admin', password: config.requireSecret('bmcPassword') },
    image: {
      url: 'http://images.lab/node.qcow2',
      checksum: 'http://images.lab/node.qcow2.sha256',
      checksumType: 'sha256',
    },
    userData: { name: 'user-data', namespace: 'lab' },
  },
  { dependsOn: userData },
);

export const summary = new kubernetes.core.v1.ConfigMap(
  'hosts-of-the-lab',
  {
    metadata: { name: 'hosts-of-the-lab', namespace: namespace.metadata.name },
    data: { hosts: interpolate`${hosts.objects.apply((objects) => objects['BareMetalHost.metal3.io'] ?? 0)}` },
  },
  options,
).metadata.name;
