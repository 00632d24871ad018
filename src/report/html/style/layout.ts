import { css } from './css';

/** The page, its head and its tiles. */
export const layout = css`
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
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
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
  .facts-line span {
    display: inline-block;
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
  .headlines:has(> :nth-child(7)) {
    grid-template-columns: repeat(auto-fit, minmax(140px, 1fr));
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
  /* A unit that finds no room beside its number stands below it. */
  .tile-value {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    column-gap: 5px;
    font-size: clamp(24px, 2.6vw, 32px);
    line-height: 1.25;
    font-weight: 700;
    letter-spacing: -0.02em;
  }
  .tile-value small {
    white-space: nowrap;
    font-size: 13px;
    line-height: 1.4;
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
`;
