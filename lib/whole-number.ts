import { invalidInput } from './errors';
import { show } from './names';

/**
 * @param what the number, as it reads in the error ("count of host set a")
 * @returns the value
 * @throws TestbedError (`invalid-input`) where the value is not a whole number of that range
 */
export function requireWhole(what: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max)
    throw invalidInput(`${what} is ${show(value)}: use a whole number from ${min} to ${max}`);
  return value;
}
