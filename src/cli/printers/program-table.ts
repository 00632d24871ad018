import type { ProgramSource } from '../../programs/find';
import type { PlannedProgram, ProgramPlace } from '../../programs/plan';
import { table } from './table';

/** What fits beside the other columns into a terminal of 80. */
const WIDTH = 40;
const SHORT: Readonly<Partial<Record<ProgramSource, string>>> = {
  'environment variable': 'variable',
  KUBEBUILDER_ASSETS: 'assets',
};

/** Where each program would come from: its first place, and below it those that are tried where that fails. */
export function programTable(planned: readonly PlannedProgram[]): string {
  const rows = planned.flatMap(({ name, places, problems }) => {
    const froms = places.map(({ source }, i) => `${i === 0 ? '' : 'or '}${SHORT[source] ?? source}`);
    const texts = places.map(placeText);
    if (places.length === 0) froms.push('nowhere');
    if (name === 'baremetal-operator' && places[0]?.source === 'image') {
      froms.push('or kwok');
      texts.push('which simulates the hosts then');
    }
    texts.push(...problems);
    const cells = Array.from({ length: Math.max(froms.length, texts.length) }, (_, i) =>
      broken(texts[i] ?? '').map((line, j) => [i + j === 0 ? name : '', j === 0 ? (froms[i] ?? '') : '', line]),
    );
    return cells.flat();
  });
  return table(['PROGRAM', 'FROM', 'WHERE'], rows);
}

/** `v3.6.16 /usr/bin/etcd`; an image says its version itself. */
function placeText({ source, version, where }: ProgramPlace): string {
  const short = where.replace(/(@sha\d+:[0-9a-f]{12})[0-9a-f]+/, '$1');
  return version === 'unknown' || source === 'image' ? short : `${version} ${short}`;
}

/** Breaks a text into lines that fit: at a space, else behind what separates the parts of a path, else anywhere. */
function broken(text: string): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > WIDTH) {
    const head = rest.slice(0, WIDTH + 1);
    const space = head.lastIndexOf(' ');
    const part = /^.*[/:@,-]/s.exec(head.slice(0, WIDTH))?.[0].length ?? WIDTH;
    const end = space > 0 ? space : part;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}
