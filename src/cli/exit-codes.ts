import type { ErrorCode } from '../../lib/errors';

/** What the process ends with for each kind of error. */
export const EXIT_CODES: Readonly<Record<ErrorCode | 'fault' | 'interrupted' | 'worse', number>> = {
  fault: 1,
  /** No error: compare found that something became worse, as diff ends with 1 where files differ. */
  worse: 1,
  'invalid-input': 2,
  environment: 3,
  timeout: 4,
  cluster: 5,
  interrupted: 130,
};
