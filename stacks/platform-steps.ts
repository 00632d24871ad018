import type { InstallStep } from '../lib/components/component';
import { componentsOf } from '../lib/testbed/components';
import type { ResolvedTestbed } from '../lib/testbed/resolve';
import { installationOfComponents } from '../src/install/installation';
import { installSteps, stepsWithoutPods } from '../src/install/steps';
import { refuseWithoutPods } from '../src/install/without-pods';

/**
 * The steps in which a platform is put onto a cluster.
 *
 * @param managers where those of components that need pods run: beside a cluster they are put there by somebody else
 * @throws TestbedError (`invalid-input`) for components that need pods where there are none, and nothing beside
 */
export function stepsOf(testbed: ResolvedTestbed, managers: 'pods' | 'beside' | 'none'): readonly InstallStep[] {
  const components = componentsOf(testbed);
  if (managers === 'none') refuseWithoutPods(components, 'the cluster runs none (hasPods: false)');
  const own = managers === 'pods' ? components : components.filter(({ needsPods }) => needsPods !== true);
  const steps = installSteps(installationOfComponents(own, testbed.namespaces));
  return managers === 'pods' ? steps : stepsWithoutPods(steps);
}
