import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LINE_COLORS, SURFACES } from '../../../src/report/html/style/colors';
import { STATE_LOOKS } from '../../../src/report/states';

type Triple = readonly [number, number, number];

/** What red, green and blue light are to an eye, as rows of a matrix (Machado and others, 2009, severity 1). */
const EYES: Readonly<Record<string, readonly Triple[]>> = {
  'that see all hues': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  'that see no red': [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  'that see no green': [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  'that see no blue': [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};
/** Of CIELAB: 1 is what is just seen side by side, 12 is plain across a chart. */
const APART = 12;

describe('the colours of charts', () => {
  for (const theme of ['light', 'dark'] as const) {
    const lines = LINE_COLORS[theme];
    const states = STATE_LOOKS.map((look) => look[theme]);

    it(`stand out from a ${theme} page, at least 3:1`, () => {
      for (const color of [...lines, ...states]) {
        const contrast = contrastOf(color, SURFACES[theme]);
        assert.ok(contrast >= 3, `${color}: ${contrast.toFixed(2)}`);
      }
    });

    for (const [name, eye] of Object.entries(EYES)) {
      it(`are told apart on a ${theme} page by eyes ${name}`, () => {
        const pairs = [
          ...lines.flatMap((a, i) => lines.slice(i + 1).map((b) => [a, b] as const)),
          ...states.slice(1).map((b, i) => [states[i]!, b] as const),
        ];
        for (const [a, b] of pairs) {
          const distance = distanceOf(lab(a, eye), lab(b, eye));
          assert.ok(distance >= APART, `${a} and ${b}: ${distance.toFixed(1)}`);
        }
      });
    }
  }
});

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrastOf(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(light(a)), luminance(light(b))].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Red, green and blue of a colour such as #1f5fbf, as light: from 0 to 1, linear. */
function light(color: string): Triple {
  return [1, 3, 5].map((at) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as unknown as Triple;
}

function times(row: Triple, [red, green, blue]: Triple): number {
  return row[0] * red + row[1] * green + row[2] * blue;
}

const luminance = (rgb: Triple) => times([0.2126, 0.7152, 0.0722], rgb);

/** A colour as an eye sees it, in CIELAB. */
function lab(color: string, eye: readonly Triple[]): Triple {
  const seen = eye.map((row) => Math.min(1, Math.max(0, times(row, light(color))))) as unknown as Triple;
  const [x, y, z] = [
    times([0.4124, 0.3576, 0.1805], seen) / 0.9505,
    luminance(seen),
    times([0.0193, 0.1192, 0.9505], seen) / 1.089,
  ].map((value) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116)) as [number, number, number];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function distanceOf(a: Triple, b: Triple): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
