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
 * they go from grey over cyan to blue; each other kind of work has a hue of its own. Neighbours differ in lightness too, for
 * eyes that take some hues for the same, and each stands out from its page at least 3:1.
 */
export const STATE_LOOKS: readonly StateLook[] = [
  { name: 'externally provisioned', light: '#56997f', dark: '#3a8a6c' },
  { name: 'provisioned', light: '#1f9375', dark: '#2bb58f' },
  { name: 'provisioning', light: '#c08800', dark: '#f5c84c' },
  { name: 'deprovisioning', light: '#c4551c', dark: '#e8773c' },
  { name: 'available', light: '#285cae', dark: '#4f97f5' },
  { name: 'preparing', light: '#4a8cdb', dark: '#3d74bf' },
  { name: 'inspecting', light: '#2f9bb3', dark: '#6cc7dc' },
  { name: 'registering', light: '#8392a6', dark: '#5a7290' },
  { name: 'unmanaged', light: '#68717f', dark: '#8a94a3' },
  { name: 'powering off before delete', light: '#b9589c', dark: '#d77fbd' },
  { name: 'deleting', light: '#6f4fa3', dark: '#9b7fd1' },
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
