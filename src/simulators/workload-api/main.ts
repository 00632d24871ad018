/**
 * The process of the simulator: `main.js --kubeconfig FILE --status-address 127.0.0.1:PORT [--join-delay-ms MIN-MAX]
 * [--faults-folder FOLDER]`. What goes wrong with one cluster is a line on stderr; the others go on.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { invalidInput, TestbedError } from '../../../lib/errors';
import { KubernetesClient } from '../../kubernetes/client';
import { readKubeconfig } from '../../kubernetes/kubeconfig';
import { statusServer } from './status-server';
import { WorkloadApi } from './workload-api';

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
  const api = new WorkloadApi({ client, log, joinDelay, faultsFolder: values['faults-folder'] });
  const status = statusServer(api);
  status.listen(Number(port), host);
  await once(status, 'listening');
  // What one client has brought about is not to end the clusters of all the others.
  process.on('uncaughtException', (error) => log(`unexpected: ${error.stack ?? String(error)}`));
  const stop = () => void api.stop().finally(() => process.exit(0));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  await api.start();
}

main().catch((error: unknown) => {
  log(error instanceof TestbedError ? error.message : ((error as Error).stack ?? String(error)));
  process.exit(1);
});
