import uPlot from 'uplot';
import { withoutUndefined } from '../../../lib/without-undefined';
import { element } from './dom';
import { Legend, type LegendEntry } from './legend';
import { cssColor } from './theme';

/** Room for the numbers of the axes: the same in all charts, so that their times stand below each other. */
const AXIS_WIDTH = 62;
const RIGHT_PADDING = 22;

const FONT = '12px ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

export interface ChartProps {
  readonly title: string;
  /** What the chart says, for those who do not see it. */
  readonly description: string;
  /** In CSS pixels, on a wide page and on a phone. */
  readonly height: readonly [wide: number, narrow: number];
  readonly series: readonly (LegendEntry & Pick<uPlot.Series, 'fill' | 'gaps' | 'points' | 'stroke' | 'width'>)[];
  readonly data: uPlot.AlignedData;
  readonly scales: uPlot.Scales;
  readonly xAxis: uPlot.Axis;
  readonly yAxis: uPlot.Axis;
  /** Charts with the same key have one cursor. */
  readonly syncKey: string;
  readonly plugins?: uPlot.Plugin[];
  /** What the legend says of each series: at a point of the x axis, or of all of it (undefined). */
  readonly legend: (index: number | undefined) => { readonly heading: string; readonly values: readonly string[] };
  /** Where it is not set, a series is just shown or hidden. */
  readonly toggled?: (plot: uPlot, i: number) => void;
  /** Whether a part of the x axis can be drawn alone. */
  readonly canZoom?: true;
  /** What is said below the chart. @default - nothing */
  readonly note?: string | undefined;
  /** Called whenever the chart was drawn: for the first time, in another size, or another part of its x axis. */
  readonly drawn?: (plot: uPlot) => void;
}

/** A chart with its title and legend. */
export class Chart {
  readonly root: HTMLElement;
  readonly plot: uPlot;
  private readonly place = element('div', 'plot');

  constructor(private readonly props: ChartProps) {
    const { title, description, series, legend } = props;
    const names = new Legend(series, (i, isShown) => {
      this.plot.setSeries(i + 1, { show: isShown });
      props.toggled?.(this.plot, i);
    });
    const showLegend = (index: number | undefined) => {
      const { heading, values } = legend(index);
      names.show(heading, values);
    };
    this.place.setAttribute('role', 'img');
    this.place.setAttribute('aria-label', description);
    this.root = element('figure', 'panel', element('figcaption', '', title), this.place, names.root);
    if (props.note !== undefined) this.root.append(element('p', 'gap-note', props.note));
    this.plot = new uPlot(this.options(showLegend), props.data, this.place);
    showLegend(undefined);
  }

  /** @param width in CSS pixels @default - the room that the page gives it */
  resize(width: number = this.place.clientWidth): void {
    const [wide, narrow] = this.props.height;
    if (width > 0) this.plot.setSize({ width, height: width < 560 ? narrow : wide });
  }

  /** Draws again, in the colours of now. */
  redraw(): void {
    this.plot.redraw(false, true);
  }

  private options(showLegend: (index: number | undefined) => void): uPlot.Options {
    const { series, scales, xAxis, yAxis, syncKey, plugins = [], canZoom = false, drawn } = this.props;
    const axis: uPlot.Axis = {
      font: FONT,
      stroke: () => cssColor('--muted'),
      grid: { stroke: () => cssColor('--grid'), width: 1 },
      ticks: { show: false },
    };
    // uPlot takes undefined for a value, and not for what is left to it.
    return {
      width: 600,
      height: this.props.height[0],
      padding: [8, RIGHT_PADDING, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        sync: { key: syncKey, setSeries: false },
        drag: { x: canZoom, y: false, setScale: canZoom },
        points: { size: 7 },
      },
      scales,
      series: [
        {},
        ...series.map(({ name, isShown, dash, stroke, fill, gaps, points, width }) =>
          withoutUndefined({
            label: name,
            show: isShown,
            stroke: stroke!,
            fill,
            gaps,
            dash: dash && [...dash],
            width: width ?? 1.75,
            points: points ?? { show: false },
          }),
        ),
      ],
      axes: [
        withoutUndefined({ ...axis, ...xAxis, grid: { ...axis.grid!, show: false }, size: 28, gap: 6 }),
        withoutUndefined({ ...axis, size: AXIS_WIDTH, gap: 8, space: 34, ...yAxis }),
      ],
      plugins,
      hooks: {
        setCursor: [(plot) => showLegend(plot.cursor.idx ?? undefined)],
        draw: drawn === undefined ? [] : [drawn],
      },
    };
  }
}
