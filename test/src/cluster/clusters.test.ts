import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kindLayout, writeRecord } from '../../../src/cluster/kind/record';
import { stateLayout, writePorts } from '../../../src/cluster/local/state';
import { refuseOtherTestbed } from '../../../src/cluster/clusters';
import { writeState } from '../../../src/testbed/state';
import { tempDir } from '../../support/temp-dir';

describe('a state folder', () => {
  it('takes any testbed while it is empty', (t) => {
    refuseOtherTestbed(tempDir(t), 'kind', true);
  });

  it('keeps to the cluster that it holds, one whose making was interrupted too', (t) => {
    const [kind, local] = [tempDir(t), tempDir(t)];
    writeRecord(kindLayout(kind), { kind: 'kind', name: 'lab', engine: 'docker', phase: 'creating', config: '' });
    writePorts(stateLayout(local), { apiServer: 1, etcd: 2, etcdPeer: 3 });
    refuseOtherTestbed(kind, 'kind', true);
    refuseOtherTestbed(local, 'local', false);
    assert.throws(
      () => refuseOtherTestbed(kind, 'local', false),
      /with --cluster kind, not local: run .*down --delete/,
    );
    assert.throws(() => refuseOtherTestbed(local, 'existing', true), /with --cluster local, not existing/);
  });

  it('keeps to what simulates its hosts, in the cluster or beside it', (t) => {
    const dir = tempDir(t);
    const state = { cluster: 'kind', kubeconfig: 'x', simulator: 'bmo' } as const;
    writeState(dir, { ...state, operators: [{ namespace: 'bmo', name: 'manager' }] });
    refuseOtherTestbed(dir, 'kind', true);
    assert.throws(() => refuseOtherTestbed(dir, 'kind', false), /by an operator in the cluster, not a process on this/);
    writeState(dir, state);
    assert.throws(() => refuseOtherTestbed(dir, 'kind', true), /by a process on this machine, not an operator in/);
  });
});
