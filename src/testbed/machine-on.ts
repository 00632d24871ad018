import type { OwnedMetadata } from '../apply/owners';

const GROUP = 'infrastructure.cluster.x-k8s.io/';

/** @returns whose machine is on a host, as CAPM3 writes it there; undefined for a host that is free, and all else */
export function machineOn({ namespace, ownerReferences = [] }: OwnedMetadata): string | undefined {
  const machine = ownerReferences.find(
    ({ apiVersion, kind }) => kind === 'Metal3Machine' && apiVersion.startsWith(GROUP),
  );
  return machine && `${machine.kind} ${namespace === undefined ? '' : `${namespace}/`}${machine.name}`;
}
