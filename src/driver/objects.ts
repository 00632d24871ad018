/** A scenario that runs in the cluster: what is made there for it. */
import { OWN_IMAGE, OWN_KUBECONFIG, bareSecurityContext } from '../../lib/components/simulators/pods';
import type { KubernetesObject } from '../kubernetes/objects';
import { DRIVER, driverNamespace } from './names';

export interface DriverProps {
  /** Of the testbed: what it has on the cluster is known by it. */
  readonly id: string;
  /** The description, as text. */
  readonly description: string;
  /** Options of `run` that are the scenario's, such as `--runs 5`. */
  readonly args: readonly string[];
  /** @default - that of this release */
  readonly image?: string | undefined;
}

/** How often a pod that was moved or killed is replaced. */
const MOST_PODS = 20;
/** What is wrong with the scenario is so in another pod as well; one that was interrupted is carried on. */
const FINAL_CODES = [1, 2, 3, 4, 5];

/** In the order in which they are made. All but the binding are in one namespace, and go with it. */
export function driverObjects({ id, description, args, image = OWN_IMAGE }: DriverProps): readonly KubernetesObject[] {
  const namespace = driverNamespace(id);
  const metadata = { name: DRIVER, namespace };
  const labels = { 'app.kubernetes.io/name': DRIVER };
  const context = OWN_CONTEXT;
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: namespace, labels },
      // It installs operators with their roles, and only who has all rights of a role may make it.
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: DRIVER, namespace }],
    },
    // It may hold credentials of BMCs.
    { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { [DESCRIPTION]: description } },
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { ...metadata, labels },
      spec: {
        backoffLimit: MOST_PODS,
        podFailurePolicy: {
          rules: [
            {
              action: 'FailJob',
              onExitCodes: { containerName: DRIVER, operator: 'In', values: FINAL_CODES },
            },
            { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          ],
        },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: DRIVER,
            restartPolicy: 'Never',
            terminationGracePeriodSeconds: 30,
            containers: [
              {
                name: DRIVER,
                image,
                imagePullPolicy: 'IfNotPresent',
                args: [
                  ...['run', `/run/testbed/${DESCRIPTION}`, '--cluster', 'existing', '--kubeconfig', OWN_KUBECONFIG],
                  ...['--context', context, '--yes-this-cluster', context],
                  ...['--state-dir', '/state/testbed', '--testbed-id', id, '--report', '/state/report.json'],
                  ...['--store', namespace, ...args],
                ],
                securityContext: bareSecurityContext,
                volumeMounts: [
                  { name: 'description', mountPath: '/run/testbed', readOnly: true },
                  { name: 'state', mountPath: '/state' },
                  { name: 'tmp', mountPath: '/tmp' },
                ],
              },
            ],
            volumes: [
              { name: 'description', secret: { secretName: DRIVER, defaultMode: 0o444 } },
              { name: 'state', emptyDir: {} },
              { name: 'tmp', emptyDir: {} },
            ],
          },
        },
      },
    },
  ];
}

const DESCRIPTION = 'testbed.yaml';
/** Of the kubeconfig in the image. */
const OWN_CONTEXT = 'own';
