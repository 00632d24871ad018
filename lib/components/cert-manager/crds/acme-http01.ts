import { integer, map, object, required, string, withDefault } from '../../../crd';
import { objectMetadata, podTemplate } from './pod-template';
import { list, since } from './since';

const dnsLabel = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const dnsSubdomain = `${dnsLabel}(\\.${dnsLabel})*`;

/** A Gateway, or whatever else may be the parent of an HTTPRoute: `ParentReference` of the Gateway API. */
const parentReference = object({
  group: withDefault(string({ maxLength: 253, pattern: `^$|^${dnsSubdomain}$` }), 'gateway.networking.k8s.io'),
  kind: withDefault(
    string({ minLength: 1, maxLength: 63, pattern: '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$' }),
    'Gateway',
  ),
  namespace: string({ minLength: 1, maxLength: 63, pattern: `^${dnsLabel}$` }),
  name: required(string({ minLength: 1, maxLength: 253 })),
  sectionName: string({ minLength: 1, maxLength: 253, pattern: `^${dnsSubdomain}$` }),
  port: integer({ format: 'int32', minimum: 1, maximum: 65535 }),
});

const gatewayHTTPRoute = object({
  labels: map(string()),
  parentRefs: list(parentReference),
  serviceType: string(),
  podTemplate: since('v1.21.1', podTemplate),
});

const ingress = object({
  class: string(),
  ingressClassName: since('v1.21.1', string()),
  name: string(),
  serviceType: string(),
  ingressTemplate: object({ metadata: objectMetadata }),
  podTemplate,
});

/** Proof by a page, served by a pod of cert-manager's behind an Ingress or an HTTPRoute. */
export const http01 = object({ gatewayHTTPRoute, ingress });
