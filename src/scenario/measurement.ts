import { metricsPort } from '../../lib/components/baremetal-operator/pod';
import { TestbedError } from '../../lib/errors';
import { ApiServerRecord } from '../measure/api-server-record';
import { OperatorRecord } from '../measure/operator-record';
import type { LiveTestbed } from '../testbed/live-testbed';
import type { Listener } from '../util/events';
import { readyPods } from '../install/workloads';
import { portForward } from '../kubernetes/port-forward';
import { apiServerMetrics } from '../measure/metrics/api-server';
import { MetricsReader } from '../measure/metrics/metrics-reader';
import { operatorMetrics, type OperatorMetricsProps } from '../measure/metrics/operator';
import { Scraper } from '../measure/metrics/scraper';
import { operatorNames } from './environment';
import type { SimulatorProcesses } from './simulator-processes';

interface Scraped {
  readonly what: string;
  readonly scraper: Scraper;
}

/** Reads what operators and the API server tell of themselves while a scenario runs. */
export class Measurement {
  readonly apiServer = new ApiServerRecord();
  readonly operators: readonly OperatorRecord[];
  private readonly scraped: readonly Scraped[];
  private readonly reader: MetricsReader;
  private readonly closers: (() => Promise<void>)[] = [];

  constructor(live: LiveTestbed, simulators: SimulatorProcesses | undefined, everyMs: number) {
    this.reader = new MetricsReader(live.client);
    this.operators = operatorNames(live).map((name) => new OperatorRecord(name));
    const token = () => (simulators?.kind === 'kwok' ? Promise.resolve(undefined) : this.reader.current());
    const operators = this.operators.map((record, i) => {
      const where = simulators === undefined ? inPod(live, i) : { url: () => simulators.running()[i]?.metricsUrl };
      const target = operatorMetrics({ ...where, token });
      this.closers.push(() => target.close());
      const scraper = new Scraper(target, { everyMs, onInterval: (interval) => record.add(interval) });
      return { what: `operator ${record.name}`, scraper };
    });
    const onInterval = this.apiServer.add.bind(this.apiServer);
    const apiServer = new Scraper(apiServerMetrics(live.client), { everyMs, onInterval });
    this.scraped = [...operators, { what: 'API server', scraper: apiServer }];
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

/** An operator in a cluster serves its metrics to who is in the cluster, and to who comes through the API server. */
function inPod({ client, deployments }: LiveTestbed, position: number): Omit<OperatorMetricsProps, 'token'> {
  const deployment = deployments[position];
  if (deployment === undefined) return { url: () => undefined };
  const { namespace } = deployment;
  return {
    // Nobody asks for this name: the connection is there already.
    url: () => `https://${deployment.name}.${namespace}/metrics`,
    open: async () => {
      const [name] = await readyPods(client, deployment);
      if (name === undefined) throw new TestbedError('environment', 'the operator does not run');
      return portForward(client, { namespace, name, port: metricsPort });
    },
  };
}
