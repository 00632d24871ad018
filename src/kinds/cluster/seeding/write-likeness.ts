/** Writes a cluster that is like another one, object by object, and hands it to the managers once all of it is there. */
import { hostAnnotations } from '../../../../lib/kinds/bare-metal-host/manifests';
import { clusterKind } from '../../../../lib/kinds/cluster/kind';
import { itemPath } from '../../../kubernetes/rest-mapper';
import { inParallel } from '../../../util/in-parallel';
import { isHost } from '../object-graph';
import {
  IN_FLIGHT,
  patchObject,
  withoutAnnotation,
  writeInOrder,
  type Copied,
  type WriteTarget,
} from '../write-object';
import { SEEDING, type Likeness } from './likeness';

/** Writes all of it; what is there already, of an earlier try, is brought to what it should be. */
export async function writeLikeness({ steps }: Likeness, target: WriteTarget): Promise<void> {
  await writeInOrder(steps, target);
  await release(steps.flat(), target);
}

/** Lets managers take care of it: of the cluster first, whose hosts would be paused again otherwise. */
async function release(all: readonly Copied[], target: WriteTarget): Promise<void> {
  const change = async ({ kind, object }: Copied, body: object) => {
    await patchObject(itemPath(kind, object.metadata.namespace, object.metadata.name), body, target);
  };
  for (const each of all)
    if (each.kind.kind === clusterKind.kind)
      await change(each, { ...withoutAnnotation(SEEDING), spec: { paused: null } });
  const hosts = all.filter((each) => isHost(each.of));
  await inParallel(hosts, IN_FLIGHT, (host) => change(host, withoutAnnotation(hostAnnotations.paused)), target.signal);
}
