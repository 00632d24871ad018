import { css } from './css';

/** The steps, the charts and their legends. */
export const charts = css`
  .rail {
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
  /* A name ends where there is room no more. */
  .step span {
    box-sizing: border-box;
  }
  .rail.narrow .step {
    height: 6px;
    margin-top: 19px;
  }
  .rail.narrow .step span {
    top: -19px;
    height: 18px;
    padding: 0;
    line-height: 18px;
  }
  .step.to-the-left span {
    left: auto;
    right: 0;
  }
  .step.outside span {
    left: 100%;
  }
  .step.outside.to-the-left span {
    left: auto;
    right: 100%;
  }
  .step.fault {
    background: repeating-linear-gradient(-45deg, var(--fault-band) 0 6px, transparent 6px 10px);
    border-left: 2px solid var(--fault);
    color: var(--fault);
  }

  .panel {
    display: grid;
    grid-template: 'title title' auto 'plot legend' auto 'note note' auto 'values values' auto / minmax(0, 1fr) 280px;
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
    color: var(--muted);
    text-decoration: line-through;
  }
  .legend-entry[aria-pressed='false'] .swatch.area {
    background: none;
    border: 1.5px solid var(--color);
  }
  .legend-entry[aria-pressed='false'] .swatch.line {
    border-top-width: 1px;
  }
  .gap-note {
    grid-area: note;
    color: var(--muted);
    font-size: 12px;
  }
  .zoom {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    /* On the line of the heading, at its end. */
    margin: -36px 0 10px auto;
    width: max-content;
  }
  .zoom button {
    min-width: 34px;
    padding: 3px 9px;
    border: 1px solid var(--border);
    border-radius: 7px;
    background: var(--surface);
    font-size: 13px;
    cursor: pointer;
  }
  .zoom button:hover {
    border-color: var(--muted);
  }
  .zoom button[aria-disabled='true'] {
    color: var(--muted);
    cursor: default;
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
    grid-template: 'title' auto 'plot' auto 'legend' auto 'note' auto 'values' auto / minmax(0, 1fr);
    align-content: start;
    margin-top: 0;
    border-top: 0;
    padding-top: 0;
  }
  .grid .legend {
    padding-left: 56px;
  }
`;
