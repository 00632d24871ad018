import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatClock, formatNumber, formatShare, formatTick, formatValue } from '../../../src/report/format';

describe('metrics for people', () => {
  it('are three digits long, and whole where they are larger', () => {
    const cases: [number, string][] = [
      [0, '0'],
      [0.01234, '0.012'],
      [0.5, '0.5'],
      [1.2345, '1.23'],
      [99.96, '100'],
      [146.4, '146'],
      [1234567, '1,234,567'],
      [-1234.5, '-1,234'],
    ];
    for (const [value, text] of cases) assert.equal(formatNumber(value), text);
  });

  it('have the unit that suits their size', () => {
    const cases: [string, string][] = [
      [formatValue(0, 'seconds'), '0 s'],
      [formatValue(0.0123, 'seconds'), '12 ms'],
      [formatValue(0.9999, 'seconds'), '1 s'],
      [formatValue(58, 'seconds'), '58 s'],
      [formatValue(99.96, 'seconds'), '1 min 40 s'],
      [formatValue(3599.7, 'seconds'), '1 h 0 min'],
      [formatValue(741e6, 'bytes'), '707 MiB'],
      [formatValue(1023, 'bytes'), '1,023 B'],
      [formatValue(16.4, 'objects per second'), '16.4/s'],
      [formatValue(null, 'cores'), '–'],
      [formatTick(250, 'seconds'), '250 s'],
      [formatTick(1000, 'seconds'), '16.7 min'],
      [formatTick(0, 'per second'), '0'],
    ];
    for (const [given, text] of cases) assert.equal(given, text);
  });

  it('are a clock on the axis of a run', () => {
    assert.deepEqual([0, 65, 65.5, 3605, 59.96].map(formatClock), ['0:00', '1:05', '1:05.5', '1:00:05', '1:00']);
  });

  it('are signed where they are a change', () => {
    assert.deepEqual([0.2, -0.034, 12].map(formatShare), ['+20 %', '−3.4 %', '+1,200 %']);
  });
});
