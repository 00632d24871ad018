import { FACES } from '../../lib/kinds/faces';
import type { StateLook } from '../../lib/kinds/kind-face';

/** Every state that is drawn in a colour of its own, with its kind. */
export const STATE_LOOKS: readonly (StateLook & { readonly kind: string })[] = FACES.flatMap(({ kind, looks }) =>
  looks.map((look) => ({ ...look, kind })),
);

/** The look of what a series is named by: a state, or `cluster: state` where there are several clusters. */
export function stateLook(kind: string | undefined, name: string): (typeof STATE_LOOKS)[number] | undefined {
  return STATE_LOOKS.find((look) => look.kind === kind && (name === look.name || name.endsWith(`: ${look.name}`)));
}

/** The CSS variable that holds a state's colour. */
export function stateVariable({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `--state-${kind}-${name.replaceAll(' ', '-')}`;
}
