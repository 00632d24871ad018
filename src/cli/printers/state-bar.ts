import { styleText } from 'node:util';
import { FACES } from '../../../lib/kinds/faces';
import { stateText } from './progress-text';

/** Settled states are green and blue, what leads there is between yellow and cyan, and what goes is red. */
const COLORS = new Map(FACES.flatMap(({ looks }) => looks.map(({ name, terminal }) => [name, terminal] as const)));

/**
 * How objects are spread over their states, as one bar with a legend; without colors the legend alone.
 *
 * @param width of the bar, in characters
 */
export function stateBar(states: Readonly<Record<string, number>>, width: number, isColored: boolean): string {
  if (!isColored) return stateText(states);
  const entries = Object.entries(states).filter(([, count]) => count > 0);
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return '';
  let before = 0;
  const bar = entries.map(([state, count]) => {
    const start = Math.round((before / total) * width);
    before += count;
    return paint(state, '█'.repeat(Math.round((before / total) * width) - start));
  });
  const legend = entries.map(([state, count]) => `${paint(state, '■')} ${stateText({ [state]: count })}`);
  return `${bar.join('')} ${legend.join('  ')}`;
}

function paint(state: string, text: string): string {
  return text === '' ? '' : styleText(COLORS.get(state) ?? 'gray', text, { validateStream: false });
}
