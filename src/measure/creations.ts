/** Which step made an object. */
import type { Kind } from '../../lib/kinds/kind';
import type { Timeline } from '../watch/timeline';
import type { StepRecord } from './step-record';

/** An object that was made while a step was under way. */
export interface Creation {
  readonly line: Timeline;
  readonly record: StepRecord;
}

/**
 * The objects that were made while steps were under way, each with the step that made it: of several the one that asked for
 * it, or for what it is part of, last; else the one that was begun last, since controllers make what nobody has asked for. What
 * was there before the first step, or came behind a gap in the watch, was made at a time that is not known.
 */
export function creationsOf(
  timelines: readonly Timeline[],
  records: readonly StepRecord[],
  kinds: readonly Kind[],
): readonly Creation[] {
  const wholes = new Map(
    kinds.flatMap(({ kind, parts }) => (parts === undefined ? [] : [[parts.kind.kind, { kind, field: parts.field }]])),
  );
  return timelines.flatMap((line) => {
    if (line.transitions[0]?.isAfterGap === true) return [];
    const underWay = records.filter(
      ({ start, end, kind }) => kind !== undefined && start <= line.seenAt && line.seenAt <= end,
    );
    if (underWay.length === 0) return [];
    const whole = wholes.get(line.kind);
    const ofWhole = whole && line.transitions.find(({ field, to }) => field === whole.field && to !== '')?.to;
    const askedAt = (record: StepRecord): number => {
      const own = record.kind === line.kind ? record.asked.get(`${line.namespace}/${line.name}`) : undefined;
      const itsWhole = ofWhole !== undefined && record.kind === whole?.kind ? record.asked.get(ofWhole) : undefined;
      return own ?? itsWhole ?? -Infinity;
    };
    const record = underWay.reduce((best, each) => {
      const [a, b] = [askedAt(best), askedAt(each)];
      return b > a || (b === a && isCloser(each, best, line)) ? each : best;
    });
    return [{ line, record }];
  });
}

/** Of two steps that did not ask for an object: one for objects of its kind, else the one begun last. */
function isCloser(a: StepRecord, b: StepRecord, { kind }: Timeline): boolean {
  const [isA, isB] = [a.kind === kind, b.kind === kind];
  return isA === isB ? a.start > b.start : isA;
}
