import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { KubernetesClient } from '../../src/kubernetes/client';
import { collectionPath } from '../../src/kubernetes/rest-mapper';

/** A BareMetalHost as it was seen. */
export interface Host {
  readonly state: string;
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly architecture?: string };
  readonly status?: {
    readonly lastUpdated?: string;
    readonly operationalStatus?: string;
    readonly errorType?: string;
    readonly errorMessage?: string;
    readonly errorCount?: number;
    readonly poweredOn?: boolean;
    readonly hardwareProfile?: string;
    readonly lastAttemptedImage?: object;
    readonly provisioningFailCount?: number;
    readonly hardware?: { readonly ramMebibytes?: number };
    readonly goodCredentials?: { readonly credentials?: { readonly name?: string } };
    readonly triedCredentials?: { readonly credentials?: { readonly name?: string } };
    readonly operationHistory?: Readonly<Record<string, { readonly start?: string; readonly end?: string }>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
    readonly provisioning?: {
      readonly state?: string;
      readonly ID?: string;
      readonly bootMode?: string;
      readonly image?: { readonly url?: string };
      readonly rootDeviceHints?: { readonly deviceName?: string };
      readonly customDeploy?: object;
      readonly firmware?: Readonly<Record<string, boolean>>;
    };
  };
}

type HostEvent = { readonly type: string; readonly object: Omit<Host, 'state'> };

/** Everything that happens to the hosts of one namespace, from one watch. */
export class HostLog {
  private readonly histories = new Map<string, Host[]>();
  private readonly deleted = new Set<string>();
  private readonly abort = new AbortController();
  private readonly watching: Promise<void>;
  private failure: unknown;

  constructor(
    private readonly client: KubernetesClient,
    readonly namespace: string,
  ) {
    this.watching = this.watch().catch((error: unknown) => {
      this.failure = error;
    });
  }

  async close(): Promise<void> {
    this.abort.abort();
    await this.watching;
  }

  create(host: object): Promise<unknown> {
    return this.client.request('POST', this.path(), { body: host });
  }

  /** Changes a host, and waits until the change has been seen: what is asked for next is not answered by what was before. */
  async patch(name: string, body: object): Promise<void> {
    const { metadata } = await this.client.request<Host>('PATCH', this.path(name), {
      body,
      contentType: 'application/merge-patch+json',
    });
    const version = Number(metadata.resourceVersion);
    const seen = () => Number(this.historyOf(name).at(-1)?.metadata.resourceVersion ?? 0);
    await this.until([name], () => this.isGone(name) || seen() >= version);
  }

  delete(name: string): Promise<unknown> {
    return this.client.request('DELETE', this.path(name));
  }

  async list(): Promise<readonly unknown[]> {
    return (await this.client.request<{ items: unknown[] }>('GET', this.path())).items;
  }

  /** The host as it was last seen. */
  get(name: string): Host {
    return this.historyOf(name).at(-1) ?? assert.fail(`${name} was never seen`);
  }

  historyOf(name: string): readonly Host[] {
    return this.histories.get(name) ?? [];
  }

  /** The provisioning states it went through, each once as long as it lasted. */
  statesOf(name: string): string[] {
    const states = this.historyOf(name).map(({ state }) => state);
    return states.filter((state, index) => state !== '' && state !== states[index - 1]);
  }

  /** Waits until each host is as it should be. */
  all(names: readonly string[], condition: (host: Host) => boolean): Promise<void> {
    return this.until(names, (name) => {
      const last = this.historyOf(name).at(-1);
      return last !== undefined && condition(last);
    });
  }

  isGone(name: string): boolean {
    return this.deleted.has(name);
  }

  /** Waits until no host is there any more. */
  gone(names: readonly string[]): Promise<void> {
    return this.until(names, (name) => this.deleted.has(name));
  }

  private async until(names: readonly string[], isDone: (name: string) => boolean): Promise<void> {
    const deadline = performance.now() + 120_000;
    for (;;) {
      const late = names.filter((name) => !isDone(name));
      if (late.length === 0) return;
      if (this.failure !== undefined) throw this.failure as Error;
      if (performance.now() > deadline) {
        assert.fail(
          late
            .map(
              (name) =>
                `${name}: ${this.statesOf(name).join(' > ')} ${JSON.stringify(this.historyOf(name).at(-1)?.status)}`,
            )
            .join('\n'),
        );
      }
      await pause(20);
    }
  }

  private async watch(): Promise<void> {
    try {
      const query = { watch: true, resourceVersion: 0, timeoutSeconds: 3600 };
      for await (const line of this.client.lines(this.path(), { query, signal: this.abort.signal })) {
        if (line === '') continue;
        const { type, object } = JSON.parse(line) as HostEvent;
        const { name } = object.metadata;
        if (type === 'DELETED') this.deleted.add(name);
        else
          this.histories.set(name, [
            ...this.historyOf(name),
            { ...object, state: object.status?.provisioning?.state ?? '' },
          ]);
      }
    } catch (error) {
      if (!this.abort.signal.aborted) throw error;
    }
  }

  private path(name?: string): string {
    const collection = collectionPath('metal3.io/v1alpha1', 'baremetalhosts', this.namespace);
    return name === undefined ? collection : `${collection}/${name}`;
  }
}
