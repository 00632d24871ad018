import { invalidInput } from '../../lib/errors';
import { resolveTestbed, type TestbedProps } from '../../lib/testbed/resolve';

/** What decides how fast operators in test mode bring hosts to available. */
export interface Settings {
  /** Requests a second of each operator to the API server; its burst is twice that. */
  readonly kubeApiQps: number;
  /** Hosts that each operator works on at a time. */
  readonly concurrency: number;
  readonly hostsPerNamespace: number;
}

export type Setting = keyof Settings;

/** What a description has now. */
export interface CurrentSettings {
  readonly settings: Settings;
  /** Whether its host sets can go over more or fewer namespaces: none names them, and no operator is bound to some. */
  readonly canSpread: boolean;
}

/** BMO's own number of requests a second; of its own concurrency nothing is known but that it is 2 to 8. */
const BMO_QPS = 20;
const BMO_CONCURRENCY = 8;

/** @throws TestbedError (`invalid-input`) for a description without operators, or without hosts */
export function settingsOf(props: TestbedProps): CurrentSettings {
  const { operators, fleets } = resolveTestbed(props);
  const [operator] = operators;
  if (operator === undefined) throw invalidInput('operators is empty, and tune changes operators: add one');
  const hosts = fleets.reduce((sum, { count }) => sum + count, 0);
  if (hosts === 0) throw invalidInput('hostSets have no host, and tune measures hosts: add some');
  const canSpread =
    operators.every(({ watchedNamespaces = [] }) => watchedNamespaces.length === 0) &&
    (props.hostSets ?? []).every(({ namespaces }) => namespaces === undefined);
  return {
    settings: {
      kubeApiQps: operator.kubeApiQps ?? BMO_QPS,
      concurrency: operator.concurrency ?? BMO_CONCURRENCY,
      hostsPerNamespace: fleets[0]?.props.hostsPerNamespace ?? hosts,
    },
    canSpread,
  };
}

/** The description with these settings: those of its operators, and of its host sets where they can be spread. */
export function withSettings(props: TestbedProps, settings: Settings, canSpread: boolean): TestbedProps {
  const { hostsPerNamespace } = settings;
  const operators = (props.operators ?? [{}]).map((operator) => ({ ...operator, ...operatorSettings(settings) }));
  if (!canSpread) return { ...props, operators };
  return {
    ...props,
    operators,
    hostSets: (props.hostSets ?? [{ count: 10 }]).map((set) => ({ ...set, hostsPerNamespace })),
  };
}

/** As an operator of a description has them. */
export function operatorSettings({ kubeApiQps, concurrency }: Settings) {
  return { kubeApiQps, kubeApiBurst: 2 * kubeApiQps, concurrency };
}
