/** What an API server says in place of an answer. */

const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  501: 'NotImplemented',
  504: 'Timeout',
};

/** What a Status is about. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly retryAfterSeconds?: number;
  readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
}

/** A request that is refused, with the Status that its sender gets. */
export class StatusError extends Error {
  readonly reason: string;

  constructor(
    readonly code: number,
    message: string,
    readonly details?: StatusDetails,
    reason?: string,
  ) {
    super(message);
    this.name = 'StatusError';
    this.reason = reason ?? REASONS[code] ?? '';
  }

  toStatus(): object {
    const { message, reason, details, code } = this;
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code };
  }
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, message);
}
