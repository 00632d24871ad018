import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { diagnose } from '../../../src/programs/diagnose';
import { tempDir } from '../../support/temp-dir';
import { fakeProgram, script } from './fake-program';

describe('diagnose', () => {
  it('tells where each program is, how the others would come, and how to mend what is wrong', async (t) => {
    const dir = tempDir(t);
    const etcd = fakeProgram(join(dir, 'bin/etcd'), '3.6.1');
    script(join(dir, 'bin/go'), 'echo go version go9.9.9');
    script(join(dir, 'bin/docker'), 'echo "Cannot connect to the Docker daemon" >&2; exit 1');
    const old = fakeProgram(join(dir, 'old'), 'v0.1.0');
    const env = { HOME: dir, PATH: join(dir, 'bin'), METAL3_TESTBED_KWOK: old };
    const checks = new Map(
      (await diagnose({ env, stateDir: join(dir, 'not', 'yet') })).map((check) => [check.name, check]),
    );

    assert.deepEqual(checks.get('etcd'), { name: 'etcd', state: 'ok', detail: `v3.6.1 at ${etcd} (PATH)` });
    assert.match(
      checks.get('kube-apiserver')?.detail ?? '',
      /^missing; the first `up` downloads it from https:\/\/github\.com, or else takes it out of registry\.k8s\.io\/kube-apiserver:v[\d.]+, or else builds v[\d.]+ with Go \(/,
    );
    assert.match(
      checks.get('baremetal-operator')?.detail ?? '',
      /`up` takes it out of quay\.io\/metal3-io\/baremetal-op/,
    );
    assert.equal(checks.get('baremetal-operator')?.state, 'warning');
    assert.match(
      checks.get('kubeadm-bootstrap')?.detail ?? '',
      /takes it out of registry\.k8s\.io\/cluster-api\/kubeadm-bootstrap-controller:v1\.13\.4, or else builds v1\.13\.4 with Go/,
    );
    assert.match(
      checks.get('capm3')?.detail ?? '',
      /`up` takes it out of quay\.io\/metal3-io\/cluster-api-provider-metal3:/,
    );
    assert.match(checks.get('webhooks of managers')?.detail ?? '', /listen on every address/);
    assert.equal(checks.get('kwok')?.state, 'missing');
    assert.match(
      checks.get('kwok')?.detail ?? '',
      /METAL3_TESTBED_KWOK cannot be used: .*is version 0\.1\.0; 0\.7 or newer is needed/,
    );
    assert.equal(checks.get('kwok')?.remedy, 'correct or unset METAL3_TESTBED_KWOK');
    assert.equal(checks.get('kind')?.state, 'warning');
    assert.deepEqual(checks.get('go'), { name: 'go', state: 'ok', detail: 'go version go9.9.9' });
    assert.match(checks.get('docker')?.detail ?? '', /its engine does not answer/);
    assert.match(checks.get('disk of the state folder')?.detail ?? '', /GiB free at .*not\/yet$/);
    for (const check of checks.values()) assert.equal(check.remedy === undefined, check.state === 'ok', check.name);
  });
});
