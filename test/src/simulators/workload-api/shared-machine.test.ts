import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SharedMachine } from '../../../../src/simulators/workload-api/shared-machine';

function make() {
  const touched: string[] = [];
  const machine = new SharedMachine((key) => {
    touched.push(key);
    return Promise.resolve();
  });
  return { machine, touched };
}

describe('hosts that share one machine', () => {
  it('are touched while they are held up by one that is deprovisioned, and not sooner than by itself', async () => {
    const { machine, touched } = make();
    machine.see('a/new', 'provisioning', 0);
    machine.see('a/old', 'deprovisioning', 0);
    await machine.look(11_999);
    assert.deepEqual(touched, []);
    await machine.look(12_000);
    assert.deepEqual(touched, ['a/new']);
    // That it is seen again in the same state does not make it a new one.
    machine.see('a/new', 'provisioning', 12_000);
    // A simulator that begins anew with each change gets through, as it has twice as long each time.
    await machine.look(35_999);
    assert.equal(touched.length, 1);
    await machine.look(36_000);
    assert.deepEqual(touched, ['a/new', 'a/new']);
    machine.see('a/new', 'provisioned', 37_000);
    await machine.look(600_000);
    assert.equal(touched.length, 2);
  });

  it('are left alone while none is deprovisioned, or when they have gone', async () => {
    const { machine, touched } = make();
    machine.see('a/new', 'provisioning', 0);
    await machine.look(100_000);
    machine.see('a/old', 'deprovisioning', 100_000);
    machine.see('a/new', undefined, 100_000);
    await machine.look(200_000);
    assert.deepEqual(touched, []);
  });

  it('are touched twenty at a time, and one that cannot be holds up no other', async () => {
    let calls = 0;
    const machine = new SharedMachine(() => {
      calls++;
      return calls % 2 === 0 ? Promise.reject(new Error('conflict')) : Promise.resolve();
    });
    machine.see('a/old', 'deprovisioning', 0);
    for (let i = 0; i < 50; i++) machine.see(`a/new-${i}`, 'provisioning', 0);
    await machine.look(20_000);
    assert.equal(calls, 20);
    await machine.look(23_000);
    assert.equal(calls, 40);
  });
});
