import { join } from 'node:path';
import { managementClusters, runScenarios, type TestbedDescription } from 'metal3-testbed/scenario';

export async function compare(lab: TestbedDescription) {
  return runScenarios(
    managementClusters(lab).map(({ name, props }) => ({
      props,
      options: { stateDir: join('state', name), clusterName: name },
    })),
  );
}
