/** What an API server has of objects, for tests that apply the same twice. */
import type { KubernetesClient } from '../../src/kubernetes/client';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { RESTMapper } from '../../src/kubernetes/rest-mapper';

/** By their paths, in the order of these. */
export async function resourceVersions(
  client: KubernetesClient,
  objects: readonly KubernetesObject[],
): Promise<Map<string, string>> {
  const mapper = new RESTMapper(client);
  const found = new Map<string, string>();
  for (const object of objects) {
    const path = await mapper.pathOf(object);
    const { metadata } = await client.request<{ metadata: { resourceVersion: string } }>('GET', path);
    found.set(path, metadata.resourceVersion);
  }
  return new Map([...found].sort());
}

/** Both explain themselves in words of their own, and the release's name their generator. That is all that may differ. */
export function withoutTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTexts);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([name]) => name !== 'controller-gen.kubebuilder.io/version')
    .filter(([name, child]) => !(name === 'description' && typeof child === 'string'))
    .map(([name, child]) => [name, withoutTexts(child)] as const)
    .filter(([name, child]) => !(name === 'annotations' && Object.keys(child as object).length === 0));
  return Object.fromEntries(entries);
}
