import * as pulumi from '@pulumi/pulumi';
import { invalidInput } from '../../lib/errors';
import { withPlainErrors } from '../plain-errors';

/** Tells a resource from those of all other stacks: made again after an interruption it finds what it has begun. */
export function ownerHere(name: string): string {
  return ownerOf({ project: pulumi.getProject(), stack: pulumi.getStack(), name });
}

/** The same for any resource. */
export function ownerOf({ project, stack, name }: Record<'project' | 'stack' | 'name', string>): string {
  return `${project}/${stack}/${name}`;
}

/** What somebody does who has processes beside a control plane already. */
export const FOUND = 'what runs beside the control plane is found';

/**
 * @param instead what somebody does who has one already
 * @throws TestbedError (`invalid-input`) where it is to be imported, since what it was made with is not known
 */
export function withoutImport<O extends object>(type: string, opts: O, instead: string): O {
  if ((opts as pulumi.CustomResourceOptions).import === undefined) return opts;
  return withPlainErrors(() => {
    throw invalidInput(`a ${type} cannot be imported: leave out the option import; ${instead}`);
  });
}
