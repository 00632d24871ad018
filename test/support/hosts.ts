/** Where hosts are, and how they are watched, for tests and benchmarks. */
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import type { KubernetesClient } from '../../src/kubernetes/client';
import { ObjectWatch, type ObjectWatchOptions } from '../../src/watch/object-watch';
import { objectPath, objectsPath } from '../../src/watch/paths';

export const HOSTS_PATH = objectsPath(bareMetalHostKind);

export function hostPath(namespace: string, name: string): string {
  return objectPath(bareMetalHostKind, namespace, name);
}

export function watchHosts(client: KubernetesClient, options?: ObjectWatchOptions) {
  return new ObjectWatch(client, bareMetalHostKind, options);
}
