import { css } from './css';

/** What is otherwise on a phone and on paper. */
export const media = css`
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
    .headlines,
    .headlines:has(> :nth-child(7)) {
      grid-template-columns: repeat(2, minmax(0, 1fr));
      gap: 10px;
    }
    .tile:last-child:nth-child(odd) {
      grid-column: 1 / -1;
    }
    .tile {
      padding: 11px 13px 10px;
    }
    h2 small {
      display: block;
      margin-left: 0;
    }
    h2 .hint,
    details:not([open]) > summary .areas {
      display: none;
    }
    .zoom {
      margin: 0 0 8px;
    }
    /* The page scrolls; a list in it that does as well is only in the way of a finger. */
    .legend,
    .legend.areas {
      max-height: none;
    }
    .panel {
      grid-template: 'title' auto 'plot' auto 'legend' auto 'note' auto 'values' auto / minmax(0, 1fr);
    }
    .legend.areas ul {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(180px, 1fr));
      column-gap: 8px;
    }
    .legend-heading {
      text-align: left;
      padding-left: 6px;
    }
    .grid .legend {
      padding-left: 0;
    }
    .waterfall li {
      grid-template-columns: minmax(0, 1fr) auto;
      gap: 0 8px;
    }
    .phase-track {
      grid-area: 2 / 1 / 3 / 3;
    }
    #waterfalls h3 small,
    .waterfall h4 small {
      display: block;
      margin-left: 0;
    }
  }

  /* On a phone each row of a table is a card, its cells below each other with the name of their column. */
  @media screen and (max-width: 640px) {
    .scroll.cards {
      max-height: none;
      border: 0;
      overflow: visible;
    }
    .cards thead {
      position: absolute;
      clip-path: inset(50%);
      width: 1px;
      height: 1px;
      overflow: hidden;
    }
    .cards table,
    .cards tbody,
    .cards tr,
    .cards th,
    .cards td {
      display: block;
    }
    .cards tr {
      padding: 8px 0;
    }
    .cards tbody tr + tr {
      border-top: 1px solid var(--border);
    }
    .cards tbody tr + tr > * {
      border-top: 0;
    }
    .cards th,
    .cards td {
      padding: 1px 2px;
      white-space: normal;
      overflow-wrap: anywhere;
      text-align: left;
    }
    .cards td {
      display: grid;
      grid-template-columns: minmax(0, 42%) minmax(0, 1fr);
      gap: 8px;
    }
    .cards td::before {
      content: attr(data-column);
      color: var(--muted);
      font-size: 12.5px;
    }
    .cards td:empty {
      display: none;
    }
    .cards .trend {
      width: 100%;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    * {
      animation: none !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }

  @media print {
    .zoom {
      display: none;
    }
    /* What is folded away on a screen cannot be unfolded on paper. */
    #unlike-production::details-content {
      content-visibility: visible;
      block-size: auto;
    }
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
    .waterfall,
    tr {
      break-inside: avoid;
    }
    .panel {
      grid-template: 'title' auto 'plot' auto 'legend' auto 'note' auto / minmax(0, 1fr);
    }
    .legend ul {
      display: grid;
      grid-template-columns: repeat(3, minmax(0, 1fr));
    }
    h2,
    h3 {
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
    .headlines,
    .headlines:has(> :nth-child(7)) {
      grid-template-columns: repeat(4, minmax(0, 1fr));
    }
    .tile:last-child:nth-child(odd) {
      grid-column: auto;
    }
    .unlike {
      columns: 2;
      column-gap: 24px;
      font-size: 10.5px;
    }
    .unlike dd small {
      font-size: inherit;
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
