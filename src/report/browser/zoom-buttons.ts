import type uPlot from 'uplot';
import { element } from './dom';

/** From where to where an axis goes. */
type Range = readonly [from: number, to: number];

/** Buttons that draw another part of the run, for those who do not drag: each works with the keyboard, as buttons do. */
export function zoomButtons(plots: readonly uPlot[], at: readonly number[]): HTMLElement {
  const whole: Range = [at[0] ?? 0, at.at(-1) ?? 1];
  const shown = (): Range => [plots[0]?.scales['x']?.min ?? whole[0], plots[0]?.scales['x']?.max ?? whole[1]];
  const state = element('span', 'visually-hidden');
  state.setAttribute('role', 'status');
  const show = ([from, to]: Range) => {
    const length = Math.min(to - from, whole[1] - whole[0]);
    const start = Math.max(whole[0], Math.min(from, whole[1] - length));
    for (const plot of plots) plot.setScale('x', { min: start, max: start + length });
    state.textContent = `Seconds ${Math.round(start)} to ${Math.round(start + length)} of ${Math.round(whole[1])}`;
  };
  const by = (share: number) => () => {
    const [from, to] = shown();
    show([from + (to - from) * share, to + (to - from) * share]);
  };
  const zoom = (factor: number) => () => {
    const [from, to] = shown();
    const [middle, half] = [(from + to) / 2, ((to - from) / 2) * factor];
    show([middle - half, middle + half]);
  };
  const box = element(
    'div',
    'zoom',
    button('+', 'Zoom in', zoom(0.5)),
    button('−', 'Zoom out', zoom(2)),
    button('←', 'Earlier', by(-0.5)),
    button('→', 'Later', by(0.5)),
    button('All', 'All of the run', () => show(whole)),
    state,
  );
  box.setAttribute('role', 'group');
  box.setAttribute('aria-label', 'Part of the run that the charts show');
  return box;
}

function button(text: string, label: string, act: () => void): HTMLElement {
  const made = element('button', '', text);
  made.type = 'button';
  made.title = label;
  made.setAttribute('aria-label', label);
  made.addEventListener('click', act);
  return made;
}
