/** What the provider of `ObjectsGuard` in a stack's state loads (`metal3-testbed/pulumi/plugins/objects-guard`). */
import { served } from './engine';
import { objectsGuard } from './objects-guard-operations';

export const operations: object = served(objectsGuard);
