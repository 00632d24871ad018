/**
 * What a step has to know of itself to be carried on by another process, should this one end before it. It is data: what is
 * kept comes back from JSON.
 */
export class StepMemory {
  /**
   * @param start when the step began, on the clock of performance.now()
   * @param asked when each of its objects was asked for the change, by `namespace/name`
   * @param write resolves once all that is known by now is where the next process finds it
   */
  constructor(
    readonly start: number = performance.now(),
    readonly asked = new Map<string, number>(),
    private readonly notes = new Map<string, unknown>(),
    private readonly write: () => Promise<void> = () => Promise.resolve(),
  ) {}

  /** Takes note of when an object is asked for the change, unless it was asked before. */
  ask(key: string, at: number = performance.now()): void {
    if (!this.asked.has(key)) this.asked.set(key, at);
  }

  /** @returns what was kept under a key, or else what is made now, which is kept then */
  keep<T>(key: string, make: () => T): T {
    if (!this.notes.has(key)) this.notes.set(key, make());
    return this.notes.get(key) as T;
  }

  /** Resolves once what was kept is safe, whatever becomes of this process. */
  kept(): Promise<void> {
    return this.write();
  }

  /** For JSON. */
  known(): { readonly start: number; readonly asked: Map<string, number>; readonly notes: Map<string, unknown> } {
    return { start: this.start, asked: this.asked, notes: this.notes };
  }
}

/** What a step knows of itself; outside of a scenario that is written down, it ends with this process. */
export function memoryOf({ memory = new StepMemory() }: { readonly memory?: StepMemory | undefined }): StepMemory {
  return memory;
}
