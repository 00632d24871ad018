/** Settled hosts follow `spec.online` and the reboot annotations. */
import type { Behaviour } from './behaviour';
import { delayOf, failing } from './behaviour';
import { hostAnnotations } from '../manifests';
import type { StageDelay } from './delays';
import type { HostState } from './host-state';
import { availableStates, switchableStates } from './host-state';
import { all, hasPlainRebootAnnotation, hasRebootAnnotation, isPoweredOn, not, shouldBePoweredOn } from './queries';
import type { HostStage } from './stage';
import { noError, patchHost, patchStatus, recordEvent } from './status-patch';
import { Template } from './template';

/** The states in which power is switched, each with those that fail as it does. */
const switched: readonly (readonly [HostState, readonly HostState[]])[] = [
  ['available', availableStates],
  ['provisioned', ['provisioned']],
  ['externally provisioned', ['externally provisioned']],
];

/** The stages that switch power, and those that answer reboot annotations. */
export function powerStages(behaviour: Behaviour): HostStage[] {
  const isToBeSwitched = `(${isPoweredOn} != ${shouldBePoweredOn})`;
  // One stage for all states in which it takes as long: kwok asks each about every host.
  const statesOfDelay = new Map<string, { states: HostState[]; delay: StageDelay | undefined }>();
  for (const [state, states] of switched) {
    const delay = delayOf(behaviour, state);
    const key = JSON.stringify(delay) ?? '';
    statesOfDelay.set(key, { delay, states: [...(statesOfDelay.get(key)?.states ?? []), ...states] });
  }
  return [
    {
      name: 'finish-reboot',
      from: switchableStates,
      when: all(not(isPoweredOn), hasPlainRebootAnnotation),
      steps: [patchHost({ metadata: { annotations: { [hostAnnotations.reboot]: null } } })],
    },
    ...switched.flatMap(([state, states]) => failing(behaviour, state, isToBeSwitched, states)),
    ...[...statesOfDelay.values()].flatMap(({ states, delay }) =>
      [true, false].map((poweredOn): HostStage => {
        const [name, event] = poweredOn ? (['on', 'PowerOn'] as const) : (['off', 'PowerOff'] as const);
        return {
          name: `power-${name}-${states[0]?.replaceAll(' ', '-')}`,
          from: states,
          when: all(isToBeSwitched, poweredOn ? shouldBePoweredOn : not(shouldBePoweredOn)),
          delay,
          steps: [
            patchStatus({ states, operationalStatus: 'OK', status: { ...noError, poweredOn } }),
            recordEvent(event, `Host powered ${name}`),
          ],
        };
      }),
    ),
  ];
}

/** A reboot that was asked for has no meaning any more where the host is being worked on anyway. */
export function rebootAnnotationStage(): HostStage {
  const prelude =
    `{{- $gone := dict -}}{{- range $name, $_ := dig "metadata" "annotations" dict . -}}` +
    `{{- if or (eq $name "${hostAnnotations.reboot}") (hasPrefix "${hostAnnotations.reboot}/" $name) -}}{{- $_ := set $gone $name nil -}}{{- end -}}{{- end -}}`;
  return {
    name: 'drop-reboot-annotations',
    from: ['inspecting', 'provisioning', 'deprovisioning'],
    when: hasRebootAnnotation,
    steps: [patchHost({ metadata: { annotations: new Template('$gone') } }, prelude)],
  };
}
