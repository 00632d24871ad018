/** What an API server writes down of those who ask it. */
import { readFileSync, writeFileSync } from 'node:fs';

export interface Audited {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code: number };
}

/** Arguments of an API server that writes down what ServiceAccounts ask. */
export function auditArguments(policy: string, log: string): readonly string[] {
  const rules = [
    { level: 'Metadata', userGroups: ['system:serviceaccounts'], omitStages: ['RequestReceived'] },
    { level: 'None' },
  ];
  writeFileSync(policy, JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules }));
  return [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`];
}

/** What everybody may ask for: which kinds there are. */
const OPEN = /^\/(version|openapi\/.*|api(\/v1)?|apis(\/[^/?]+){0,2})(\?.*)?$/;

/** What a ServiceAccount has asked for of the API, but for what everybody may. */
export function askedBy(log: string, account: string): readonly Audited[] {
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.includes(`:${account}"`))
    .map((line) => JSON.parse(line) as Audited)
    .filter(({ objectRef, requestURI }) => objectRef?.resource !== 'selfsubjectreviews' && !OPEN.test(requestURI));
}
