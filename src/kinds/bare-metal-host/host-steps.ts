/** The steps that change hosts: what each writes, and by what a host shows that it has got there. */
import type { ResolvedStep } from '../../../lib/scenario/resolved';
import { DEFAULT_IMAGE } from '../../../lib/kinds/bare-metal-host/seeded-status';
import { hostAnnotations } from '../../../lib/kinds/bare-metal-host/manifests';
import { bareMetalHostKind, type ObservedHost } from '../../../lib/kinds/bare-metal-host/kind';
import { changeHosts, type HostChange } from './change-hosts';
import { watchOf, type StepAction } from '../../scenario/scenario-run';
import type { ObjectWatch } from '../../watch/object-watch';

/** A change that a host shows as long as it is there. */
function shown(goal: HostChange['goal'], patch: object, isThere: (host: ObservedHost) => boolean): HostChange {
  return { goal, patch, isThere: (host) => host !== undefined && isThere(host) };
}

const annotated = (name: string, value: string | null) => ({ metadata: { annotations: { [name]: value } } });

export const provision: StepAction<'provision'> = (step, run) => {
  const image = step.props.image ?? DEFAULT_IMAGE;
  const goal = { field: 'state', word: 'provisioned' } as const;
  const isThere = ({ state, imageUrl }: ObservedHost) => state === 'provisioned' && imageUrl === image.url;
  return changeHosts(step, shown(goal, { spec: { image } }, isThere), run);
};

export const deprovision: StepAction<'deprovision'> = (step, run) => {
  const goal = { field: 'state', word: 'available' } as const;
  // A host that is provisioned still, or that fails half-way and begins again, has an image.
  const isThere = ({ state, imageUrl }: ObservedHost) => state === 'available' && imageUrl === '';
  return changeHosts(step, shown(goal, { spec: { image: null } }, isThere), run);
};

const power =
  <K extends 'powerOn' | 'powerOff'>(online: boolean): StepAction<K> =>
  (step, run) => {
    const goal = { field: 'poweredOn', request: 'online', word: online ? 'on' : 'off' } as const;
    const isThere = (host: ObservedHost) => host.online === online && host.poweredOn === online;
    return changeHosts(step as ResolvedStep, shown(goal, { spec: { online } }, isThere), run);
  };
export const powerOn = power<'powerOn'>(true);
export const powerOff = power<'powerOff'>(false);

/**
 * The operator takes the annotation away once the host is off, and powers it on again then. In test mode its hosts share
 * one machine: of several that reboot at a time each finds it switched by another, again and again, and some are at it for
 * minutes. So there one host is rebooted after the other.
 */
export const reboot: StepAction<'reboot'> = (step, run) => {
  const { mode, force } = step.props;
  const request = { mode, force };
  const value = Object.keys(request).length === 0 ? '' : JSON.stringify(request);
  return changeHosts(
    step,
    {
      goal: { field: 'poweredOn', word: 'rebooted' },
      patch: annotated(hostAnnotations.reboot, value),
      isThere: (host, askedAt) =>
        host !== undefined &&
        !host.isRebootAsked &&
        host.poweredOn &&
        wasPoweredOnSince(watchOf(run, bareMetalHostKind), host, askedAt),
      isOneByOne: run.live.simulator === 'bmo',
    },
    run,
  );
};

function wasPoweredOnSince(
  { timelines }: ObjectWatch<ObservedHost>,
  { namespace, name }: ObservedHost,
  time: number,
): boolean {
  const transitions = timelines?.get(`${namespace}/${name}`)?.transitions ?? [];
  const last = transitions.findLast(({ field }) => field === 'poweredOn');
  return last?.to === 'true' && last.at >= time;
}

export const detach: StepAction<'detach'> = (step, run) => {
  const goal = { field: 'operationalStatus', word: 'detached' } as const;
  const isThere = (host: ObservedHost) => host.operationalStatus === 'detached';
  return changeHosts(step, shown(goal, annotated(hostAnnotations.detached, ''), isThere), run);
};

export const attach: StepAction<'attach'> = (step, run) => {
  const goal = { field: 'operationalStatus', word: 'attached' } as const;
  const isThere = (host: ObservedHost) => !host.isDetachAsked && host.operationalStatus !== 'detached';
  return changeHosts(step, shown(goal, annotated(hostAnnotations.detached, null), isThere), run);
};

export const pause: StepAction<'pause'> = (step, run) =>
  changeHosts(
    step,
    shown(undefined, annotated(hostAnnotations.paused, ''), ({ isPaused }) => isPaused),
    run,
  );

export const unpause: StepAction<'unpause'> = (step, run) => {
  const goal = { field: 'state', word: 'settled' } as const;
  const isThere = ({ isPaused, isSettled }: ObservedHost) => !isPaused && isSettled;
  return changeHosts(step, shown(goal, annotated(hostAnnotations.paused, null), isThere), run);
};
