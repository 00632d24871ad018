/** A cluster that somebody else has made: a context of a kubeconfig. */
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TestbedError } from '../../../lib/errors';
import type { KubernetesClient } from '../../kubernetes/client';
import { writeFileAtomicSync } from '../../util/atomic-file';
import { makeFolder } from '../../util/make-folder';
import { extractContext } from './context';

/** The kubeconfig of a state folder, which has the one context alone. */
function kubeconfigOf(stateDir: string): string {
  return join(resolve(stateDir), 'kubeconfig');
}

/**
 * Copies the context into the state folder (0600), for those who are started from there.
 *
 * @returns the copy's path
 */
export async function adoptContext(stateDir: string, kubeconfig: string, context: string): Promise<string> {
  const file = kubeconfigOf(stateDir);
  const text = await extractContext(resolve(kubeconfig), context);
  makeFolder(resolve(stateDir));
  writeFileAtomicSync(file, text);
  return file;
}

export function forgetContext(stateDir: string): void {
  rmSync(kubeconfigOf(stateDir), { force: true });
}

/** What tells a cluster from any other, whatever its address: the uid of a namespace that it never loses. */
export async function clusterId(client: KubernetesClient): Promise<string> {
  const { metadata } = await client.request<{ readonly metadata: { readonly uid: string } }>(
    'GET',
    '/api/v1/namespaces/kube-system',
  );
  return metadata.uid;
}

/** @throws TestbedError (`environment`) where the context has come to mean another cluster than `up` saw */
export async function requireSameCluster(client: KubernetesClient, expected: string | undefined): Promise<void> {
  if (expected === undefined || (await clusterId(client)) === expected) return;
  throw new TestbedError(
    'environment',
    `${client.server} is not the cluster that 'up' was run on: nothing is changed on it; if that one is gone for good, delete the state folder`,
  );
}
