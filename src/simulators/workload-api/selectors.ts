/** Label and field selectors, as lists and watches have them. */
import { fieldOf, type ApiObject } from './api-object';
import { badRequest } from './status-error';

/** Whether an object is selected. */
export type Selector = (object: ApiObject) => boolean;

const MOST_BYTES = 8_192;
const KEY = String.raw`(?:[A-Za-z0-9][-A-Za-z0-9_.]*/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?`;
const REQUIREMENT = new RegExp(
  String.raw`^\s*(?:(!)\s*(${KEY})|(${KEY})(?:\s*(==|=|!=|>|<)\s*([-A-Za-z0-9_.]*)|\s+(in|notin)\s*\(([^()]*)\))?)\s*$`,
);

/** @throws StatusError (400) for what is not a selector. @returns undefined for one that selects all */
export function labelSelector(text: string | null): Selector | undefined {
  if (text === null || text.trim() === '') return undefined;
  if (text.length > MOST_BYTES) throw badRequest(`labelSelector has more than ${MOST_BYTES} characters`);
  const tests = splitOutsideBrackets(text).map((part) => {
    const match = REQUIREMENT.exec(part);
    if (match === null) throw badRequest(`unable to parse requirement: ${JSON.stringify(part)} in labelSelector`);
    return requirement(match);
  });
  return ({ metadata: { labels = {} } }) => tests.every((test) => test(labels));
}

type Labels = Readonly<Record<string, string>>;

function requirement([, not, absent, key = '', sign, value = '', word, list = '']: RegExpExecArray) {
  const of = (labels: Labels, name: string) => (Object.hasOwn(labels, name) ? labels[name] : undefined);
  if (not !== undefined) return (labels: Labels) => of(labels, absent ?? '') === undefined;
  if (word !== undefined) {
    const values = new Set(list.split(',').map((each) => each.trim()));
    return word === 'in'
      ? (labels: Labels) => values.has(of(labels, key) ?? NONE)
      : (labels: Labels) => !values.has(of(labels, key) ?? NONE);
  }
  if (sign === undefined) return (labels: Labels) => of(labels, key) !== undefined;
  if (sign === '!=') return (labels: Labels) => of(labels, key) !== value;
  if (sign === '>') return (labels: Labels) => Number(of(labels, key)) > Number(value);
  if (sign === '<') return (labels: Labels) => Number(of(labels, key)) < Number(value);
  return (labels: Labels) => of(labels, key) === value;
}

/** No label has this value. */
const NONE = '\0';

function splitOutsideBrackets(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    else if (text[i] === ',' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** What API servers select by, of each kind besides its name and namespace. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  Node: ['spec.unschedulable'],
  Namespace: ['status.phase'],
  Secret: ['type'],
  Service: ['spec.clusterIP', 'spec.type'],
  Job: ['status.successful'],
  ReplicaSet: ['status.replicas'],
  Event: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
};

/** @throws StatusError (400) for a field that API servers do not select by. @returns undefined for one that selects all */
export function fieldSelector(text: string | null, kind: string): Selector | undefined {
  if (text === null || text.trim() === '') return undefined;
  if (text.length > MOST_BYTES) throw badRequest(`fieldSelector has more than ${MOST_BYTES} characters`);
  const tests = text.split(',').map((part): Selector => {
    const [, path = '', sign, value = ''] = /^\s*([\w.]+)\s*(==|=|!=)\s*(.*?)\s*$/.exec(part) ?? [];
    if (sign === undefined) throw badRequest(`invalid field selector ${JSON.stringify(part)}`);
    if (!['metadata.name', 'metadata.namespace', ...(FIELDS[kind] ?? [])].includes(path))
      throw badRequest(`field label not supported: ${path}`);
    return (object) => (asText(fieldOf(object, path), path) === value) === (sign !== '!=');
  });
  return (object) => tests.every((test) => test(object));
}

function asText(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null)
    return path === 'spec.unschedulable' || path === 'spec.hostNetwork' ? 'false' : '';
  return JSON.stringify(value);
}
