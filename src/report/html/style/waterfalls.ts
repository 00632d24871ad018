import { css } from './css';

/** What the environment was not, and where the time went. */
export const waterfalls = css`
  details#unlike-production {
    padding-block: 11px;
  }
  #unlike-production > summary {
    cursor: pointer;
    /* The triangle stands beside the heading, not above it. */
    list-style-position: outside;
    margin-left: 18px;
  }
  #unlike-production h2 {
    margin-bottom: 2px;
  }
  .areas {
    color: var(--muted);
    font-size: 13px;
    line-height: 1.5;
  }
  .areas > span {
    margin-right: 12px;
    white-space: nowrap;
  }
  .areas b {
    color: var(--text);
    font-weight: 600;
  }
  .unlike {
    margin-top: 14px;
    columns: 2 420px;
    column-gap: 36px;
    font-size: 13.5px;
    line-height: 1.45;
  }
  .unlike div {
    break-inside: avoid;
    margin-bottom: 10px;
  }
  .unlike dt {
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  .unlike dd {
    padding-left: 12px;
    text-indent: -12px;
    overflow-wrap: anywhere;
  }
  .unlike dd small {
    color: var(--muted);
    font-size: 12.5px;
  }
  .unlike b {
    font-weight: 500;
  }

  h3 {
    margin: 14px 0 8px;
    font-size: 14px;
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  h3 small,
  .waterfall h4 small {
    margin-left: 6px;
    color: var(--muted);
    font-size: 12.5px;
    font-weight: 400;
  }
  .waterfalls {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr));
    gap: 20px 36px;
    margin-bottom: 16px;
  }
  .waterfall {
    min-width: 0;
  }
  .waterfall h4 {
    margin: 0 0 4px;
    font-size: 13.5px;
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  .waterfall ol {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .waterfall li {
    display: grid;
    grid-template-columns: 200px minmax(0, 1fr) 64px;
    gap: 10px;
    align-items: center;
    font-size: 12.5px;
    line-height: 1.6;
  }
  .phase-name {
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .phase-track {
    position: relative;
    height: 12px;
    border-radius: 3px;
    background: var(--grid);
  }
  .phase-bar {
    position: absolute;
    top: 0;
    bottom: 0;
    min-width: 2px;
    border-radius: 3px;
    background: var(--color);
  }
  .phase-bar.open {
    background: repeating-linear-gradient(-45deg, var(--color) 0 6px, transparent 6px 10px);
    border-right: 2px solid var(--bad);
  }
  .phase-time {
    text-align: right;
    white-space: nowrap;
  }
`;
