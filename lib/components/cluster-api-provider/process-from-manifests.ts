import { deploymentWithContainer, withArguments } from '../../upstream';
import type { ProcessForm } from '../component';
import { placeFlags, processForm } from './arguments';
import { objectsFromManifests } from './from-manifests';
import type { AnyProviderProps } from './options';
import { containerName } from './pod';
import type { ProviderSpec } from './release';

/** How the manager of a release that is not built in runs as a process: as its own manifests call it, with what the props add. */
export function processFromManifests(spec: ProviderSpec, props: AnyProviderProps): ProcessForm {
  const objects = objectsFromManifests(spec, props);
  const { containers } = deploymentWithContainer(objects, containerName).spec.template.spec;
  const { args = [] } = containers.find(({ name }) => name === containerName) ?? {};
  const environment = spec.environment?.(props);
  const map = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === environment?.name);
  const data = (map?.['data'] ?? {}) as Readonly<Record<string, unknown>>;
  const env = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, String(value)]));
  return processForm(spec, withArguments(args, placeFlags, []), env);
}
