/** The Pulumi program: the layer that the stack's configuration (Pulumi.yaml) names. */
import { cluster } from './cluster';
import { hosts } from './hosts';
import { platform } from './platform';
import { stackConfig } from './stack-config';

async function main(): Promise<object> {
  const stack = await stackConfig();
  switch (stack.layer) {
    case 'cluster':
      return cluster(stack.config);
    case 'platform':
      return platform(stack.config);
    case 'hosts':
      return hosts(stack.config);
  }
}

export = main;
