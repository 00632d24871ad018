/** A kind of the tests' own: a Widget is described, comes to be `Ready`, or fails. */
import { identityOf, unseenObject, type Kind, type LiveObject, type ObservedObject } from '../../lib/kinds/kind';

export interface ObservedWidget extends ObservedObject {
  readonly size: number;
}

interface WidgetObject extends LiveObject {
  readonly spec?: { readonly size?: number };
  readonly status?: { readonly phase?: string; readonly reason?: string };
}

export const widgetKind: Kind<ObservedWidget> = {
  apiVersion: 'tests.metal3.io/v1',
  kind: 'Widget',
  plural: 'widgets',
  shortNames: [],
  noun: { one: 'widget', many: 'widgets' },
  states: ['Pending', 'Ready', 'Failed'],
  looks: [],
  stateColumn: 'Phase',
  observe: (object: WidgetObject, shared) => ({
    ...identityOf(object, shared),
    state: shared(object.status?.phase),
    isSettled: object.status?.phase === 'Ready',
    errorType: shared(object.status?.reason),
    errorMessage: '',
    size: object.spec?.size ?? 0,
  }),
  unseen: (namespace, name) => ({ ...unseenObject(namespace, name), size: 0 }),
  recorded: ({ size }) => [['size', String(size)]],
};

export const widgetCrd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'widgets.tests.metal3.io',
    annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests' },
  },
  spec: {
    group: 'tests.metal3.io',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        additionalPrinterColumns: [{ name: 'Phase', type: 'string', jsonPath: '.status.phase' }],
      },
    ],
  },
};
