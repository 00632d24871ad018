/**
 * What a run of a scenario found, as `report.json` holds it. Everything is in plain numbers and lists, so that a report can
 * be read without this package, and any two can be compared figure by figure.
 */

/** Raised when a reader of reports has to change. */
export const REPORT_VERSION = 1;

export interface Report {
  readonly version: typeof REPORT_VERSION;
  /** The scenario's name. */
  readonly name: string;
  /** When the first run began: the wall clock, in ISO 8601. Every other time here is of the monotonic clock. */
  readonly startedAt: string;
  /** How many runs the figures are medians of. Steps, series and distributions are those of the run in the middle. */
  readonly runs: number;
  readonly environment: Environment;
  readonly steps: readonly StepResult[];
  readonly figures: readonly Figure[];
  readonly distributions: readonly Distribution[];
  readonly series: SeriesSet;
}

/** All that somebody needs to know to measure the same again. */
export interface Environment {
  /** Version of this package. */
  readonly version: string;
  readonly node: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGB: number;
    readonly kernel: string;
    /** Load of the minute before the run: what else the machine was doing. */
    readonly loadBefore: number;
  };
  readonly clusters: readonly {
    readonly name: string;
    readonly kind: 'local' | 'kind' | 'existing';
    /** The API server's own version. */
    readonly kubernetes: string;
  }[];
  readonly simulator: { readonly kind: 'bmo' | 'kwok'; readonly version: string };
  /** Each operator with the arguments and environment that it was started with. */
  readonly operators: readonly {
    readonly name: string;
    readonly arguments: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
  }[];
  readonly hostSets: readonly {
    readonly name: string;
    readonly hosts: number;
    readonly namespaces: number;
  }[];
}

export interface StepResult {
  /** Unique in the report. */
  readonly name: string;
  /** What it does: a kind of step or of fault. */
  readonly kind: string;
  /** Seconds since the run began. */
  readonly start: number;
  readonly end: number;
  /** Hosts that it was to change. */
  readonly hosts: number;
  /** Hosts that got where it was to take them. */
  readonly done: number;
  /** The first few that did not, `namespace/name`, each with why. */
  readonly late: readonly string[];
}

/** One number, named and labelled as a Prometheus metric is. */
export interface Figure {
  /** Such as `transition_seconds` or `step_hosts_per_second`. */
  readonly name: string;
  /** Such as `{ step: 'provision', from: 'available', to: 'provisioning', quantile: '0.99' }`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly unit: 'seconds' | 'hosts' | 'hosts per second' | 'per second' | 'count' | 'bytes' | 'cores';
  /** The median of the runs. */
  readonly value: number;
  /** The value of each run. */
  readonly values: readonly number[];
  /** Which way is an improvement: what `compare` goes by. */
  readonly better: 'lower' | 'higher' | 'neither';
}

/** How long one state change took, over all its hosts. */
export interface Distribution {
  readonly step: string;
  readonly from: string;
  readonly to: string;
  readonly count: number;
  /** In seconds, from the 0th to the 100th percentile: 101 numbers. */
  readonly percentiles: readonly number[];
}

/** What went up and down over the run, all on one axis. */
export interface SeriesSet {
  /** Seconds since the run began, ascending. */
  readonly at: readonly number[];
  readonly series: readonly Series[];
}

export interface Series {
  /** `states` stack up to the number of hosts; the other groups are lines. */
  readonly group: 'states' | 'throughput' | 'operator' | 'api-server';
  /** Such as `available`, `reconcile queue`, `patch baremetalhosts`. */
  readonly name: string;
  readonly unit: Figure['unit'];
  /** One for each time of the axis; null where nothing was measured then. */
  readonly values: readonly (number | null)[];
}
