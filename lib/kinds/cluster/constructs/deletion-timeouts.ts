/** How long Cluster API waits for what goes with a machine. */
export interface DeletionTimeouts {
  /**
   * For the Pods of its Node to go, in seconds; 0 for as long as it takes.
   * @default - unsaid: as long as it takes
   */
  readonly nodeDrainTimeoutSeconds?: number | undefined;
  /**
   * For the volumes of its Node to be detached, in seconds; 0 for as long as it takes.
   * @default - unsaid: as long as it takes
   */
  readonly nodeVolumeDetachTimeoutSeconds?: number | undefined;
  /**
   * For its Node to be deleted, in seconds; 0 for as long as it takes.
   * @default - unsaid: Cluster API's own, 10
   */
  readonly nodeDeletionTimeoutSeconds?: number | undefined;
}
