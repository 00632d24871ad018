import { check, type SchemaNode } from '../../lib/crd';
import { invalidInput, TestbedError } from '../../lib/errors';
import { knownPart } from './property-values';
import type { Properties } from './schema-property';

/**
 * @param what whose arguments they are, as it reads in the error
 * @param args of which what is known only later is left alone
 * @throws TestbedError (`invalid-input`) naming every argument that is not as its schema has it, or that there is none of
 */
export function requireArguments(what: string, properties: Properties, args: object): void {
  const problems = check({ type: 'object', properties } as SchemaNode, knownPart(args), '');
  if (problems.length === 0) return;
  throw invalidInput(`${what} is refused:\n${problems.map(({ path, message }) => `  ${path}: ${message}`).join('\n')}`);
}

/**
 * The reason for which an engine is to refuse something, where a part of it throws one. No property is named: the engine would
 * show its value, however long.
 *
 * @throws what is none that a reader can mend
 */
export function failuresOf(...refusing: readonly (() => void)[]) {
  return refusing.flatMap((refuse) => {
    try {
      refuse();
      return [];
    } catch (error) {
      if (!(error instanceof TestbedError)) throw error;
      return [failure(error)];
    }
  });
}

/** What the engine says of a resource that is refused. */
export function failure({ message }: TestbedError) {
  return { property: '', reason: message };
}
