import type { InstallStep } from '../lib/components/component';
import { componentsOf } from '../lib/testbed/components';
import type { ResolvedTestbed } from '../lib/testbed/resolve';
import { installationOf } from '../src/install/installation';
import { installSteps, stepsWithoutPods } from '../src/install/steps';
import { refuseWithoutPods } from '../src/install/without-pods';

/**
 * The steps in which a platform is put onto a cluster.
 *
 * @throws TestbedError (`invalid-input`) for components that need pods where there are none
 */
export function stepsOf(testbed: ResolvedTestbed, hasPods: boolean): readonly InstallStep[] {
  if (!hasPods) refuseWithoutPods(componentsOf(testbed), 'the cluster runs none (hasPods: false)');
  const steps = installSteps(installationOf(testbed));
  return hasPods ? steps : stepsWithoutPods(steps);
}
