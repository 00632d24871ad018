/** In which form an answer is wanted. */
import { StatusError } from './status-error';

export interface Form {
  /** Such as `Table`; '' for the object itself. */
  readonly as: string;
  readonly group: string;
  readonly version: string;
}

const PLAIN: Form = { as: '', group: '', version: '' };
const MOST = 32;

/**
 * The first form that is both wanted and had.
 *
 * @param header `Accept`
 * @param had forms other than the object itself, as `as.group/version`
 * @throws StatusError (406) where JSON will not do
 */
export function formOf(header: string | undefined, had: readonly string[]): Form {
  if (header === undefined || header.trim() === '') return PLAIN;
  for (const each of header.split(',').slice(0, MOST)) {
    const [type = '', ...rest] = each.split(';').map((part) => part.trim());
    if (!['application/json', 'application/*', '*/*', 'text/plain'].includes(type.toLowerCase())) continue;
    const parameters = new Map(rest.map((part) => part.split('=', 2) as [string, string]));
    const form = {
      as: parameters.get('as') ?? '',
      group: parameters.get('g') ?? '',
      version: parameters.get('v') ?? '',
    };
    if (form.as === '') return PLAIN;
    if (had.includes(`${form.as}.${form.group}/${form.version}`)) return form;
  }
  throw new StatusError(
    406,
    'only the following media types are accepted: application/json (the simulated API of workload clusters answers with JSON)',
  );
}
