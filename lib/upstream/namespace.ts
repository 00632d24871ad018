import { invalidInput } from '../errors';
import type { Manifest } from './manifest';

/**
 * The objects with another namespace in place of theirs, wherever it is named: in `namespace` fields (metadata, subjects
 * of bindings, Services of webhooks, references), in the Namespace itself, in DNS names of Services (`dnsNames`,
 * arguments, addresses in a ConfigMap), in cert-manager's annotations and in selectors of namespaces by name.
 *
 * Objects that are in other namespaces stay there.
 */
export function inNamespace(manifests: readonly Manifest[], from: string, to: string): readonly Manifest[] {
  if (from === to) return manifests;
  const rewrite = rewriting(from, to);
  return manifests.map((manifest) => {
    const moved = rewrite(manifest, '') as Manifest;
    if (manifest.kind !== 'Namespace' || manifest.metadata.name !== from) return moved;
    return { ...moved, metadata: { ...moved.metadata, name: to } };
  });
}

/** Annotations of cert-manager whose value is `namespace/name`. */
const injectionPattern = /^cert-manager\.io\/inject-ca-from(-secret)?$/;

/** The label that Kubernetes itself gives every namespace. */
const namespaceLabel = 'kubernetes.io/metadata.name';

function rewriting(from: string, to: string): (value: unknown, key: string) => unknown {
  // A namespace is a DNS label, so nothing in it is special to a regular expression.
  const inDnsName = new RegExp(`(?<=[a-z0-9]\\.)${from}(?=\\.svc\\b)`, 'g');
  const text = (value: string, key: string): string => {
    if ((key === 'namespace' || key === namespaceLabel) && value === from) return to;
    if (injectionPattern.test(key) && value.startsWith(`${from}/`)) return to + value.slice(from.length);
    return value.replace(inDnsName, to);
  };
  const rewrite = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return text(value, key);
    if (Array.isArray(value)) return value.map((item) => rewrite(item, key));
    if (typeof value !== 'object' || value === null) return value;
    const expression = value as { readonly key?: unknown; readonly values?: unknown };
    // `{ key: kubernetes.io/metadata.name, operator: In, values: […] }` of a selector.
    const inner = expression.key === namespaceLabel && Array.isArray(expression.values) ? namespaceLabel : undefined;
    return Object.fromEntries(
      Object.entries(value).map(([name, child]) => [name, rewrite(child, name === 'values' ? (inner ?? name) : name)]),
    );
  };
  return rewrite;
}

/** @throws TestbedError (`invalid-input`) for a Deployment that names none */
export function namespaceOfDeployment({ metadata }: Manifest): string {
  if (metadata.namespace !== undefined) return metadata.namespace;
  throw invalidInput(`Deployment ${metadata.name} of the manifests has no namespace: render them with one`);
}

/** With the Namespace, or without it: some releases have it, and others leave it to whoever installs them. */
export function withNamespaceObject(
  objects: readonly Manifest[],
  name: string,
  isWanted: boolean,
): readonly Manifest[] {
  const isThis = ({ kind, metadata }: Manifest) => kind === 'Namespace' && metadata.name === name;
  if (!isWanted) return objects.filter((object) => !isThis(object));
  return objects.some(isThis) ? objects : [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, ...objects];
}
