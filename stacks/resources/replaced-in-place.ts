import type * as pulumi from '@pulumi/pulumi';

/**
 * The options of a resource that takes the place of the one it replaces. What its provider says of that is lost where a program
 * has `transforms`: they are given `deleteBeforeReplace: false` where nobody has said anything.
 */
export function replacedInPlace(opts?: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions {
  return { deleteBeforeReplace: true, ...opts };
}
