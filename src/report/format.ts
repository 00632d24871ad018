import type { Unit } from './report';

/**
 * A metric for people, three digits long or whole where it is larger: `1.25 s`, `340 ms`, `146/s`, `1.2 GiB`.
 *
 * @param value in `unit`; null where nothing was measured
 */
export function formatValue(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  switch (unit) {
    case 'seconds':
      return formatSeconds(value);
    case 'bytes':
      return formatBytes(value);
    case 'objects per second':
    case 'per second':
      return `${formatNumber(value)}/s`;
    case 'objects':
    case 'count':
    case 'cores':
      return formatNumber(value);
    case 'share':
      return `${formatNumber(value * 100)} %`;
  }
}

/** The same for the axis of a chart, where there is room for a word: `250 s`, `17 min`, `0`. */
export function formatTick(value: number, unit: Unit): string {
  if (value === 0) return '0';
  if (unit !== 'seconds' || value < 99.95) return formatValue(value, unit);
  return value < 600 ? `${formatNumber(value)} s` : `${formatNumber(value / 60)} min`;
}

/** `12,345`, `123`, `12.3`, `1.23`, `0.012`. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return grouped(Math.round(value));
  if (size >= 0.1) return String(Number(value.toPrecision(3)));
  return String(Number(value.toPrecision(2)));
}

/** `4:05` or `1:02:05`: a time on the axis of a run. */
export function formatClock(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  const whole = Math.floor(tenths / 10);
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const start = hours > 0 ? `${hours}:${two(minutes)}` : String(minutes);
  return `${start}:${two(whole % 60)}${tenths % 10 === 0 ? '' : `.${tenths % 10}`}`;
}

/** A change as a share, signed: `+12 %`, `−3.5 %`. */
export function formatShare(share: number): string {
  const percent = Math.abs(share) * 100;
  const digits = percent >= 10 ? Math.round(percent) : Number(percent.toFixed(1));
  return `${share < 0 ? '−' : '+'}${grouped(digits)} %`;
}

/** `340 ms`, `1.25 s`, `58 s`, `12 min 5 s`, `1 h 2 min`. */
export function formatSeconds(seconds: number): string {
  const size = Math.abs(seconds);
  if (size === 0) return '0 s';
  if (size < 0.9995) return `${Number((seconds * 1000).toPrecision(size < 0.1 ? 2 : 3))} ms`;
  if (size < 99.95) return `${Number(seconds.toPrecision(3))} s`;
  const whole = Math.round(size);
  const sign = seconds < 0 ? '−' : '';
  if (whole < 3600) return `${sign}${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${sign}${Math.floor(whole / 3600)} h ${Math.floor(whole / 60) % 60} min`;
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

function formatBytes(bytes: number): string {
  let value = bytes;
  let power = 0;
  while (Math.abs(value) >= 1024 && power < BYTE_UNITS.length - 1) {
    value /= 1024;
    power++;
  }
  return `${formatNumber(value)} ${BYTE_UNITS[power]}`;
}

/** The same in every locale, so that one report always gives the same page. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
