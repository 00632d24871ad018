/** What the provider of `LocalManagers` in a stack's state loads (`metal3-testbed/pulumi/plugins/local-managers`). */
import { served } from './engine';
import { localManagers } from './local-managers-operations';

export const operations: object = served(localManagers);
