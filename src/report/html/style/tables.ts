import { css } from './css';

/** Tables, and lists of versions and settings. */
export const tables = css`
  .scroll {
    overflow: auto;
    max-height: 620px;
    border: 1px solid var(--border);
    border-radius: 8px;
  }
  .scroll + .scroll {
    margin-top: 14px;
  }
  .metrics + .metrics {
    margin-top: 6px;
  }
  .metrics > summary {
    padding: 4px 2px;
    cursor: pointer;
  }
  .metrics > summary h3 {
    display: inline;
  }
  .metrics > p,
  .metrics > .scroll {
    margin: 6px 0 14px;
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

  tr:has(.trend) > * {
    vertical-align: middle;
  }
  .trend {
    display: block;
    width: 240px;
    height: 44px;
  }
  .trend polyline {
    fill: none;
    stroke: var(--accent);
    stroke-width: 1.75;
  }
  .trend circle {
    fill: var(--accent);
    stroke: var(--accent);
  }
  .trend circle.other {
    fill: var(--surface);
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
`;
