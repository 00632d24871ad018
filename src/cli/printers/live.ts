import { stripVTControlCharacters, styleText } from 'node:util';
import type { TestbedEvent } from '../../events';
import type { Output, Printer } from './printer';
import { progressText } from './progress-text';

interface Task {
  readonly name: string;
  readonly since: number;
  text: string;
  share: number | undefined;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const BAR = 24;
const NAME = 16;

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

  readonly listener = (event: TestbedEvent): void => {
    switch (event.type) {
      case 'start':
        this.open(event.task).text = event.detail ?? '';
        break;
      case 'progress': {
        const task = this.open(event.task);
        task.text = progressText(event);
        task.share = event.done === undefined || !event.total ? undefined : Math.min(1, event.done / event.total);
        break;
      }
      case 'done': {
        this.tasks.delete(event.task);
        const seconds = this.paint('dim', `${event.seconds.toFixed(1)} s`);
        this.print(`${this.paint('green', '✔')} ${event.task.padEnd(NAME)} ${seconds}  ${event.detail ?? ''}`);
        break;
      }
      case 'warning':
        this.print(`${this.paint('yellow', '!')} ${event.task.padEnd(NAME)} ${event.detail}`);
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
      task = { name, since: performance.now(), text: '', share: undefined };
      this.tasks.set(name, task);
    }
    return task;
  }

  /** A line that stays, above those that are redrawn. */
  private print(line: string): void {
    this.erase();
    this.output.write(`${line}\n`);
    this.draw();
  }

  private draw(): void {
    this.erase();
    this.frame = (this.frame + 1) % FRAMES.length;
    const lines = [...this.tasks.values()].map((task) => this.fit(this.line(task)));
    if (lines.length > 0) this.output.write(`${lines.join('\n')}\n`);
    this.drawn = lines.length;
  }

  private line({ name, since, text, share }: Task): string {
    const seconds = `${Math.floor((performance.now() - since) / 1000)} s`;
    const filled = share === undefined ? 0 : Math.round(share * BAR);
    const bar =
      share === undefined
        ? ''
        : `${this.paint('green', '█'.repeat(filled))}${this.paint('dim', '░'.repeat(BAR - filled))} `;
    return `${this.paint('cyan', FRAMES[this.frame] ?? '')} ${name.padEnd(NAME)} ${this.paint('dim', seconds.padEnd(5))} ${bar}${text}`;
  }

  /** Cut to the width of the terminal: a line that wraps could not be taken back. */
  private fit(line: string): string {
    const width = (this.output.columns ?? 80) - 1;
    const plain = stripVTControlCharacters(line);
    return plain.length <= width ? line : `${plain.slice(0, width - 1)}…`;
  }

  private erase(): void {
    // Up to the first of our lines, and everything from there on is cleared.
    if (this.drawn > 0) this.output.write(`\u001b[${this.drawn}A\u001b[0J`);
    this.drawn = 0;
  }

  private paint(style: 'cyan' | 'dim' | 'green' | 'yellow', text: string): string {
    return this.color ? styleText(style, text, { validateStream: false }) : text;
  }
}
