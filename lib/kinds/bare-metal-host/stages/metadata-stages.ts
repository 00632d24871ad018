/** What comes before anything else: pauses, what annotations hand over, the finalizer. */
import { isInErrorExpression, sameHealth } from './behaviour';
import { goJson, goJsonTemplate, hardwareShape, statusShape } from './go-json';
import { hostAnnotations } from '../manifests';
import { everyState, hostFinalizer } from './host-state';
import {
  all,
  hasFinalizer,
  hasHardwareAnnotation,
  hasReadableHardwareAnnotation,
  hasReadableStatusAnnotation,
  hasStatus,
  hasStatusAnnotation,
  isDeleting,
  isHardwareAnnotationWanted,
  isPaused,
  needsArchitecture,
  not,
} from './queries';
import type { HostStage } from './stage';
import {
  annotationExpression,
  either,
  patchHost,
  patchStatus,
  patchStatusFields,
  removeAnnotation,
  writeStatus,
} from './status-patch';
import { Template, TemplateText, expressionFromHost, fromHost } from './template';

/** What holds whatever a host is about. */
export function pauseStage(): HostStage {
  return { name: 'rest-while-paused', from: everyState, when: isPaused, steps: [] };
}

/** What the operator says of each host that it looks at, also of one that came with a status and has nothing to do. */
export function conditionsStage(): HostStage {
  const states = ['unmanaged', 'deleting'] as const;
  const says = (operationalStatus: 'OK' | 'error') => patchStatus({ states, operationalStatus, status: sameHealth });
  return {
    name: 'compute-conditions',
    from: states,
    when: all(hasStatus, '(.status.conditions == null)'),
    steps: [either(isInErrorExpression, says('error'), says('OK'))],
  };
}

/** The stages of hosts that are not to be deleted which are asked first. */
export function metadataStages(): HostStage[] {
  return [
    {
      // A host that was moved from another cluster, or made to begin half-way, brings its status in an annotation.
      name: 'restore-status',
      coveredBy: 'drop-status-annotation',
      from: [''],
      when: all(hasStatusAnnotation, not(isDeleting), not(hasStatus), hasReadableStatusAnnotation),
      steps: [restoreStatus(), removeAnnotation(hostAnnotations.status)],
    },
    {
      name: 'drop-status-annotation',
      from: everyState,
      when: all(hasStatusAnnotation, not(isDeleting)),
      steps: [removeAnnotation(hostAnnotations.status)],
    },
    {
      // The operator does so too, and only after an inspection of its own: what it finds there it writes into the spec.
      name: 'write-architecture',
      from: everyState,
      when: all(needsArchitecture, not(isDeleting)),
      steps: [patchHost({ spec: { architecture: fromHost('status.hardware.cpu.arch') } })],
    },
    {
      name: 'take-hardware-details',
      coveredBy: 'drop-hardware-annotation',
      from: everyState,
      when: all(hasHardwareAnnotation, not(isDeleting), isHardwareAnnotationWanted, hasReadableHardwareAnnotation),
      steps: [takeHardwareDetails(), removeAnnotation(hostAnnotations.hardwareDetails)],
    },
    {
      // What cannot be read is not passed over: its writer has to mend it, or take it away.
      name: 'rest-with-unreadable-hardware-details',
      coveredBy: 'drop-hardware-annotation',
      from: everyState,
      when: all(hasHardwareAnnotation, not(isDeleting), isHardwareAnnotationWanted),
      steps: [],
    },
    {
      name: 'drop-hardware-annotation',
      from: everyState,
      when: all(hasHardwareAnnotation, not(isDeleting)),
      steps: [removeAnnotation(hostAnnotations.hardwareDetails)],
    },
    {
      name: 'add-finalizer',
      from: everyState,
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

/** Whatever credentials were good elsewhere, the host has to be registered here. */
function restoreStatus() {
  const { goodCredentials: _, ...fields } = statusShape.struct;
  const prelude =
    `{{- $restored := fromJson (${annotationExpression(hostAnnotations.status)}) | default dict -}}` +
    '{{- $_ := set $restored "lastUpdated" $now -}}';
  return writeStatus(new TemplateText(goJson('$restored', { struct: fields })), goJsonTemplate + prelude);
}

/** Hardware details may come before anything else of a status, of which the CRD requires some. */
function takeHardwareDetails() {
  const required = {
    operationalStatus: fromHost('status.operationalStatus', '""'),
    errorCount: fromHost('status.errorCount', '0'),
    errorMessage: fromHost('status.errorMessage', '""'),
    poweredOn: fromHost('status.poweredOn', 'false'),
    provisioning: {
      state: fromHost('status.provisioning.state', '""'),
      ID: fromHost('status.provisioning.ID', '""'),
      image: { url: fromHost('status.provisioning.image.url', '""') },
    },
  };
  const given = `fromJson (${annotationExpression(hostAnnotations.hardwareDetails)})`;
  return patchStatusFields({ ...required, hardware: new TemplateText(goJson(given, hardwareShape)) }, goJsonTemplate);
}
