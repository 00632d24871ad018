import type { SelectedHost } from '../../../lib/scenario/select-hosts';
import { listMetadata } from '../../install/metadata';
import { metadataOnly } from '../../kubernetes/metadata-only';
import { ignoreNotFound } from '../../kubernetes/ignore-not-found';
import { collectionPath } from '../../kubernetes/rest-mapper';
import { secretsOf } from './host-objects';
import { ownSelector } from './own-hosts';
import type { ScenarioRun } from '../../scenario/scenario-run';
import { forEachRateLimited } from '../../scenario/rate-limited';

const METAL3 = 'metal3.io/v1alpha1';
/** What the operator makes for a host, by the host's name. The host owns it, so that a garbage collector deletes it. */
const OWNED = ['hardwaredata', 'hostfirmwaresettings', 'hostfirmwarecomponents'] as const;

/**
 * Deletes what hosts that are gone have left: their Secrets, and what they owned. A garbage collector takes its time, an
 * embedded control plane may have none, and a host that is made anew would find it and be inspected no more. What has the name
 * of a host, and is not the testbed's, stays.
 */
export async function deleteLeftovers(hosts: readonly SelectedHost[], run: ScenarioRun): Promise<void> {
  await forEachRateLimited(hosts, { signal: run.signal }, async (selected) => {
    const { fleet, host } = selected;
    for (const plural of OWNED) {
      const path = `${collectionPath(METAL3, plural, host.namespace)}/${host.name}`;
      const found = await ignoreNotFound(
        run.live.client.request<Owned>('GET', path, { accept: METADATA_ONLY, signal: run.signal }),
      );
      const owners = found?.metadata.ownerReferences ?? [];
      if (found !== undefined && owners.some(({ kind, name }) => kind === 'BareMetalHost' && name === host.name))
        await remove(path, found, run);
    }
    // A Secret that hosts share is not for one of them to take.
    const secrets = fleet.props.secretPer === 'namespace' ? [] : secretsOf(selected);
    for (const { metadata } of secrets) {
      // In one request, and only where it has the label.
      await run.live.client.request('DELETE', collectionPath('v1', 'secrets', metadata.namespace), {
        query: { labelSelector: ownSelector(run.live), fieldSelector: `metadata.name=${metadata.name}` },
        signal: run.signal,
      });
    }
  });
}

/**
 * The FirmwareSchema that the hosts of a namespace share: the HostFirmwareSettings of each of them is an owner. Where one
 * of these is still there, of a host of somebody else's, it stays.
 */
export async function deleteFirmwareSchemas(namespaces: Iterable<string>, run: ScenarioRun): Promise<void> {
  const list = async (plural: string, namespace: string) =>
    ((await ignoreNotFound(
      listMetadata(run.live.client, collectionPath(METAL3, plural, namespace), { signal: run.signal }),
    )) ?? []) as readonly Owned[];
  await forEachRateLimited(namespaces, { signal: run.signal }, async (namespace) => {
    const schemas = await list('firmwareschemas', namespace);
    if (schemas.length === 0) return;
    const alive = new Set((await list('hostfirmwaresettings', namespace)).map(({ metadata }) => metadata.uid));
    for (const schema of schemas) {
      const { name, ownerReferences: owners = [] } = schema.metadata;
      if (owners.length > 0 && !owners.some(({ uid }) => alive.has(uid)))
        await remove(`${collectionPath(METAL3, 'firmwareschemas', namespace)}/${name}`, schema, run);
    }
  });
}

interface Owned {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[];
  };
}

const METADATA_ONLY = metadataOnly('PartialObjectMetadata');

/** @param found what was looked at: one that somebody has made anew since is left alone */
async function remove(path: string, { metadata }: Owned, run: ScenarioRun): Promise<void> {
  const body = { preconditions: { uid: metadata.uid } };
  await ignoreNotFound(run.live.client.request('DELETE', path, { body, signal: run.signal }));
}
