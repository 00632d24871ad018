import type { ProvisioningState } from '../../lib/baremetal-host/schema';

/** How a provisioning state is drawn. */
export interface StateLook {
  readonly name: ProvisioningState;
  /** Its colour on a light and on a dark page. */
  readonly light: string;
  readonly dark: string;
}

/**
 * The states from the bottom of the stack to its top, so that what is done grows from the ground up. On the way to available
 * they are one blue that gets stronger; each other kind of work has a hue of its own. Neighbours differ in lightness too, for
 * eyes that take some hues for the same.
 */
export const STATE_LOOKS: readonly StateLook[] = [
  { name: 'externally provisioned', light: '#7cb89f', dark: '#2f6f57' },
  { name: 'provisioned', light: '#1f9375', dark: '#2bb58f' },
  { name: 'provisioning', light: '#e0a100', dark: '#f5c84c' },
  { name: 'deprovisioning', light: '#c4551c', dark: '#e8773c' },
  { name: 'available', light: '#2258a8', dark: '#4f97f5' },
  { name: 'preparing', light: '#4c8fdf', dark: '#2f66b3' },
  { name: 'inspecting', light: '#85b6ea', dark: '#7fb5f7' },
  { name: 'registering', light: '#adc0d4', dark: '#41597a' },
  { name: 'unmanaged', light: '#8b95a5', dark: '#8a94a3' },
  { name: 'powering off before delete', light: '#b9589c', dark: '#d77fbd' },
  { name: 'deleting', light: '#6f4fa3', dark: '#9b7fd1' },
  { name: '', light: '#bcc4cf', dark: '#56606e' },
];

/** The CSS variable that holds a state's colour; a name that is no state of BMO's has that of a host without one. */
export function stateVariable(name: string): string {
  const known = STATE_LOOKS.some((look) => look.name === name) ? name : '';
  return `--state-${known === '' ? 'none' : known.replaceAll(' ', '-')}`;
}
