import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { conditionsOf } from '../../../../../lib/kinds/bare-metal-host/stages/conditions';
import type { HostState, OperationalStatus } from '../../../../../lib/kinds/bare-metal-host/stages/host-state';

/** What the operator v0.13.2 makes of a state and an operational status: the reasons, with a + where it is so. */
const TABLE = `
state                       status      Ready            AvailableForProvisioning  Manageable           Progressing           Provisioned
-                           OK          NotProvisioned   NotAvailable              NotManaged           NotProgressing        NotProvisioned
unmanaged                   discovered  NotProvisioned   NotAvailable              NotManaged           NotProgressing        NotProvisioned
registering                 OK          NotProvisioned   NotAvailable              Registering          +Registering          NotProvisioned
registering                 error       Error            NotAvailable              RegistrationFailed   +Registering          NotProvisioned
inspecting                  OK          NotProvisioned   NotAvailable              +Manageable          +Inspecting           NotProvisioned
inspecting                  error       Error            NotAvailable              +Manageable          +Inspecting           NotProvisioned
match_profile               OK          NotProvisioned   NotAvailable              +Manageable          +Inspecting           NotProvisioned
preparing                   OK          NotProvisioned   NotAvailable              +Manageable          +Preparing            NotProvisioned
available                   OK          NotProvisioned   +Available                +Manageable          NotProgressing        NotProvisioned
available                   error       Error            +Available                +Manageable          NotProgressing        NotProvisioned
available                   detached    Detached         +Available                +Manageable          Detached              NotProvisioned
ready                       OK          NotProvisioned   +Available                +Manageable          NotProgressing        NotProvisioned
provisioning                OK          NotProvisioned   NotAvailable              +Manageable          +Provisioning         NotProvisioned
provisioned                 OK          +Provisioned     NotAvailable              +Manageable          NotProgressing        +Provisioned
provisioned                 error       Error            NotAvailable              +Manageable          NotProgressing        +Provisioned
provisioned                 detached    Detached         NotAvailable              +Manageable          Detached              +Provisioned
externally_provisioned      OK          +Provisioned     NotAvailable              +Manageable          NotProgressing        +Provisioned
deprovisioning              OK          NotProvisioned   NotAvailable              +Manageable          +Deprovisioning       NotProvisioned
powering_off_before_delete  OK          NotProvisioned   NotAvailable              +Manageable          +PoweringOffBeforeDelete  NotProvisioned
deleting                    OK          NotProvisioned   NotAvailable              +Manageable          +Deleting             NotProvisioned
`;
const [[, , ...types] = [], ...rows] = TABLE.trim()
  .split('\n')
  .map((line) => line.split(/ +/));

describe('the conditions of a host', () => {
  for (const [state = '', status = '', ...reasons] of rows) {
    const known = state === '-' ? '' : state.replaceAll('_', ' ');
    it(`in state '${known}' with status ${status} are those that the operator writes`, () => {
      const { Healthy, ...given } = conditionsOf(known as HostState, status as OperationalStatus);
      const shown = Object.entries(given).map(([type, [so, reason]]) => [type, so === 'True' ? `+${reason}` : reason]);
      assert.deepEqual(Object.fromEntries(shown), Object.fromEntries(types.map((type, i) => [type, reasons[i]])));
      assert.deepEqual(Healthy, ['Unknown', 'Unknown'], 'test mode tells nothing of health');
    });
  }

  it('say False of what is not so, never Unknown', () => {
    const { Ready, Manageable } = conditionsOf('registering', 'OK');
    assert.deepEqual([Ready?.[0], Manageable?.[0]], ['False', 'False']);
  });
});
