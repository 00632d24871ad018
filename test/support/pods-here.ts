/** What pods would run, as processes beside an API server without nodes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { findProgram } from '../../src/programs/find';

/** A pod's container as it is described. */
export interface Container {
  readonly command?: readonly string[];
  readonly args: readonly string[];
}

/** The first container of a workload. */
export function containerOf(objects: readonly KubernetesObject[], workload: string): Container {
  const found = objects.find(
    ({ kind, metadata }) => /Deployment|StatefulSet|Job/.test(kind) && metadata.name === workload,
  );
  const { spec } = found as unknown as { spec: { template: { spec: { containers: readonly Container[] } } } };
  return spec.template.spec.containers[0]!;
}

/** Writes a kubeconfig as pods have one, with a token of a ServiceAccount. @returns its file */
export async function kubeconfigOf(
  client: KubernetesClient,
  admin: string,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  dir: string,
): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const { status } = await client.request<{ status: { token: string } }>('POST', path, { body });
  const { ca, server } = await readKubeconfig(admin);
  const file = join(dir, `${name}.kubeconfig`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'own', cluster: { server, 'certificate-authority-data': ca?.toString('base64') } }],
    users: [{ name: 'own', user: { token: status.token } }],
    contexts: [{ name: 'own', context: { cluster: 'own', user: 'own' } }],
    'current-context': 'own',
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** Runs the kwok of a Deployment with its stages. @param status where it tells of itself */
export async function startKwok(
  objects: readonly KubernetesObject[],
  { kubeconfig, status, dir }: { readonly kubeconfig: string; readonly status: string; readonly dir: string },
): Promise<ChildProcess> {
  const folder = join(dir, 'stages');
  mkdirSync(folder);
  for (const { kind, data } of objects as readonly (KubernetesObject & { data?: Record<string, string> })[])
    if (kind === 'ConfigMap')
      for (const [name, text] of Object.entries(data ?? {})) writeFileSync(join(folder, name), text);
  const args = containerOf(objects, 'kwok-0').args.map((each) =>
    each.replace('/etc/kwok', folder).replace(/^0\.0\.0\.0:\d+$/, status),
  );
  const call = ['--kubeconfig', kubeconfig, ...args];
  return spawn((await findProgram('kwok')).file, call, { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] });
}

export async function killAll(started: readonly ChildProcess[]): Promise<void> {
  for (const each of started) {
    if (each.exitCode !== null || each.signalCode !== null) continue;
    const ended = once(each, 'exit');
    each.kill('SIGKILL');
    await ended;
  }
}
