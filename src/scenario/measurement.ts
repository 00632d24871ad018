import { ApiServerRecord } from '../measure/api-server-record';
import { OperatorRecord } from '../measure/operator-record';
import { ProcessUsage } from '../measure/process-usage';
import type { LiveTestbed } from '../testbed/live-testbed';
import type { Listener } from '../util/events';
import { apiServerMetrics } from '../measure/metrics/api-server';
import { MetricsReader } from '../measure/metrics/metrics-reader';
import { operatorMetrics } from '../measure/metrics/operator';
import { Scraper } from '../measure/metrics/scraper';

interface Scraped {
  readonly what: string;
  readonly scraper: Scraper;
}

/** Reads what operators and the API server tell of themselves while a scenario runs. */
export class Measurement {
  readonly apiServer = new ApiServerRecord();
  readonly operators: readonly OperatorRecord[];
  /** What the controllers of an embedded control plane take; undefined where there are none. */
  readonly controllers: ProcessUsage | undefined;
  private readonly scraped: readonly Scraped[];
  private readonly reader: MetricsReader;
  private readonly closers: (() => Promise<void>)[] = [];

  /** @param controllersUrl where the controller manager shows its metrics now */
  constructor(
    { client, simulators }: LiveTestbed,
    { everyMs, controllersUrl }: { readonly everyMs: number; readonly controllersUrl: () => string | undefined },
  ) {
    this.reader = new MetricsReader(client);
    const { measured } = simulators;
    this.operators = simulators.members.map(({ name }) => new OperatorRecord(name, measured));
    const operators = this.operators.map((record, i) => {
      const { url, open } = simulators.metrics(i);
      // What is served in plain text is served to everybody.
      const token = () => (url()?.startsWith('https:') === true ? this.reader.current() : Promise.resolve(undefined));
      const target = operatorMetrics({ url, open, token, errors: measured?.errors });
      this.closers.push(() => target.close());
      const scraper = new Scraper(target, { everyMs, onInterval: (interval) => record.add(interval) });
      return { what: `operator ${record.name}`, scraper };
    });
    const onInterval = this.apiServer.add.bind(this.apiServer);
    const apiServer = new Scraper(apiServerMetrics(client), { everyMs, onInterval });
    this.scraped = [...operators, { what: 'API server', scraper: apiServer }];
    if (controllersUrl() === undefined) return;
    const usage = new ProcessUsage();
    this.controllers = usage;
    const target = operatorMetrics({ url: controllersUrl, token: () => Promise.resolve(undefined) });
    this.closers.push(() => target.close());
    const scraper = new Scraper(target, { everyMs, onInterval: (interval) => usage.add(interval) });
    this.scraped = [...this.scraped, { what: 'kube-controller-manager', scraper }];
  }

  async start(): Promise<void> {
    await Promise.all(this.scraped.map(({ scraper }) => scraper.start()));
  }

  /** Takes the last readings, and says whose metrics could not be read at all. */
  async stop(listener: Listener | undefined): Promise<void> {
    await Promise.all(this.scraped.map(({ scraper }) => scraper.stop()));
    for (const { what, scraper } of this.scraped)
      if (scraper.readings === 0)
        listener?.({
          type: 'warning',
          task: 'metrics',
          detail: `the metrics of ${what} cannot be read; its metrics are left out`,
        });
  }

  /** Ends all reading, and takes away what was made for it. */
  async close(): Promise<void> {
    await Promise.all(this.scraped.map(({ scraper }) => scraper.cancel()));
    for (const close of this.closers) await close();
    await this.reader.close().catch(() => undefined);
  }
}
