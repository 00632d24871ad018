import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { bareMetalHostKind } from '../../../lib/kinds/bare-metal-host/kind';
import { applySetIdOf, PART_OF_LABEL } from '../../../src/apply/apply-set';
import { clusterFleetKind } from '../../../stacks/resources/cluster-fleet-kind';
import { hostFleetKind } from '../../../stacks/resources/host-fleet-kind';
import { waitDeadlineMs, waitForFleet, type FleetWait } from '../../../stacks/resources/fleet-wait';
import { FakeApi } from '../../src/install/fake-api';
import { rejects } from '../../support/rejects';

/** A cluster with hosts of the fleet in these states, and one of another fleet that has not settled. */
async function setUp(t: TestContext, states: readonly string[]) {
  const api = await FakeApi.start(t);
  const put = (name: string, set: string, state: string) =>
    api.put(`/apis/metal3.io/v1alpha1/namespaces/lab/baremetalhosts/${name}`, {
      metadata: { name, resourceVersion: '1', labels: { [PART_OF_LABEL]: applySetIdOf({ name: set }) } },
      spec: { online: true, bmc: { address: 'libvirt://192.0.2.1', credentialsName: 'a' } },
      status: { provisioning: { state }, poweredOn: true, operationalStatus: 'OK' },
    });
  for (const [i, state] of states.entries()) put(`worker-${i + 1}`, 'fleet', state);
  put('other-1', 'other', 'registering');
  const said: string[] = [];
  const wait = (props: Partial<FleetWait>) =>
    waitForFleet(api.client, {
      kind: bareMetalHostKind,
      set: 'fleet',
      count: states.length,
      waitFor: 'settled',
      deadlineMs: 50,
      advice: 'is there something that simulates them?',
      say: (line) => said.push(line),
      ...props,
    });
  return { api, said, wait };
}

describe('waiting for a fleet', () => {
  it('asks for the hosts of the fleet alone, and tells what they have come to', async (t) => {
    const { wait } = await setUp(t, ['available', 'available']);
    assert.deepEqual((await wait({}))?.states, { available: 2 });
  });

  it('names hosts that have not settled in time', async (t) => {
    const { wait } = await setUp(t, ['available', 'inspecting']);
    await rejects(
      wait({}),
      /1 of 2 hosts are settled after 0.05 s; is there something that simulates them\? Still pending:\n +lab\/worker-2: inspecting/,
      'timeout',
    );
  });

  it('does not believe what objects say of themselves before those who make them have seen what they are to be', async (t) => {
    const { wait } = await setUp(t, ['available']);
    const seen = [false, true];
    assert.deepEqual(
      (await wait({ deadlineMs: 60_000, isMade: () => Promise.resolve(seen.shift() ?? true) }))?.states,
      { available: 1 },
    );
    assert.deepEqual(seen, []);
    await rejects(wait({ isMade: () => Promise.resolve(false) }), /1 of 1 hosts are settled/, 'timeout');
  });

  it('does not take hosts that are missing for settled ones', async (t) => {
    const { wait } = await setUp(t, ['available']);
    await rejects(wait({ count: 2 }), /1 of 2 hosts are settled/, 'timeout');
  });

  it('is content with a share of the hosts of the fleet in a state', async (t) => {
    const { wait } = await setUp(t, ['available', 'inspecting', 'available', 'available']);
    const waitFor = { state: 'available', share: 0.75 };
    assert.deepEqual((await wait({ waitFor }))?.states, { available: 3, inspecting: 1 });
    await rejects(wait({ waitFor: { state: 'available' } }), /3 of 4 hosts are available/, 'timeout');
  });

  it('asks nobody where nothing is to be waited for', async (t) => {
    const { api, wait } = await setUp(t, ['registering']);
    assert.equal(await wait({ waitFor: 'none' }), undefined);
    assert.equal(await wait({ count: 0 }), undefined);
    assert.deepEqual(api.requests, []);
  });

  it('ends at an interruption', async (t) => {
    const { wait } = await setUp(t, ['inspecting']);
    const signal = AbortSignal.abort(new Error('interrupted by a test'));
    await assert.rejects(wait({ signal, deadlineMs: 600_000 }), /interrupted by a test/);
  });

  it('takes longer the more there is to settle, unless it is told how long', () => {
    const seconds = (...args: Parameters<typeof waitDeadlineMs>) => waitDeadlineMs(...args) / 1000;
    assert.deepEqual(
      [0, 100, 10_000].map((hosts) => seconds(hostFleetKind, hosts)),
      [600, 650, 5_600],
    );
    assert.deepEqual(
      [0, 20, 1_000].map((clusters) => seconds(clusterFleetKind, clusters)),
      [600, 800, 10_600],
    );
    assert.equal(seconds(hostFleetKind, 10_000, 60), 60);
  });
});
