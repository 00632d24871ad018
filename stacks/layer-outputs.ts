import * as pulumi from '@pulumi/pulumi';
import { invalidInput } from '../lib/errors';

/** The full name of a stack, `{organization}/{project}/{stack}`: of this project's where only its last part is given. */
export function fullStackName(name: string): string {
  return name.includes('/') ? name : `${pulumi.getOrganization()}/${pulumi.getProject()}/${name}`;
}

/**
 * What another stack has put out.
 *
 * @param name the stack, as {@link fullStackName} takes it
 * @param keys the outputs that it has to have
 * @returns those outputs, secret ones as secrets and the others as plain values
 * @throws TestbedError (`invalid-input`) naming those that it has not
 */
export async function layerOutputs<T extends object>(name: string, keys: readonly (keyof T & string)[]): Promise<T> {
  const fullName = fullStackName(name);
  const stack = new pulumi.StackReference(name, { name: fullName });
  const outputs: Record<string, unknown> = {};
  for (const key of keys) {
    const details: { readonly value?: unknown; readonly secretValue?: unknown } = await stack.getOutputDetails(key);
    outputs[key] = details.secretValue === undefined ? details.value : pulumi.secret(details.secretValue);
  }
  const missing = keys.filter((key) => outputs[key] === undefined);
  if (missing.length > 0) {
    throw invalidInput(
      `stack ${fullName} has no output ${missing.join(', ')}: run 'pulumi up --stack ${name}' first, or name another stack`,
    );
  }
  return outputs as T;
}
