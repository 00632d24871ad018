import type { SelectedHost } from '../../../lib/scenario/select-hosts';
import { orMissing } from '../../kubernetes/or-missing';
import { collectionPath } from '../../kubernetes/resources';
import { secretsOf } from './host-objects';
import type { ScenarioRun } from '../../scenario/scenario-run';
import { takeOn } from '../../scenario/take-on';

const METAL3 = 'metal3.io/v1alpha1';
/** What the operator makes for a host, by the host's name. The host owns it, so that a garbage collector deletes it. */
const OWNED = ['hardwaredata', 'hostfirmwaresettings', 'hostfirmwarecomponents'] as const;

/**
 * Deletes what hosts that are gone have left: their Secrets, and what they owned. The embedded control plane has no garbage
 * collector, and a host that is made anew would find it and be inspected no more.
 */
export async function deleteLeftovers(hosts: readonly SelectedHost[], run: ScenarioRun): Promise<void> {
  await takeOn(hosts, { signal: run.signal }, async (selected) => {
    const { fleet, host } = selected;
    // A Secret that hosts share is not for one of them to take.
    const secrets = fleet.props.secretPer === 'namespace' ? [] : secretsOf(selected);
    const paths = [
      ...OWNED.map((plural) => `${collectionPath(METAL3, plural, host.namespace)}/${host.name}`),
      ...secrets.map(({ metadata }) => `${collectionPath('v1', 'secrets', metadata.namespace)}/${metadata.name}`),
    ];
    for (const path of paths) await remove(path, run);
  });
}

/** The FirmwareSchema that the hosts of a namespace share, and of which each of them is an owner. */
export async function deleteFirmwareSchemas(namespaces: Iterable<string>, run: ScenarioRun): Promise<void> {
  await takeOn(namespaces, { signal: run.signal }, (namespace) =>
    remove(collectionPath(METAL3, 'firmwareschemas', namespace), run),
  );
}

async function remove(path: string, { live, signal }: ScenarioRun): Promise<void> {
  await orMissing(live.client.request('DELETE', path, { ...(signal && { signal }) }));
}
