/** The Pulumi program: the layer that the stack's configuration (Pulumi.yaml) names. */
import { clusterLayer } from './cluster';
import { clustersLayer } from './clusters';
import { hostsLayer } from './hosts';
import { platformLayer } from './platform';
import { stackConfig } from './stack-config';

async function main(): Promise<object> {
  const stack = await stackConfig();
  switch (stack.layer) {
    case 'cluster':
      return clusterLayer(stack.config);
    case 'platform':
      return platformLayer(stack.config);
    case 'hosts':
      return hostsLayer(stack.config);
    case 'clusters':
      return clustersLayer(stack.config);
  }
}

export = main;
