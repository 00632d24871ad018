import { dirname, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { MAX_FILE_BYTES } from '../../kubernetes/kubeconfig';
import { readBounded } from '../../util/read-bounded';

type Entry = Readonly<Record<string, unknown>>;

interface Named {
  readonly name: string;
}

interface Kubeconfig {
  readonly clusters: readonly (Named & { readonly cluster: Entry })[];
  readonly users: readonly (Named & { readonly user: Entry })[];
  readonly contexts: readonly (Named & { readonly context: { readonly cluster: string; readonly user: string } })[];
}

/** Fields that name a file, which are relative to the kubeconfig's folder. */
const FILES = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

/**
 * A kubeconfig with one context alone, which is also its current one: whoever is given it, a simulator or `kubectl`,
 * cannot reach another cluster by mistake.
 *
 * @param file a kubeconfig that `readKubeconfig` has read with this context
 * @returns its text, with the credentials that the context has
 */
export async function extractContext(file: string, name: string): Promise<string> {
  const config = parse((await readBounded(file, MAX_FILE_BYTES)).toString()) as Kubeconfig;
  const context = config.contexts.find((each) => each.name === name);
  const absolute = (entry: Entry): Entry =>
    Object.fromEntries(
      Object.entries(entry).map(([key, value]) => [
        key,
        FILES.includes(key) && typeof value === 'string' ? resolve(dirname(file), value) : value,
      ]),
    );
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: config.clusters
      .filter((each) => each.name === context?.context.cluster)
      .map((each) => ({ ...each, cluster: absolute(each.cluster) })),
    users: config.users
      .filter((each) => each.name === context?.context.user)
      .map((each) => ({ ...each, user: absolute(each.user) })),
    contexts: [context],
    'current-context': name,
  });
}
