/**
 * The six conditions that the Bare Metal Operator writes from v0.13 on (`computeConditions` in its
 * `baremetalhost_controller.go`): each a function of provisioning state and operational status.
 */
import type { HostState, OperationalStatus } from './host-state';
import { hostStates } from './host-state';
import { Template, expressionFromHost } from './template';

type Verdict = readonly [status: 'True' | 'False' | 'Unknown', reason: string];

/** In the order in which they stand in a status: Ready first, the others by name. */
const conditionTypes = ['Ready', 'AvailableForProvisioning', 'Healthy', 'Manageable', 'Progressing', 'Provisioned'];

/** What the operator says of a host in this state. */
export function conditionsOf(
  state: HostState,
  operationalStatus: OperationalStatus,
): Readonly<Record<string, Verdict>> {
  const verdicts: Record<string, Verdict> = {
    Ready: ['False', 'NotProvisioned'],
    AvailableForProvisioning: ['False', 'NotAvailable'],
    Healthy: ['Unknown', 'Unknown'],
    Manageable: ['True', 'Manageable'],
    Progressing: ['False', 'NotProgressing'],
    Provisioned: ['False', 'NotProvisioned'],
  };
  switch (state) {
    case '':
    case 'unmanaged':
      verdicts.Manageable = ['False', 'NotManaged'];
      break;
    case 'registering':
      verdicts.Manageable = ['False', operationalStatus === 'error' ? 'RegistrationFailed' : 'Registering'];
      break;
    case 'available':
    case 'ready':
      verdicts.AvailableForProvisioning = ['True', 'Available'];
      break;
    case 'provisioned':
    case 'externally provisioned':
      verdicts.Ready = ['True', 'Provisioned'];
      verdicts.Provisioned = ['True', 'Provisioned'];
      break;
  }
  const progress = progressReasons[state];
  if (progress !== undefined) verdicts.Progressing = ['True', progress];
  if (operationalStatus === 'error') verdicts.Ready = ['False', 'Error'];
  if (operationalStatus === 'detached') {
    verdicts.Ready = ['False', 'Detached'];
    verdicts.Progressing = ['False', 'Detached'];
  }
  return verdicts;
}

const progressReasons: Partial<Record<HostState, string>> = {
  registering: 'Registering',
  inspecting: 'Inspecting',
  'match profile': 'Inspecting',
  preparing: 'Preparing',
  provisioning: 'Provisioning',
  deprovisioning: 'Deprovisioning',
  'powering off before delete': 'PoweringOffBeforeDelete',
  deleting: 'Deleting',
};

/**
 * The Go template that leaves `$conditions`, to stand before the JSON that uses it.
 *
 * A condition whose status stays keeps the time of its last transition. The health that somebody else has set stays
 * as it is: test mode reads none.
 *
 * @param states the states the host may be in once the patch is applied, one of them where it is known
 * @param state a Go template operand for that state
 * @param now a Go template operand for the present time
 */
export function conditionsTemplate(
  states: readonly HostState[],
  operationalStatus: OperationalStatus,
  state: string,
  now: string,
): string {
  const table = Object.fromEntries(states.map((each) => [each, conditionsOf(each, operationalStatus)]));
  return [
    `{{- $table := fromJson ${goString(JSON.stringify(table))} -}}`,
    `{{- $verdicts := index $table (${state}) -}}`,
    `{{- $before := dict -}}`,
    `{{- range ${expressionFromHost('status.conditions', '(list)')} -}}{{- $_ := set $before .type . -}}{{- end -}}`,
    `{{- $generation := .metadata.generation -}}`,
    `{{- $conditions := list -}}`,
    `{{- range $type := list ${conditionTypes.map((type) => JSON.stringify(type)).join(' ')} -}}`,
    `{{- $old := index $before $type | default dict -}}`,
    // A status from elsewhere may hold a state that is none, of which only the health is told.
    `{{- if not (or $verdicts (eq $type "Healthy")) -}}{{- if $old -}}{{- $conditions = append $conditions $old -}}{{- end -}}`,
    `{{- else if and (eq $type "Healthy") $old -}}{{- $conditions = append $conditions $old -}}{{- else -}}`,
    `{{- $verdict := dig $type (list "Unknown" "Unknown") ($verdicts | default dict) -}}`,
    `{{- $since := ternary (dig "lastTransitionTime" ${now} $old) ${now} (eq (dig "status" "" $old) (index $verdict 0)) -}}`,
    `{{- $conditions = append $conditions (dict "type" $type "status" (index $verdict 0) "reason" (index $verdict 1)`,
    ` "message" "" "observedGeneration" $generation "lastTransitionTime" $since) -}}`,
    `{{- end -}}{{- end -}}`,
  ].join('');
}

/** The conditions that `conditionsTemplate` has left. */
export const conditions = new Template('$conditions');

export const anyState: readonly HostState[] = hostStates;

function goString(text: string): string {
  return '`' + text + '`';
}
