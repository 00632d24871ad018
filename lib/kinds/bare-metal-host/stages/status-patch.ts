/** The patches that stages apply, as kwok's steps. */
import { conditions, conditionsTemplate } from './conditions';
import type { HostState, OperationalStatus } from './host-state';
import { Template, expressionFromHost, fromHost, renderTemplate } from './template';
import type { Templated, TemplateText } from './template';

/** One step of a kwok Stage (`StageStep` of kwok.x-k8s.io/v1alpha1). */
export interface StageStep {
  readonly patch?: { readonly type: 'merge' | 'json'; readonly subresource?: 'status'; readonly template: string };
  readonly event?: { readonly type: 'Normal'; readonly reason: string; readonly message: string };
}

/** The present time, as the API writes it: UTC, in whole seconds. */
export const now = new Template('$now');

const nowTemplate = '{{- $now := dateInZone "2006-01-02T15:04:05Z" now "UTC" -}}';

/** What a patch of a host's status says besides the fields it sets. */
export interface StatusPatchProps {
  /** The state the host is in afterwards, or those of which it stays in one. */
  readonly states: readonly HostState[];
  readonly operationalStatus: OperationalStatus;
  /** A Go template operand for the state where it is one of many. @default the state the host was in */
  readonly state?: string;
  /** Fields of `status`, null removing one; or a template for all of it. */
  readonly status: { readonly [field: string]: Templated | undefined };
  /** Go template statements to stand first, for variables that `status` uses. */
  readonly prelude?: string;
}

/** A step that is taken only where an annotation is still what it was: it goes. */
export function removeAnnotation(name: string): StageStep {
  const path = `/metadata/annotations/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const value = new Template(annotationExpression(name));
  return {
    patch: {
      type: 'json',
      template: renderTemplate([
        { op: 'test', path, value },
        { op: 'remove', path },
      ]),
    },
  };
}

/** A Go template expression for an annotation's text. */
export function annotationExpression(name: string): string {
  return `index (${expressionFromHost('metadata.annotations', 'dict')}) ${JSON.stringify(name)}`;
}

/** A patch of the status. Conditions and `lastUpdated` are written too. */
export function patchStatus(props: StatusPatchProps): StageStep {
  const { states, operationalStatus, status } = props;
  const state =
    props.state ??
    (states.length === 1 ? JSON.stringify(states[0]) : expressionFromHost('status.provisioning.state', '""'));
  const prelude = nowTemplate + (props.prelude ?? '') + conditionsTemplate(states, operationalStatus, state, '$now');
  const written = { lastUpdated: now, operationalStatus, conditions, ...status };
  return patch({ status: written }, { prelude, subresource: 'status' });
}

/** A patch of single fields of the status, which leaves the host in the condition it was in. */
export function patchStatusFields(status: { readonly [field: string]: Templated }, prelude = ''): StageStep {
  return patch({ status: { lastUpdated: now, ...status } }, { prelude: nowTemplate + prelude, subresource: 'status' });
}

/** A patch that writes a whole status. @param status Go template text that writes it as JSON, with `$now` at hand */
export function writeStatus(status: TemplateText, prelude: string): StageStep {
  return patch({ status }, { prelude: nowTemplate + prelude, subresource: 'status' });
}

/** A step that is taken where a Go template condition is true; where it is not, another one, or nothing is written. */
export function either(condition: string, step: StageStep, otherwise = patchHost({})): StageStep {
  const template = `{{- if ${condition} -}}${step.patch?.template}{{- else -}}${otherwise.patch?.template}{{- end -}}`;
  return { patch: { type: 'merge', ...step.patch, template } };
}

/** A Go template operand that is true where a field of the host has a value. */
export function hasValue(path: string, value: string): string {
  return `(eq (${expressionFromHost(path, '""')}) ${JSON.stringify(value)})`;
}

/** A patch of anything but the status. */
export function patchHost(content: { readonly [field: string]: Templated | undefined }, prelude = ''): StageStep {
  return patch(content, { prelude });
}

/** An event about the host. kwok writes its message as it stands: it cannot hold a template. */
export function recordEvent(reason: string, message: string): StageStep {
  return { event: { type: 'Normal', reason, message } };
}

/** A status before anything has happened, as far as the CRD requires or the operator writes it. */
export const newStatus = { errorCount: 0, errorMessage: '', poweredOn: false, goodCredentials: {} } as const;
export const newProvisioning = { ID: '', image: { url: '' } } as const;

/** The fields that say that nothing is wrong. */
export const noError = { errorType: null, errorMessage: '', errorCount: 0 } as const;

/** `status.operationHistory` of an operation that begins now. */
export function begins(operation: string): { readonly [operation: string]: Templated } {
  return { [operation]: { start: now, end: null } };
}

/** `status.operationHistory` of an operation that ends now. */
export function ends(operation: string): { readonly [operation: string]: Templated } {
  return { [operation]: { end: now } };
}

/**
 * An object that takes the place of another one: a merge patch alone would leave what only the old one has.
 *
 * @param expression a Go template expression for the new object, which may be nil
 * @param keys every key that either may have
 */
export function replacement(expression: string, keys: readonly string[]): { readonly [key: string]: Templated } {
  return Object.fromEntries(
    keys.map((key) => [key, new Template(`dig ${JSON.stringify(key)} nil (${expression} | default dict)`)]),
  );
}

/** As `replacement`, and null where the new object is nil or empty, so that nothing is left. */
export function wholeOrNull(expression: string, keys: readonly string[]): Template {
  const members = keys.map(
    (key) => `${JSON.stringify(key)} (dig ${JSON.stringify(key)} nil (${expression} | default dict))`,
  );
  return new Template(`ternary nil (dict ${members.join(' ')}) (empty (${expression}))`);
}

/**
 * A merge patch with the version it was made from. kwok makes patches of a host as it was when their delay began: one
 * of a host that has changed since is refused by the API server, and the change decides anew.
 */
function patch(
  content: { readonly [field: string]: Templated | undefined },
  options: { readonly prelude: string; readonly subresource?: 'status' },
): StageStep {
  const metadata = {
    ...(content.metadata as object | undefined),
    resourceVersion: fromHost('metadata.resourceVersion'),
  };
  return {
    patch: {
      type: 'merge',
      subresource: options.subresource,
      template: options.prelude + renderTemplate({ ...content, metadata }),
    },
  };
}
