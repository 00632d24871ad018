import type { KindFace } from '../kind-face';

export const clusterFace: KindFace = {
  kind: 'Cluster',
  noun: { one: 'cluster', many: 'clusters' },
  // The colours are those of hosts that are as far.
  looks: [
    { name: 'available', terminal: 'green', light: '#285cae', dark: '#4f97f5' },
    { name: 'provisioned', terminal: 'blue', light: '#1f9375', dark: '#2bb58f' },
    { name: 'provisioning', terminal: 'magenta', light: '#c08800', dark: '#f5c84c' },
    { name: 'pending', terminal: 'yellow', light: '#8995a5', dark: '#5b767c' },
    { name: 'failed', terminal: 'red', light: '#c4551c', dark: '#e8773c' },
    { name: 'deleting', terminal: 'red', light: '#60266e', dark: '#885dad' },
    { name: 'new', terminal: 'gray', light: '#9a7b4f', dark: '#c9b27c' },
  ],
};
