import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { apply, ofKind, wait, type Component } from '../component';
import { placed } from '../placement';
import {
  addClusterRole,
  addNamespace,
  addPodMonitor,
  addRole,
  bareSecurityContext,
  NODE,
  OWN_IMAGE,
  OWN_KUBECONFIG,
  ownScript,
  requirePodProps,
  resourceRequirements,
  type SimulatorPodProps,
} from './pods';
import {
  DEFAULT_SHARDS,
  WORKLOAD_API,
  workloadApiHost,
  workloadApiNamespace,
  workloadApiService,
  workloadApiStatusPort,
} from './workload-api-address';

/** The API of workload clusters, in pods. */
export interface WorkloadApiProps extends SimulatorPodProps {
  /**
   * Over how many pods the clusters are spread, from 1 to `shards`. It may be changed at any time, with `kubectl scale` too:
   * clusters move over while they are served.
   * @default 1
   */
  readonly replicas?: number | undefined;
  /**
   * Over how many Services the clusters are spread by their names, from 1 to 100. The address of a cluster is that of its
   * Service, so that this number stays as it is while there are clusters.
   * @default 12 - which any of 1, 2, 3, 4, 6 and 12 pods share evenly
   */
  readonly shards?: number | undefined;
}

const MOST_SHARDS = 100;
/** How long a pod that goes may wait until another one has its clusters. */
const GRACE_SECONDS = 30;
/** Measured: 90 MB without clusters, and 0.5 to 1 MB for each. */
const RESOURCES = { requests: { cpu: '100m', memory: '256Mi' } };

const infrastructure = 'infrastructure.cluster.x-k8s.io';

/** What it asks of the API server, of all namespaces: what clusters are made of. */
const rules: readonly k8s.PolicyRule[] = [
  { apiGroups: ['cluster.x-k8s.io'], resources: ['clusters', 'machines'], verbs: ['list', 'watch'] },
  { apiGroups: ['controlplane.cluster.x-k8s.io'], resources: ['kubeadmcontrolplanes'], verbs: ['list', 'watch'] },
  { apiGroups: [infrastructure], resources: ['metal3machines'], verbs: ['list', 'watch'] },
  // Patched where hosts of the operator's test mode hold each other up.
  { apiGroups: ['metal3.io'], resources: ['baremetalhosts'], verbs: ['list', 'patch', 'watch'] },
  // The CAs of clusters. RBAC knows no labels, by which it asks for no others.
  { apiGroups: [''], resources: ['secrets'], verbs: ['list', 'watch'] },
];

/**
 * The API of workload clusters as a StatefulSet. Clusters are spread by their names over a fixed number of Services, and these
 * over the pods: each pod has a Service lead to itself, with a port for each cluster, once it serves all of its clusters. The
 * one that had them before serves them until then, so that the number of pods can be changed while clusters are in use.
 */
export class WorkloadApi extends Construct {
  readonly namespaceName: string;
  readonly replicas: number;
  readonly shards: number;
  readonly image: string;
  readonly statefulSetName = WORKLOAD_API;
  readonly serviceAccountName = WORKLOAD_API;

  /** @throws TestbedError (`invalid-input`) naming every prop that is not allowed */
  constructor(scope: Construct, id: string, props: WorkloadApiProps = {}) {
    super(scope, id);
    requirePodProps(this, props, workloadApiProblems(props));
    this.namespaceName = workloadApiNamespace(props);
    this.shards = props.shards ?? DEFAULT_SHARDS;
    this.replicas = props.replicas ?? 1;
    this.image = props.image ?? OWN_IMAGE;
    const namespace = this.namespaceName;
    const labels = { 'app.kubernetes.io/name': WORKLOAD_API };
    const account = { name: this.serviceAccountName, namespace };
    if (props.createNamespace ?? true) addNamespace(this, namespace);
    new k8s.KubeServiceAccount(this, 'ServiceAccount', { metadata: account });
    addClusterRole(this, account, rules);
    addRole(this, account, [
      { apiGroups: ['apps'], resources: ['statefulsets'], resourceNames: [WORKLOAD_API], verbs: ['get'] },
      { apiGroups: [''], resources: ['services'], verbs: ['list'] },
      // What a scenario wants to go wrong.
      { apiGroups: [''], resources: ['configmaps'], verbs: ['list'] },
      { apiGroups: [''], resources: ['services'], resourceNames: this.serviceNames, verbs: ['patch'] },
    ]);
    for (const name of this.serviceNames) this.addService(name, labels);
    new k8s.KubeService(this, 'Pods', {
      metadata: { name: WORKLOAD_API, namespace, labels },
      spec: { clusterIp: 'None', selector: labels, ports: [{ name: 'status', port: workloadApiStatusPort }] },
    });
    this.addStatefulSet(props, labels);
    // A drain waits until one is back before it takes the next.
    new k8s.KubePodDisruptionBudget(this, 'PodDisruptionBudget', {
      metadata: { name: WORKLOAD_API, namespace, labels },
      spec: { maxUnavailable: k8s.IntOrString.fromNumber(1), selector: { matchLabels: labels } },
    });
    if (props.podMonitor ?? false) addPodMonitor(this, { name: WORKLOAD_API, namespace, labels, port: 'status' });
  }

  /** All objects, in an order in which they can be applied. */
  get apiObjects(): ApiObject[] {
    return this.node.findAll().filter((construct) => ApiObject.isApiObject(construct));
  }

  /** The names of the Services that clusters are spread over. */
  get serviceNames(): string[] {
    return Array.from({ length: this.shards }, (_, shard) => workloadApiService(shard));
  }

  /** The host of a cluster's endpoint. */
  endpointHost(namespace: string, name: string): string {
    return workloadApiHost({ namespace: this.namespaceName, shards: this.shards }, { namespace, name });
  }

  /** Where it leads is for the pods to say. The port of their status is there because a Service has to have one. */
  private addService(name: string, labels: Record<string, string>): void {
    new k8s.KubeService(this, name, {
      metadata: { name, namespace: this.namespaceName, labels: { ...labels, 'app.kubernetes.io/component': 'shard' } },
      spec: { ports: [{ name: 'status', port: workloadApiStatusPort }] },
    });
  }

  private addStatefulSet(props: WorkloadApiProps, labels: Record<string, string>): void {
    const status = k8s.IntOrString.fromString('status');
    new k8s.KubeStatefulSet(this, 'StatefulSet', {
      metadata: { name: this.statefulSetName, namespace: this.namespaceName, labels },
      spec: {
        replicas: this.replicas,
        serviceName: WORKLOAD_API,
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: this.serviceAccountName,
            terminationGracePeriodSeconds: GRACE_SECONDS,
            ...placed(props, labels),
            containers: [
              {
                name: WORKLOAD_API,
                image: this.image,
                imagePullPolicy: props.imagePullPolicy ?? 'IfNotPresent',
                command: [NODE, '--max-semi-space-size=4', ownScript('simulators/workload-api/main')],
                args: [
                  ...['--kubeconfig', OWN_KUBECONFIG, '--status-address', `0.0.0.0:${workloadApiStatusPort}`],
                  ...['--shards', String(this.shards), '--pod', '$(POD_NAME)', '--namespace', this.namespaceName],
                ],
                env: [
                  { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                  { name: 'MALLOC_ARENA_MAX', value: '2' },
                ],
                ports: [{ name: 'status', containerPort: workloadApiStatusPort }],
                readinessProbe: { httpGet: { path: '/readyz', port: status }, periodSeconds: 1, timeoutSeconds: 3 },
                // It serves while it reads what there is. What it is not for is a cluster that cannot be served.
                livenessProbe: {
                  httpGet: { path: '/metrics', port: status },
                  initialDelaySeconds: 10,
                  periodSeconds: 10,
                  timeoutSeconds: 10,
                  failureThreshold: 6,
                },
                resources: resourceRequirements(props.resources ?? RESOURCES),
                securityContext: bareSecurityContext,
              },
            ],
          },
        },
      },
    });
  }
}

/** What is not allowed: one sentence a problem, each beginning with the prop's name. */
function workloadApiProblems({ replicas = 1, shards = DEFAULT_SHARDS }: WorkloadApiProps): string[] {
  const isWhole = (value: number, most: number) => Number.isInteger(value) && value >= 1 && value <= most;
  return [
    ...(isWhole(shards, MOST_SHARDS) ? [] : [`shards: give a whole number from 1 to ${MOST_SHARDS}; given ${shards}`]),
    ...(isWhole(replicas, isWhole(shards, MOST_SHARDS) ? shards : MOST_SHARDS)
      ? []
      : [
          `replicas: give a whole number from 1 to shards (${shards}), since each pod has at least one; given ${replicas}`,
        ]),
  ];
}

/** It is ready once its pods have seen what there is. */
export function workloadApiComponent(props: WorkloadApiProps): Component<WorkloadApi> {
  return {
    name: WORKLOAD_API,
    needs: [],
    namespaces: [workloadApiNamespace(props)],
    needsPods: true,
    addTo: (scope) => [new WorkloadApi(scope, WORKLOAD_API, props)],
    steps: (objects) => [
      apply('workload API', objects),
      wait('workload API ready', 'stateful-sets-ready', ofKind(objects, 'StatefulSet')),
    ],
    metrics: { port: workloadApiStatusPort, scheme: 'http', path: '/metrics', controller: '' },
  };
}
