import { TestbedError } from '../../lib/errors';
import { quoted } from '../../lib/visible';
import { isMap } from '../util/is-map';

/** What the API server says is wrong with one field. */
export interface FieldCause {
  readonly reason?: string;
  readonly field?: string;
  readonly message?: string;
}

/** The API server's own words for a refusal. */
export class ApiError extends TestbedError {
  constructor(
    /** HTTP status. */
    readonly status: number,
    /** `reason` of the Status object, such as `NotFound` or `Conflict`; '' where there is none. */
    readonly reason: string,
    message: string,
    /** `details.causes` of the Status object, with what is wrong with each field. */
    readonly causes: readonly FieldCause[] = [],
  ) {
    super('cluster', message);
    this.name = 'ApiError';
  }

  /** Whether fields are owned by somebody else, which no further try changes. */
  get isFieldConflict(): boolean {
    return this.causes.some(
      ({ reason, message }) => reason === 'FieldManagerConflict' || message?.startsWith('conflict with'),
    );
  }

  /** Whether all that is in the way is owned by one field manager. */
  isConflictWith(fieldManager: string): boolean {
    return (
      this.isFieldConflict && this.causes.every(({ message }) => message?.startsWith(`conflict with "${fieldManager}"`))
    );
  }
}

const NOT_OF_SCHEMA = /failed to (create typed (patch|live)|convert new) object/;
const OF_SECRETS = /\/api\/v1\/(namespaces\/[^/]+\/)?secrets(\/|$)/;
/** How the API server quotes a value that is of the wrong type. */
const QUOTED_VALUE = /, got [^]*/;

/** Reads a response of 300 and more; not every one is a Status object, and then the text says what it can. */
export function apiErrorOf(status: number, text: string, method: string, path: string): ApiError {
  const asked = `${method} ${quoted(path)}`;
  if (status < 400)
    return new ApiError(
      status,
      '',
      `the API server answered ${asked} with a redirect (${status}): check that the address is an API server's, and that no login page is in front of it`,
    );
  const body = statusOf(text);
  const said = (body.message ?? text.trim()) || `HTTP ${status}`;
  const message = OF_SECRETS.test(path) ? said.replace(QUOTED_VALUE, ', got something else (not shown)') : said;
  // The API server says 500 where server-side apply meets a field that the schema has not: no fault of its own.
  const isBadInput = status === 500 && NOT_OF_SCHEMA.test(message);
  return new ApiError(
    isBadInput ? 422 : status,
    isBadInput ? 'Invalid' : (body.reason ?? ''),
    `the API server refused ${asked}: ${quoted(message)}`,
    body.causes,
  );
}

/** What a Status object says; nothing of anything else. */
function statusOf(text: string): Pick<FieldCause, 'reason' | 'message'> & { readonly causes: readonly FieldCause[] } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // The text itself is shown.
  }
  if (!isMap(body)) return { causes: [] };
  const details = isMap(body['details']) ? body['details'] : {};
  const causes: readonly unknown[] = Array.isArray(details['causes']) ? details['causes'] : [];
  return { ...textsOf(body), causes: causes.filter(isMap).map(textsOf) };
}

/** The fields of a cause, or of a whole Status, that are texts as they should be. */
function textsOf(fields: Readonly<Record<string, unknown>>): FieldCause {
  return Object.fromEntries(
    ['reason', 'field', 'message'].flatMap((name) => (typeof fields[name] === 'string' ? [[name, fields[name]]] : [])),
  );
}
