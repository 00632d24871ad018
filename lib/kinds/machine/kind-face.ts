import type { KindFace } from '../kind-face';

export const machineFace: KindFace = {
  kind: 'Machine',
  noun: { one: 'machine', many: 'machines' },
  looks: [
    { name: 'running', terminal: 'green', light: '#285cae', dark: '#4f97f5' },
    { name: 'provisioned', terminal: 'blue', light: '#1f9375', dark: '#2bb58f' },
    { name: 'updating', terminal: 'cyan', light: '#c4551c', dark: '#e8773c' },
    { name: 'provisioning', terminal: 'magenta', light: '#c08800', dark: '#f5c84c' },
    { name: 'pending', terminal: 'yellow', light: '#8995a5', dark: '#5b767c' },
    { name: 'failed', terminal: 'red', light: '#9c63a4', dark: '#df83c3' },
    { name: 'deleting', terminal: 'red', light: '#60266e', dark: '#885dad' },
    { name: 'unknown', terminal: 'white', light: '#68717f', dark: '#d3d8df' },
    { name: 'new', terminal: 'gray', light: '#9a7b4f', dark: '#c9b27c' },
  ],
};
