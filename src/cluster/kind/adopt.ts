import { resolve } from 'node:path';
import { invalidInput } from '../../../lib/errors';
import { withLock } from '../../util/lock';
import { makeFolder } from '../../util/make-folder';
import type { KindClusterShape } from './config';
import { DEFAULT_KIND_NAME, checkShape, kindConfig } from './config';
import { findEngine } from './engine';
import { kindLayout, readRecord, writeRecord } from './record';

/** Which cluster a state folder takes over. */
export interface AdoptKindClusterProps extends KindClusterShape {
  /** Folder for its kubeconfig and record; made (0700) where it is missing. */
  readonly stateDir: string;
  /** @default none */
  readonly signal?: AbortSignal;
}

/**
 * Makes a kind cluster that exists the state folder's own, as if it had been made from there; starting it then finds it,
 * and deleting it deletes it. Does nothing where there is no such cluster, or the folder holds one already.
 *
 * @returns whether a cluster was taken over
 * @throws TestbedError: `invalid-input` where the cluster is not as described, or where ports or mirrors are, which
 * cannot be looked up; `environment` without an engine
 */
export async function adoptKindCluster(props: AdoptKindClusterProps): Promise<boolean> {
  checkShape(props);
  const { name = DEFAULT_KIND_NAME, nodeImage, workers = 0, signal } = props;
  const layout = kindLayout(resolve(props.stateDir));
  const engine = await findEngine({ signal });
  makeFolder(layout.dir);
  return withLock(
    layout.lock,
    async () => {
      if (readRecord(layout) !== undefined) return false;
      const nodes = await engine.nodesOf(name);
      const [first] = nodes;
      if (first === undefined) return false;
      const problems: string[] = [];
      if (nodes.length !== workers + 1) problems.push(`it has ${nodes.length - 1} workers, not ${workers}`);
      const image = await engine.imageOf(first.name);
      if (nodeImage !== undefined && image !== nodeImage) problems.push(`it was made from ${image}, not ${nodeImage}`);
      if (props.ports !== undefined || props.registryMirrors !== undefined)
        problems.push('its ports and mirrors cannot be looked up: leave them out');
      if (problems.length > 0) throw invalidInput(`kind cluster '${name}' cannot be adopted: ${problems.join('; ')}`);
      const config = kindConfig(props, layout.mirrors);
      writeRecord(layout, {
        kind: 'kind',
        name,
        engine: engine.name,
        config,
        nodeImage: image,
        phase: 'created',
        adopted: true,
      });
      return true;
    },
    { signal },
  );
}
