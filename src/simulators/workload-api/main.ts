/**
 * The process of the simulator: `main.js --kubeconfig FILE --status-address 127.0.0.1:PORT [--join-delay-ms MIN-MAX]
 * [--faults-folder FOLDER] [--shards N --pod NAME --namespace NAMESPACE]`, the last in a pod of a StatefulSet that shares the
 * clusters with others. What goes wrong with one cluster is a line on stderr; the others go on.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { invalidInput, TestbedError } from '../../../lib/errors';
import { KubernetesClient } from '../../kubernetes/client';
import { readKubeconfig } from '../../kubernetes/kubeconfig';
import { faultConfigMaps } from './fault-config-maps';
import { faultFolder } from './fault-files';
import type { FaultSource } from './planned-fault';
import { statusServer } from './status-server';
import { Shards } from './shards';
import { WorkloadApi, type WorkloadApiProps } from './workload-api';

/** A pod that goes is killed after 30 seconds. */
const DRAIN_MS = 25_000;

function log(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kubeconfig: { type: 'string' },
      'status-address': { type: 'string' },
      'join-delay-ms': { type: 'string', default: '0-0' },
      'faults-folder': { type: 'string' },
      shards: { type: 'string' },
      pod: { type: 'string' },
      namespace: { type: 'string' },
    },
  });
  const { kubeconfig } = values;
  if (kubeconfig === undefined) throw invalidInput('--kubeconfig is missing: give the file of the management cluster');
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(values['status-address'] ?? '') ?? [];
  if (host === undefined) throw invalidInput('--status-address has to be HOST:PORT, such as 127.0.0.1:8090');
  const [, min, max] = /^(\d{1,9})-(\d{1,9})$/.exec(values['join-delay-ms']) ?? [];
  if (min === undefined || Number(min) > Number(max))
    throw invalidInput(`--join-delay-ms is '${values['join-delay-ms']}': give MIN-MAX, such as 500-2000`);
  const client = new KubernetesClient(await readKubeconfig(kubeconfig), { connections: 1 });
  const joinDelay = { min: Number(min), max: Number(max) };
  const api = new WorkloadApi({
    client,
    log,
    joinDelay,
    faults: faultsOf(client, values),
    shards: shardsOf(client, values),
  });
  const status = statusServer(api);
  status.listen(Number(port), host);
  await once(status, 'listening');
  // What one client has brought about is not to end the clusters of all the others.
  process.on('uncaughtException', (error) => log(`unexpected: ${error.stack ?? String(error)}`));
  const stop = () =>
    void api
      .drain(DRAIN_MS)
      .then(() => api.stop())
      .finally(() => process.exit(0));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  await api.start();
}

/** In a pod, they are where the pod is. */
function faultsOf(
  client: KubernetesClient,
  values: Readonly<Partial<Record<'faults-folder' | 'namespace', string>>>,
): FaultSource | undefined {
  const { 'faults-folder': folder, namespace } = values;
  if (folder !== undefined) return faultFolder(folder);
  return namespace === undefined ? undefined : faultConfigMaps(client, namespace);
}

/** @throws TestbedError (`invalid-input`) */
function shardsOf(
  client: KubernetesClient,
  { shards, pod, namespace }: Readonly<Partial<Record<'shards' | 'pod' | 'namespace', string>>>,
): WorkloadApiProps['shards'] {
  if (shards === undefined) return undefined;
  if (!/^[1-9]\d{0,2}$/.test(shards) || pod === undefined || namespace === undefined)
    throw invalidInput(
      '--shards has to be a whole number from 1 to 999, with the --pod and the --namespace that it is in',
    );
  return (api) =>
    new Shards({
      client,
      namespace,
      pod,
      count: Number(shards),
      onChange: () => api.lookAtAll(),
      endpoints: () => api.atHosts(),
      log,
    });
}

main().catch((error: unknown) => {
  log(error instanceof TestbedError ? error.message : ((error as Error).stack ?? String(error)));
  process.exit(1);
});
