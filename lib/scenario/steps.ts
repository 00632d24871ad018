/** What a scenario may do, as TypeScript and `testbed.yaml` say it. */
import type {
  CreateStep,
  MoveStep,
  RemediateStep,
  RolloutStep,
  ScaleControlPlaneStep,
  ScaleWorkersStep,
  UpgradeStep,
} from './cluster-steps';
import type { ClusterSelection, HostOrClusterSelection, HostSelection } from './selections';
import type { Image } from '../kinds/bare-metal-host/schema';
import type { HostFailure } from '../kinds/bare-metal-host/stages/failures';
import type { ClusterApiPart } from '../testbed/cluster-api';
import type { WorkloadApiFault } from './workload-api-faults';

/** The states in which a host can be made to start. */
export type SeededState = 'available' | 'provisioned';

/** Makes hosts of the description, and waits until they have settled. */
export interface EnrollStep extends HostSelection {
  /**
   * The state that hosts start in, by the annotation from which an operator restores a status, as if they had come from
   * another cluster: thousands of provisioned hosts without provisioning them.
   * @default - none: they are registered and inspected
   */
  readonly state?: SeededState | undefined;
}

/** Gives hosts an image, and waits until they are provisioned with it. */
export interface ProvisionStep extends HostSelection {
  /**
   * The image.
   * @default - one at an address of no one's: test mode loads none
   */
  readonly image?: Image | undefined;
}

/**
 * Asks for a reboot, and waits until hosts have been off and are on again. Hosts that are available need `force`. Hosts of
 * an operator in test mode share one machine, and are rebooted one after the other.
 */
export interface RebootStep extends HostSelection {
  /**
   * Whether power is cut (`hard`), or the operating system is asked (`soft`).
   * @default - left to the operator, which takes it for soft
   */
  readonly mode?: 'hard' | 'soft' | undefined;
  /**
   * Whether hosts that are not provisioned are rebooted too.
   * @default false
   */
  readonly force?: boolean | undefined;
}

/**
 * Replaces hosts, or clusters, by new ones of the same name, again and again: a share is deleted, made anew once it is gone,
 * and waited for until it has settled. A round begins when it is due and the one before has ended. Each takes others.
 */
export interface ChurnStep extends Omit<HostOrClusterSelection, 'share' | 'perSecond'> {
  /** How many of them a round replaces, above 0 and up to 1; one at least. */
  readonly share: number;
  /** How long it is from the beginning of one round to that of the next. */
  readonly everySeconds: number;
  /** How long rounds begin: none begins after that. */
  readonly forSeconds: number;
}

/** Leaves everything alone, for what goes on in a settled testbed. */
export interface RestStep {
  /** For how long. */
  readonly seconds: number;
}

/** Kills a Bare Metal Operator, or kwok, without warning, and starts it again. Waits until it is at work. */
export interface KillOperatorStep {
  /**
   * Which of the description's operators, from 1.
   * @default - all
   */
  readonly operator?: number | undefined;
  /**
   * How long it is away.
   * @default 0
   */
  readonly downSeconds?: number | undefined;
}

/** Holds the API server up: it is stopped for a part of every tenth of a second. For the embedded control plane. */
export interface SlowApiServerStep {
  /** How much of the time it stands still, above 0 and up to 0.95: 0.5 halves what it can do. */
  readonly stoppedShare: number;
  /** For how long. */
  readonly forSeconds: number;
}

/** Kills the API server, and starts it again. Waits until it is ready. For the embedded control plane. */
export interface StopApiServerStep {
  /** How long it is away, up to 60: clients give up at some point. */
  readonly forSeconds: number;
}

/** What takes care of clusters: a manager of Cluster API, as `clusterApi` names it, or the API of workload clusters. */
export type ClusterManager = ClusterApiPart | 'workloadApi';

/** Kills what takes care of clusters without warning, and starts it again. Waits until it is at work. */
export interface KillManagerStep {
  /**
   * Which one.
   * @default - all managers of the description, and the API of workload clusters
   */
  readonly manager?: ClusterManager | undefined;
  /**
   * How long it is away.
   * @default 0
   */
  readonly downSeconds?: number | undefined;
}

/** Holds what takes care of clusters up: it is stopped for a part of every tenth of a second. Not for managers in pods. */
export interface SlowManagerStep {
  /**
   * Which one.
   * @default - all managers of the description, and the API of workload clusters
   */
  readonly manager?: ClusterManager | undefined;
  /** How much of the time it stands still, above 0 and up to 0.95: 0.5 halves what it can do. */
  readonly stoppedShare: number;
  /** For how long. */
  readonly forSeconds: number;
}

/**
 * Something goes wrong with the API of workload clusters, for as long as the step lasts; where the run is killed, it ends at
 * the same time. Nothing is waited for but its end.
 */
export interface WorkloadApiFaultStep extends WorkloadApiFault, Omit<ClusterSelection, 'perSecond'> {
  /** For how long, up to a day. */
  readonly forSeconds: number;
}

/** Takes the credentials of hosts away, and waits until the operator says that they are in error. Not for kwok. */
export interface TakeCredentialsStep extends HostSelection {
  /**
   * `empty`: their Secrets hold an empty username and password. `delete`: they are deleted, and the finalizer of the
   * operator with them.
   * @default 'empty'
   */
  readonly how?: 'delete' | 'empty' | undefined;
}

/**
 * From here on a share of the hosts fails, in states of your choice; an empty list ends it. For kwok, which is started
 * anew: test mode of the operator has no failures of its own but those of credentials that are taken away.
 */
export interface FailHostsStep {
  /** Shares of the hosts that fail, each in one state. */
  readonly failures: readonly HostFailure[];
}

/** Each kind of step with what it is told. */
export interface StepKinds {
  readonly enroll: EnrollStep;
  readonly provision: ProvisionStep;
  /** Takes the image away, and waits until hosts are available. */
  readonly deprovision: HostSelection;
  /** Sets `online`, and waits until hosts are on. Of a test-mode operator, all hosts at once. */
  readonly powerOn: HostSelection;
  /** Takes `online` away, and waits until hosts are off. Of a test-mode operator, all hosts at once. */
  readonly powerOff: HostSelection;
  readonly reboot: RebootStep;
  /** Detaches hosts from the operator, and waits until it says so. */
  readonly detach: HostSelection;
  /** Hands detached hosts to the operator again. */
  readonly attach: HostSelection;
  /**
   * Tells the operator to leave hosts alone; nothing answers that, so it ends when all are told. Or tells Cluster API to leave
   * clusters alone, and waits until it says that it does.
   */
  readonly pause: HostOrClusterSelection;
  /** Tells the operator, or Cluster API, to take care of what is paused again, and waits until that has settled. */
  readonly unpause: HostOrClusterSelection;
  /** Deletes hosts and their Secrets, or clusters with all that is described of them, and waits until they are gone. */
  readonly delete: HostOrClusterSelection;
  readonly churn: ChurnStep;
  readonly create: CreateStep;
  readonly scaleControlPlane: ScaleControlPlaneStep;
  readonly scaleWorkers: ScaleWorkersStep;
  readonly upgrade: UpgradeStep;
  readonly rollout: RolloutStep;
  readonly remediate: RemediateStep;
  readonly move: MoveStep;
  readonly rest: RestStep;
  readonly killOperator: KillOperatorStep;
  readonly slowApiServer: SlowApiServerStep;
  readonly stopApiServer: StopApiServerStep;
  readonly killManager: KillManagerStep;
  readonly slowManager: SlowManagerStep;
  readonly workloadApiFault: WorkloadApiFaultStep;
  readonly takeCredentials: TakeCredentialsStep;
  /** Gives back credentials that were taken away, and waits until hosts are no longer in error. */
  readonly giveCredentials: HostSelection;
  readonly failHosts: FailHostsStep;
}

export type StepKind = keyof StepKinds;

/** What each step may say besides. */
export interface StepOptions {
  /**
   * Names the step in the report.
   * @default - its kind, numbered where there are several
   */
  readonly name?: string | undefined;
  /**
   * How long its hosts or clusters may take. Those that have not got there by then are named, and the scenario goes on.
   * @default - that of the scenario
   */
  readonly timeoutSeconds?: number | undefined;
  /**
   * Whether hosts, or clusters, that are in error are not waited for; they count as late.
   * @default false
   */
  readonly mayFail?: boolean | undefined;
}

/** One of the keys of T, and none of the others. */
export type OneOf<T> = {
  [K in keyof T]: { readonly [P in K]: T[P] } & { readonly [P in Exclude<keyof T, K>]?: undefined };
}[keyof T];

/** A step, or steps one after the other, or all at once: `{ provision: { share: 0.5 }, name: 'first half' }`. */
export type ScenarioStep =
  | (StepOptions & OneOf<StepKinds & { readonly sequence: never; readonly parallel: never }>)
  | {
      /** Steps one after the other. */
      readonly sequence: readonly ScenarioStep[];
    }
  | {
      /** Steps all at once. */
      readonly parallel: readonly ScenarioStep[];
    };

/** What is done to a testbed and measured, from one without hosts on, and with all clusters but those that steps make first. */
export interface ScenarioProps {
  /**
   * Names the scenario in the report.
   * @default 'scenario'
   */
  readonly name?: string | undefined;
  /** What is done, one after the other. */
  readonly steps: readonly ScenarioStep[];
  /**
   * How long the hosts or clusters of one step may take.
   * @default 600 - and half a minute more for each cluster
   */
  readonly timeoutSeconds?: number | undefined;
  /**
   * How often the metrics of operators and API server are read, from 1. Where reading takes long, it is done less often:
   * never more than a twentieth of the time.
   * @default 5
   */
  readonly scrapeSeconds?: number | undefined;
}
