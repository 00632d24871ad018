import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bareMetalHost } from '../../../lib/kinds/bare-metal-host/schema';
import { defaultVersion } from '../../../lib/components/baremetal-operator/releases';
import { Applier } from '../../../src/apply/apply';
import { startLocalCluster, stopLocalCluster } from '../../../src/cluster/local/local-cluster';
import type { LocalCluster, LocalClusterProps } from '../../../src/cluster/local/local-cluster';
import { KubernetesClient } from '../../../src/kubernetes/client';
import type { Credentials } from '../../../src/kubernetes/kubeconfig';
import { readKubeconfig } from '../../../src/kubernetes/kubeconfig';
import type { KubernetesObject } from '../../../src/kubernetes/objects';
import { tidyAtExit } from '../../support/tidy';

/** A real API server of a test's own, with the CRD of the hosts, and the means to break it. */
export class Lab {
  private constructor(
    readonly dir: string,
    private readonly props: Partial<LocalClusterProps>,
    private cluster: LocalCluster,
    readonly credentials: Credentials,
    readonly client: KubernetesClient,
  ) {}

  /**
   * Nobody else deletes anything there, as a controller manager would.
   *
   * @param folder of the cluster; one of its own where none is given
   */
  static async start(given: Partial<LocalClusterProps> = {}, folder?: string): Promise<Lab> {
    const props = { controllerManager: false, ...given };
    const dir = folder ?? mkdtempSync(join(tmpdir(), 'metal3-testbed-faults-'));
    if (folder === undefined) tidyAtExit(dir);
    try {
      const cluster = await startLocalCluster({ stateDir: dir, ...props });
      const credentials = await readKubeconfig(cluster.connection.kubeconfig);
      const client = new KubernetesClient(credentials);
      await new Applier(client).applyAll([bareMetalHost(defaultVersion) as unknown as KubernetesObject], {
        task: 'crds',
      });
      return new Lab(dir, props, cluster, credentials, client);
    } catch (error) {
      await stopLocalCluster(dir, { delete: true });
      throw error;
    }
  }

  get kubeconfig(): string {
    return this.cluster.connection.kubeconfig;
  }

  /** Ends a process of the cluster the hard way. */
  kill(name: 'etcd' | 'kube-apiserver'): void {
    const pid = this.cluster.processes.find((each) => each.name === name)?.pid;
    if (pid === undefined) throw new Error(`${name} does not run`);
    process.kill(pid, 'SIGKILL');
  }

  /** Brings back what was killed, on the same ports and data. */
  async restart(): Promise<void> {
    const { server } = this.cluster.connection;
    this.cluster = await startLocalCluster({ stateDir: this.dir, ...this.props });
    // Whoever waits for it to come back looks for it there.
    assert.equal(this.cluster.connection.server, server);
  }

  async stop(): Promise<void> {
    await this.client.close();
    await stopLocalCluster(this.dir, { delete: true, graceMs: 2_000 });
    rmSync(this.dir, { recursive: true, force: true });
  }
}
