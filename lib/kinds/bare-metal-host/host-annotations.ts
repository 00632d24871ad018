import { hostAnnotations } from './manifests';
import { errorTypes, hostSchemasOf, operationalStatuses } from './schema';
import type { BareMetalHostSpec } from './schema';
import { boolean, object, string } from '../../crd';
import { decodeGoJson } from '../../go/json';
import { show } from '../../names';

const rebootArguments = object({ mode: string(), force: boolean() });

/** What the webhook takes: fewer than the schema has, and nothing at all. */
const OPERATIONAL_STATUS = operationalStatuses.filter((each) => each !== 'servicing');
const ERROR_TYPES = ['', ...errorTypes.filter((each) => each !== 'servicing error')];

/**
 * What the webhook of a release of BMO has against the annotations that it reads. JSON in them is decoded into Go types:
 * any field may be missing, `null`, or in other case, and only unknown ones and wrong types are refused.
 */
export function annotationProblems(
  annotations: Readonly<Record<string, string>>,
  { inspectionMode }: BareMetalHostSpec,
  release: string,
): string[] {
  const problems: string[] = [];
  const annotated = annotations[hostAnnotations.inspect];
  const isUninspected = inspectionMode === 'disabled' || annotated === 'disabled';
  for (const [key, value] of Object.entries(annotations)) {
    if (value === '') continue;
    if (key === hostAnnotations.status) problems.push(...statusProblems(value, release));
    if (key === hostAnnotations.hardwareDetails) problems.push(...detailsProblems(value, isUninspected, release));
    if (key === hostAnnotations.reboot || key.startsWith(`${hostAnnotations.reboot}/`)) {
      problems.push(...rebootProblems(key, value));
    }
  }
  if (annotated && annotated !== 'disabled') {
    problems.push(`annotation ${hostAnnotations.inspect} is ${show(annotated)}: use 'disabled' or ''`);
  }
  if (annotated && inspectionMode !== undefined && (annotated === 'disabled') !== (inspectionMode === 'disabled')) {
    problems.push(
      `annotation ${hostAnnotations.inspect} is ${show(annotated)} and spec.inspectionMode ${show(inspectionMode)}: give one of them`,
    );
  }
  return problems;
}

const ONE_VALUE = { refusesUnknownFields: true, isWhole: false };

/** What a release has against a status that a host starts with. */
export function statusProblems(text: string, release: string): string[] {
  const { problems, texts } = decodeGoJson(text, hostSchemasOf(release).status, 'status', ONE_VALUE);
  return [
    ...problems.map(({ path, message }) =>
      path === 'status' ? `annotation ${hostAnnotations.status} ${message}` : `${path}: ${message}`,
    ),
    ...notOneOf('operationalStatus', texts, OPERATIONAL_STATUS),
    ...notOneOf('errorType', texts, ERROR_TYPES),
  ];
}

function notOneOf(field: string, texts: ReadonlyMap<string, string>, allowed: readonly string[]): string[] {
  const value = texts.get(field) ?? '';
  if (allowed.includes(value)) return [];
  const list = allowed.map(show).join(', ');
  return [`status.${field}: must be one of ${list}; given ${show(value)}`];
}

function detailsProblems(text: string, isUninspected: boolean, release: string): string[] {
  if (!isUninspected) {
    return [
      `annotation ${hostAnnotations.hardwareDetails} is given while inspection is on: set inspectionMode to disabled`,
    ];
  }
  const { problems } = decodeGoJson(text, hostSchemasOf(release).hardware, 'hardware', ONE_VALUE);
  return problems.map(({ path, message }) => `annotation ${hostAnnotations.hardwareDetails}: ${path} ${message}`);
}

function rebootProblems(key: string, text: string): string[] {
  const { problems, texts } = decodeGoJson(text, rebootArguments, 'value', {
    refusesUnknownFields: false,
    isWhole: true,
  });
  if (problems.length === 0 && ['hard', 'soft', ''].includes(texts.get('mode') ?? '')) return [];
  const why = problems.map(({ path, message }) => ` (${path} ${message})`).join('');
  return [`annotation ${key} is ${show(text)}${why}: use '', or JSON such as '{"mode":"hard"}' (hard or soft)`];
}
