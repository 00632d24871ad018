import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clusterKind } from '../../../lib/kinds/cluster/kind';
import { ApiError } from '../../../src/kubernetes/api-error';
import type { KubernetesClient } from '../../../src/kubernetes/client';
import { describePending } from '../../../src/watch/wait-for-states';

type Requester = Parameters<typeof describePending>[0];

/** Answers by path; what it does not know is not there. */
function api(answers: Readonly<Record<string, unknown>>, asked: string[] = []): Requester {
  const request: KubernetesClient['request'] = <T>(_method: string, path: string, options: object = {}) => {
    const { query } = options as { readonly query?: { readonly labelSelector?: string } };
    asked.push(`${path} ${query?.labelSelector ?? ''}`.trim());
    const answer = answers[path];
    return answer === undefined
      ? Promise.reject(new ApiError(404, 'NotFound', 'not found'))
      : Promise.resolve(answer as T);
  };
  return { request };
}

const group = '/apis/cluster.x-k8s.io/v1beta2/namespaces/lab';
const metadata = (name: string) => ({ name, namespace: 'lab', uid: name, resourceVersion: '1' });
const machine = (name: string, phase: string, type: string, message?: string) => ({
  metadata: metadata(name),
  status: { phase, conditions: [{ type, status: message === undefined ? 'True' : 'False', message }] },
});

describe('what is told of an object that is still pending', () => {
  it('is what its own condition says, and that of the machine that is behind', async () => {
    const asked: string[] = [];
    const message = '* RemoteConnectionProbe: no connection\n* WorkersAvailable: 0 available';
    const client = api(
      {
        [`${group}/clusters/c-1`]: {
          metadata: metadata('c-1'),
          status: { phase: 'Provisioned', conditions: [{ type: 'Available', status: 'False', message }] },
        },
        [`${group}/machines`]: {
          items: [
            machine('c-1-a', 'Running', 'Ready'),
            machine('c-1-b', 'Provisioning', 'Ready', 'no available host found'),
            machine('c-1-c', 'Pending', 'Ready', 'waiting'),
          ],
        },
      },
      asked,
    );
    const pending = { ...clusterKind.unseen('lab', 'c-1'), state: 'provisioned' };
    assert.equal(
      await describePending(client, clusterKind, [pending]),
      '  lab/c-1: provisioned, RemoteConnectionProbe: no connection; WorkersAvailable: 0 available; machine c-1-b: provisioning, no available host found (and 1 more machines)',
    );
    assert.ok(asked.includes(`${group}/machines cluster.x-k8s.io/cluster-name=c-1`), asked.join('\n'));
  });

  it('is its state alone where nothing more can be had', async () => {
    const pending = clusterKind.unseen('lab', 'c-1');
    assert.equal(await describePending(api({}), clusterKind, [pending]), '  lab/c-1: not seen by a controller yet');
  });

  it('is cut where it has no end, and cannot command a terminal', async () => {
    const message = `\u001b[2J${'x'.repeat(100_000)}`;
    const client = api({
      [`${group}/clusters/c-1`]: {
        metadata: metadata('c-1'),
        status: { conditions: [{ type: 'Available', status: 'False', message }] },
      },
    });
    const text = await describePending(client, clusterKind, [clusterKind.unseen('lab', 'c-1')]);
    assert.ok(text.length < 400, text);
    assert.match(text, /\\u001b\[2Jxxx/);
  });
});
