import type { ObservedHost } from './host-watch';

/** How many late hosts an error names. */
const NAMED = 5;

/** The sentence of a time-out: which hosts are not there, where they are instead, and what BMO says of them. */
export function describeLate(hosts: Iterable<ObservedHost>): string {
  const all = [...hosts];
  const named = all.slice(0, NAMED).map(({ namespace, name, state, errorType, errorMessage }) => {
    const error = errorType === '' ? '' : `, ${errorType}: ${errorMessage}`;
    return `${namespace}/${name} (${state || 'not seen by an operator yet'}${error})`;
  });
  return `${named.join(', ')}${all.length > NAMED ? ` and ${all.length - NAMED} more` : ''}`;
}
