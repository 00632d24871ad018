import { invalidInput } from './errors';

/** RFC 1123 label: what Kubernetes takes as the name of a namespace or a Service. */
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** RFC 1123 subdomain: what Kubernetes takes as the name of most objects, Secrets among them. */
const DNS_SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const QUALIFIED_NAME = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;
/**
 * BMO's webhook refuses a host whose name parses as a UUID: such a name would be taken for an Ironic node's. Go's
 * `uuid.Parse` takes any two characters around one for braces.
 */
const HYPHENED = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const UUID = new RegExp(`^(?:${HYPHENED}|.${HYPHENED}.|[0-9a-f]{32})$`, 'i');
/** What all annotations of an object may have together, keys and values, in bytes. */
const MOST_ANNOTATION_BYTES = 256 * 1024;

const utf8 = new TextEncoder();

export function isDnsLabel(value: string): boolean {
  return DNS_LABEL.test(value);
}

/**
 * @param what the thing that is named, as it reads in the error ("host name")
 * @returns the value
 * @throws TestbedError (`invalid-input`) where the value is not a valid RFC 1123 label
 */
export function requireDnsLabel(what: string, value: string): string {
  if (!isDnsLabel(value)) {
    throw invalidInput(
      `${what} ${show(value)} is not a valid DNS label: use at most 63 of a-z, 0-9 and '-', starting and ending with a letter or digit`,
    );
  }
  return value;
}

/** As {@link requireDnsSubdomain}, and refused where BMO's webhook would take the name for a UUID. */
export function requireHostName(value: string): string {
  requireDnsSubdomain('host name', value);
  if (UUID.test(value)) {
    throw invalidInput(
      `host name ${show(value)} is a UUID, which the Bare Metal Operator refuses: choose another name`,
    );
  }
  return value;
}

/** @throws TestbedError (`invalid-input`) where the value is not a valid RFC 1123 subdomain */
export function requireDnsSubdomain(what: string, value: string): string {
  if (value.length > 253 || !DNS_SUBDOMAIN.test(value)) {
    throw invalidInput(
      `${what} ${show(value)} is not a valid DNS subdomain: use at most 253 of a-z, 0-9, '-' and '.', starting and ending with a letter or digit`,
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

/**
 * @throws TestbedError (`invalid-input`) where a key is none that Kubernetes takes for an annotation, a value is not a string,
 * or all of them are larger than Kubernetes takes
 */
export function requireAnnotations(annotations: Readonly<Record<string, string>>): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    requireQualifiedName('annotation', key, lowerCase(key));
    if (typeof value !== 'string') {
      throw invalidInput(`annotation ${key} has the value ${show(value)}: use a string (in YAML, put it in quotes)`);
    }
    bytes += utf8.encode(key).length + utf8.encode(value).length;
  }
  if (bytes > MOST_ANNOTATION_BYTES) {
    throw invalidInput(
      `the annotations have ${bytes} bytes in all, and may have ${MOST_ANNOTATION_BYTES}: put large texts into a ConfigMap or Secret`,
    );
  }
}

/** A value as it is shown in an error: quoted, and cut where it is long. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

/** As Go has it, for which one letter with a dot is an i. Kubernetes looks at the keys of annotations so. */
function lowerCase(key: string): string {
  return key.replaceAll('\u0130', 'i').toLowerCase();
}

function requireQualifiedName(what: string, key: string, read = key): void {
  const slash = read.indexOf('/');
  const prefix = slash < 0 ? undefined : read.slice(0, slash);
  const name = read.slice(slash + 1);
  const prefixIsFine = prefix === undefined || (prefix.length <= 253 && DNS_SUBDOMAIN.test(prefix));
  if (!prefixIsFine || !QUALIFIED_NAME.test(name)) {
    throw invalidInput(
      `${what} key ${show(key)} is not allowed: use 'name' or 'dns.prefix/name', the name at most 63 letters, digits, '-', '_' and '.'`,
    );
  }
}
