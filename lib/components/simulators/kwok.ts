import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { hostStages } from '../../kinds/bare-metal-host/stages/host-stages';
import { kwokArguments, stagesText } from '../../kinds/bare-metal-host/stages/kwok-call';
import { apply, ofKind, wait, type Component } from '../component';
import { BAREMETAL_OPERATOR } from '../baremetal-operator/component';
import { placed } from '../placement';
import { kwokNamespace, type KwokSimulatorProps } from './kwok-props';
import {
  addClusterRole,
  addNamespace,
  addPodMonitor,
  bareSecurityContext,
  NODE,
  OWN_IMAGE,
  OWN_KUBECONFIG,
  ownScript,
  requirePodProps,
  resourceRequirements,
} from './pods';

export const KWOK = 'kwok';
/** What is beside it, for the Secrets of hosts. */
export const KWOK_CREDENTIALS = 'kwok-credentials';
export const KWOK_RELEASE = 'v0.8.0';
const KWOK_IMAGE = `registry.k8s.io/kwok/kwok:${KWOK_RELEASE}`;
const MOST_SHARDS = 20;
const PORT = 10247;
/** `kubectl apply` writes an object once more into an annotation, which may have 256 KiB. */
const MOST_BYTES = 180_000;
const STAGES_FOLDER = '/etc/kwok';
const RESOURCES = { requests: { cpu: '100m', memory: '128Mi' } };

const hosts = { apiGroups: ['metal3.io'], resources: ['baremetalhosts'] };
/** What it asks of the API server: hosts, and nodes and pods, of which it finds none that are its own. */
const kwokRules = (events: boolean): readonly k8s.PolicyRule[] => [
  { ...hosts, verbs: ['list', 'patch', 'watch'] },
  { apiGroups: ['metal3.io'], resources: ['baremetalhosts/status'], verbs: ['patch'] },
  { apiGroups: [''], resources: ['nodes', 'pods'], verbs: ['list', 'watch'] },
  ...(events
    ? [{ apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] }]
    : []),
];
/** What is asked beside it: which Secrets there are, and hosts to be told. */
const credentialsRules: readonly k8s.PolicyRule[] = [
  { ...hosts, verbs: ['list', 'patch', 'watch'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] },
];

/**
 * kwok as a Deployment for each shard, with the Stages in which hosts live as those of the Bare Metal Operator's test mode do.
 * The CRD of hosts has to be there, and no operator may take care of the same hosts.
 */
export class KwokSimulator extends Construct {
  readonly namespaceName: string;
  readonly shards: number;
  readonly image: string;
  readonly kwokImage: string;
  readonly serviceAccountName = KWOK;

  /** @throws TestbedError (`invalid-input`) naming every prop that is not allowed */
  constructor(scope: Construct, id: string, props: KwokSimulatorProps = {}) {
    super(scope, id);
    const { shards = 1 } = props;
    requirePodProps(
      this,
      props,
      Number.isInteger(shards) && shards >= 1 && shards <= MOST_SHARDS
        ? []
        : [`shards: give a whole number from 1 to ${MOST_SHARDS}; given ${shards}`],
    );
    this.namespaceName = kwokNamespace(props);
    this.shards = shards;
    this.image = props.image ?? OWN_IMAGE;
    this.kwokImage = props.kwokImage ?? KWOK_IMAGE;
    const namespace = this.namespaceName;
    const account = { name: this.serviceAccountName, namespace };
    if (props.createNamespace ?? true) addNamespace(this, namespace);
    new k8s.KubeServiceAccount(this, 'ServiceAccount', { metadata: account });
    addClusterRole(this, account, kwokRules(props.behaviour?.events ?? false));
    for (let shard = 0; shard < shards; shard++) this.addShard(props, shard);
    if (props.credentials ?? true) this.addCredentials(props);
    if (props.podMonitor ?? false) addPodMonitor(this, { name: KWOK, namespace, labels: podLabels, port: 'status' });
  }

  /** All objects, in an order in which they can be applied. */
  get apiObjects(): ApiObject[] {
    return this.node.findAll().filter((construct) => ApiObject.isApiObject(construct));
  }

  /** The names of its Deployments, one for each shard. */
  get deploymentNames(): string[] {
    return Array.from({ length: this.shards }, (_, shard) => deploymentName(shard));
  }

  private addShard(props: KwokSimulatorProps, shard: number): void {
    const name = deploymentName(shard);
    const metadata = { name, namespace: this.namespaceName, labels: podLabels };
    const stages = stageFiles(hostStages(props.behaviour, props.release, { shard, shards: this.shards }));
    const configMaps = stages.map((_, i) => `${name}-stages-${i}`);
    for (const [i, text] of stages.entries())
      new k8s.KubeConfigMap(this, `Stages-${shard}-${i}`, {
        metadata: { ...metadata, name: configMaps[i] },
        data: { [stagesFile(i)]: text },
      });
    const labels = { ...podLabels, 'app.kubernetes.io/instance': name };
    new k8s.KubeDeployment(this, `Deployment-${shard}`, {
      metadata,
      spec: {
        replicas: 1,
        // Two would write to the same hosts.
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: {
          // kwok reads its stages once.
          metadata: {
            labels,
            annotations: { 'metal3-testbed/stages': bytesToHex(sha256(utf8ToBytes(stages.join('')))) },
          },
          spec: {
            serviceAccountName: this.serviceAccountName,
            terminationGracePeriodSeconds: 5,
            ...placed(props, podLabels),
            containers: [
              {
                name: KWOK,
                image: this.kwokImage,
                imagePullPolicy: props.imagePullPolicy ?? 'IfNotPresent',
                args: [
                  ...kwokArguments,
                  ...stages.flatMap((_, i) => ['--config', `${STAGES_FOLDER}/${stagesFile(i)}`]),
                  ...['--server-address', `0.0.0.0:${PORT}`],
                ],
                // It looks for a folder of its own there.
                env: [{ name: 'HOME', value: '/tmp' }],
                ports: [{ name: 'status', containerPort: PORT }],
                readinessProbe: statusProbe(2),
                livenessProbe: { ...statusProbe(10), initialDelaySeconds: 10, failureThreshold: 6 },
                resources: resourceRequirements(props.resources ?? RESOURCES),
                securityContext: bareSecurityContext,
                volumeMounts: [
                  { name: 'stages', mountPath: STAGES_FOLDER, readOnly: true },
                  { name: 'tmp', mountPath: '/tmp' },
                ],
              },
            ],
            volumes: [
              { name: 'stages', projected: { sources: configMaps.map((each) => ({ configMap: { name: each } })) } },
              { name: 'tmp', emptyDir: {} },
            ],
          },
        },
      },
    });
  }

  /** With rights of its own: kwok itself sees no Secret. */
  private addCredentials(props: KwokSimulatorProps): void {
    const account = { name: KWOK_CREDENTIALS, namespace: this.namespaceName };
    const labels = { 'app.kubernetes.io/name': KWOK_CREDENTIALS };
    const scope = new Construct(this, 'Credentials');
    new k8s.KubeServiceAccount(scope, 'ServiceAccount', { metadata: account });
    addClusterRole(scope, account, credentialsRules);
    new k8s.KubeDeployment(scope, 'Deployment', {
      metadata: { ...account, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: KWOK_CREDENTIALS,
            terminationGracePeriodSeconds: 5,
            ...placed(props, labels),
            containers: [
              {
                name: 'credentials',
                image: this.image,
                imagePullPolicy: props.imagePullPolicy ?? 'IfNotPresent',
                command: [NODE, ownScript('simulators/credentials-daemon')],
                args: [OWN_KUBECONFIG],
                resources: resourceRequirements({ requests: { cpu: '20m', memory: '96Mi' } }),
                securityContext: bareSecurityContext,
              },
            ],
          },
        },
      },
    });
  }
}

const podLabels = { 'app.kubernetes.io/name': KWOK };

function deploymentName(shard: number): string {
  return `${KWOK}-${shard}`;
}

function stagesFile(i: number): string {
  return `stages-${i}.yaml`;
}

/** The texts of as many files as it takes. */
function stageFiles(stages: readonly object[]): readonly string[] {
  const files: object[][] = [];
  let size = Infinity;
  for (const stage of stages) {
    const bytes = stagesText([stage]).length;
    if (size + bytes > MOST_BYTES) {
      files.push([]);
      size = 0;
    }
    files.at(-1)?.push(stage);
    size += bytes;
  }
  return files.map(stagesText);
}

function statusProbe(periodSeconds: number): k8s.Probe {
  return {
    httpGet: { path: '/healthz', port: k8s.IntOrString.fromString('status') },
    periodSeconds,
    timeoutSeconds: 5,
  };
}

/** It is ready once its pods are. */
export function kwokComponent(props: KwokSimulatorProps): Component<KwokSimulator> {
  return {
    name: KWOK,
    // The CRD of hosts comes with it.
    needs: [BAREMETAL_OPERATOR],
    namespaces: [kwokNamespace(props)],
    needsPods: true,
    addTo: (scope) => [new KwokSimulator(scope, KWOK, props)],
    steps: (objects) => [
      apply('kwok', objects),
      wait('kwok available', 'deployments-available', ofKind(objects, 'Deployment')),
    ],
    metrics: { port: PORT, scheme: 'http', path: '/metrics', controller: '' },
  };
}
