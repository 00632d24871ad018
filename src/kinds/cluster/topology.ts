/** Changes of clusters whose parts follow from a `spec.topology`. */
import { clusterKind } from '../../../lib/kinds/cluster/kind';
import { ApiError } from '../../kubernetes/api-error';
import { ignoreNotFound } from '../../kubernetes/ignore-not-found';
import type { Target } from '../../scenario/arrivals';
import { sendChange } from '../../scenario/change-objects';
import type { ScenarioRun } from '../../scenario/scenario-run';
import { objectPath } from '../../watch/paths';

/** What a topology says of some workers. */
export interface TopologyGroup {
  readonly name: string;
  readonly replicas?: number;
  readonly rollout?: object;
  readonly variables?: { readonly overrides?: readonly TopologyVariable[] };
}

export interface TopologyVariable {
  readonly name: string;
  readonly value: unknown;
}

export interface Topology {
  readonly version: string;
  readonly variables?: readonly TopologyVariable[];
  readonly workers?: { readonly machineDeployments?: readonly TopologyGroup[] };
}

/** One of JSON Patch (RFC 6902), below `/spec/topology`. */
export interface Operation {
  readonly op: 'add' | 'replace' | 'test';
  readonly path: string;
  readonly value: unknown;
}

const ROOT = '/spec/topology';
/** Somebody else may have changed the topology in between, and so the places in its lists. */
const ATTEMPTS = 5;

/** Changes single places of a topology, so that what others change meanwhile stays. */
export async function changeTopology(
  run: ScenarioRun,
  { namespace, name }: Target,
  operationsOf: (topology: Topology) => readonly Operation[],
  onRetry: () => void,
): Promise<void> {
  const path = objectPath(clusterKind, namespace, name);
  for (let attempt = 1; ; attempt++) {
    const { signal } = run;
    const cluster = await ignoreNotFound(
      run.live.client.request<{ readonly spec?: { readonly topology?: Topology } }>('GET', path, { signal }),
    );
    const topology = cluster?.spec?.topology;
    if (topology === undefined) return;
    const operations = operationsOf(topology).map((each) => ({ ...each, path: `${ROOT}${each.path}` }));
    if (operations.length === 0) return;
    try {
      return await sendChange(run, path, operations, onRetry);
    } catch (error) {
      // A test that fails is an invalid patch to the API server.
      if (!(error instanceof ApiError) || error.status !== 422 || attempt === ATTEMPTS) throw error;
      onRetry();
    }
  }
}

/** Operations on the groups of workers that are named, each told where it is. */
export function inGroups(
  { workers }: Topology,
  isWanted: (name: string) => boolean,
  operationsOf: (group: TopologyGroup, path: string) => readonly Operation[],
): readonly Operation[] {
  return (workers?.machineDeployments ?? []).flatMap((group, i) => {
    if (!isWanted(group.name)) return [];
    const path = `/workers/machineDeployments/${i}`;
    return [{ op: 'test', path: `${path}/name`, value: group.name }, ...operationsOf(group, path)];
  });
}

/** Operations that give variables other values. @param path of the list */
export function inVariables(
  variables: readonly TopologyVariable[],
  path: string,
  values: readonly TopologyVariable[],
): readonly Operation[] {
  return variables.flatMap(({ name }, i): readonly Operation[] => {
    const value = values.find((each) => each.name === name);
    if (value === undefined) return [];
    return [
      { op: 'test', path: `${path}/${i}/name`, value: name },
      { op: 'replace', path: `${path}/${i}/value`, value: value.value },
    ];
  });
}
