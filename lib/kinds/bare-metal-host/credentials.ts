import { invalidInput } from '../../errors';
import { requireDnsSubdomain, show } from '../../names';

/**
 * A text that must not be shown. Its own name for JSON, string conversion and `util.inspect` is a placeholder, so that it
 * reaches a log, an error or a state file only where somebody calls {@link unwrap}.
 */
export class SensitiveText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself: for the Secret it belongs in and for nothing else. */
  unwrap(): string {
    return this.#text;
  }

  toString(): string {
    return '[sensitive]';
  }

  toJSON(): string {
    return '[sensitive]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[sensitive]';
  }
}

/** The text, whether it may be shown or not: for the Secret it belongs in and for nothing else. */
export function plainText(value: string | SensitiveText): string {
  return value instanceof SensitiveText ? value.unwrap() : value;
}

/** Literal credentials of a BMC. Every character is allowed; neither may be empty, since BMO refuses such a Secret. */
export interface BmcCredentialsLiteral {
  /** User that is known to the BMC. */
  readonly username: string | SensitiveText;
  /** Password of that user. */
  readonly password: string | SensitiveText;
}

/** A Secret that exists already, with the keys `username` and `password`. */
export interface BmcCredentialsReference {
  /** Its name, in the namespace of the host. */
  readonly secretName: string;
}

/** Where the credentials of a BMC come from. */
export type BmcCredentialsSource = BmcCredentialsLiteral | BmcCredentialsReference;

/** The blog's credentials; no BMC is ever asked for them in test mode. */
export const TEST_CREDENTIALS: BmcCredentialsLiteral = { username: 'admin', password: 'password' };

export function isReference(source: BmcCredentialsSource): source is BmcCredentialsReference {
  return 'secretName' in source;
}

/**
 * The `data` of a credentials Secret.
 *
 * @returns `username` and `password` in base64 of their UTF-8 bytes
 * @throws TestbedError (`invalid-input`) where one is empty or no string; the value is not shown
 */
export function credentialsData(source: BmcCredentialsLiteral): {
  readonly username: string;
  readonly password: string;
} {
  return { username: encode('username', source.username), password: encode('password', source.password) };
}

/** @throws TestbedError (`invalid-input`) for a source that is neither a reference nor a pair of literals */
export function requireCredentialsSource(source: BmcCredentialsSource): void {
  if (isReference(source)) {
    const unexpected = Object.keys(source).filter((key) => key !== 'secretName');
    if (unexpected.length > 0) {
      throw invalidInput(
        `credentials give secretName and ${unexpected.join(', ')}: give either secretName, or username and password`,
      );
    }
    requireDnsSubdomain('credentials secretName', source.secretName);
  } else {
    credentialsData(source);
  }
}

function encode(what: string, value: string | SensitiveText): string {
  const text = plainText(value);
  if (typeof text !== 'string' || text === '') {
    const given = typeof text === 'string' ? 'empty' : show(typeof text);
    throw invalidInput(`credentials ${what} is ${given}: the Bare Metal Operator needs a text that is not empty`);
  }
  return Buffer.from(text, 'utf8').toString('base64');
}
