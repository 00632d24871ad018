/** One line of the table. */
export interface BenchmarkResult {
  readonly name: string;
  /** How many items the run had: hosts, unless the benchmark says otherwise. */
  readonly count: number;
  readonly perSecond: number;
  /** Peak resident memory of the process that did the work. */
  readonly peakRssMB: number;
  /** CPU time of that process, user and system, in milliseconds an item. */
  readonly cpuMsPerItem: number;
  /** What else there is to say, such as a ratio to another benchmark of the same run. */
  readonly note?: string;
}

/** Something measured in the same run as the others, so that ratios mean something. */
export interface Benchmark {
  readonly name: string;
  /** Names of its results, by which it may be asked for too. @default - its own */
  readonly results?: readonly string[];
  readonly description: string;
  /** @param earlier the results so far, to give ratios to */
  run(earlier: readonly BenchmarkResult[]): Promise<readonly BenchmarkResult[]>;
}
