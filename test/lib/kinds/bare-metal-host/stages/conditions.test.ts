import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { conditionsOf } from '../../../../../lib/kinds/bare-metal-host/stages/conditions';

describe('conditions of a host', () => {
  it('is available for provisioning, not ready, where it is available', () => {
    const conditions = conditionsOf('available', 'OK');
    assert.deepEqual(conditions.AvailableForProvisioning, ['True', 'Available']);
    assert.deepEqual(conditions.Ready, ['False', 'NotProvisioned']);
    assert.deepEqual(conditions.Progressing, ['False', 'NotProgressing']);
  });

  it('is ready where it is provisioned', () => {
    assert.deepEqual(conditionsOf('provisioned', 'OK').Ready, ['True', 'Provisioned']);
  });

  it('says why it is not ready: an error, or that it is detached', () => {
    assert.deepEqual(conditionsOf('provisioned', 'error').Ready, ['False', 'Error']);
    assert.deepEqual(conditionsOf('provisioned', 'detached').Ready, ['False', 'Detached']);
    assert.deepEqual(conditionsOf('available', 'detached').Progressing, ['False', 'Detached']);
  });

  it('is not manageable before it is registered', () => {
    assert.deepEqual(conditionsOf('unmanaged', 'discovered').Manageable, ['False', 'NotManaged']);
    assert.deepEqual(conditionsOf('registering', 'OK').Manageable, ['False', 'Registering']);
    assert.deepEqual(conditionsOf('registering', 'error').Manageable, ['False', 'RegistrationFailed']);
    assert.deepEqual(conditionsOf('inspecting', 'OK').Manageable, ['True', 'Manageable']);
  });
});
