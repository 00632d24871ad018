import { STATE_LOOKS, stateVariable } from '../states';

/** Colours of lines, each at least 3:1 against its page, and told apart by eyes that do not see all hues. */
export const LINE_COLORS = {
  light: ['#1f5fbf', '#c4551c', '#12876a', '#a8468a', '#9a7400', '#2a8fb8', '#6f4fa3', '#5b6573'],
  dark: ['#5fa3fa', '#f08a4b', '#35c09a', '#e48ccb', '#f0c648', '#5fd0ee', '#ab93e0', '#a3adba'],
} as const;

/** What the colours of lines and states stand on. */
export const SURFACES = { light: '#ffffff', dark: '#171b22' } as const;

const variables = (theme: 'dark' | 'light') =>
  [
    ...STATE_LOOKS.map((look) => `${stateVariable(look)}: ${look[theme]};`),
    ...LINE_COLORS[theme].map((color, i) => `--line-${i + 1}: ${color};`),
    `--surface: ${SURFACES[theme]};`,
  ].join('');

const css = String.raw;

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

export const style = css`
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

  * {
    box-sizing: border-box;
  }
  body {
    margin: 0 auto;
    padding: 28px 28px 40px;
    max-width: 1280px;
    background: var(--page);
    color: var(--text);
    font:
      15px/1.5 ui-sans-serif,
      system-ui,
      -apple-system,
      'Segoe UI',
      Roboto,
      sans-serif;
    font-variant-numeric: tabular-nums;
    -webkit-text-size-adjust: 100%;
  }
  h1,
  h2,
  p,
  ul,
  dl,
  dd,
  figure {
    margin: 0;
    padding: 0;
  }
  ul {
    list-style: none;
  }
  code {
    font:
      0.9em/1.4 ui-monospace,
      'SF Mono',
      Menlo,
      Consolas,
      monospace;
    overflow-wrap: anywhere;
  }
  button {
    font: inherit;
    color: inherit;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }

  header {
    display: flex;
    justify-content: space-between;
    align-items: flex-start;
    gap: 16px;
    margin-bottom: 22px;
  }
  .eyebrow {
    color: var(--muted);
    font-size: 13px;
  }
  h1 {
    font-size: clamp(26px, 4vw, 38px);
    line-height: 1.15;
    letter-spacing: -0.02em;
    font-weight: 700;
    overflow-wrap: anywhere;
  }
  .facts-line {
    margin-top: 6px;
    color: var(--muted);
  }
  .facts-line span:not(:last-child)::after {
    content: '  ·  ';
    white-space: pre;
  }
  .actions {
    display: flex;
    gap: 8px;
    flex: none;
  }
  .actions button {
    padding: 6px 12px;
    border: 1px solid var(--border);
    border-radius: 8px;
    background: var(--surface);
    font-size: 13px;
    cursor: pointer;
  }
  .actions button:hover {
    border-color: var(--muted);
  }

  .headlines {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(168px, 1fr));
    gap: 14px;
    margin-bottom: 14px;
  }
  .tile,
  .card {
    background: var(--surface);
    border: 1px solid var(--border);
    border-radius: 12px;
  }
  .tile {
    padding: 14px 18px 12px;
    min-width: 0;
  }
  .tile-label {
    color: var(--muted);
    font-size: 13px;
  }
  .tile-value {
    font-size: clamp(24px, 2.6vw, 32px);
    line-height: 1.25;
    font-weight: 700;
    letter-spacing: -0.02em;
    white-space: nowrap;
  }
  .tile-value small {
    font-size: 13px;
    font-weight: 500;
    letter-spacing: 0;
    color: var(--muted);
  }
  .tile-note {
    color: var(--muted);
    font-size: 12.5px;
    line-height: 1.4;
  }
  .tile.bad {
    background: var(--bad-page);
    border-color: var(--bad);
  }
  .tile.bad .tile-value {
    color: var(--bad);
  }

  .card {
    padding: 18px 20px 20px;
    margin-bottom: 14px;
  }
  h2 {
    font-size: 17px;
    line-height: 1.3;
    font-weight: 650;
    margin-bottom: 12px;
  }
  h2 small {
    margin-left: 8px;
    color: var(--muted);
    font-size: 13px;
    font-weight: 400;
  }

  #rail {
    position: relative;
    height: calc(var(--lanes, 1) * 28px + 4px);
    margin-bottom: 2px;
  }
  .step {
    position: absolute;
    top: calc(var(--lane) * 28px);
    height: 24px;
    min-width: 3px;
    border-radius: 5px;
    background: var(--step);
    font-size: 12.5px;
    line-height: 24px;
    font-weight: 550;
  }
  .step span {
    position: absolute;
    left: 0;
    padding: 0 8px;
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .step.to-the-left span {
    left: auto;
    right: 0;
  }
  .step.fault {
    background: repeating-linear-gradient(-45deg, var(--fault-band) 0 6px, transparent 6px 10px);
    border-left: 2px solid var(--fault);
    color: var(--fault);
  }

  .panel {
    display: grid;
    grid-template: 'title title' auto 'plot legend' auto 'values values' auto / minmax(0, 1fr) 280px;
    column-gap: 12px;
    padding-top: 12px;
  }
  .panel + .panel {
    margin-top: 12px;
    border-top: 1px solid var(--border);
  }
  .panel figcaption {
    grid-area: title;
    font-size: 14px;
    font-weight: 600;
    margin-bottom: 4px;
  }
  .plot {
    grid-area: plot;
    min-width: 0;
    overflow: hidden;
  }
  .legend {
    grid-area: legend;
    font-size: 13px;
    align-self: start;
    max-height: 216px;
    overflow-y: auto;
  }
  .legend.areas {
    max-height: 340px;
  }
  .legend-heading {
    color: var(--muted);
    font-size: 12px;
    text-align: right;
    padding-right: 6px;
  }
  .legend-entry {
    display: flex;
    align-items: center;
    gap: 8px;
    width: 100%;
    padding: 1.5px 6px;
    border: 0;
    border-radius: 6px;
    background: none;
    text-align: left;
    line-height: 1.35;
    cursor: pointer;
  }
  .legend-entry:hover {
    background: var(--page);
  }
  .legend-entry[aria-pressed='false'] {
    opacity: 0.45;
  }
  .legend-name {
    flex: 1;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .legend-value {
    flex: none;
  }
  .swatch {
    flex: none;
    width: 14px;
    height: 12px;
    border-radius: 3px;
    background: var(--color);
  }
  .swatch.line {
    height: 0;
    border-radius: 0;
    background: none;
    border-top: 3px solid var(--color);
  }
  .swatch.dashed {
    border-top-style: dashed;
  }
  .swatch.dotted {
    border-top-style: dotted;
  }
  .u-hz .u-cursor-x {
    border-right: 1px solid var(--muted);
  }
  .u-select {
    background: rgb(127 140 160 / 22%);
  }

  .values {
    grid-area: values;
    font-size: 13px;
    margin-top: 2px;
  }
  .values summary {
    width: max-content;
    padding: 2px 4px;
    color: var(--muted);
    font-size: 12px;
    cursor: pointer;
  }
  .values .scroll {
    max-height: 320px;
    margin-top: 6px;
  }

  .grid {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr));
    gap: 22px 32px;
  }
  .grid .panel {
    grid-template: 'title' auto 'plot' auto 'legend' auto 'values' auto / minmax(0, 1fr);
    align-content: start;
    margin-top: 0;
    border-top: 0;
    padding-top: 0;
  }
  .grid .legend {
    padding-left: 56px;
  }

  .scroll {
    overflow: auto;
    max-height: 620px;
    border: 1px solid var(--border);
    border-radius: 8px;
  }
  .scroll + .scroll {
    margin-top: 14px;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-size: 13.5px;
  }
  th,
  td {
    padding: 7px 12px;
    text-align: left;
    vertical-align: top;
    white-space: nowrap;
  }
  thead th {
    position: sticky;
    top: 0;
    background: var(--page);
    color: var(--muted);
    font-size: 12.5px;
    font-weight: 600;
  }
  tbody th {
    font-weight: 500;
  }
  td small {
    color: var(--muted);
    font-size: 11.5px;
  }
  tbody tr + tr > * {
    border-top: 1px solid var(--border);
  }
  .number,
  .values td,
  .values thead th:not(:first-child) {
    text-align: right;
  }
  .badge {
    padding: 0 7px;
    border: 1px solid currentcolor;
    border-radius: 99px;
    color: var(--bad);
    font-size: 11.5px;
  }
  .late {
    margin-top: 3px;
    color: var(--bad);
    font-size: 12.5px;
    font-weight: 400;
    white-space: normal;
  }

  .facts {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(210px, 1fr));
    gap: 16px 28px;
  }
  .facts dt {
    color: var(--muted);
    font-size: 13px;
  }
  .facts dd {
    overflow-wrap: anywhere;
  }
  .facts .wide {
    grid-column: 1 / -1;
  }
  .settings {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin-top: 4px;
  }
  .settings li {
    padding: 1px 8px;
    border-radius: 6px;
    background: var(--page);
  }
  footer {
    color: var(--muted);
    font-size: 12.5px;
  }

  @media (max-width: 860px) {
    body {
      padding: 18px 12px 28px;
    }
    header {
      flex-wrap: wrap;
    }
    .card {
      padding: 14px 12px;
    }
    .headlines {
      grid-template-columns: repeat(2, minmax(0, 1fr));
      gap: 10px;
    }
    .tile {
      padding: 11px 13px 10px;
    }
    h2 small {
      display: block;
      margin-left: 0;
    }
    h2 .hint {
      display: none;
    }
    .panel {
      grid-template: 'title' auto 'plot' auto 'legend' auto 'values' auto / minmax(0, 1fr);
    }
    .legend.areas ul {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(150px, 1fr));
      column-gap: 8px;
    }
    .legend-heading {
      text-align: left;
      padding-left: 6px;
    }
    .grid .legend {
      padding-left: 0;
    }
  }

  @media print {
    * {
      print-color-adjust: exact;
    }
    body {
      padding: 0;
      max-width: none;
      background: none;
      font-size: 12px;
    }
    .actions,
    .values,
    h2 small {
      display: none;
    }
    .card,
    .tile {
      border-color: #c9ced6;
    }
    .panel,
    .tile,
    tr {
      break-inside: avoid;
    }
    .panel {
      grid-template: 'title' auto 'plot' auto 'legend' auto / minmax(0, 1fr);
    }
    .legend ul {
      display: grid;
      grid-template-columns: repeat(3, minmax(0, 1fr));
    }
    h2 {
      break-after: avoid;
    }
    th,
    td {
      white-space: normal;
      padding: 4px 8px;
    }
    .number {
      white-space: nowrap;
    }
    .headlines {
      grid-template-columns: repeat(3, minmax(0, 1fr));
    }
    .grid .legend ul {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
    .scroll,
    .legend {
      max-height: none;
      overflow: visible;
    }
    .grid {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`;
