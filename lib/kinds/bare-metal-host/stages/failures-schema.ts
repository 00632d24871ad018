import { array, integer, number, object, required, string } from '../../../crd';

/** A list of `HostFailure`, as `testbed.yaml` has it; `resolveFailures` checks what a schema cannot say. */
export const failuresSchema = array(
  object({
    state: required(string()),
    share: required(number({ minimum: 0, maximum: 1 })),
    errorType: string(),
    message: string(),
    recoversAfter: integer({ minimum: 1 }),
    retryMilliseconds: integer({ minimum: 0 }),
  }),
);
