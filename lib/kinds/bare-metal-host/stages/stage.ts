/** kwok's Stage objects, and how a list of ours becomes them. */
import { shardInJq } from '../../../shards';
import type { StageDelay } from './delays';
import type { HostState } from './host-state';
import { everyState, otherState } from './host-state';
import { all, not, state } from './queries';
import type { StageStep } from './status-patch';

/** A kwok Stage (kwok.x-k8s.io/v1alpha1, v0.8). */
export interface Stage {
  readonly apiVersion: 'kwok.x-k8s.io/v1alpha1';
  readonly kind: 'Stage';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly resourceRef: { readonly apiGroup: string; readonly kind: string };
    readonly selector: { readonly matchExpressions: readonly StageExpression[] };
    readonly delay?: StageDelay;
    readonly steps: readonly StageStep[];
  };
}

interface StageExpression {
  readonly jq: { readonly key: string; readonly operator: 'In' | 'NotIn'; readonly values: readonly string[] };
}

/** The hosts of one of several kwoks. */
export interface HostShare {
  /** From 0 on. */
  readonly shard: number;
  readonly shards: number;
}

export type StageState = HostState | typeof otherState;

/** One thing that can happen to a host. */
export interface HostStage {
  readonly name: string;
  /** The states in which it may happen. */
  readonly from: readonly StageState[];
  /** jq that is true where it does. @default always */
  readonly when?: string;
  /** @default at once */
  readonly delay?: StageDelay | undefined;
  /** The stage after it that fits wherever it does: those behind both have but that one to rule out. */
  readonly coveredBy?: string;
  /** What is written; nothing where the stage is there to keep those behind it from happening. */
  readonly steps: readonly StageStep[];
}

/**
 * Stages in the order in which they are asked: of those that fit a host, the first happens.
 *
 * kwok itself would draw one by weight. So each stage's selector also says that none before it fits. kwok asks every
 * stage about every change of every host, so what rules out most is asked first.
 *
 * @param workers see `HostStagesProps`
 * @param share see `hostStages`
 */
export function toStages(stages: readonly HostStage[], workers: number, share?: HostShare): Stage[] {
  return Array.from({ length: workers }, (_, worker) =>
    stages.map((stage, position): Stage => {
      const before = stages
        .slice(0, position)
        .filter((earlier, _, all) => !all.some(({ name }) => name === earlier.coveredBy))
        .filter((earlier) => earlier.from.some((each) => stage.from.includes(each)));
      // What is most often false comes first, for jq looks no further then.
      const when = all(stage.when ?? 'true', ...before.map((earlier) => not(withinStates(earlier, stage))));
      return {
        apiVersion: 'kwok.x-k8s.io/v1alpha1',
        kind: 'Stage',
        metadata: { name: workers === 1 ? stage.name : `${stage.name}-${worker + 1}` },
        spec: {
          resourceRef: { apiGroup: 'metal3.io/v1alpha1', kind: spellingOfKind(worker) },
          selector: {
            matchExpressions: [
              ...isInState(stage.from),
              ...(workers === 1 ? [] : [isIn(isOfWorker(worker, workers), ['true'])]),
              ...isOfShare(share),
              isIn(when, ['true']),
            ],
          },
          delay: stage.delay,
          steps: stage.steps,
        },
      };
    }),
  ).flat();
}

/** Where an earlier stage fits a host that has come as far as this one's states. */
function withinStates(earlier: HostStage, stage: HostStage): string {
  const when = earlier.when ?? 'true';
  if (stage.from.every((each) => earlier.from.includes(each))) return when;
  const shared = stage.from.filter((each) => earlier.from.includes(each));
  const isShared = `(${state} | ${shared.map((each) => `. == ${JSON.stringify(each)}`).join(' or ')})`;
  if (!shared.includes(otherState)) return all(isShared, when);
  const others = stage.from.filter((each) => !earlier.from.includes(each));
  return all(`(${state} | ${others.map((each) => `. != ${JSON.stringify(each)}`).join(' and ')})`, when);
}

function isInState(states: readonly StageState[]): StageExpression[] {
  if (!states.includes(otherState)) return [isIn(state, states)];
  const others = everyState.filter((each) => !states.includes(each));
  return others.length === 0 ? [] : [{ jq: { key: state, operator: 'NotIn', values: others } }];
}

function isIn(key: string, values: readonly string[]): StageExpression {
  return { jq: { key, operator: 'In', values } };
}

/** Whether a host falls to a kwok: all hosts of a namespace do, or none. */
function isOfShare(share: HostShare | undefined): StageExpression[] {
  if (share === undefined || share.shards === 1) return [];
  return [isIn(`.metadata.namespace | ${shardInJq(share.shards)} == ${share.shard}`, ['true'])];
}

/** Whether a host falls to a worker: by the first digit of its UID, to compare which costs jq the least. */
function isOfWorker(worker: number, workers: number): string {
  const digit = (position: number) => JSON.stringify(Math.round((position * 16) / workers).toString(16));
  return all(
    ...(worker === 0 ? [] : [`.metadata.uid >= ${digit(worker)}`]),
    ...(worker === workers - 1 ? [] : [`.metadata.uid < ${digit(worker + 1)}`]),
  );
}

/**
 * kwok runs the stages of one kind one after the other, each waiting for the API server's answer. It tells kinds
 * apart as they are spelled, and the API server's resources without regard to case: each spelling is a worker more.
 */
function spellingOfKind(worker: number): string {
  return [...'BareMetalHost']
    .map((letter, position) => ((worker >> position) & 1 ? swapCase(letter) : letter))
    .join('');
}

function swapCase(letter: string): string {
  return letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase();
}
