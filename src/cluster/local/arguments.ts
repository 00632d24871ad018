/** What the programs of a local cluster are called with: only flags that matter here, each with its reason. */
import type { Certificates } from './certificates';
import type { Ports } from './state';

/** All of 127.0.0.1's. */
export const apiServerUrl = (ports: Ports): string => `https://127.0.0.1:${ports.apiServer}`;
export const etcdUrl = (ports: Ports): string => `https://127.0.0.1:${ports.etcd}`;

/** Both ends of every connection show a certificate: on a shared machine nobody else may read the Secrets in etcd. */
export function etcdArguments(ports: Ports, certificates: Certificates, dataDir: string, durable: boolean): string[] {
  const peerUrl = `https://127.0.0.1:${ports.etcdPeer}`;
  const { ca, etcd } = certificates;
  return [
    '--name=default',
    `--data-dir=${dataDir}`,
    `--listen-client-urls=${etcdUrl(ports)}`,
    `--advertise-client-urls=${etcdUrl(ports)}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    '--client-cert-auth',
    `--trusted-ca-file=${ca.cert}`,
    `--cert-file=${etcd.cert}`,
    `--key-file=${etcd.key}`,
    '--peer-client-cert-auth',
    `--peer-trusted-ca-file=${ca.cert}`,
    `--peer-cert-file=${etcd.cert}`,
    `--peer-key-file=${etcd.key}`,
    // The largest etcd recommends; its default of 2 GiB ends at about 100,000 hosts with their history.
    // There is no compaction to set: kube-apiserver compacts every 5 minutes.
    `--quota-backend-bytes=${8 * 1024 ** 3}`,
    // Without it every write waits for the disk. A killed process loses nothing either way; a power cut may.
    ...(durable ? [] : ['--unsafe-no-fsync']),
    '--log-format=console',
    '--log-level=warn',
  ];
}

/** Of all that controllers do elsewhere, only two of them work here, or none; what would wait for others is switched off. */
export function apiServerArguments(ports: Ports, certificates: Certificates): string[] {
  const { ca, apiServer, etcdClient, serviceAccountKey, tokens } = certificates;
  return [
    '--bind-address=127.0.0.1',
    // Without it kube-apiserver looks for a default route, which a machine off the network does not have.
    '--advertise-address=127.0.0.1',
    `--secure-port=${ports.apiServer}`,
    `--tls-cert-file=${apiServer.cert}`,
    `--tls-private-key-file=${apiServer.key}`,
    `--token-auth-file=${tokens}`,
    '--anonymous-auth=false',
    '--authorization-mode=RBAC',
    `--etcd-servers=${etcdUrl(ports)}`,
    `--etcd-cafile=${ca.cert}`,
    `--etcd-certfile=${etcdClient.cert}`,
    `--etcd-keyfile=${etcdClient.key}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${serviceAccountKey}`,
    `--service-account-signing-key-file=${serviceAccountKey}`,
    // Nobody makes the ServiceAccount `default` in a new namespace, which this plugin would insist on.
    '--disable-admission-plugins=ServiceAccount',
    '--endpoint-reconciler-type=none',
    '--allow-privileged=true',
    '--profiling=false',
    // The limits are for servers with many users; here one user sends as much as the machine can take.
    '--max-requests-inflight=2000',
    '--max-mutating-requests-inflight=1000',
  ];
}

/** Its metrics and its health are told to anybody on this machine, and nothing else to anybody. */
export const controllerManagerUrl = (port: number): string => `https://127.0.0.1:${port}`;

/** The two controllers that need no pods: what a deleted object owned goes, and so does a deleted namespace. */
export function controllerManagerArguments(port: number, certificates: Certificates, kubeconfig: string): string[] {
  const { controllerManager } = certificates;
  return [
    `--kubeconfig=${kubeconfig}`,
    // By their names of before Kubernetes 1.28, which later releases know as well.
    '--controllers=garbagecollector,namespace',
    // There is one, and a lease would be a write every two seconds.
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--tls-cert-file=${controllerManager.cert}`,
    `--tls-private-key-file=${controllerManager.key}`,
    '--authentication-skip-lookup',
    '--authorization-always-allow-paths=/healthz,/readyz,/livez,/metrics',
    '--profiling=false',
    // Its own limit of 20 requests a second would take minutes for what a thousand hosts leave.
    '--kube-api-qps=1000',
    '--kube-api-burst=2000',
    // A host set may have fifty namespaces, each of which takes a hundred requests.
    '--concurrent-namespace-syncs=20',
  ];
}
