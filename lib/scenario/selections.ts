/** Which objects a step is for. */
/** Which hosts a step is for, and how fast it takes them on. */
export interface HostSelection {
  /**
   * Names of the host sets.
   * @default - all of the description
   */
  readonly hostSets?: readonly string[] | undefined;
  /**
   * Which hosts of each set, by index: `7`, `'10-20'` or `'1,5,10-20'`.
   * @default - all
   */
  readonly hosts?: string | number | undefined;
  /**
   * How many of those, above 0 and up to 1, spread evenly; the same ones on every run.
   * @default 1
   */
  readonly share?: number | undefined;
  /**
   * How many are taken on in a second.
   * @default - as many as the API server takes
   */
  readonly perSecond?: number | undefined;
}

/** Which clusters a step is for, and how fast it takes them on. */
export interface ClusterSelection {
  /**
   * Names of the cluster sets.
   * @default - all of the description
   */
  readonly clusterSets?: readonly string[] | undefined;
  /**
   * Which clusters of each set: `all`, or by index as `7`, `'10-20'` or `'1,5,10-20'`.
   * @default 'all'
   */
  readonly clusters?: string | number | undefined;
  /**
   * How many of those, above 0 and up to 1, spread evenly; the same ones on every run.
   * @default 1
   */
  readonly share?: number | undefined;
  /**
   * How many are taken on in a second.
   * @default - as many as the API server takes
   */
  readonly perSecond?: number | undefined;
}

/** Hosts; or, where `clusters` or `clusterSets` is given, clusters. */
export interface HostOrClusterSelection extends HostSelection, ClusterSelection {}
