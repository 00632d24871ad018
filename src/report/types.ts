/** What report.ts describes, as types. Written by `npm run schema`: change it there. */
/** What a run of a scenario found, or several runs merged. */
export interface Report {
  /** Version of this format. */
  readonly version: number;
  /** The scenario's name. */
  readonly name: string;
  /** When the first run began, by the wall clock. Every other time here is of the monotonic clock. */
  readonly startedAt: string;
  /**
   * How many runs the metrics are medians of; steps, distributions, waterfalls and series are those of the run in the
   * middle.
   */
  readonly runs: number;
  /** All that somebody needs to know to measure the same again. */
  readonly environment: Environment;
  readonly steps: readonly StepResult[];
  readonly metrics: readonly Metric[];
  readonly distributions: readonly Distribution[];
  /** Of each step that makes objects with phases, a few of them. */
  readonly waterfalls: readonly Waterfall[];
  /** What went up and down, all on one axis. */
  readonly series: {
    /** Seconds since the run began, ascending. */
    readonly at: readonly number[];
    readonly series: readonly Series[];
  };
}

/** All that somebody needs to know to measure the same again. */
export interface Environment {
  /** Version of metal3-testbed. */
  readonly version: string;
  /** Version of Node.js. */
  readonly node: string;
  readonly machine: {
    /** The name of the processor. */
    readonly cpu: string;
    /** How many cores Node.js sees. */
    readonly cores: number;
    /** Memory of the machine, in GB. */
    readonly memoryGB: number;
    /** The kernel and its release. */
    readonly kernel: string;
    /** Load of the minute before the run: what else the machine was doing. */
    readonly loadBefore: number;
  };
  readonly clusters: readonly ({
    readonly name: string;
    readonly kind: 'local' | 'kind' | 'existing';
    /** The API server's own version. */
    readonly kubernetes: string;
  })[];
  /** What simulated the hosts. */
  readonly simulator: {
    readonly kind: 'bmo' | 'kwok';
    readonly version: string;
  };
  /** Each operator, with the arguments and the environment that it was started with. */
  readonly operators: readonly {
    readonly name: string;
    readonly arguments: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
  }[];
  /** Each manager that takes care of clusters, with the arguments and the environment that it was started with. */
  readonly managers: readonly {
    readonly name: string;
    readonly version: string;
    readonly arguments: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
  }[];
  /**
   * What the environment was not: each way in which it was unlike production, as it was described and really ran (not
   * known, in a report of an earlier version).
   */
  readonly unlikeProduction?: readonly {
    /** Names it, the same in every report: such as operators.testMode. */
    readonly option: string;
    /** What there was, such as: the Bare Metal Operator in test mode. */
    readonly here: string;
    /** What production has in its place. */
    readonly production: string;
  }[] | undefined;
  /** Each set of the description. */
  readonly sets: readonly {
    /** Kind of its objects, such as BareMetalHost. */
    readonly kind: string;
    readonly name: string;
    readonly objects: number;
    readonly namespaces: number;
  }[];
}

/** One step of the scenario, or one fault. */
export interface StepResult {
  /** Unique in the report. */
  readonly name: string;
  /** What it does: a kind of step or of fault. */
  readonly action: string;
  /** Whether it breaks something on purpose (false). */
  readonly fault?: boolean | undefined;
  /** Seconds since the run began. */
  readonly start: number;
  /** Seconds since the run began. */
  readonly end: number;
  /** Kind of the objects that it was to change (none). */
  readonly kind?: string | undefined;
  /** Objects that it was to change. */
  readonly objects: number;
  /** Objects that got where it was to take them. */
  readonly done: number;
  /** The first few that did not, namespace/name, each with why. */
  readonly late: readonly string[];
}

/** One number, named and labelled as a Prometheus metric is. */
export interface Metric {
  /** Such as transition_seconds or step_objects_per_second. */
  readonly name: string;
  /** As a Prometheus metric has them, such as kind, step, from, to and quantile; a quantile is a number from 0 to 1. */
  readonly labels: Readonly<Record<string, string>>;
  readonly unit: Unit;
  /** The median of the runs. */
  readonly value: number;
  /** The value of each run that has it. */
  readonly values: readonly number[];
  /** Which way is an improvement: what compare goes by. */
  readonly better: 'lower' | 'higher' | 'neither';
}

/** How long one state change took, over all its hosts. */
export interface Distribution {
  /** Kind of the objects. */
  readonly kind: string;
  readonly step: string;
  /**
   * The state before; 'asked' for the whole way from the request to where the step takes an object; 'created' for the
   * way of one that the step made to a condition.
   */
  readonly from: string;
  readonly to: string;
  /** How many objects made this change. */
  readonly count: number;
  /** In seconds, from the 0th to the 100th percentile: 101 numbers, ascending. */
  readonly percentiles: readonly number[];
}

/** What went up and down over the run. */
export interface Series {
  /**
   * states stack up to the number of objects of a kind; conditions are how many have each; the other groups are lines
   * too.
   */
  readonly group: 'states' | 'conditions' | 'throughput' | 'operator' | 'manager' | 'workload-api' | 'api-server' | 'process';
  /** Kind of the objects, of states, conditions and throughput. */
  readonly kind?: string | undefined;
  /** Such as available, reconcile queue, patch baremetalhosts. */
  readonly name: string;
  readonly unit: Unit;
  /** One for each time of the axis; null where nothing was measured then. */
  readonly values: readonly (number | null)[];
}

/** Where the time of one object went, from when it was made until it was all that it is to be. */
export interface Waterfall {
  /** Kind of the object. */
  readonly kind: string;
  /** The step that made it. */
  readonly step: string;
  /** namespace/name */
  readonly object: string;
  /** Whether it is the one in the middle of those that the step made, or one of those that took longest. */
  readonly rank: 'median' | 'slowest';
  /** How many objects the step made. */
  readonly of: number;
  /** Whether it got there; else its last phase was not over when the run ended. */
  readonly done: boolean;
  /** All of it. */
  readonly seconds: number;
  /** What it waited for, one after the other, in seconds since it was made. */
  readonly phases: readonly {
    readonly name: string;
    readonly start: number;
    readonly end: number;
  }[];
}

export type Unit = 'seconds' | 'objects' | 'objects per second' | 'per second' | 'count' | 'bytes' | 'cores' | 'share';
