/** The managers of Cluster API on a cluster without pods: which program each is, found before anything is started. */
import { CLUSTER_API } from '../../lib/components/cluster-api/component';
import type { ProcessForm } from '../../lib/components/component';
import { IP_ADDRESS_MANAGER } from '../../lib/components/ip-address-manager/component';
import { KUBEADM_BOOTSTRAP } from '../../lib/components/kubeadm-bootstrap/component';
import { KUBEADM_CONTROL_PLANE } from '../../lib/components/kubeadm-control-plane/component';
import { METAL3_PROVIDER } from '../../lib/components/metal3-provider/component';
import { invalidInput, TestbedError } from '../../lib/errors';
import type { ClusterApiPart } from '../../lib/testbed/cluster-api';
import { deploymentWithContainer } from '../../lib/upstream';
import type { Installation, Installed } from '../install/installation';
import { missingFlags } from '../programs/candidate';
import { CATALOG, type ProgramName, type ProgramSpec } from '../programs/catalog';
import { lookForProgram, notFound, type Program } from '../programs/find';
import { changedBuild, describeChange, digestOf, type Build } from '../simulators/builds';
import type { Operation } from '../util/events';

/** A manager that is to run as a process. */
export interface Manager extends Installed {
  readonly form: ProcessForm;
}

/** A manager, and the program that it is. */
export interface ReadyManager extends Manager {
  readonly program: Program;
  readonly build: Build;
}

/** What the manager of each component is among the programs, and in a description. */
const MANAGERS: Readonly<Record<string, { readonly program: ProgramName; readonly part: ClusterApiPart }>> = {
  [CLUSTER_API]: { program: 'cluster-api-core', part: 'core' },
  [KUBEADM_BOOTSTRAP]: { program: 'kubeadm-bootstrap', part: 'kubeadmBootstrap' },
  [KUBEADM_CONTROL_PLANE]: { program: 'kubeadm-control-plane', part: 'kubeadmControlPlane' },
  [IP_ADDRESS_MANAGER]: { program: 'ipam', part: 'ipAddressManager' },
  [METAL3_PROVIDER]: { program: 'capm3', part: 'metal3Provider' },
};

/** The managers of an installation that pods would run, where there are pods. */
export function managersOf({ components }: Installation): readonly Manager[] {
  return components.flatMap((installed) => {
    const { component } = installed;
    if (component.needsPods !== true) return [];
    const [form] = component.processes ?? [];
    if (form === undefined)
      throw invalidInput(`${component.name} runs in pods only: use a cluster with pods (--cluster kind)`);
    return [{ ...installed, form }];
  });
}

/** What images are described of the programs of managers. */
export function managerImages(
  managers: readonly Manager[],
): Readonly<
  Partial<Record<ProgramName, { readonly image?: string | undefined; readonly version?: string | undefined }>>
> {
  return Object.fromEntries(
    managers.map((manager) => {
      const image = imageOf(manager);
      return [specOf(manager).name, { image, version: versionOf(image) }];
    }),
  );
}

export interface FindManagersOptions extends Operation {
  /** What digests the tags of images stand for. */
  readonly lockFile: string;
  /** What the testbed had the last time. @default - nothing */
  readonly before?: readonly Build[] | undefined;
}

/**
 * Finds the programs of managers, fetching those that the machine does not have: at first those that it may not be able to
 * get at all.
 *
 * @throws TestbedError: `environment` for one that cannot be had; `invalid-input` for a file that somebody named and that
 * will not do, and for another build than the last time that nobody asked for
 */
export async function findManagers(
  managers: readonly Manager[],
  { lockFile, before = [], listener, signal }: FindManagersOptions,
): Promise<readonly ReadyManager[]> {
  requireDescribed(before, managers);
  const found = new Map<Manager, ReadyManager>();
  const canBeBuilt = (manager: Manager) => specOf(manager).goBuild !== undefined;
  for (const manager of [...managers].sort((a, b) => Number(canBeBuilt(a)) - Number(canBeBuilt(b)))) {
    const spec = specOf(manager);
    const image = imageOf(manager);
    const unfit = ({ flags }: Pick<Program, 'flags'>, file: string) => flagProblem(manager.form.args, flags, file);
    const version = versionOf(image);
    const looked = await lookForProgram(spec.name, { image, version, unfit, lockFile, listener, signal });
    if ('tried' in looked) throw missing(manager, looked.tried);
    const { program } = looked;
    const build = {
      name: manager.component.name,
      version: version ?? program.version,
      digest: await digestOf(program.file),
      image: program.image,
    };
    found.set(manager, { ...manager, program, build });
  }
  const ready = managers.flatMap((manager) => found.get(manager) ?? []);
  const change = changedBuild(
    before,
    ready.map(({ build }) => build),
  );
  if (change !== undefined) {
    const { name } = change.now;
    const said = describeChange(name, change);
    const { variable } = CATALOG[MANAGERS[name]?.program ?? 'capm3'];
    if (!process.env[variable]) throw invalidInput(`${said}: set ${variable} to the file of the one that you want`);
    listener?.({ type: 'warning', task: name, detail: said });
  }
  return ready;
}

/** @throws TestbedError (`invalid-input`) where the cluster would go on asking the webhooks of a manager that is no more */
function requireDescribed(before: readonly Build[], managers: readonly Manager[]): void {
  const gone = before.find(({ name }) => !managers.some(({ component }) => component.name === name));
  if (gone === undefined) return;
  throw invalidInput(
    `clusterApi: the testbed has ${gone.name}, which the description leaves out: describe it as before, or run 'metal3-testbed down --delete' first`,
  );
}

function specOf({ component }: Manager): ProgramSpec {
  const { program } = MANAGERS[component.name] ?? {};
  if (program === undefined) throw new Error(`no program is known for ${component.name}`);
  return CATALOG[program];
}

/** The image that a pod of it would run. */
function imageOf({ objects }: Pick<Manager, 'objects'>): string | undefined {
  const { containers } = deploymentWithContainer(objects, 'manager').spec.template.spec;
  return containers.find(({ name }) => name === 'manager')?.image;
}

function versionOf(image: string | undefined): string | undefined {
  return /:(v\d+\.\d+\.\d+[^@]*)/.exec(image ?? '')?.[1];
}

/** Why a program cannot be called as is described. */
function flagProblem(args: readonly string[], flags: ReadonlySet<string> | undefined, file: string) {
  const has = missingFlags(args, flags, file);
  return has && `${has}, so that it is of another release, or extraArgs has a mistake`;
}

function missing(manager: Manager, tried: readonly string[]): TestbedError {
  const { name } = manager.component;
  const { message, code } = notFound(specOf(manager).name, tried);
  const part = MANAGERS[name]?.part ?? name;
  return new TestbedError(
    code,
    `clusterApi: ${message}; or use a cluster with pods (--cluster kind), or leave it out (clusterApi: { without: [${part}] })`,
  );
}
