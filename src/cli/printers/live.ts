import { stripVTControlCharacters, styleText } from 'node:util';
import type { TestbedEvent } from '../../util/events';
import type { Output, Printer } from './output';
import { progressText, shortProgressText } from './progress-text';
import { stateBar } from './state-bar';
import { wrapFor } from './wrap';

interface Task {
  readonly name: string;
  readonly since: number;
  text: string;
  share: number | undefined;
  /** How many hosts are in each state; undefined for what has to do with no hosts. */
  states: Readonly<Record<string, number>> | undefined;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
/** The widths of bars and names, in a narrow terminal and in a wide one. */
const NARROW = { bar: 12, name: 16 };
const WIDE = { bar: 24, name: 'kube-controller-manager'.length };
// Split by it, a text has its colors at every other place.
const COLOR_CODE = /(\u001b\[[\d;]*m)/;

/** A line for each task under way, redrawn in place; what is done stays above as a line of its own. */
export class LivePrinter implements Printer {
  private readonly tasks = new Map<string, Task>();
  private drawn = 0;
  private frame = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly output: Output,
    private readonly color: boolean,
  ) {}

  private get widths(): { readonly bar: number; readonly name: number } {
    return (this.output.columns ?? 80) < 100 ? NARROW : WIDE;
  }

  readonly listener = (event: TestbedEvent): void => {
    switch (event.type) {
      case 'start':
        this.open(event.task).text = event.detail ?? '';
        break;
      case 'progress': {
        const task = this.open(event.task);
        task.text = event.states === undefined ? progressText(event) : shortProgressText(event);
        task.states = event.states;
        task.share = event.done === undefined || !event.total ? undefined : Math.min(1, event.done / event.total);
        break;
      }
      case 'done': {
        this.tasks.delete(event.task);
        const seconds = this.paint('dim', `${event.seconds.toFixed(1)} s`);
        this.print(
          `${this.paint('green', '✔')} ${event.task.padEnd(this.widths.name)} ${seconds}  ${event.detail ?? ''}`.trimEnd(),
        );
        break;
      }
      case 'warning':
        this.print(`${this.paint('yellow', '!')} ${event.task.padEnd(this.widths.name)} ${event.detail}`);
        break;
    }
    this.timer ??= setInterval(() => this.draw(), FRAME_MS);
  };

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.erase();
    this.tasks.clear();
  }

  private open(name: string): Task {
    let task = this.tasks.get(name);
    if (task === undefined) {
      task = { name, since: performance.now(), text: '', share: undefined, states: undefined };
      this.tasks.set(name, task);
    }
    return task;
  }

  /** A line that stays, above those that are redrawn. */
  private print(line: string): void {
    this.erase();
    this.output.write(`${wrapFor(this.output, line, this.widths.name + 3)}\n`);
    this.draw();
  }

  private draw(): void {
    this.erase();
    this.frame = (this.frame + 1) % FRAMES.length;
    const lines = [...this.tasks.values()].flatMap((task, i, tasks) => this.lines(task, tasks[i + 1]));
    if (lines.length > 0) this.output.write(`${lines.join('\n')}\n`);
    this.drawn = lines.length;
  }

  /** A task's line, and below it the hosts of its cluster, unless the next task shows the same. */
  private lines(task: Task, next: Task | undefined): string[] {
    const { states } = task;
    const isShownBelow = next?.states !== undefined && JSON.stringify(next.states) === JSON.stringify(states);
    const line = this.fit(this.line(task));
    if (states === undefined || isShownBelow || Object.keys(states).length === 0) return [line];
    const { bar, name } = this.widths;
    // Where the bars begin.
    return [line, this.fit(`${' '.repeat(name + 9)}${stateBar(states, bar, this.color)}`)];
  }

  private line({ name, since, text, share }: Task): string {
    const { bar: width, name: nameWidth } = this.widths;
    const seconds = `${Math.floor((performance.now() - since) / 1000)} s`;
    const filled = share === undefined ? 0 : Math.round(share * width);
    const bar =
      share === undefined
        ? ''
        : `${this.paint('green', '█'.repeat(filled))}${this.paint('dim', '░'.repeat(width - filled))} `;
    return `${this.paint('cyan', FRAMES[this.frame] ?? '')} ${name.padEnd(nameWidth)} ${this.paint('dim', seconds.padEnd(5))} ${bar}${text}`;
  }

  /** Cut to the width of the terminal, its colors kept: a line that wraps could not be taken back. */
  private fit(line: string): string {
    const width = (this.output.columns ?? 80) - 1;
    if (stripVTControlCharacters(line).length <= width) return line;
    let left = width - 1;
    const cut = line.split(COLOR_CODE).map((part) => {
      if (part.startsWith('\u001b')) return part;
      const kept = part.slice(0, left);
      left -= kept.length;
      return kept;
    });
    return `${cut.join('')}…`;
  }

  private erase(): void {
    // Up to the beginning of the first of our lines, and everything from there on is cleared: the terminal itself writes `^C`
    // behind them.
    if (this.drawn > 0) this.output.write(`\u001b[${this.drawn}F\u001b[0J`);
    this.drawn = 0;
  }

  private paint(style: 'cyan' | 'dim' | 'green' | 'yellow', text: string): string {
    return this.color ? styleText(style, text, { validateStream: false }) : text;
  }
}
