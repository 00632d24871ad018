/** Conditions of Clusters that are False where all is well, in the words of Cluster API v1beta2. */
const FALSE_IS_WELL: ReadonlySet<string> = new Set([
  ...['Deleting', 'Paused', 'Remediating', 'RollingOut', 'ScalingDown', 'ScalingUp'],
]);

/**
 * Whether a cluster is as it is where nothing is left to do: available, with as many machines as it is to have, all of them
 * up-to-date, and every condition as on a cluster that was left alone.
 */
export function isWell({ isSettled, isDeleting, conditions }: ObservedConditions): boolean {
  if (!isSettled || isDeleting) return false;
  for (const type in conditions) if (conditions[type] !== (FALSE_IS_WELL.has(type) ? 'False' : 'True')) return false;
  return true;
}

interface ObservedConditions {
  readonly isSettled: boolean;
  readonly isDeleting: boolean;
  /** `status` of each condition, by its type. */
  readonly conditions: Readonly<Record<string, string>>;
}
