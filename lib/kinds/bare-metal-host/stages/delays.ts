/** How long hosts stay in their states. */
import { invalidInput } from '../../../errors';
import type { HostState } from './host-state';

/**
 * A time in milliseconds; or the least and the most, between which each host is given its own each time, evenly
 * spread.
 */
export type Milliseconds = number | readonly [least: number, most: number];

/** How long each thing that a host does takes. */
export interface HostDelays {
  /**
   * What registration takes, in milliseconds: a number, or [least, most].
   * @default [500, 1500]
   */
  readonly registeringMilliseconds?: Milliseconds;
  /**
   * What inspection takes, in milliseconds: a number, or [least, most].
   * @default [500, 1500]
   */
  readonly inspectingMilliseconds?: Milliseconds;
  /**
   * What preparation takes, between inspection and available, in milliseconds: a number, or [least, most].
   * @default [200, 600]
   */
  readonly preparingMilliseconds?: Milliseconds;
  /**
   * What writing an image takes, in milliseconds: a number, or [least, most].
   * @default [1000, 3000]
   */
  readonly provisioningMilliseconds?: Milliseconds;
  /**
   * What removing an image takes, in milliseconds: a number, or [least, most].
   * @default [1000, 3000]
   */
  readonly deprovisioningMilliseconds?: Milliseconds;
  /**
   * What switching power on or off takes, in milliseconds: a number, or [least, most].
   * @default [100, 300]
   */
  readonly poweringMilliseconds?: Milliseconds;
  /**
   * What deletion takes once the host is powered off, in milliseconds: a number, or [least, most].
   * @default 0
   */
  readonly deletingMilliseconds?: Milliseconds;
}

/**
 * The delays of the Bare Metal Operator's own test mode (v0.13.2), which it shows on the first host alone: its hosts
 * share one machine. Without these, delays are shorter and each host has its own.
 */
export const testModeDelays: HostDelays = {
  registeringMilliseconds: 5000,
  inspectingMilliseconds: 2000,
  preparingMilliseconds: 0,
  provisioningMilliseconds: 10_000,
  deprovisioningMilliseconds: 10_000,
  poweringMilliseconds: 0,
  deletingMilliseconds: 0,
};

const defaults: Required<HostDelays> = {
  registeringMilliseconds: [500, 1500],
  inspectingMilliseconds: [500, 1500],
  preparingMilliseconds: [200, 600],
  provisioningMilliseconds: [1000, 3000],
  deprovisioningMilliseconds: [1000, 3000],
  poweringMilliseconds: [100, 300],
  deletingMilliseconds: 0,
};

const delayOfState: Partial<Record<HostState, keyof HostDelays>> = {
  registering: 'registeringMilliseconds',
  inspecting: 'inspectingMilliseconds',
  preparing: 'preparingMilliseconds',
  available: 'poweringMilliseconds',
  provisioning: 'provisioningMilliseconds',
  provisioned: 'poweringMilliseconds',
  'externally provisioned': 'poweringMilliseconds',
  deprovisioning: 'deprovisioningMilliseconds',
  'powering off before delete': 'poweringMilliseconds',
  deleting: 'deletingMilliseconds',
};

/** A delay as kwok takes it (`StageDelay` of kwok.x-k8s.io/v1alpha1). */
export interface StageDelay {
  readonly durationMilliseconds?: number;
  readonly durationFrom?: { readonly jq: { readonly expression: string } };
  /** The most, not what is added: kwok draws between the two. */
  readonly jitterDurationMilliseconds?: number;
  readonly jitterDurationFrom?: { readonly jq: { readonly expression: string } };
}

/** The delay of what hosts do in a state; in a state in which they do nothing, none. */
export function rangeOf(delays: HostDelays, state: HostState): readonly [least: number, most: number] {
  const name = delayOfState[state];
  if (name === undefined) return [0, 0];
  const value = delays[name] ?? defaults[name];
  return typeof value === 'number' ? [value, value] : value;
}

/** A range as kwok takes it; undefined for none. kwok takes a jitter that is not above the duration for the duration. */
export function stageDelay([least, most]: readonly [least: number, most: number]): StageDelay | undefined {
  if (most === 0) return undefined;
  const delay = { durationMilliseconds: least };
  return most > least ? { ...delay, jitterDurationMilliseconds: most } : delay;
}

/** @throws TestbedError (invalid-input) for a delay that is none */
export function checkDelays(delays: HostDelays): void {
  for (const name of Object.keys(defaults) as (keyof HostDelays)[]) {
    const value = delays[name];
    if (value === undefined) continue;
    const bounds = typeof value === 'number' ? [value] : value;
    if (typeof value !== 'number' && value.length !== 2) {
      throw invalidInput(
        `${name} ${JSON.stringify(value)} is neither a number nor a pair: give milliseconds, or [least, most]`,
      );
    }
    for (const bound of bounds) {
      if (!Number.isInteger(bound) || bound < 0) {
        throw invalidInput(
          `${name} ${JSON.stringify(value)} is not a valid time: give whole milliseconds from 0 up, or [least, most]`,
        );
      }
    }
    if (typeof value !== 'number' && value[0] > value[1]) {
      throw invalidInput(
        `${name} ${JSON.stringify(value)} has its most before its least: give [${value[1]}, ${value[0]}]`,
      );
    }
  }
}
