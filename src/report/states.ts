import type { ProvisioningState } from '../../lib/baremetal-host/schema';

/** How a provisioning state is drawn. */
export interface StateLook {
  /** `new` is a host that no operator has seen. */
  readonly name: Exclude<ProvisioningState, ''> | 'new';
  /** Its colour on a light and on a dark page. */
  readonly light: string;
  readonly dark: string;
}

/**
 * The states from the bottom of the stack to its top, so that what is done grows from the ground up. On the way to available
 * they go from grey to blue; each other kind of work has a hue of its own. Neighbours are told apart by eyes that do not see
 * all hues, and each stands out from its page at least 3:1; a test holds new colours to it.
 */
export const STATE_LOOKS: readonly StateLook[] = [
  { name: 'externally provisioned', light: '#0d5a45', dark: '#3a8a6c' },
  { name: 'provisioned', light: '#1f9375', dark: '#2bb58f' },
  { name: 'provisioning', light: '#c08800', dark: '#f5c84c' },
  { name: 'deprovisioning', light: '#c4551c', dark: '#e8773c' },
  { name: 'available', light: '#285cae', dark: '#4f97f5' },
  { name: 'preparing', light: '#5575eb', dark: '#3560d3' },
  { name: 'inspecting', light: '#369ade', dark: '#61d6ff' },
  { name: 'registering', light: '#8995a5', dark: '#5b767c' },
  { name: 'unmanaged', light: '#68717f', dark: '#d3d8df' },
  { name: 'powering off before delete', light: '#9c63a4', dark: '#df83c3' },
  { name: 'deleting', light: '#60266e', dark: '#885dad' },
  { name: 'new', light: '#8a93a0', dark: '#6b7686' },
];

/** The look of what a series is named by: a state, or `cluster: state` where there are several clusters. */
export function stateLook(name: string): StateLook | undefined {
  return STATE_LOOKS.find((look) => name === look.name || name.endsWith(`: ${look.name}`));
}

/** The CSS variable that holds a state's colour. */
export function stateVariable({ name }: Pick<StateLook, 'name'>): string {
  return `--state-${name.replaceAll(' ', '-')}`;
}
