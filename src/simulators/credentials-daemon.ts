/** The background process beside kwok that keeps a {@link CredentialsWatch}: `credentials-daemon.js KUBECONFIG`. */
import { setTimeout as pause } from 'node:timers/promises';
import { KubernetesClient } from '../kubernetes/client';
import { readKubeconfig } from '../kubernetes/kubeconfig';
import { CredentialsWatch } from './credentials-watch';

/** How long until it is tried again where it is not allowed, or the API server is not there. */
const RETRY_MS = 2_000;
const LOOK_MS = 500;

async function run(kubeconfig: string): Promise<never> {
  let said = '';
  for (;;) {
    try {
      await watch(kubeconfig);
    } catch (error) {
      const { message } = error as Error;
      if (message !== said) process.stderr.write(`${new Date().toISOString()} ${message}\n`);
      said = message;
    }
    await pause(RETRY_MS);
  }
}

async function watch(kubeconfig: string): Promise<void> {
  const client = new KubernetesClient(await readKubeconfig(kubeconfig), { connections: 1 });
  const credentials = new CredentialsWatch(client);
  try {
    await credentials.start();
    while (credentials.failure === undefined) await pause(LOOK_MS);
    throw credentials.failure as Error;
  } finally {
    await credentials.stop();
    await client.close();
  }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
void run(process.argv[2] ?? '');
