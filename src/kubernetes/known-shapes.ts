/**
 * What this package reads of objects of the kinds that Kubernetes and cert-manager define: the types of those fields, and no
 * more. An API server never answers with anything else, since it keeps no object that has; what is not an API server may.
 */
import { isMap } from '../util/is-map';

type Shape = (value: unknown) => boolean;

const text: Shape = (value) => typeof value === 'string';
const number: Shape = (value) => typeof value === 'number';
const truth: Shape = (value) => typeof value === 'boolean';
const list =
  (of: Shape): Shape =>
  (value) =>
    Array.isArray(value) && value.every(of);
/** Go writes null for an empty list or map, where its field is not left out. */
const optional =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || value === null || shape(value);
const map = (fields: Readonly<Record<string, Shape>>): Shape => {
  const entries = Object.entries(fields);
  return (value) => isMap(value) && entries.every(([name, shape]) => shape(value[name]));
};
const texts: Shape = (value) => isMap(value) && Object.values(value).every(text);

const conditions = optional(list(map({ type: text, status: text, message: optional(text) })));
const hasConditions = map({ status: optional(map({ conditions })) });
const containers = optional(
  list(
    map({
      name: text,
      state: optional(
        map({
          waiting: optional(map({ reason: optional(text), message: optional(text) })),
          terminated: optional(map({ reason: optional(text) })),
        }),
      ),
    }),
  ),
);
const webhooks = map({ webhooks: optional(list(map({ name: text, clientConfig: optional(map({})) }))) });

/** By group, version and plural. */
const SHAPES: Readonly<Record<string, Shape>> = {
  'v1/events': map({ message: optional(text) }),
  'v1/nodes': hasConditions,
  'v1/pods': map({
    status: optional(
      map({ phase: optional(text), conditions, initContainerStatuses: containers, containerStatuses: containers }),
    ),
  }),
  'v1/secrets': map({ data: optional(texts) }),
  'apps/v1/deployments': map({
    spec: map({ replicas: optional(number), selector: map({ matchLabels: optional(texts) }) }),
    status: optional(map({ conditions })),
  }),
  'coordination.k8s.io/v1/leases': map({
    spec: optional(
      map({
        holderIdentity: optional(text),
        leaseDurationSeconds: optional(number),
        renewTime: optional(text),
        acquireTime: optional(text),
      }),
    ),
  }),
  'apiextensions.k8s.io/v1/customresourcedefinitions': map({
    spec: map({
      group: text,
      names: map({ kind: text, plural: text }),
      versions: list(map({ name: text, served: truth })),
    }),
    status: optional(map({ conditions })),
  }),
  'admissionregistration.k8s.io/v1/validatingwebhookconfigurations': webhooks,
  'admissionregistration.k8s.io/v1/mutatingwebhookconfigurations': webhooks,
  'cert-manager.io/v1/certificates': hasConditions,
};

/** @returns whether a whole object is what one of its kind can be, as far as it is read here; true for other kinds */
export function canBe(kind: string, object: unknown): boolean {
  return SHAPES[kind]?.(object) ?? true;
}
