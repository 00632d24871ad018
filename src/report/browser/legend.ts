import { element } from './dom';

export interface LegendEntry {
  readonly name: string;
  /** The CSS variable that holds its colour. */
  readonly color: string;
  readonly dash: readonly number[] | undefined;
  readonly isArea: boolean;
  readonly isShown: boolean;
}

/**
 * The names of what a chart draws, each with its colour and a value: a button that shows it or takes it off. Beside the
 * chart where there is room, below it on a phone.
 */
export class Legend {
  readonly root: HTMLElement;
  private readonly heading = element('p', 'legend-heading');
  private readonly values: HTMLElement[];

  /** @param toggle called with the number of the entry that is to be shown or hidden */
  constructor(entries: readonly LegendEntry[], toggle: (i: number, isShown: boolean) => void) {
    this.values = entries.map(() => element('span', 'legend-value'));
    const list = element('ul', '');
    for (const [i, entry] of entries.entries()) {
      const button = element('button', 'legend-entry', swatch(entry), element('span', 'legend-name', entry.name));
      button.append(this.values[i]!);
      button.type = 'button';
      button.title = entry.name;
      button.setAttribute('aria-pressed', String(entry.isShown));
      button.addEventListener('click', () => {
        const isShown = button.getAttribute('aria-pressed') !== 'true';
        button.setAttribute('aria-pressed', String(isShown));
        toggle(i, isShown);
      });
      list.append(element('li', '', button));
    }
    const kind = entries.some(({ isArea }) => isArea) ? 'legend areas' : 'legend';
    this.root = element('div', kind, this.heading, list);
  }

  /** @param heading what the values are, such as `highest` or `at 4:05` */
  show(heading: string, values: readonly string[]): void {
    this.heading.textContent = heading;
    for (const [i, value] of values.entries()) this.values[i]!.textContent = value;
  }
}

function swatch({ color, dash, isArea }: LegendEntry): HTMLElement {
  const mark = element('span', isArea ? 'swatch area' : 'swatch line');
  mark.style.setProperty('--color', `var(${color})`);
  if (dash !== undefined) mark.classList.add(dash[0]! > 3 ? 'dashed' : 'dotted');
  return mark;
}
