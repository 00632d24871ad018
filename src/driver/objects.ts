/** A scenario that runs in the cluster: what is made there for it. */
import { OWN_IMAGE, OWN_KUBECONFIG, bareSecurityContext } from '../../lib/components/simulators/pods';
import type { KubernetesObject } from '../kubernetes/objects';
import type { ResolvedScenario } from '../../lib/scenario/resolved';
import type { ResolvedTestbed } from '../../lib/testbed/resolve';
import { DRIVER, driverLabels, driverNamespace } from './names';
import { driverRights } from './rights';

export interface DriverProps {
  /** Of the testbed: what it has on the cluster is known by it. */
  readonly id: string;
  /** The description, as text. */
  readonly description: string;
  /** Options of `run` that are the scenario's, such as `--runs 5`. */
  readonly args: readonly string[];
  /** @default - that of this release */
  readonly image?: string | undefined;
  /** What it runs, by which it has its rights. */
  readonly testbed: ResolvedTestbed;
  readonly scenario: ResolvedScenario;
}

/** How often a pod that was moved or killed is replaced. */
const MOST_PODS = 20;
/** What is wrong with the scenario is so in another pod as well; one that was interrupted is carried on. */
const FINAL_CODES = [1, 2, 3, 4, 5];

/** In the order in which they are made. */
export function driverObjects(props: DriverProps): readonly KubernetesObject[] {
  const { id, description, args, image = OWN_IMAGE } = props;
  const namespace = driverNamespace(id);
  const metadata = { name: DRIVER, namespace };
  const labels = driverLabels(id);
  const context = OWN_CONTEXT;
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    ...driverRights(props),
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
                  ...['--store', namespace, '--installed', ...args],
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
