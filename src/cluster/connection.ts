/** How to reach a cluster, whichever way it came to be. */
export interface ClusterConnection {
  readonly kind: 'local' | 'kind' | 'existing';
  readonly name: string;
  /** Path of a kubeconfig file (0600) that holds the server's address, its CA and the credentials. */
  readonly kubeconfig: string;
  /** The API server's address: `https://127.0.0.1:6443`. */
  readonly server: string;
}
