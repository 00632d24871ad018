import type { TestbedEvent } from '../../util/events';

type Progress = Extract<TestbedEvent, { type: 'progress' }>;

/** `120 of 200 hosts, 12.3/s, 8 s left, 80 available, 40 inspecting`; `3.1 MB of 25.0 MB, 1.5 MB/s, 15 s left`. */
export function progressText(event: Progress): string {
  const { detail, states, unit } = event;
  const parts = [
    amountText(event),
    states === undefined && unit !== 'bytes' ? '' : paceText(event),
    states === undefined ? '' : stateText(states),
    detail ?? '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** `120 of 200 hosts`. */
function amountText({ done, total, unit }: Progress): string {
  const number = (value: number) => (unit === 'bytes' ? `${(value / 1e6).toFixed(1)} MB` : String(value));
  if (done === undefined) return '';
  const what = unit === 'bytes' || unit === undefined ? '' : ` ${unit}`;
  return `${number(done)}${total === undefined ? '' : ` of ${number(total)}`}${what}`;
}

/** The same without the states, where those are drawn. */
export function shortProgressText(event: Progress): string {
  return [amountText(event), paceText(event), event.detail ?? ''].filter((part) => part !== '').join(', ');
}

/** `12.3/s, 8 s left`; nothing while nothing is done. */
function paceText({ perSecond = 0, remainingSeconds, unit }: Progress): string {
  if (perSecond === 0) return '';
  const number = perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
  const rate = unit === 'bytes' ? `${(perSecond / 1e6).toFixed(1)} MB/s` : `${number}/s`;
  return remainingSeconds === undefined || remainingSeconds < 1 ? rate : `${rate}, ${timeText(remainingSeconds)} left`;
}

/** `80 available, 40 inspecting`; hosts that no operator has seen yet are new. */
export function stateText(states: Readonly<Record<string, number>>): string {
  return Object.entries(states)
    .map(([state, count]) => `${count} ${state || 'new'}`)
    .join(', ');
}

/** `40 s`, `2 min 5 s`, `1 h 3 min`. */
function timeText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
