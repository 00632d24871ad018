import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { fixtureHardwareDetails } from '../../lib/kinds/bare-metal-host/stages/hardware-details';
import { hostAnnotations } from '../../lib/kinds/bare-metal-host/manifests';
import { ApiError } from '../../src/kubernetes/api-error';
import type { KubernetesClient } from '../../src/kubernetes/client';
import { collectionPath } from '../../src/kubernetes/rest-mapper';
import { HostLog, type Host } from './host-log';
import { HOST, SECRET, defaultSecret, defaultSpec, type Action, type HostScenario } from './host-scenario';
import { HOLD } from './kwok-hold';

/** What became of a host in one step: the states it went through, and how it was then. */
export interface RecordedStep {
  readonly trace: readonly string[];
  /** As `pictureOf` gives it; undefined once the host is gone. */
  readonly end?: object;
}

/** What became of a host in a scenario, one entry for each step that was waited out. */
export type Recording = readonly RecordedStep[];

export interface HostScenarioOptions {
  /** How long nothing has to happen until a step is over; three times as long while the host is busy. */
  readonly quietMs: number;
  /** What should come, where it is known: it is waited for until then, and no longer than `patienceMs`. */
  readonly expected?: Recording;
  /** Where nothing but the states is known of what should come. */
  readonly expectedTraces?: readonly (readonly string[])[];
  readonly patienceMs?: number;
  /** Whether hosts stay in a state when they are told to (`withHold`). @default false */
  readonly canHold?: boolean;
  /** Makes a simulator begin anew that waits ever longer after an error that comes again and again. */
  readonly refresh?: () => Promise<void>;
}

/** A state that should have been caught in the middle was over before. */
export class MissedError extends Error {}

const DEADLINE_MS = 240_000;

/** Runs a scenario in a namespace of its own, on whatever simulator is there. */
export async function runHostScenario(
  client: KubernetesClient,
  namespace: string,
  scenario: HostScenario,
  options: HostScenarioOptions,
): Promise<Recording> {
  /** May be asked for twice, where an answer was lost. Fields that an object had before and is not given any more go. */
  const apply = (path: string, body: object) =>
    client.request('PATCH', path, {
      query: { fieldManager: 'user', force: true },
      body,
      contentType: 'application/apply-patch+yaml',
    });
  const namespaces = '/api/v1/namespaces';
  await apply(`${namespaces}/${namespace}`, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const log = new HostLog(client, namespace);
  const secrets = `${namespaces}/${namespace}/secrets`;
  const giveSecret = async (name: string, data: Readonly<Record<string, string>> | null) => {
    if (data === null) return ignoreNotFound(client.request('DELETE', `${secrets}/${name}`));
    const encoded = Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    );
    await apply(`${secrets}/${name}`, { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: encoded });
  };
  const act = async (action: Action) => {
    if ('patch' in action) await log.patch(HOST, action.patch);
    else if ('delete' in action) await ignoreNotFound(log.delete(HOST));
    else await giveSecret(action.name ?? SECRET, action.secret);
  };
  const held = options.canHold ? scenario.steps.find(({ until }) => until !== undefined)?.until : undefined;
  let isHeld = held !== undefined;
  /** Once what was done has come to where it counts. */
  const letGo = async (actions: readonly Action[]) => {
    const isRefused = actions.some((each) => 'secret' in each && each.secret !== null && isBad(each.secret));
    if (isRefused && log.get(HOST).metadata.deletionTimestamp === undefined)
      await log.all([HOST], ({ metadata }) => hostAnnotations.credentialsError in (metadata.annotations ?? {}));
    isHeld = false;
    // It may have gone by what was done.
    await ignoreNotFound(log.patch(HOST, { metadata: { annotations: { [HOLD]: null } } }));
  };
  try {
    const { secret = defaultSecret, spec = {} } = scenario;
    const annotations = { ...scenario.annotations, ...(held !== undefined && { [HOLD]: held }) };
    if (secret !== null) await giveSecret(SECRET, secret);
    await apply(collectionPath('metal3.io/v1alpha1', 'baremetalhosts', namespace) + `/${HOST}`, {
      apiVersion: 'metal3.io/v1alpha1',
      kind: 'BareMetalHost',
      metadata: { name: HOST, annotations },
      spec: { ...defaultSpec, ...spec },
    });
    const recording: RecordedStep[] = [];
    let from = 0;
    for (const { actions, until, isFresh } of scenario.steps) {
      if (isFresh) await options.refresh?.();
      // Some are gone before the last step, on each simulator alike.
      for (const action of actions) if (!log.isGone(HOST)) await act(action);
      if (until !== undefined) await caught(log, until, from);
      else {
        if (isHeld && log.historyOf(HOST).some(({ state }) => state === held)) await letGo(actions);
        const [end, trace] = [options.expected?.[recording.length]?.end, options.expectedTraces?.[recording.length]];
        await settled(log, from, options, (step) =>
          trace
            ? isDeepStrictEqual(step.trace, trace)
            : options.expected === undefined || isDeepStrictEqual(step.end, end),
        );
        recording.push(recordedStep(log, from));
        from = log.historyOf(HOST).length;
      }
    }
    return recording;
  } finally {
    await log.close();
  }
}

async function ignoreNotFound(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  }
}

/** Whether a Secret lacks what a host needs. */
function isBad({ username = '', password = '' }: Readonly<Record<string, string>>): boolean {
  return username === '' || password === '';
}

/** Waits until the host is in a state, and is so still. */
async function caught(log: HostLog, state: string, from: number): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (performance.now() < deadline) {
    const history = log.historyOf(HOST);
    // The operator's hosts are registering for a moment before it has anything registered.
    const isThere = (host: Host | undefined) =>
      host?.state === state && (state !== 'registering' || !!host.status?.provisioning?.ID);
    if (isThere(history.at(-1))) return;
    if (history.slice(from).some(isThere)) throw new MissedError(`'${state}' was missed`);
    await pause(5);
  }
  throw new MissedError(`the host never was '${state}': ${JSON.stringify(log.historyOf(HOST).at(-1))}`);
}

const busyStates = ['registering', 'inspecting', 'preparing', 'provisioning', 'deprovisioning'];

/** Waits until nothing has happened for a time; where what should come is known, until it has come too. */
async function settled(
  log: HostLog,
  from: number,
  options: HostScenarioOptions,
  isWhatShouldCome: (step: RecordedStep) => boolean,
): Promise<void> {
  const start = performance.now();
  let [lastChange, seen, picture, isExpected] = [start, 0, undefined as object | undefined, false];
  while (performance.now() - start < DEADLINE_MS) {
    if (log.isGone(HOST)) return;
    const history = log.historyOf(HOST);
    if (history.length !== seen) {
      seen = history.length;
      const now = recordedStep(log, from);
      // Some counters never rest.
      if (!isDeepStrictEqual(now.end, picture)) lastChange = performance.now();
      picture = now.end;
      isExpected = isWhatShouldCome(now);
    }
    const usualMs = isExpected ? options.quietMs : (options.patienceMs ?? options.quietMs);
    // What a host is about ends by itself, and may take the operator longer than anything else.
    const { state = '', status } = history.at(-1) ?? {};
    const quietMs = busyStates.includes(state) && status?.operationalStatus === 'OK' ? usualMs * 3 : usualMs;
    if (performance.now() - lastChange > quietMs) return;
    await pause(50);
  }
}

/** What has become of the host so far. @param from how much of its history was before this step */
function recordedStep(log: HostLog, from: number): RecordedStep {
  const history = log.historyOf(HOST);
  const end = log.isGone(HOST) ? undefined : pictureOf(history.at(-1), log.namespace);
  return { trace: traceOf(history.slice(Math.max(0, from - 1)), log.namespace), ...(end && { end }) };
}

/** The states a host went through, each with what is out of the ordinary about it. */
function traceOf(history: readonly Host[], namespace: string): string[] {
  const all = history.map(({ state, status }) => {
    const { operationalStatus = '', errorType = '', errorMessage = '' } = status ?? {};
    const is = ['', 'OK', 'error'].includes(operationalStatus) ? '' : `, ${operationalStatus}`;
    const error = errorType === '' ? '' : `, ${errorType}: ${errorMessage.replaceAll(namespace, 'NAMESPACE')}`;
    return `${state === '' ? 'none' : state}${is}${error}`;
  });
  return all.filter((each, i) => each !== all[i - 1]);
}

/** What of a host is to be the same on every simulator. Times, versions and counts are not. */
export function pictureOf(host: Host | undefined, namespace: string): object | undefined {
  if (host === undefined) return undefined;
  const { metadata, spec, status } = host;
  const history = Object.entries(status?.operationHistory ?? {})
    .filter(([, { start }]) => Boolean(start))
    .map(([operation, { end }]) => `${operation} ${end ? 'ended' : 'began'}`)
    .sort();
  const conditions = (status?.conditions ?? []).map((each) => `${each.type} ${each.status} ${each.reason}`).sort();
  const { goodCredentials, triedCredentials, hardware } = status ?? {};
  // By which kwok is told of Secrets; the operator has none.
  const { [hostAnnotations.credentialsError]: _, [HOLD]: __, ...annotations } = metadata.annotations ?? {};
  const picture = {
    finalizers: metadata.finalizers,
    annotations: Object.keys(annotations).length > 0 ? annotations : undefined,
    deleting: 'deletionTimestamp' in metadata || undefined,
    architecture: spec.architecture,
    hasStatus: status?.lastUpdated !== undefined,
    operationalStatus: status?.operationalStatus,
    errorType: status?.errorType,
    errorMessage: status?.errorMessage,
    // How often is not compared, nor how long it is remembered.
    failed: status?.errorType === undefined ? undefined : (status.errorCount ?? 0) > 0,
    poweredOn: status?.poweredOn,
    hardwareProfile: status?.hardwareProfile,
    hardware: isDeepStrictEqual(hardware, fixtureHardwareDetails) ? 'as inspected' : hardware,
    provisioning: status?.provisioning,
    goodCredentials: goodCredentials?.credentials?.name,
    triedCredentials: triedCredentials?.credentials?.name,
    history,
    conditions,
  };
  // What is null is as good as not there.
  const withoutNulls = (_: string, value: unknown) => (value === null ? undefined : value);
  return JSON.parse(JSON.stringify(picture, withoutNulls).replaceAll(namespace, 'NAMESPACE')) as object;
}
