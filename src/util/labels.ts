/** What is asked of labels: their values, and undefined for those that must be absent. */
export type Labels = Readonly<Record<string, string | undefined>>;

/** Whether labels are as asked; there may be others beside them. */
export function hasLabels(labels: Labels, asked: Labels): boolean {
  return Object.entries(asked).every(([label, value]) => labels[label] === value);
}
