/** What the provider of `LocalSimulators` in a stack's state loads (`metal3-testbed/pulumi/plugins/local-simulators`). */
import { served } from './engine';
import { localSimulators } from './local-simulators-operations';

export const operations: object = served(localSimulators);
