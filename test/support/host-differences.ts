/** Where kwok's hosts do otherwise than the operator's: all that is known of it. They go when they are deleted nevertheless. */
import type { Difference } from './host-scenario';

const newHost = ['none', 'registering', 'inspecting', 'preparing', 'available'];
const deletion = ['available', 'powering off before delete', 'deleting'];
const noUsername =
  "registration error: Validation error with BMC credentials: Missing BMC connection detail 'username' in credentials";
const noSecret =
  "registration error: BMC CredentialsName secret doesn't exist The BMC secret NAMESPACE/host-1-bmc does not exist";
const noProfile = 'registration error: no hardware profile named "sgi"';

/** By name of the scenario. */
export const differences: Readonly<Record<string, Difference>> = {
  'inspected again': {
    because: 'test mode has inspected its one machine already, and never takes the annotation away',
    traces: [newHost, ['available', 'inspecting', 'preparing', 'available'], deletion],
  },
  'deleted while registering with an emptied Secret': {
    because: 'kwok does not know whether the Secret was good before, and takes the id away with which it is registered',
    traces: [
      ['none', 'registering', `registering, ${noUsername}`],
      [`registering, ${noUsername}`, `deleting, ${noUsername}`],
    ],
  },
  'deleted while registering and paused, unpaused': {
    because: 'the operator registers a host in three steps, of which the second was paused, and kwok in one',
    traces: [['none', 'registering'], ['registering'], ['registering', 'deleting']],
  },
  'deleted while deprovisioning with an emptied Secret': {
    because: 'test mode forgets errors when it takes the image from its one machine, which has none any more',
    traces: [
      newHost,
      ['available', 'provisioning', 'provisioned'],
      ['provisioned', 'deprovisioning', `deprovisioning, ${noUsername}`],
      [`deprovisioning, ${noUsername}`, 'deprovisioning', 'powering off before delete', 'deleting'],
    ],
  },
  'seeded provisioning without a Secret, deleted': {
    because: 'test mode forgets errors when it takes the image from its one machine, which never had one',
    traces: [
      ['none', 'provisioning', `provisioning, ${noSecret}`],
      [
        `provisioning, ${noSecret}`,
        `deprovisioning, ${noSecret}`,
        'deprovisioning',
        'powering off before delete',
        'deleting',
      ],
    ],
  },
  'status: an unknown hardware profile': {
    because: 'the operator tries to register the host a few times more before it lets go of it, which takes it minutes',
    traces: [
      ['none', 'available', `available, ${noProfile}`],
      [`available, ${noProfile}`, `powering off before delete, ${noProfile}`, `deleting, ${noProfile}`],
    ],
  },
  'hardware details: something behind it': {
    because: 'to kwok, JSON with anything behind it cannot be read',
    traces: [['none'], ['none']],
  },
  'network data that nobody has, and come': {
    because: 'kwok does not look at network data',
    traces: [newHost, ['available'], deletion],
  },
};
