import { urlHost } from '../../lib/url-host';
import { ApiServerRecord } from '../measure/api-server-record';
import { ManagerRecord } from '../measure/manager-record';
import { OperatorRecord } from '../measure/operator-record';
import { ProcessSampler } from '../measure/process-record';
import { ProcessUsage } from '../measure/process-usage';
import { WorkloadApiRecord } from '../measure/workload-api-record';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import type { LiveTestbed } from '../testbed/live-testbed';
import type { Listener } from '../util/events';
import { apiServerMetrics } from '../measure/metrics/api-server';
import { MetricsReader } from '../measure/metrics/metrics-reader';
import {
  managerFamilies,
  operatorMetrics,
  WORKLOAD_API_FAMILIES,
  type OperatorMetricsProps,
} from '../measure/metrics/operator';
import { Samples } from '../measure/metrics/samples';
import { Scraper, type Interval, type Reading } from '../measure/metrics/scraper';
import { runningProcesses } from '../simulators/supervise';
import type { MetricsSource } from '../simulators/simulators';
import { restoreState } from '../util/object-state';

interface Scraped {
  readonly what: string;
  readonly scraper: Scraper;
}

export interface MeasurementProps {
  readonly stateDir: string;
  readonly everyMs: number;
  /** Where the controller manager shows its metrics now. */
  readonly controllersUrl: () => string | undefined;
  /** How the managers call the API server of the management cluster: hosts and ports. */
  readonly managementHosts: ReadonlySet<string>;
  /** What another process has measured, as {@link Measurement.state} gave it: it goes on here. @default nothing */
  readonly before?: unknown;
}

/** What was measured until now, as data. */
interface MeasuredState {
  readonly records: Readonly<Record<string, unknown>>;
  /** The last reading of each, by whose it is. */
  readonly readings: Readonly<Record<string, Reading>>;
}

/** Reads what all programs of a testbed tell of themselves while a scenario runs. */
export class Measurement {
  readonly apiServer = new ApiServerRecord();
  readonly operators: readonly OperatorRecord[];
  readonly managers: readonly ManagerRecord[];
  /** undefined where there are no workload clusters. */
  readonly workloadApi: WorkloadApiRecord | undefined;
  /** What the controllers of an embedded control plane take; undefined where there are none. */
  readonly controllers: ProcessUsage | undefined;
  private readonly sampler: ProcessSampler;
  private readonly scraped: Scraped[] = [];
  private readonly reader: MetricsReader;
  private readonly closers: (() => Promise<void>)[] = [];
  private readonly perCluster: (() => Promise<readonly number[]>) | undefined;

  constructor(
    { client, simulators, managers, workloadApi, metricsReader }: LiveTestbed,
    private readonly props: MeasurementProps,
  ) {
    this.reader = new MetricsReader(client, metricsReader);
    const { measured } = simulators;
    this.operators = simulators.members.map(({ name }, i) => {
      const record = new OperatorRecord(name, measured);
      this.read(`operator ${name}`, simulators.metrics(i), record, { errors: measured?.errors });
      return record;
    });
    const wanted = managerFamilies((host) => props.managementHosts.has(host));
    this.managers = managers.map(({ name, metrics }) => {
      const record = new ManagerRecord(name);
      this.read(name, metrics, record, { wanted });
      return record;
    });
    if (workloadApi !== undefined) {
      this.workloadApi = new WorkloadApiRecord();
      this.perCluster = () => workloadApi.requestsPerCluster();
      this.read('the API of workload clusters', workloadApi, this.workloadApi, { wanted: WORKLOAD_API_FAMILIES });
    }
    const onInterval = this.apiServer.add.bind(this.apiServer);
    const ofApiServer = { everyMs: props.everyMs, onInterval, before: this.before('API server') };
    const apiServer = new Scraper(apiServerMetrics(client), ofApiServer);
    this.scraped.push({ what: 'API server', scraper: apiServer });
    if (props.controllersUrl() !== undefined) {
      this.controllers = new ProcessUsage();
      this.read('kube-controller-manager', { url: props.controllersUrl }, this.controllers, {});
    }
    const own = { name: 'metal3-testbed', pid: process.pid };
    const processes = () => [...runningProcesses(props.stateDir), own];
    this.sampler = new ProcessSampler({ everyMs: props.everyMs, processes });
    const known = (props.before as MeasuredState | undefined)?.records ?? {};
    for (const [name, record] of Object.entries(this.records))
      if (record !== undefined) restoreState(record, known[name]);
  }

  /** What was measured until now, for a process that carries it on. */
  get state(): unknown {
    const readings = this.scraped.flatMap(({ what, scraper: { before } }) =>
      before === undefined ? [] : [[what, before] as const],
    );
    return { records: this.records, readings: Object.fromEntries(readings) } satisfies MeasuredState;
  }

  private get records(): Readonly<Record<string, object | undefined>> {
    const { apiServer, workloadApi, controllers, processes } = this;
    const named = (what: string, records: readonly { readonly name: string }[]) =>
      Object.fromEntries(records.map((each) => [`${what} ${each.name}`, each]));
    const several = { ...named('operator', this.operators), ...named('manager', this.managers) };
    return { apiServer, workloadApi, controllers, processes, ...several };
  }

  /** The last reading of another process. */
  private before(what: string): Reading | undefined {
    const known = (this.props.before as MeasuredState | undefined)?.readings[what];
    if (known === undefined) return undefined;
    const samples = new Samples();
    restoreState(samples, known.samples);
    return { at: known.at, samples };
  }

  /** What the processes of this machine took. */
  get processes(): ProcessSampler['record'] {
    return this.sampler.record;
  }

  private read(
    name: string,
    { url, open, lines }: MetricsSource,
    record: { add(interval: Interval): void },
    more: Pick<OperatorMetricsProps, 'errors' | 'wanted'>,
  ): void {
    // What is served in plain text is served to everybody.
    const token = () => (url()?.startsWith('https:') === true ? this.reader.current() : Promise.resolve(undefined));
    const target = operatorMetrics({ name, url, open, lines, token, ...more });
    this.closers.push(() => target.close());
    const { everyMs } = this.props;
    const onInterval = (interval: Interval) => record.add(interval);
    const scraper = new Scraper(target, { everyMs, onInterval, before: this.before(name) });
    this.scraped.push({ what: name, scraper });
  }

  async start(): Promise<void> {
    await Promise.all(this.scraped.map(({ scraper }) => scraper.start()));
    this.sampler.start();
  }

  /** Takes the last readings, and says whose metrics could not be read at all. */
  async stop(listener: Listener | undefined): Promise<void> {
    await Promise.all(this.scraped.map(({ scraper }) => scraper.stop()));
    await this.sampler.stop();
    this.workloadApi?.setPerCluster((await this.perCluster?.()) ?? []);
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
    await this.sampler.stop();
    for (const close of this.closers) await close();
    await this.reader.close().catch(() => undefined);
  }
}

/** Where managers find the API server of the management cluster: at its address, and in a pod at that of its Service. */
export async function managementHostsOf({ client, cluster }: LiveTestbed): Promise<ReadonlySet<string>> {
  const { host, hostname, protocol } = new URL(client.server);
  const withPort = host === hostname ? `${host}:${protocol === 'http:' ? 80 : 443}` : host;
  const hosts = new Set([host, withPort]);
  if (cluster === 'local') return hosts;
  const service = await ignoreNotFound(
    client.request<{ readonly spec?: { readonly clusterIP?: string } }>(
      'GET',
      '/api/v1/namespaces/default/services/kubernetes',
    ),
  );
  const ip = service?.spec?.clusterIP;
  // An IPv6 address is in brackets there.
  if (ip !== undefined) hosts.add(`${urlHost(ip)}:443`);
  return hosts;
}
