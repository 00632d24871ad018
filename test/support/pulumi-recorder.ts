/** Runs Pulumi programs on Pulumi's mocks, and writes down what they register. */
import * as pulumi from '@pulumi/pulumi';

/** A resource as a program has registered it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  /** Secrets among them are wrapped: see {@link secretValue}. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Names of the resources that it comes after. */
  readonly dependsOn: readonly string[];
  /** Name of its parent; undefined where that is the stack. */
  readonly parent: string | undefined;
  readonly secretOutputs: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly retainOnDelete: boolean;
  readonly isProtected: boolean;
  /** Other names that it goes by. */
  readonly aliases: readonly string[];
  /** Reference of its provider; empty for the default one. */
  readonly provider: string;
}

export interface RecordOptions {
  /** @default 'metal3-testbed' */
  readonly project?: string;
  /** Outputs of the stacks that are referred to, by full name; those that are secret are wrapped by `pulumi.secret`. */
  readonly stacks?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Names of outputs that are secret. @default ['kubeconfig'] */
  readonly secretOutputs?: readonly string[];
  /** What a resource puts out beside its inputs. @default - nothing */
  readonly outputsOf?: (resource: { readonly type: string; readonly name: string }) => object;
}

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getDependenciesList(): readonly string[];
  getAdditionalsecretoutputsList(): readonly string[];
  getIgnorechangesList(): readonly string[];
  getRetainondelete(): boolean;
  getProtect(): boolean;
  getAliasesList(): readonly { getUrn(): string; getSpec(): { getName(): string } | undefined }[];
}

interface Monitor {
  registerResource(request: RegisterRequest, callback: unknown): Promise<void>;
}

/** @returns what the program gave, and what it registered, in the order of registration */
export async function record<T>(
  program: () => T | Promise<T>,
  options: RecordOptions = {},
): Promise<{ readonly result: T; readonly resources: readonly Registered[] }> {
  const { project = 'metal3-testbed', stacks = {}, secretOutputs = ['kubeconfig'] } = options;
  /** By type and name: a component and what is in it may be called the same. */
  const requests = new Map<string, RegisterRequest>();
  const resources: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id, provider = '' }) => {
        if (type === 'pulumi:pulumi:StackReference')
          return { id, state: { outputs: stacks[id ?? ''] ?? {}, secretOutputNames: secretOutputs } };
        const request = requests.get(`${type} ${name}`);
        const values = inputs as Readonly<Record<string, unknown>>;
        resources.push({
          type,
          name,
          inputs: values,
          provider,
          dependsOn: (request?.getDependenciesList() ?? []).map(nameIn),
          parent: nameIn(request?.getParent() ?? '') || undefined,
          secretOutputs: request?.getAdditionalsecretoutputsList() ?? [],
          ignoreChanges: request?.getIgnorechangesList() ?? [],
          retainOnDelete: request?.getRetainondelete() ?? false,
          isProtected: request?.getProtect() ?? false,
          aliases: (request?.getAliasesList() ?? []).map((each) => each.getSpec()?.getName() ?? nameIn(each.getUrn())),
        });
        return { id: `${name}-id`, state: { ...values, ...options.outputsOf?.({ type, name }) } };
      },
      call: () => ({}),
    },
    project,
    'dev',
    false,
    'organization',
  );
  // The mocks are not told of everything that a request says.
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    requests.set(`${request.getType()} ${request.getName()}`, request);
    return register(request, callback);
  };
  const result = await program();
  // Registration goes on in the background; it is over once nothing is under way any more.
  await pulumi.runtime.disconnect();
  return { result, resources };
}

/** The value of a secret as it is handed to the engine; undefined for what is no secret. */
export function secretValue(value: unknown): unknown {
  const wrapped = value as Readonly<Record<string, unknown>> | undefined;
  return wrapped?.[SIGNATURE] === SECRET ? wrapped['value'] : undefined;
}

/** By these Pulumi marks a secret on its way. */
const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET = '1b47061264138c4ac30d75fd1eb44270';

function nameIn(urn: string): string {
  return urn.split('::').slice(3).join('::');
}

/** Whether an output is a secret. */
export function isSecretOutput(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as unknown as { readonly isSecret: Promise<boolean> }).isSecret;
}

/** The value of an output, once it is known. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((done) => output.apply((value) => done(value)));
}
