import { BAREMETAL_OPERATOR } from '../../lib/components/baremetal-operator/component';
import {
  apply,
  isWebhookConfiguration,
  ofKind,
  wait,
  type Component,
  type InstallStep,
} from '../../lib/components/component';
import { isCustomResourceDefinition, isNamespace } from '../../lib/order';
import type { KubernetesObject } from '../kubernetes/objects';
import { withoutPods } from './without-pods';
import { allObjects, leasesNamedBy, type Installation, type Installed } from './installation';

/**
 * The order in which a platform is put onto a cluster with pods: each part once what it needs is there. Whoever installs
 * goes through these, whether it is `up` or a Pulumi program.
 */
export function installSteps(installation: Installation): readonly InstallStep[] {
  const { components, leases = [] } = installation;
  const foundations = allObjects(installation).filter(isFoundation);
  const steps: readonly InstallStep[] = [
    apply('namespaces and CRDs', foundations),
    wait('CRDs established', 'crds-established', ofKind(foundations, 'CustomResourceDefinition')),
    apply('leases', leases),
    ...components.flatMap(({ component, objects }) =>
      component.steps(objects.filter((object) => !isFoundation(object))),
    ),
  ];
  return steps.filter(({ objects }) => objects.length > 0);
}

/** The same on a cluster without pods, where no webhook would ever answer: what is not made is not waited for either. */
export function stepsWithoutPods(steps: readonly InstallStep[]): readonly InstallStep[] {
  return steps
    .filter((step) => step.kind === 'apply' || step.condition === 'crds-established')
    .map((step) => ({ ...step, objects: withoutPods(step.objects) }))
    .filter(({ objects }) => objects.length > 0);
}

function isFoundation(object: KubernetesObject): boolean {
  return isNamespace(object) || isCustomResourceDefinition(object);
}

/**
 * All that is put onto a cluster before its hosts, with the leases of controllers where they run there.
 *
 * @param place of the operators: beside the cluster they need nothing that runs in it, but other components may
 */
export function platformSteps(installation: Installation, place: 'cluster' | 'process'): readonly InstallStep[] {
  const objects = allObjects(installation);
  if (place === 'process') {
    const { components } = installation;
    if (!components.some(({ component }) => component.needsPods)) return [apply('platform', withoutPods(objects))];
    const beside = components.map((each) => (each.component.name === BAREMETAL_OPERATOR ? besideCluster(each) : each));
    const leases = leasesNamedBy(beside.flatMap((each) => each.objects));
    return installSteps({ ...installation, components: beside, leases });
  }
  // Made before the controllers that would make them.
  return installSteps({ ...installation, leases: leasesNamedBy(objects) });
}

/** What of the operator a cluster has where it runs as a process: no pods of it, and nobody who answers for its webhook. */
function besideCluster({ component, objects }: Installed): Installed {
  const steps: Component['steps'] = (rest) => [apply(component.name, rest)];
  return { component: { ...component, steps }, objects: withoutPods(objects) };
}

/** What is begun on this machine between two steps. */
export interface StartStep {
  readonly kind: 'start';
  readonly task: string;
  readonly objects: readonly [];
  readonly start: () => Promise<void>;
}

/** One step of bringing a platform up. */
export type PlatformStep = InstallStep | StartStep;

/** A manager that runs beside a cluster without pods. */
export interface BesideCluster {
  /** Its objects as the cluster has them then. */
  readonly objects: readonly KubernetesObject[];
  start(): Promise<void>;
}

/**
 * The same on a cluster without pods beside which the managers run: each is started once its own objects are there, then
 * its webhooks are asked, and then it has to answer.
 *
 * @param beside the manager of a component, where it has one
 */
export function stepsBesideManagers(
  { namespaces, components }: Installation,
  beside: (installed: Installed) => BesideCluster | undefined,
): readonly PlatformStep[] {
  const parts = components.map((installed) => {
    const manager = beside(installed);
    return { ...installed, manager, objects: manager?.objects ?? withoutPods(installed.objects) };
  });
  const foundations = [...namespaces, ...parts.flatMap(({ objects }) => objects)].filter(isFoundation);
  const steps: readonly PlatformStep[] = [
    apply('namespaces and CRDs', foundations),
    wait('CRDs established', 'crds-established', ofKind(foundations, 'CustomResourceDefinition')),
    ...parts.flatMap(({ component, objects, manager }): readonly PlatformStep[] => {
      const rest = objects.filter((object) => !isFoundation(object));
      if (manager === undefined) return [apply(component.name, rest)];
      const own = component.steps(rest).filter((step) => step.objects.length > 0);
      const asked = own.findIndex((step) => step.kind === 'apply' && step.objects.some(isWebhookConfiguration));
      const i = asked < 0 ? 1 : asked;
      const start = { kind: 'start', task: component.name, objects: [], start: () => manager.start() } as const;
      // Of what comes with pods elsewhere there are the webhooks alone.
      const later = own.slice(i).map((step) => ({ ...step, task: step.task.replace(/ pods$/, ' webhooks') }));
      return [...own.slice(0, i), start, ...later];
    }),
  ];
  return steps.filter((step) => step.kind === 'start' || step.objects.length > 0);
}

/** Everything that steps apply. */
export function appliedBy(steps: readonly PlatformStep[]): readonly KubernetesObject[] {
  return steps.flatMap((step) => (step.kind === 'apply' ? step.objects : []));
}
