import { STATE_LOOKS, stateVariable } from '../../states';
import { css } from './css';

/** Colours of lines, under the same rules as those of the states: all are told apart, and stand out at least 3:1. */
export const LINE_COLORS = {
  light: ['#1f5fbf', '#c4551c', '#118e5c', '#8d5c88', '#92974e', '#0f93dc', '#663788', '#565653'],
  dark: ['#5fa3fa', '#f08a4b', '#56e78e', '#cb9acf', '#f2bd1f', '#aaffff', '#a450ab', '#b7b7ad'],
} as const;

/** What the colours of lines and states stand on. */
export const SURFACES = { light: '#ffffff', dark: '#171b22' } as const;

const variables = (theme: 'dark' | 'light') =>
  [
    ...STATE_LOOKS.map((look) => `${stateVariable(look)}: ${look[theme]};`),
    ...LINE_COLORS[theme].map((color, i) => `--line-${i + 1}: ${color};`),
    `--surface: ${SURFACES[theme]};`,
  ].join('');

const light = css`
  ${variables('light')}
  color-scheme: light;
  --page: #f4f5f8;
  --border: #e0e4ea;
  --text: #151a21;
  --muted: #5a6472;
  --grid: #e9ecf1;
  --accent: #1f5fbf;
  --bad: #b3261e;
  --bad-page: #fdeceb;
  --step: #dfe7f3;
  --step-line: #a9b3c1;
  --fault: #b3261e;
  --fault-band: rgb(179 38 30 / 12%);
`;

const dark = css`
  ${variables('dark')}
  color-scheme: dark;
  --page: #0e1116;
  --border: #2a313b;
  --text: #e9edf3;
  --muted: #9aa5b4;
  --grid: #262d37;
  --accent: #5fa3fa;
  --bad: #ff8a80;
  --bad-page: #331b1b;
  --step: #27364c;
  --step-line: #5a6675;
  --fault: #ff8a80;
  --fault-band: rgb(255 138 128 / 16%);
`;

/** The colours of the page: those of the system, or those that the reader has chosen. */
export const colors = css`
  :root {
    ${light}
  }
  @media (prefers-color-scheme: dark) {
    :root:not([data-theme='light']) {
      ${dark}
    }
  }
  :root[data-theme='dark'] {
    ${dark}
  }
`;
