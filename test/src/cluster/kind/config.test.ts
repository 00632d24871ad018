import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { checkShape, kindConfig, mirrorFiles } from '../../../../src/cluster/kind/config';

describe('the description that kind is given', () => {
  it('is one control plane unless more is asked for', () => {
    assert.deepEqual(parse(kindConfig({}, '/mirrors')), {
      apiVersion: 'kind.x-k8s.io/v1alpha4',
      kind: 'Cluster',
      name: 'metal3-testbed',
      nodes: [{ role: 'control-plane' }],
    });
  });

  it('has workers, and ports that only this machine reaches', () => {
    const { nodes } = parse(kindConfig({ workers: 2, ports: [{ hostPort: 8080, nodePort: 30080 }] }, '/mirrors')) as {
      nodes: object[];
    };
    const port = { hostPort: 8080, containerPort: 30080, listenAddress: '127.0.0.1', protocol: 'TCP' };
    assert.deepEqual(nodes, [
      { role: 'control-plane', extraPortMappings: [port] },
      { role: 'worker' },
      { role: 'worker' },
    ]);
  });

  it('shows containerd of every node the mirrors, in the way of both its major versions', () => {
    const shape = {
      workers: 1,
      registryMirrors: { 'quay.io': ['http://10.0.0.5:5000', 'https://mirror.example.org'] },
    };
    const config = parse(kindConfig(shape, '/state/certs.d')) as {
      nodes: object[];
      containerdConfigPatches: string[];
    };
    const extraMounts = [{ hostPath: '/state/certs.d', containerPath: '/etc/containerd/certs.d', readOnly: true }];
    assert.deepEqual(config.nodes, [
      { role: 'control-plane', extraMounts },
      { role: 'worker', extraMounts },
    ]);
    assert.match(config.containerdConfigPatches.join(), /io\.containerd\.grpc\.v1\.cri/);
    assert.match(config.containerdConfigPatches.join(), /io\.containerd\.cri\.v1\.images/);
    const [file] = mirrorFiles(shape);
    assert.equal(file?.path, 'quay.io/hosts.toml');
    assert.deepEqual(file.content.match(/^\[host\..*$/gm), [
      '[host."http://10.0.0.5:5000"]',
      '[host."https://mirror.example.org"]',
    ]);
  });

  for (const [shape, message] of [
    [{ name: 'Upper' }, /'Upper' is not a valid name for a kind cluster: use lower-case/],
    [{ name: 'a'.repeat(50) }, /at most 49 characters/],
    [{ workers: -1 }, /-1 workers/],
    [{ ports: [{ hostPort: 0, nodePort: 80 }] }, /port 0: give one from 1 to 65535/],
    [{ registryMirrors: { '../../etc': ['http://a'] } }, /'\.\.\/\.\.\/etc' is not a valid registry/],
    [{ registryMirrors: { 'quay.io': ['http://user:canary@a'] } }, /without credentials/],
  ] as const) {
    it(`is refused for ${JSON.stringify(shape).slice(0, 60)}`, () => {
      assert.throws(() => checkShape(shape), message);
    });
  }

  it('names no credential of a mirror that is refused', () => {
    assert.throws(
      () => checkShape({ registryMirrors: { 'quay.io': ['http://user:canary@a'] } }),
      (error: Error) => !error.message.includes('canary'),
    );
  });
});
