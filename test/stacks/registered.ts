import * as pulumi from '@pulumi/pulumi';

/** A resource as Pulumi's engine would be told of it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Pulumi's mark of a secret, in what an engine is given. */
const SECRET_MARK = '4dabf18193072939515e22adb298388d';

/**
 * Runs a program against Pulumi's mocks.
 *
 * @param stackOutputs what stacks that it refers to give, all of it secret
 * @returns the resources that it registered, in order
 */
export async function registeredBy(
  program: () => unknown,
  stackOutputs: Readonly<Record<string, unknown>> = {},
): Promise<readonly Registered[]> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, name, inputs: inputs as Registered['inputs'] });
        const reference = { outputs: stackOutputs, secretOutputNames: Object.keys(stackOutputs) };
        const isReference = type === 'pulumi:pulumi:StackReference';
        return { id: `${name}-id`, state: { ...(inputs as object), ...(isReference && reference) } };
      },
      call: () => ({}),
    },
    'lab',
    'dev',
  );
  program();
  // Registration goes on in the background; it is over once nothing is under way any more.
  await pulumi.runtime.disconnect();
  return registered;
}

/** Whether an input would be encrypted in the state. */
export function isSecret(input: unknown): boolean {
  return typeof input === 'object' && input !== null && SECRET_MARK in input;
}

/** What a secret input holds. */
export function unwrapSecret(input: unknown): unknown {
  return isSecret(input) ? (input as { readonly value: unknown }).value : input;
}
