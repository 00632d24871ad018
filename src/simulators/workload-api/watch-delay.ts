/** How late the events of a cluster's watches are. */

/** Lines that one watch holds back. */
export class HeldLines {
  private readonly lines: { readonly line: string; readonly dueAt: number }[] = [];
  private timer: NodeJS.Timeout | undefined;
  /** What waits. */
  bytes = 0;

  constructor(private readonly write: (line: string) => void) {}

  push(line: string, delayMs: number): void {
    this.lines.push({ line, dueAt: Date.now() + delayMs });
    this.bytes += line.length;
    if (this.timer === undefined && delayMs !== Infinity) this.wait();
  }

  /** Lets go all that waits. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.bytes = 0;
    for (const { line } of this.lines.splice(0)) this.write(line);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.lines.length = 0;
  }

  private wait(): void {
    const [first] = this.lines;
    this.timer = undefined;
    if (first === undefined || first.dueAt === Infinity) return;
    this.timer = setTimeout(() => this.letGo(), Math.max(0, first.dueAt - Date.now()));
    this.timer.unref();
  }

  private letGo(): void {
    const now = Date.now();
    while (this.lines[0] !== undefined && this.lines[0].dueAt <= now) {
      const { line } = this.lines.shift()!;
      this.bytes -= line.length;
      this.write(line);
    }
    this.wait();
  }
}

export class WatchDelay {
  private readonly held = new Set<HeldLines>();
  private current: number | undefined;
  private onDelayed: () => void = () => undefined;

  /** In milliseconds; Infinity for events that are held, undefined for those that are not late. */
  get delayMs(): number | undefined {
    return this.current;
  }

  /** What has waited until now comes at once, in its order. @param onDelayed is told of each event that waits */
  change(delayMs: number | undefined, onDelayed: () => void): void {
    if (delayMs === this.current) return;
    this.current = delayMs;
    this.onDelayed = onDelayed;
    for (const each of this.held) each.flush();
  }

  /** @returns where one watch holds its lines back, until it is closed */
  open(write: (line: string) => void): HeldLines {
    const lines = new HeldLines(write);
    this.held.add(lines);
    return lines;
  }

  close(lines: HeldLines): void {
    lines.stop();
    this.held.delete(lines);
  }

  hold(lines: HeldLines, line: string): void {
    this.onDelayed();
    lines.push(line, this.current ?? 0);
  }
}
