import { invalidInput } from '../errors';
import { describeManifest, type Manifest } from './manifest';

/** The part of a container that is changed here; all else is handed through. */
export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name?: string } }[];
  readonly ports?: readonly { readonly name?: string }[];
  readonly volumeMounts?: readonly { readonly name: string }[];
  readonly [field: string]: unknown;
}

interface EnvVar {
  readonly name: string;
  readonly [field: string]: unknown;
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly volumes?: readonly { readonly name: string; readonly secret?: { readonly secretName?: string } }[];
  readonly serviceAccountName?: string;
  readonly [field: string]: unknown;
}

/** A Deployment of a release. */
export interface DeploymentManifest extends Manifest {
  readonly spec: {
    readonly template: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
      readonly spec: PodSpec;
    };
  };
}

/**
 * The one Deployment that has a container of the given name. Names decide, not places: a release may put another
 * container first.
 *
 * @throws TestbedError (`invalid-input`) where none has it, or several have
 */
export function deploymentWithContainer(manifests: readonly Manifest[], container: string): DeploymentManifest {
  const found = deploymentsWithContainer(manifests, container);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const seen = deploymentsIn(manifests)
    .map((each) => `${describeManifest(each)} (${names(containersOf(each))})`)
    .join(', ');
  throw invalidInput(
    `the manifests must have one Deployment with a container named ${container}; ` +
      `they have ${found.length === 0 ? 'none' : found.length}, of ${seen || 'no Deployment at all'}`,
  );
}

/** All of them, where there may be several. */
export function deploymentsWithContainer(
  manifests: readonly Manifest[],
  container: string,
): readonly DeploymentManifest[] {
  return deploymentsIn(manifests).filter((each) => containersOf(each).some(({ name }) => name === container));
}

function deploymentsIn(manifests: readonly Manifest[]): readonly DeploymentManifest[] {
  return manifests.filter(({ kind }) => kind === 'Deployment') as unknown as readonly DeploymentManifest[];
}

/** The Deployment with its pod changed, and in it the container of that name. */
export function withPod(
  deployment: DeploymentManifest,
  container: string,
  changePod: (pod: PodSpec) => PodSpec,
  changeContainer: (container: Container) => Container,
): DeploymentManifest {
  const { spec } = deployment;
  const pod = changePod(spec.template.spec);
  const containers = pod.containers.map((each) => (each.name === container ? changeContainer(each) : each));
  return { ...deployment, spec: { ...spec, template: { ...spec.template, spec: { ...pod, containers } } } };
}

/**
 * Arguments with some replaced.
 *
 * @param replaced names of arguments, without dashes, that are taken out with their values
 * @param added put at the end
 */
export function withArguments(
  args: readonly string[],
  replaced: ReadonlySet<string>,
  added: readonly string[],
): readonly string[] {
  const kept = args.filter((arg, index) => {
    const name = argumentName(arg);
    if (name !== undefined) return !replaced.has(name);
    // The value of the argument before it, as in `--namespace`, `hosts`.
    const before = args[index - 1];
    const nameBefore = before === undefined || before.includes('=') ? undefined : argumentName(before);
    return nameBefore === undefined || !replaced.has(nameBefore);
  });
  return [...kept, ...added];
}

/** Go reads `-name` and `--name` alike, with or without `=value`. */
export function argumentName(arg: string): string | undefined {
  return /^--?([^-=][^=]*)/.exec(arg)?.[1];
}

/** Environment variables with some set, in place of those of the same name. */
export function withEnv(env: readonly EnvVar[], added: Readonly<Record<string, string>>): readonly EnvVar[] {
  const kept = env.filter(({ name }) => !Object.hasOwn(added, name));
  return [...kept, ...Object.entries(added).map(([name, value]) => ({ name, value }))];
}

function containersOf(deployment: DeploymentManifest): readonly Container[] {
  const spec = deployment.spec as DeploymentManifest['spec'] | undefined;
  return (spec?.template as { spec?: PodSpec } | undefined)?.spec?.containers ?? [];
}

function names(containers: readonly Container[]): string {
  return containers.map(({ name }) => name).join(', ');
}
