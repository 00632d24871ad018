import type { KindFace } from '../kind-face';

export const bareMetalHostFace: KindFace = {
  kind: 'BareMetalHost',
  noun: { one: 'host', many: 'hosts' },
  // What nobody has looked at yet is sand. On the way to available they go from grey to blue; each other kind of work has a hue of its own. Neighbours are told
  // apart by eyes that do not see all hues, and each stands out from its page at least 3:1; a test holds new colours to it.
  looks: [
    { name: 'externally provisioned', terminal: 'blue', light: '#0d5a45', dark: '#3a8a6c' },
    { name: 'provisioned', terminal: 'blue', light: '#1f9375', dark: '#2bb58f' },
    { name: 'provisioning', terminal: 'magenta', light: '#c08800', dark: '#f5c84c' },
    { name: 'deprovisioning', terminal: 'yellow', light: '#c4551c', dark: '#e8773c' },
    { name: 'available', terminal: 'green', light: '#285cae', dark: '#4f97f5' },
    { name: 'preparing', terminal: 'magenta', light: '#5575eb', dark: '#3560d3' },
    { name: 'inspecting', terminal: 'cyan', light: '#369ade', dark: '#61d6ff' },
    { name: 'registering', terminal: 'yellow', light: '#8995a5', dark: '#5b767c' },
    { name: 'unmanaged', terminal: 'white', light: '#68717f', dark: '#d3d8df' },
    { name: 'powering off before delete', terminal: 'red', light: '#9c63a4', dark: '#df83c3' },
    { name: 'deleting', terminal: 'red', light: '#60266e', dark: '#885dad' },
    { name: 'new', terminal: 'gray', light: '#9a7b4f', dark: '#c9b27c' },
  ],
};
