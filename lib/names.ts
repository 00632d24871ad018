import { invalidInput } from './errors';

/** RFC 1123 label: what Kubernetes takes as the name of a namespace or a Service, and BMO's users expect of a host. */
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** RFC 1123 subdomain: what Kubernetes takes as the name of most objects, Secrets among them. */
const DNS_SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const QUALIFIED_NAME = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;
/** BMO's webhook refuses a host whose name parses as a UUID: such a name would be taken for an Ironic node's. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|^[0-9a-f]{32}$/;

export function isDnsLabel(value: string): boolean {
  return DNS_LABEL.test(value);
}

/**
 * @param what the thing that is named, as it reads in the error ("host name")
 * @returns the value
 * @throws TestbedError (`invalid-input`) where the value is no RFC 1123 label
 */
export function requireDnsLabel(what: string, value: string): string {
  if (!isDnsLabel(value)) {
    throw invalidInput(
      `${what} ${show(value)} is no DNS label: use at most 63 of a-z, 0-9 and '-', starting and ending with a letter or digit`,
    );
  }
  return value;
}

/** As {@link requireDnsLabel}, and refused where BMO's webhook would take the name for a UUID. */
export function requireHostName(value: string): string {
  requireDnsLabel('host name', value);
  if (UUID.test(value)) {
    throw invalidInput(
      `host name ${show(value)} is a UUID, which the Bare Metal Operator refuses: choose another name`,
    );
  }
  return value;
}

/** @throws TestbedError (`invalid-input`) where the value is no RFC 1123 subdomain */
export function requireDnsSubdomain(what: string, value: string): string {
  if (value.length > 253 || !DNS_SUBDOMAIN.test(value)) {
    throw invalidInput(
      `${what} ${show(value)} is no DNS subdomain: use at most 253 of a-z, 0-9, '-' and '.', starting and ending with a letter or digit`,
    );
  }
  return value;
}

/** @throws TestbedError (`invalid-input`) where a key or value is none that Kubernetes takes for a label */
export function requireLabels(labels: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(labels)) {
    requireQualifiedName('label', key);
    if (typeof value !== 'string' || !LABEL_VALUE.test(value)) {
      throw invalidInput(
        `label ${key} has the value ${show(value)}: use a string of at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit`,
      );
    }
  }
}

/** @throws TestbedError (`invalid-input`) where a key is none that Kubernetes takes for an annotation, or a value no string */
export function requireAnnotations(annotations: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(annotations)) {
    requireQualifiedName('annotation', key);
    if (typeof value !== 'string') {
      throw invalidInput(`annotation ${key} has the value ${show(value)}: use a string (in YAML, put it in quotes)`);
    }
  }
}

/** A value as it is shown in an error: quoted, and cut where it is long. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

function requireQualifiedName(what: string, key: string): void {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  const prefixIsFine = prefix === undefined || (prefix.length <= 253 && DNS_SUBDOMAIN.test(prefix));
  if (!prefixIsFine || !QUALIFIED_NAME.test(name)) {
    throw invalidInput(
      `${what} key ${show(key)} is not allowed: use 'name' or 'dns.prefix/name', the name at most 63 letters, digits, '-', '_' and '.'`,
    );
  }
}
