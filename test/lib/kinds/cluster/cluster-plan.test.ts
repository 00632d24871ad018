import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CLUSTER_SET_LABEL } from '../../../../lib/kinds/cluster/api-groups';
import { ClusterPlan, type PlannedCluster } from '../../../../lib/kinds/cluster/cluster-plan';
import type { ClusterSetProps } from '../../../../lib/kinds/cluster/cluster-set-props';
import { resolveTestbed } from '../../../../lib/testbed/resolve';
import { clusterSetSamples } from '../../../support/cluster-sets';
import { goldenFile, goldenYaml } from '../../../support/golden';
import { refuses } from '../../../support/refuses';
import type { KubernetesObject } from '../../../support/upstream';

const clustersOf = (props: ClusterSetProps) => [...new ClusterPlan(props).clusters()];
const hostsOf = (props: ClusterSetProps) => [...(new ClusterPlan(props).hosts?.hosts() ?? [])];
const checked = (props: ClusterSetProps) => new ClusterPlan(props).check();

/** A field by its path, with `/` between names. */
function at(object: object, path: string): unknown {
  return path
    .split('/')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], object);
}

function ofKind(props: ClusterSetProps, kind: string, index = 1) {
  const plan = new ClusterPlan(props);
  const found = plan.objectsOf(plan.clusterAt(index)).filter((object) => object.kind === kind);
  assert.ok(found.length > 0, `no ${kind}`);
  return found;
}

describe('a cluster set', () => {
  it('is what its golden file says by default', (t) => {
    const plan = new ClusterPlan({ count: 1 });
    const objects = [...plan.clusters()].flatMap((cluster) => plan.objectsOf(cluster));
    t.assert.fileSnapshot(goldenYaml(objects as unknown as KubernetesObject[]), goldenFile(__dirname, 'cluster.yaml'), {
      serializers: [(text: string) => text],
    });
  });

  it('gives each cluster a name, a namespace and a port of its own', () => {
    assert.deepEqual(
      clustersOf({ count: 3 }).map(
        ({ namespace, name, endpoint }) => `${namespace}/${name} ${endpoint.host}:${endpoint.port}`,
      ),
      [
        'cluster-1/cluster-1 127.0.0.1:20000',
        'cluster-2/cluster-2 127.0.0.1:20001',
        'cluster-3/cluster-3 127.0.0.1:20002',
      ],
    );
    const named = { count: 2, name: 'c', namePattern: '{name}{index:3}', namespace: 'team-{cluster}', firstIndex: 7 };
    assert.deepEqual(
      clustersOf(named).map(({ namespace, name, endpoint }) => `${namespace}/${name} ${endpoint.port}`),
      ['team-c007/c007 20006', 'team-c008/c008 20007'],
    );
    assert.deepEqual(
      clustersOf({ count: 2, endpointAddresses: ['127.1.0.0/16'] }).map(({ endpoint }) => endpoint),
      [
        { host: '127.1.0.1', port: 6443 },
        { host: '127.1.0.2', port: 6443 },
      ],
    );
    assert.deepEqual(clustersOf({ count: 1, endpointAddresses: ['fd00::/64'], endpointPort: 443 })[0]?.endpoint, {
      host: 'fd00::1',
      port: 443,
    });
  });

  it('gives the same clusters whatever their number', () => {
    const few = new ClusterPlan({ count: 2, workers: 2 });
    const many = new ClusterPlan({ count: 1000, workers: 2 });
    const identity = ({ settings: _, ...rest }: PlannedCluster) => rest;
    assert.deepEqual(identity(many.clusterAt(2)), identity(few.clusterAt(2)));
    assert.deepEqual(many.objectsOf(many.clusterAt(2)), few.objectsOf(few.clusterAt(2)));
    const rest = new ClusterPlan({ count: 998, workers: 2, firstIndex: 3 });
    assert.deepEqual(identity(rest.clusterAt(500)), identity(many.clusterAt(500)));
    assert.deepEqual([...(few.hosts?.hosts() ?? []), ...(rest.hosts?.hosts() ?? [])], [...(many.hosts?.hosts() ?? [])]);
  });

  it('has a hundred thousand clusters without keeping them', () => {
    const plan = new ClusterPlan({ count: 100_000, endpointAddresses: ['127.0.0.0/8'] });
    let objects = 0;
    for (const cluster of plan.clusters()) objects += plan.objectsOf(cluster).length;
    assert.equal(objects, 100_000 * 9);
    assert.equal(plan.hosts?.count, 200_000);
    assert.equal(plan.namespaces().length, 100_000);
  });
});

describe('the hosts of a cluster set', () => {
  it('are as many as machines and spare ones, in the namespace of their cluster', () => {
    const hosts = hostsOf({ count: 2, controlPlanes: 3, workers: 2, hosts: { spare: 1 } });
    assert.equal(hosts.length, 12);
    assert.deepEqual(
      hosts.slice(4, 7).map(({ namespace, name }) => `${namespace}/${name}`),
      ['cluster-1/cluster-1-host-5', 'cluster-1/cluster-1-host-6', 'cluster-2/cluster-2-host-1'],
    );
    assert.equal(new Set(hosts.map(({ bootMACAddress }) => bootMACAddress)).size, 12);
    assert.equal(new Set(hosts.map(({ bmcAddress }) => bmcAddress)).size, 12);
  });

  it('are those that its machines ask for, and no others', () => {
    const props = { count: 1, name: 'own', hosts: { labels: { rack: 'a' } } };
    const { hosts } = new ClusterPlan(props);
    assert.deepEqual(hosts?.manifest(hosts.nth(0)).metadata.labels, { rack: 'a', [CLUSTER_SET_LABEL]: 'own' });
    for (const template of ofKind(props, 'Metal3MachineTemplate'))
      assert.deepEqual(at(template, 'spec/template/spec/hostSelector'), {
        matchLabels: { [CLUSTER_SET_LABEL]: 'own' },
      });
  });

  it('stay what they are when another cluster grows or shrinks', () => {
    const before = hostsOf({ count: 3 });
    const after = hostsOf({ count: 3, overrides: [{ clusters: 1, controlPlanes: 3, workers: 5 }] });
    assert.equal(after.length, before.length + 6);
    for (const host of before)
      assert.deepEqual({ ...after.find(({ name }) => name === host.name), override: undefined }, host);
    const shrunk = hostsOf({ count: 3, overrides: [{ clusters: 2, workers: 0 }] });
    assert.deepEqual(
      shrunk.map(({ name }) => name),
      before.map(({ name }) => name).filter((name) => name !== 'cluster-2-host-2'),
    );
  });

  it('share a namespace with 20 others at most, where clusters share one', () => {
    const props = { count: 7, namespace: 'lab', controlPlanes: 3, workers: 3 };
    assert.deepEqual(
      clustersOf(props).map(({ namespace }) => namespace),
      ['lab', 'lab', 'lab', 'lab-2', 'lab-2', 'lab-2', 'lab-3'],
    );
    const plan = new ClusterPlan(props);
    assert.deepEqual(plan.namespaces(), ['lab', 'lab-2', 'lab-3']);
    assert.deepEqual(plan.hosts?.namespaces(), ['lab', 'lab-2', 'lab-3']);
    assert.deepEqual(new ClusterPlan({ ...props, clustersPerNamespace: 10 }).namespaces(), ['lab']);
    assert.deepEqual(new ClusterPlan({ ...props, firstIndex: 3 }).namespaces(), ['lab', 'lab-2', 'lab-3']);
  });

  it('are enrolled cluster by cluster in turns, each once', () => {
    const { hosts } = new ClusterPlan({ count: 3, overrides: [{ clusters: 2, workers: 3 }] });
    const turns = [...(hosts?.hostsInTurns() ?? [])].map(({ name }) =>
      name.replace('cluster-', '').replace('-host-', '.'),
    );
    assert.deepEqual(turns, ['1.1', '2.1', '3.1', '1.2', '2.2', '3.2', '2.3', '2.4']);
  });

  it('share a Secret in a namespace, which comes with the first', () => {
    const { hosts } = new ClusterPlan({ count: 2, namespace: 'lab', hosts: { secretPer: 'namespace' } });
    const secrets = [...(hosts?.hosts() ?? [])]
      .flatMap((host) => hosts?.objectsOf(host) ?? [])
      .filter(({ kind }) => kind === 'Secret');
    assert.deepEqual(
      secrets.map(({ metadata }) => metadata.name),
      ['cluster-bmc-secret'],
    );
  });

  it('are not made where machines take those of others', () => {
    const props = {
      count: 1,
      hostSelector: { matchLabels: { rack: 'a' }, matchExpressions: [{ key: 'gpu', operator: 'exists' as const }] },
    };
    assert.equal(new ClusterPlan(props).hosts, undefined);
    assert.deepEqual(at(ofKind(props, 'Metal3MachineTemplate')[0] ?? {}, 'spec/template/spec/hostSelector'), {
      matchLabels: { rack: 'a' },
      matchExpressions: [{ key: 'gpu', operator: 'exists', values: [] }],
    });
  });
});

describe('what the machines of a cluster are told', () => {
  const props: ClusterSetProps = {
    count: 3,
    ipPools: [
      {
        name: 'lab',
        subnet: '172.22.0.0/24',
        addressesPerCluster: 10,
        gateway: '172.22.0.254',
        dnsServers: ['1.1.1.1'],
      },
      { name: 'own', start: 'fd00::10', end: 'fd00::ff', prefix: 64 },
    ],
    metaData: {
      ipAddressesFromPool: [{ key: 'ip', name: 'lab' }],
      objectNames: [{ key: 'name', object: 'baremetalhost' }],
    },
    networkData: {
      links: { ethernets: [{ id: 'eth0', type: 'phy', macAddress: { fromHostInterface: 'eth0' } }] },
      networks: {
        ipv4: [
          {
            id: 'lab',
            link: 'eth0',
            ipAddressFromIPPool: 'lab',
            routes: [{ network: '0.0.0.0', prefix: 0, gateway: { fromIPPool: 'lab' } }],
          },
        ],
        ipv6: [{ id: 'own', link: 'eth0', fromPoolRef: { name: 'own' } }],
      },
      services: { dnsFromIPPool: 'elsewhere' },
    },
  };

  it('comes out of pools of its own, which they call by their names', () => {
    const plan = new ClusterPlan(props);
    plan.check();
    const objects = plan.objectsOf(plan.clusterAt(2));
    const pools = objects.filter(({ kind }) => kind === 'IPPool');
    assert.deepEqual(
      pools.map(({ metadata, spec }) => [metadata.name, spec]),
      [
        [
          'cluster-2-lab',
          {
            clusterName: 'cluster-2',
            namePrefix: 'cluster-2-lab',
            pools: [{ start: '172.22.0.11', end: '172.22.0.20' }],
            prefix: 24,
            gateway: '172.22.0.254',
            dnsServers: ['1.1.1.1'],
          },
        ],
        [
          'cluster-2-own',
          {
            clusterName: 'cluster-2',
            namePrefix: 'cluster-2-own',
            pools: [{ start: 'fd00::10', end: 'fd00::ff' }],
            prefix: 64,
          },
        ],
      ],
    );
    const [template] = objects.filter(({ kind }) => kind === 'Metal3DataTemplate');
    assert.deepEqual(at(template ?? {}, 'spec/metaData/ipAddressesFromPool'), [{ key: 'ip', name: 'cluster-2-lab' }]);
    assert.deepEqual(
      (at(template ?? {}, 'spec/metaData/objectNames') as { key: string; object: string }[]).map(
        ({ key, object }) => `${key}: ${object}`,
      ),
      ['local-hostname: machine', 'local_hostname: machine', 'name: baremetalhost'],
    );
    const text = JSON.stringify(at(template ?? {}, 'spec/networkData'));
    assert.deepEqual(
      [...text.matchAll(/"cluster-2-(\w+)"/g)].map(([, name]) => name),
      ['lab', 'lab', 'own'],
    );
    assert.match(text, /"dnsFromIPPool":"elsewhere"/);
    assert.equal(at(template ?? {}, 'spec/networkData/networks/ipv4/0/id'), 'lab');
  });

  it('may be nothing', () => {
    const plan = new ClusterPlan({ count: 1, dataTemplates: false });
    const objects = plan.objectsOf(plan.clusterAt(1));
    assert.ok(objects.every(({ kind }) => kind !== 'Metal3DataTemplate'));
    assert.ok(!JSON.stringify(objects).includes('dataTemplate'));
  });
});

describe('the health of machines', () => {
  it('is looked after by checks that reboot hosts, or replace machines', () => {
    const props: ClusterSetProps = {
      count: 1,
      healthCheck: { nodeStartupTimeoutSeconds: 60, unhealthyLessThanOrEqualTo: 1, retryLimit: 2 },
    };
    const checks = ofKind(props, 'MachineHealthCheck');
    const templates = ofKind(props, 'Metal3RemediationTemplate');
    assert.deepEqual(
      checks.map(({ metadata }) => metadata.name),
      ['cluster-1-control-plane', 'cluster-1-workers'],
    );
    assert.deepEqual(checks[1]?.['spec'], {
      clusterName: 'cluster-1',
      selector: {
        matchLabels: {
          'cluster.x-k8s.io/cluster-name': 'cluster-1',
          'cluster.x-k8s.io/deployment-name': 'cluster-1-workers',
        },
      },
      checks: {
        nodeStartupTimeoutSeconds: 60,
        unhealthyNodeConditions: [
          { type: 'Ready', status: 'Unknown', timeoutSeconds: 300 },
          { type: 'Ready', status: 'False', timeoutSeconds: 300 },
        ],
      },
      remediation: {
        triggerIf: { unhealthyLessThanOrEqualTo: 1 },
        templateRef: {
          apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta2',
          kind: 'Metal3RemediationTemplate',
          name: 'cluster-1-workers',
        },
      },
    });
    assert.deepEqual(at(templates[0] ?? {}, 'spec/template/spec/strategy'), {
      type: 'Reboot',
      retryLimit: 2,
      timeoutSeconds: 600,
    });
    const replacing = new ClusterPlan({ count: 1, healthCheck: { remediation: 'replace', controlPlane: false } });
    const objects = replacing.objectsOf(replacing.clusterAt(1));
    assert.deepEqual(
      objects.filter(({ kind }) => /Health|Remediation/.test(kind)).map(({ metadata }) => metadata.name),
      ['cluster-1-workers'],
    );
  });
});

describe('a cluster set of a ClusterClass', () => {
  it('is what its golden file says', (t) => {
    const plan = new ClusterPlan(clusterSetSamples['of a ClusterClass']!);
    plan.check();
    const objects = [...plan.sharedObjects(), ...[...plan.clusters()].flatMap((cluster) => plan.objectsOf(cluster))];
    t.assert.fileSnapshot(goldenYaml(objects as unknown as KubernetesObject[]), goldenFile(__dirname, 'class.yaml'), {
      serializers: [(text: string) => text],
    });
  });

  it('has its class in a namespace of its own, unless it is told another', () => {
    assert.deepEqual(new ClusterPlan({ count: 2, clusterClass: {} }).namespaces(), [
      'cluster',
      'cluster-1',
      'cluster-2',
    ]);
    const here = new ClusterPlan({ count: 2, namespace: 'lab', clusterClass: { name: 'c', namespace: 'lab' } });
    assert.deepEqual(here.namespaces(), ['lab']);
    const [cluster] = here.objectsOf(here.clusterAt(1));
    assert.deepEqual(at(cluster ?? {}, 'spec/topology/classRef'), { name: 'c' });
    assert.deepEqual(new ClusterPlan({ count: 0, clusterClass: {} }).sharedObjects(), []);
  });

  it('has Cluster API with its feature gate on', () => {
    const clusterSets = [{ count: 1, clusterClass: {} }];
    const { clusterApi } = resolveTestbed({ clusterSets });
    assert.deepEqual(clusterApi?.core?.featureGates, { ClusterTopology: true });
    assert.deepEqual(clusterApi?.kubeadmControlPlane?.featureGates, { ClusterTopology: true });
    refuses(
      () => resolveTestbed({ clusterSets, clusterApi: { core: { featureGates: { ClusterTopology: false } } } }),
      /clusterApi\.core\.featureGates has ClusterTopology off/,
    );
  });

  it('is refused where a cluster is to have otherwise what is of the class', () => {
    const of =
      (override: object, more: object = {}) =>
      () =>
        checked({ count: 2, clusterClass: {}, ...more, overrides: [{ clusters: 2, ...override }] });
    refuses(of({ etcd: 'external' }), /has etcd otherwise than its set/);
    refuses(of({ machineDeployments: [{ name: 'other' }] }), /has a group other, which its clusterClass does not have/);
    refuses(of({ rollout: { controlPlaneMaxSurge: 0 }, controlPlanes: 3 }), /rollout\.controlPlaneMaxSurge otherwise/);
    refuses(
      () => checked({ count: 1, clusterClass: {}, machineDeployments: [{ name: 'a', kubernetesVersion: 'v1.34.0' }] }),
      /has one version, v1\.35\.0/,
    );
    of({ workers: 3, kubernetesVersion: 'v1.34.0', labels: { a: 'b' }, image: { url: 'http://a/b', checksum: 'c' } })();
  });
});

describe('what a cluster may have otherwise', () => {
  it('is described by index, later rules winning, and by a function', () => {
    const clusters = clustersOf({
      count: 4,
      overrides: [
        { clusters: '2-4', kubernetesVersion: 'v1.34.1', workers: 2 },
        { clusters: 3, controlPlanes: 3, endpoint: { host: '10.0.0.1', port: 6443 } },
      ],
      override: ({ index }) => (index === 4 ? { workers: 0 } : undefined),
    });
    assert.deepEqual(
      clusters.map((each) => [
        each.kubernetesVersion,
        each.controlPlanes,
        each.workers,
        each.hosts,
        each.endpoint.port,
      ]),
      [
        ['v1.35.0', 1, 1, 2, 20000],
        ['v1.34.1', 1, 2, 3, 20001],
        ['v1.34.1', 3, 2, 5, 6443],
        ['v1.34.1', 1, 0, 1, 20003],
      ],
    );
  });

  it('adds to labels', () => {
    const props = { count: 1, labels: { a: '1' }, overrides: [{ clusters: 1, labels: { b: '2' } }] };
    assert.deepEqual(ofKind(props, 'Cluster')[0]?.metadata.labels, {
      'cluster.x-k8s.io/cluster-name': 'cluster-1',
      a: '1',
      b: '2',
    });
  });
});

describe('a cluster set is refused', () => {
  const cases: readonly (readonly [what: string, props: ClusterSetProps, message: RegExp])[] = [
    [
      'an even number of stacked control planes',
      { count: 1, controlPlanes: 2 },
      /is 2.*use 1 or 3, or an external etcd/,
    ],
    ['no control plane', { count: 1, controlPlanes: 0 }, /controlPlanes .* is 0: use a whole number from 1/],
    [
      'a Kubernetes version that is too old',
      { count: 1, kubernetesVersion: 'v1.29.9' },
      /v1\.29\.9 .* not supported by Cluster API v1\.13\.4: use one of v1\.30 to v1\.36/,
    ],
    ['one that is too new', { count: 1, kubernetesVersion: 'v1.37.0' }, /not supported/],
    [
      'what is not a version',
      { count: 1, kubernetesVersion: '1.35' },
      /'1\.35' .* is not a version: write it as 'v1\.35\.0'/,
    ],
    [
      'a group with a version that is too old',
      { count: 1, machineDeployments: [{ name: 'a', kubernetesVersion: 'v1.20.0' }] },
      /v1\.20\.0 .* not supported/,
    ],
    [
      'a name that does not fit into labels',
      { count: 1, namePattern: `${'n'.repeat(50)}-{index}` },
      /-control-plane' \(66 characters\).*63: shorten/,
    ],
    [
      'one that comes to be too long',
      { count: 1000, namePattern: `${'n'.repeat(46)}{index}` },
      /-control-plane' \(64 characters\)/,
    ],
    ['a group of a long name', { count: 1, machineDeployments: [{ name: 'g'.repeat(60) }] }, /\(70 characters\)/],
    ['two groups of one name', { count: 1, machineDeployments: [{ name: 'a' }, { name: 'a' }] }, /two groups named a/],
    [
      'a group named as the control plane',
      { count: 1, machineDeployments: [{ name: 'control-plane' }] },
      /another name/,
    ],
    ['workers told twice', { count: 1, workers: 2, machineDeployments: [] }, /both workers and machineDeployments/],
    [
      'what is not a CIDR',
      { count: 1, podCidrBlocks: ['10.244.0.0'] },
      /podCidrBlocks .*'10\.244\.0\.0' is not a valid CIDR/,
    ],
    ['one that names an address in it', { count: 1, serviceCidrBlocks: ['10.96.0.1/12'] }, /write '10\.96\.0\.0\/12'/],
    [
      'CIDRs that overlap',
      { count: 1, podCidrBlocks: ['10.0.0.0/8'] },
      /'10\.0\.0\.0\/8' and serviceCidrBlocks '10\.96\.0\.0\/12' .* overlap/,
    ],
    ['two of IPv4', { count: 1, podCidrBlocks: ['10.1.0.0/16', '10.2.0.0/16'] }, /one of IPv4, one of IPv6, or both/],
    ['ports beyond the last', { count: 50_000 }, /would reach port 69999, and 65535 is the last/],
    [
      'addresses that do not suffice',
      { count: 3, endpointAddresses: ['10.0.0.0/30'] },
      /room for 2 clusters, and 3 are needed/,
    ],
    [
      'both plans of endpoints',
      { count: 1, endpointHost: 'a.b', endpointAddresses: ['10.0.0.0/8'] },
      /both endpointHost and endpointAddresses/,
    ],
    ['a host that is none', { count: 1, endpointHost: '10.0.0' }, /'10\.0\.0' is not a valid host/],
    ['a host with a port', { count: 1, endpointHost: 'a.b:6443' }, /without port/],
    ['no port', { count: 1, endpointPort: 0 }, /use a port from 1 to 65535/],
    [
      'hosts of its own and others',
      { count: 1, hosts: {}, hostSelector: { matchLabels: { a: 'b' } } },
      /both hosts and a hostSelector/,
    ],
    ['a selector of nothing', { count: 1, hostSelector: {} }, /hostSelector of .* is empty/],
    [
      'a selector that CAPM3 does not take',
      { count: 1, hostSelector: { matchExpressions: [{ key: 'a', operator: 'in' }] } },
      /with 0 values: it takes some/,
    ],
    ['existing hosts of no kind', { count: 1, existingHosts: true }, /no hostSelector/],
    [
      'more hosts than there is room for',
      { count: 1, workers: 100 },
      /needs 101 hosts, and hosts.room.* is 100: raise it/,
    ],
    ['a rollout without a way', { count: 1, rollout: { maxSurge: 0 } }, /no machine could ever be replaced/],
    [
      'a rollout that takes three control planes',
      { count: 1, rollout: { controlPlaneMaxSurge: 0 } },
      /takes 3 control planes or more, and it has 1/,
    ],
    [
      'an image that nobody can fetch',
      { count: 1, image: { url: 'nowhere' } },
      /image\.url 'nowhere' is not a valid URL/,
    ],
    ['an image without a checksum', { count: 1, image: { url: 'http://a/b' } }, /image\.checksum is missing/],
    [
      'an override of no cluster',
      { count: 2, overrides: [{ clusters: 3 }] },
      /matches no cluster: its clusters have the indexes 1 to 2/,
    ],
    [
      'an override of what is not a list',
      { count: 2, overrides: [{ clusters: 'all' }] },
      /clusters 'all' is not a valid list/,
    ],
    [
      'an override that is wrong in itself',
      { count: 9, overrides: [{ clusters: 5, controlPlanes: 4 }] },
      /controlPlanes of cluster cluster-5\/cluster-5/,
    ],
    ['a namespace each and a number for each', { count: 1, clustersPerNamespace: 2 }, /gives each cluster its own/],
    ['stacked etcd with endpoints', { count: 1, etcdEndpoints: ['https://a'] }, /its etcd is stacked/],
    [
      'metadata that nobody knows',
      { count: 1, metaData: { stings: [] } as object },
      /metaData\.stings: unknown field; did you mean 'strings'/,
    ],
    [
      'a network without a pool',
      { count: 1, networkData: { networks: { ipv4: [{ id: 'a', link: 'b' }] } } },
      /ipv4 'a' of .* names no pool/,
    ],
    [
      'an interface without a name',
      { count: 1, metaData: { fromHostInterfaces: [{ key: 'mac' }] } },
      /either interface or fromBootMAC: true, and has neither/,
    ],
    [
      'metadata without templates',
      { count: 1, dataTemplates: false, metaData: {} },
      /gives metaData, and dataTemplates is false/,
    ],
    [
      'a health check of what follows from it',
      {
        count: 1,
        healthCheck: { unhealthyMachineConditions: [{ type: 'Ready', status: 'False', timeoutSeconds: 1 }] },
      },
      /have Ready, which follows from others/,
    ],
    [
      'a health check that is limited twice',
      { count: 1, healthCheck: { unhealthyInRange: '[1-2]', unhealthyLessThanOrEqualTo: 1 } },
      /both healthCheck\.unhealthyInRange and/,
    ],
    [
      'a reboot that is given too little time',
      { count: 1, healthCheck: { retryTimeoutSeconds: 5 } },
      /retryTimeoutSeconds: must be at least 100/,
    ],
    ['a pool of nothing', { count: 1, ipPools: [{ name: 'a' }] }, /needs either subnet, or start and end/],
    [
      'a pool that is too small',
      { count: 30, ipPools: [{ name: 'a', subnet: '10.0.0.0/24', addressesPerCluster: 10 }] },
      /has 254 addresses, and 30 clusters of 10 need 300/,
    ],
    [
      'a pool that runs backwards',
      { count: 1, ipPools: [{ name: 'a', start: '10.0.0.9', end: '10.0.0.1' }] },
      /comes after its end/,
    ],
    [
      'two pools of one name',
      {
        count: 1,
        ipPools: [
          { name: 'a', subnet: '10.0.0.0/24' },
          { name: 'a', subnet: '10.0.1.0/24' },
        ],
      },
      /two named a/,
    ],
    [
      'what only the API server would know',
      { count: 1, image: { url: `http://a/${'b'.repeat(600)}`, checksum: 'c' } },
      /Metal3MachineTemplate cluster-1-control-plane: spec\.template\.spec\.image\.url/,
    ],
    ['labels that are none', { count: 1, labels: { 'a b': '' } }, /label key 'a b'/],
  ];
  for (const [what, props, message] of cases) it(`with ${what}`, () => void refuses(() => checked(props), message));

  it('with the cluster or the endpoint of another set', () => {
    const sets =
      (...clusterSets: ClusterSetProps[]) =>
      () =>
        resolveTestbed({ clusterSets });
    refuses(
      sets({ count: 2 }, { count: 1, firstIndex: 2 }),
      /cluster-2 .* and cluster cluster-2\/cluster-2 .* have the same name/,
    );
    refuses(
      sets({ count: 2 }, { count: 1, name: 'other' }),
      /have the same endpoint 127\.0\.0\.1:20000: give one of the sets/,
    );
    refuses(
      sets({ count: 2, overrides: [{ clusters: 2, endpoint: { host: '127.0.0.1', port: 20000 } }] }),
      /same endpoint/,
    );
    assert.equal(sets({ count: 2 }, { count: 1, name: 'other', firstIndex: 3 })().clusterSets.length, 2);
  });
});

describe('a testbed with clusters', () => {
  it('has Cluster API, no hosts but theirs, and their namespaces', () => {
    const { clusterApi, fleets, namespaces, certManager } = resolveTestbed({ clusterSets: [{ count: 2 }] });
    assert.deepEqual(Object.keys(clusterApi ?? {}).length, 5);
    assert.deepEqual(
      fleets.map(({ count }) => count),
      [4],
    );
    assert.deepEqual(namespaces, ['cluster-1', 'cluster-2']);
    assert.ok(certManager !== undefined);
  });

  it('is refused without what they need', () => {
    const clusterSets = [{ count: 1 }];
    refuses(
      () => resolveTestbed({ clusterSets, clusterApi: { without: ['ipAddressManager'] } }),
      /without names ipAddressManager, which cluster set cluster needs: .* clusterApi\.existing/,
    );
    const { clusterApi } = resolveTestbed({ clusterSets, clusterApi: { existing: ['core', 'ipAddressManager'] } });
    assert.deepEqual(Object.keys(clusterApi ?? {}), ['kubeadmBootstrap', 'kubeadmControlPlane', 'metal3Provider']);
    refuses(() => resolveTestbed({ clusterApi: { core: {}, existing: ['core'] } }), /clusterApi\.existing names it/);
  });

  it('is refused where its hosts do not suffice for the machines that are to have them', () => {
    const hostSelector = { matchLabels: { rack: 'a' } };
    const set: ClusterSetProps = { count: 2, namespace: 'lab', hostSelector, workers: 2 };
    const of =
      (...counts: number[]) =>
      () =>
        resolveTestbed({
          clusterSets: [set],
          hostSets: counts.map((count, i) => ({
            count,
            namespace: 'lab',
            labels: { rack: i === 0 ? 'a' : 'b' },
            firstIndex: 1 + 100 * i,
          })),
        });
    assert.equal(of(6, 1)().fleets.length, 2);
    refuses(of(5, 9), /has 6 machines in namespace lab, and hostSets have 5 hosts there that fit rack=a: add hosts/);
    refuses(
      () => resolveTestbed({ clusterSets: [{ count: 1, hostSelector }] }),
      /namespace cluster-1, and hostSets have 0/,
    );
    assert.ok(resolveTestbed({ clusterSets: [{ count: 1, hostSelector, existingHosts: true }] }));
    const other = { matchExpressions: [{ key: 'rack', operator: 'in' as const, values: ['a', 'b'] }] };
    const mixed: ClusterSetProps = {
      count: 1,
      namespace: 'lab',
      hostSelector: other,
      machineDeployments: [{ name: 'w', replicas: 3, hostSelector }],
    };
    const hosts = (count: number) => [{ count, namespace: 'lab', labels: { rack: 'a' } }];
    assert.ok(resolveTestbed({ clusterSets: [mixed], hostSets: hosts(4) }));
    refuses(
      () => resolveTestbed({ clusterSets: [mixed], hostSets: hosts(3) }),
      /has 4 machines .* 3 hosts there that fit rack in a b; rack=a/,
    );
  });
});
