import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { clusterScoped } from '../../cluster-scoped';
import { hostClaimRules, leaderElectionRules, metricsAuthRules, metricsReaderRules } from './rbac';

export interface OperatorPermissionsProps {
  readonly namePrefix: string;
  readonly namespace: string;
  readonly serviceAccountName: string;
  readonly managerRules: readonly k8s.PolicyRule[];
  /** The namespaces that the rights of the manager are for; empty for all. */
  readonly watchedNamespaces: readonly string[];
  readonly hostClaims: boolean;
}

/** What the operator may do: its ServiceAccount, roles and bindings. */
export class OperatorPermissions extends Construct {
  private readonly subjects: k8s.Subject[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: OperatorPermissionsProps,
  ) {
    super(scope, id);
    const { namespace, serviceAccountName, watchedNamespaces } = props;
    this.subjects = [{ kind: 'ServiceAccount', name: serviceAccountName, namespace }];

    new k8s.KubeServiceAccount(this, 'ServiceAccount', { metadata: { name: serviceAccountName, namespace } });

    const leaderElectionRole = this.named('leader-election-role');
    new k8s.KubeRole(this, 'LeaderElectionRole', {
      metadata: { name: leaderElectionRole, namespace },
      rules: [...leaderElectionRules],
    });
    new k8s.KubeRoleBinding(this, 'LeaderElectionRoleBinding', {
      metadata: { name: this.named('leader-election-rolebinding'), namespace },
      roleRef: roleRef('Role', leaderElectionRole),
      subjects: this.subjects,
    });

    const managerRole = this.addClusterRole('manager-role', props.managerRules);
    if (watchedNamespaces.length === 0) this.addClusterRoleBinding('manager-rolebinding', managerRole);
    for (const watched of watchedNamespaces) {
      new k8s.KubeRoleBinding(this, `ManagerRoleBinding-${watched}`, {
        metadata: { name: this.named('manager-rolebinding'), namespace: watched },
        roleRef: roleRef('ClusterRole', managerRole),
        subjects: this.subjects,
      });
    }
    if (watchedNamespaces.length > 0 && props.hostClaims) {
      const hostClaimRole = this.addClusterRole('hostclaim-role', hostClaimRules);
      this.addClusterRoleBinding('hostclaim-rolebinding', hostClaimRole);
    }

    const metricsAuthRole = this.addClusterRole('metrics-auth-role', metricsAuthRules);
    this.addClusterRoleBinding('metrics-auth-rolebinding', metricsAuthRole);
    this.addClusterRole('metrics-reader', metricsReaderRules);
  }

  private named(name: string): string {
    return `${this.props.namePrefix}-${name}`;
  }

  private addClusterRole(id: string, rules: readonly k8s.PolicyRule[]): string {
    const name = this.named(id);
    clusterScoped(new k8s.KubeClusterRole(this, id, { metadata: { name }, rules: [...rules] }));
    return name;
  }

  private addClusterRoleBinding(id: string, role: string): void {
    clusterScoped(
      new k8s.KubeClusterRoleBinding(this, id, {
        metadata: { name: this.named(id) },
        roleRef: roleRef('ClusterRole', role),
        subjects: this.subjects,
      }),
    );
  }
}

function roleRef(kind: 'ClusterRole' | 'Role', name: string): k8s.RoleRef {
  return { apiGroup: 'rbac.authorization.k8s.io', kind, name };
}
