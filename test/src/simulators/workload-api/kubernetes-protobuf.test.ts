import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeBody } from '../../../../src/simulators/workload-api/kubernetes-protobuf';
import { StatusError } from '../../../../src/simulators/workload-api/status-error';

/** As kubectl v1.32 sends them: `create secret generic token --from-literal=a=b --type=bootstrap.kubernetes.io/token`. */
const SECRET =
  '6b3873000a0c0a027631120653656372657412490a200a05746f6b656e12001a0b6b7562652d73797374656d22002a003200' +
  '3800420012060a01611201621a1d626f6f7473747261702e6b756265726e657465732e696f2f746f6b656e1a002200';
/** `create deployment web --image=nginx --port=80 --replicas=0`. */
const DEPLOYMENT =
  '6b3873000a150a07617070732f7631120a4465706c6f796d656e7412b8010a1f0a0377656212001a0022002a003200380042' +
  '005a0a0a0361707012037765621286010800120c0a0a0a0361707012037765621a6c0a1c0a0012001a0022002a0032003800' +
  '42005a0a0a036170701203776562124c122e0a056e67696e7812056e67696e782a00320a0a001000185022002a0042006a00' +
  '7200800100880100900100a201001a00320042004a0052005800600068008201008a01009a0100c2010022020a0028003800' +
  '1a0c0800100018002000280038001a002200';

/** A Node of k8s.io/api v0.34.4, as its Go types encode it. */
const NODE =
  '6b3873000a0a0a02763112044e6f646512f8010a230a017712001a0022002a0175320137380042080880f2d6ca0610005a06' +
  '0a016112016212540a0012001a0e6d6574616c333a2f2f612f622f6320002a3c0a216e6f64652e6b756265726e657465732e' +
  '696f2f6f75742d6f662d73657276696365120c6e6f646573687574646f776e1a094e6f457865637574651a7b0a0a0a036370' +
  '7512030a01341a0022310a0552656164791204547275651a080880f2d6ca06100022080880f2d6ca0610002a0c4b7562656c' +
  '6574526561647932002a0d0a08486f73746e616d6512017732050a03088a503a1b0a0012001a0022002a0032003a0776312e' +
  '33342e3142004a00520042050a017810091a002200';

const refused = (bytes: Buffer) => {
  try {
    decodeBody(bytes);
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return error.code;
  }
  return undefined;
};

describe('bodies in Protocol Buffers', () => {
  it('are what the same object is in JSON, without what is empty', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(decodeBody(Buffer.from(SECRET, 'hex')))), {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'bootstrap.kubernetes.io/token',
      data: { a: 'Yg==' },
      metadata: { name: 'token', namespace: 'kube-system' },
    });
  });

  it('keep a number that is given as 0', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(decodeBody(Buffer.from(DEPLOYMENT, 'hex')))), {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'web' } },
        strategy: {},
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'nginx', image: 'nginx', ports: [{ containerPort: 80 }], resources: {} }] },
        },
      },
    });
  });

  it('may be Nodes, with quantities and times', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(decodeBody(Buffer.from(NODE, 'hex')))), {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: 'w',
        uid: 'u',
        resourceVersion: '7',
        creationTimestamp: '2026-01-01T00:00:00Z',
        labels: { a: 'b' },
      },
      spec: {
        providerID: 'metal3://a/b/c',
        taints: [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }],
      },
      status: {
        capacity: { cpu: '4' },
        conditions: [
          {
            type: 'Ready',
            status: 'True',
            lastHeartbeatTime: '2026-01-01T00:00:00Z',
            lastTransitionTime: '2026-01-01T00:00:00Z',
            reason: 'KubeletReady',
          },
        ],
        addresses: [{ type: 'Hostname', address: 'w' }],
        daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
        nodeInfo: { kubeletVersion: 'v1.34.1' },
        images: [{ names: ['x'], sizeBytes: 9 }],
      },
    });
  });

  it('are refused where something in them would be lost, by kind or by field', () => {
    const other = Buffer.from(
      DEPLOYMENT.replace(Buffer.from('Deployment').toString('hex'), Buffer.from('Horizontal').toString('hex')),
      'hex',
    );
    assert.equal(refused(other), 415);
    // Its type, as a field that nobody knows.
    const secret = Buffer.from(SECRET.replace('1a1d626f6f74', '7a1d626f6f74'), 'hex');
    assert.equal(refused(secret), 400);
  });

  it('never do harm, however they are broken', () => {
    const bytes = Buffer.from(SECRET, 'hex');
    for (let length = 0; length < bytes.length; length++) {
      const code = refused(bytes.subarray(0, length));
      assert.ok(code === undefined || code === 400 || code === 415, `${length}: ${code}`);
    }
    fc.assert(
      fc.property(fc.nat(bytes.length - 5), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, other) => {
        const changed = Buffer.from(bytes);
        changed.set(other.subarray(0, changed.length - at - 4), at + 4);
        refused(changed);
      }),
    );
    let nested = Buffer.alloc(0);
    for (let i = 0; i < 1_000; i++)
      nested = Buffer.concat([Buffer.from([0x12, 0x80 | (nested.length & 0x7f), nested.length >> 7]), nested]);
    refused(Buffer.concat([Buffer.from('k8s\0'), nested]));
  });
});
