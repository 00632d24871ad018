/** What `testbed.yaml` may say about a scenario. Whatever a schema cannot say is checked by `resolveScenario`. */
import { image } from '../kinds/bare-metal-host/schema';
import type { RequiredField, Schema, SchemaNode } from '../crd';
import { array, boolean, described, enumeration, integer, intOrString, number, object, required, string } from '../crd';
import { failuresSchema } from '../kinds/bare-metal-host/stages/failures-schema';
import type { StepKind } from './steps';

const share = described('How many of those, above 0 and up to 1 (1).', number({ minimum: 0, maximum: 1 }));
const seconds = number({ minimum: 0, maximum: 1_000_000 });

const sets = {
  hostSets: described('Names of the host sets (all).', array(string(), { minItems: 1 })),
  hosts: described("Which hosts of each set, by index: 7, '10-20' or '1,5,10-20' (all).", intOrString()),
};
const selection = {
  ...sets,
  share,
  perSecond: described('How many are taken on in a second (no limit).', number({ minimum: 0 })),
};

const kinds: Readonly<Record<StepKind, SchemaNode>> = {
  enroll: described(
    'Makes hosts of the description, and waits until they are settled.',
    object({
      ...selection,
      state: described('State that hosts start in (none: they register).', enumeration('available', 'provisioned')),
    }),
  ),
  provision: described(
    'Gives hosts an image, and waits until they are provisioned.',
    object({ ...selection, image: described('The image (one at an address of no one).', image) }),
  ),
  deprovision: described('Takes the image away, and waits until hosts are available.', object(selection)),
  powerOn: described('Powers hosts on, and waits until they are.', object(selection)),
  powerOff: described('Powers hosts off, and waits until they are.', object(selection)),
  reboot: described(
    'Reboots hosts, and waits until they have been off and are on again.',
    object({
      ...selection,
      mode: enumeration('hard', 'soft'),
      force: described('Whether hosts that are not provisioned are rebooted too (false).', boolean()),
    }),
  ),
  detach: described('Detaches hosts from the operator.', object(selection)),
  attach: described('Attaches hosts again.', object(selection)),
  pause: described('Tells the operator to leave hosts alone.', object(selection)),
  unpause: described('Takes that back, and waits until hosts are settled.', object(selection)),
  delete: described('Deletes hosts and their Secrets, and waits until they are gone.', object(selection)),
  churn: described(
    'Replaces a share of the hosts every so often.',
    object({ ...sets, share: required(share), everySeconds: required(seconds), forSeconds: required(seconds) }),
  ),
  rest: described('Leaves everything alone.', object({ seconds: required(seconds) })),
  killOperator: described(
    'Kills operators (or kwok) and starts them again.',
    object({
      operator: described('Which one, from 1 (all).', integer({ minimum: 1 })),
      downSeconds: described('How long it is away (0).', seconds),
    }),
  ),
  slowApiServer: described(
    'Makes the API server of the embedded control plane stand still part of the time.',
    object({
      stoppedShare: required(described('How much of the time.', number({ minimum: 0, maximum: 0.95 }))),
      forSeconds: required(seconds),
    }),
  ),
  stopApiServer: described(
    'Kills the API server of the embedded control plane and starts it again.',
    object({ forSeconds: required(number({ minimum: 0, maximum: 60 })) }),
  ),
  takeCredentials: described(
    'Takes the credentials of hosts away, and waits until they are in error.',
    object({ ...selection, how: enumeration('delete', 'empty') }),
  ),
  giveCredentials: described('Gives the credentials back, and waits until hosts are well.', object(selection)),
  failHosts: described(
    'From here on a share of the hosts fails, where kwok simulates them; [] ends it.',
    object({ failures: required(failuresSchema) }),
  ),
};

export const STEP_KINDS = Object.keys(kinds) as readonly StepKind[];

/** A step. Groups of steps hold steps, so this node is part of itself: JSON Schema has to refer to it by a name. */
export const stepSchema: SchemaNode = {
  type: 'object',
  description: 'One thing to do: one of the kinds of step, or steps in sequence or in parallel.',
  get properties() {
    return stepProperties;
  },
};

const steps: SchemaNode = { type: 'array', items: stepSchema, minItems: 1 };
const stepProperties: Readonly<Record<string, SchemaNode>> = {
  name: described('Names the step in the report (its kind).', string({ minLength: 1, maxLength: 63 })),
  timeoutSeconds: described("How long its hosts may take (the scenario's).", seconds),
  mayFail: described('Whether hosts in error are not waited for (false).', boolean()),
  sequence: described('Steps one after the other.', steps),
  parallel: described('Steps all at once.', steps),
  ...kinds,
};

const fields = {
  name: described('Names the scenario in the report (scenario).', string({ minLength: 1, maxLength: 63 })),
  steps: required(steps),
  timeoutSeconds: described('How long the hosts of one step may take (600).', seconds),
  scrapeSeconds: described(
    'How often metrics of operators and API server are read (5).',
    number({ minimum: 1, maximum: 3_600 }),
  ),
} satisfies Record<string, Schema | RequiredField>;

export const scenarioSchema: SchemaNode = described('What `metal3-testbed run` does and measures.', object(fields));
