import type { CertManagerComponent, CertManagerVersion } from './releases';

type Labels = Record<string, string>;

/** What objects of a component are called in the label `app.kubernetes.io/name`. */
const labelNames: Readonly<Record<CertManagerComponent, string>> = {
  controller: 'cert-manager',
  webhook: 'webhook',
  cainjector: 'cainjector',
};

/** The labels that every object carries: of which program it is part, and of which release. */
export function commonLabels(version: CertManagerVersion, name: string): Labels {
  return {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/instance': 'cert-manager',
    'app.kubernetes.io/version': version,
  };
}

/** The labels of an object that belongs to a component. */
export function componentLabels(version: CertManagerVersion, component: CertManagerComponent): Labels {
  return {
    app: labelNames[component],
    ...commonLabels(version, labelNames[component]),
    'app.kubernetes.io/component': component,
  };
}

/** The labels by which a Service or a Deployment finds the pods of a component. They never change with the release. */
export function selectorLabels(component: CertManagerComponent): Labels {
  return {
    'app.kubernetes.io/name': labelNames[component],
    'app.kubernetes.io/instance': 'cert-manager',
    'app.kubernetes.io/component': component,
  };
}
