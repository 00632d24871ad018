import type { TestbedEvent } from '../../events';

/** `120 of 200 hosts, 80 available, 40 inspecting`; bytes in MB. */
export function progressText(event: Extract<TestbedEvent, { type: 'progress' }>): string {
  const { done, total, unit, detail } = event;
  const number = (value: number) => (unit === 'bytes' ? `${(value / 1e6).toFixed(1)} MB` : String(value));
  const amount =
    done === undefined
      ? ''
      : `${number(done)}${total === undefined ? '' : ` of ${number(total)}`}${unit === 'bytes' || unit === undefined ? '' : ` ${unit}`}`;
  return [amount, detail ?? ''].filter((part) => part !== '').join(', ');
}
