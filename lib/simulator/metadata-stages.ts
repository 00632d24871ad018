/** What comes before anything else: pauses, what annotations hand over, the finalizer. */
import { anyState } from './conditions';
import { hostAnnotations, hostFinalizer } from './host-state';
import {
  all,
  hasFinalizer,
  hasHardwareAnnotation,
  hasHardwareDetails,
  hasReadableHardwareAnnotation,
  hasReadableStatusAnnotation,
  hasStatus,
  hasStatusAnnotation,
  isDeleting,
  isHardwareAnnotationTaken,
  isInspectionDisabled,
  isPaused,
  not,
} from './queries';
import type { HostStage } from './stage';
import type { StageStep } from './status-patch';
import { patchHost, patchStatus, patchStatusFields } from './status-patch';
import { Template, expressionFromHost } from './template';

/** The stages that are asked first. */
export function metadataStages(): HostStage[] {
  return [
    { name: 'rest-while-paused', from: anyState, when: isPaused, steps: [] },
    {
      // A host that was moved from another cluster, or made to begin half-way, brings its status in an annotation.
      name: 'restore-status',
      from: [''],
      when: all(not(hasStatus), hasReadableStatusAnnotation),
      steps: [restoreStatus()],
    },
    {
      name: 'drop-status-annotation',
      from: anyState,
      when: hasStatusAnnotation,
      steps: [patchHost({ metadata: { annotations: { [hostAnnotations.status]: null } } })],
    },
    {
      name: 'take-hardware-details',
      from: anyState.filter((state) => state !== ''),
      when: all(
        hasReadableHardwareAnnotation,
        `(${not(hasHardwareDetails)} or ${isInspectionDisabled})`,
        not(isHardwareAnnotationTaken),
      ),
      steps: [
        patchStatusFields({ hardware: new Template(`fromJson (${annotation(hostAnnotations.hardwareDetails)})`) }),
      ],
    },
    {
      name: 'drop-hardware-annotation',
      from: anyState.filter((state) => state !== ''),
      when: hasHardwareAnnotation,
      steps: [patchHost({ metadata: { annotations: { [hostAnnotations.hardwareDetails]: null } } })],
    },
    {
      name: 'add-finalizer',
      from: anyState,
      when: all(not(isDeleting), not(hasFinalizer)),
      steps: [
        patchHost({
          metadata: {
            finalizers: new Template(
              `append (${expressionFromHost('metadata.finalizers', 'list')}) "${hostFinalizer}"`,
            ),
          },
        }),
      ],
    },
  ];
}

/** Fields that the CRD requires are given where the annotation has none; `lastUpdated` says that it has been read. */
function restoreStatus(): StageStep {
  const required = {
    errorCount: 0,
    errorMessage: '',
    operationalStatus: '',
    poweredOn: false,
    provisioning: { ID: '', state: '' },
  };
  const prelude =
    `{{- $restored := mergeOverwrite (fromJson \`${JSON.stringify(required)}\`) (fromJson (${annotation(hostAnnotations.status)})) -}}` +
    '{{- $_ := set $restored "lastUpdated" $now -}}{{- $_ := unset $restored "conditions" -}}';
  return patchStatus({
    ...{ states: anyState, state: '$restored.provisioning.state', operationalStatus: 'OK', prelude },
    status: new Template('set $restored "conditions" $conditions'),
  });
}

/** A Go template expression for an annotation's text. */
function annotation(name: string): string {
  return `index (${expressionFromHost('metadata.annotations', 'dict')}) ${JSON.stringify(name)}`;
}
