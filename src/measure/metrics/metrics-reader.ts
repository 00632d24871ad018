import { FIELD_MANAGER } from '../../kubernetes/field-manager';
import type { KubernetesClient } from '../../kubernetes/client';
import type { NamespacedName } from '../../kubernetes/objects';
import { ignoreNotFound } from '../../kubernetes/ignore-not-found';
import { collectionPath } from '../../kubernetes/rest-mapper';
import { serverSideApply } from '../../kubernetes/server-side-apply';

const NAME = 'metal3-testbed-metrics-reader';
const NAMESPACE = 'default';
const RBAC = 'rbac.authorization.k8s.io/v1';
const COLLECTIONS = {
  binding: collectionPath(RBAC, 'clusterrolebindings'),
  role: collectionPath(RBAC, 'clusterroles'),
  account: collectionPath('v1', 'serviceaccounts', NAMESPACE),
};
/** The shortest that the API server gives. */
const LIFE_SECONDS = 600;

/**
 * Tokens of a ServiceAccount that may read metrics and nothing else: operators ask the API server who reads theirs. They
 * live for minutes, and only in this process.
 */
export class MetricsReader {
  private token: { readonly text: string; readonly freshUntil: number } | undefined;

  /** @param account one that is there. @default - one is made, and taken away again */
  constructor(
    private readonly client: KubernetesClient,
    private readonly account?: NamespacedName,
  ) {}

  async current(): Promise<string> {
    if (this.token !== undefined && performance.now() < this.token.freshUntil) return this.token.text;
    if (this.token === undefined && this.account === undefined) await this.ensureAccount();
    const { namespace, name } = this.account ?? { namespace: NAMESPACE, name: NAME };
    const path = `${collectionPath('v1', 'serviceaccounts', namespace)}/${name}/token`;
    const { status } = await this.client.request<{ readonly status: { readonly token: string } }>('POST', path, {
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: LIFE_SECONDS },
      },
    });
    this.token = { text: status.token, freshUntil: performance.now() + (LIFE_SECONDS / 2) * 1000 };
    return status.token;
  }

  /** Takes the account away again. */
  async close(): Promise<void> {
    if (this.token === undefined) return;
    this.token = undefined;
    if (this.account !== undefined) return;
    for (const path of Object.values(COLLECTIONS))
      await ignoreNotFound(this.client.request('DELETE', `${path}/${NAME}`));
  }

  private async ensureAccount(): Promise<void> {
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAME };
    await this.apply(COLLECTIONS.account, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: NAME, namespace: NAMESPACE },
    });
    await this.apply(COLLECTIONS.role, {
      apiVersion: RBAC,
      kind: 'ClusterRole',
      metadata: { name: NAME },
      rules: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }],
    });
    await this.apply(COLLECTIONS.binding, {
      apiVersion: RBAC,
      kind: 'ClusterRoleBinding',
      metadata: { name: NAME },
      roleRef,
      subjects: [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }],
    });
  }

  private apply(collection: string, object: object): Promise<void> {
    return serverSideApply(this.client, `${collection}/${NAME}`, object, FIELD_MANAGER);
  }
}
