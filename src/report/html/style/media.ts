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
    .waterfall li {
      grid-template-columns: minmax(0, 1fr) auto;
      gap: 0 8px;
    }
    .phase-track {
      grid-area: 2 / 1 / 3 / 3;
    }
    h3 small,
    .waterfall h4 small {
      display: block;
      margin-left: 0;
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
    .waterfall,
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
