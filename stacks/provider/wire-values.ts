/** Values as the engine sends them to a provider that takes secrets, and as it takes them back. */
import {
  isRpcSecret,
  specialOutputValueSig,
  specialSecretSig,
  specialSigKey,
  unknownValue,
  unwrapRpcSecret,
} from '@pulumi/pulumi/runtime/rpc';

/** What the engine has sent, in plain values. */
export interface Received {
  readonly values: Readonly<Record<string, unknown>>;
  /** The properties in which something is secret. */
  readonly secrets: ReadonlySet<string>;
}

export function received(properties: unknown): Received {
  const values: Record<string, unknown> = {};
  const secrets = new Set<string>();
  for (const [key, value] of Object.entries(properties ?? {}))
    values[key] = plain(value, () => {
      secrets.add(key);
    });
  return { values, secrets };
}

/** @param secrets names of the properties that are not to be shown */
export function sent(values: object, secrets: ReadonlySet<string>): Record<string, unknown> {
  const known = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(known.map(([key, value]) => [key, secrets.has(key) ? secret(value) : value]));
}

function secret(value: unknown): unknown {
  return { [specialSigKey]: specialSecretSig, value };
}

function plain(value: unknown, onSecret: () => void): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isRpcSecret(value)) {
    onSecret();
    return plain(unwrapRpcSecret(value), onSecret);
  }
  const { [specialSigKey]: signature, ...rest } = value as Readonly<Record<string, unknown>>;
  if (signature === specialOutputValueSig) {
    if (rest['secret'] === true) onSecret();
    return 'value' in rest ? plain(rest['value'], onSecret) : unknownValue;
  }
  if (Array.isArray(value)) return value.map((item) => plain(item, onSecret));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part, onSecret)]));
}
