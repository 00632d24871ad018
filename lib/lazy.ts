/**
 * Whether a value is plain data all through. A `Lazy`, or another token that cdk8s resolves when the app is synthesized,
 * is an object of some class, and so is whatever a caller's own resolvers know.
 */
export function isResolved(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every(isResolved);
}
