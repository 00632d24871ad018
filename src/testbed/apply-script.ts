/** How the files of a synthesized testbed are put onto a cluster: kubectl, with the waits that it does not do by itself. */
import { ApiObject, type Chart } from 'cdk8s';

/** One command of kubectl. */
export interface ApplyStep {
  readonly args: readonly string[];
  /** Whether it is tried again: a webhook answers some seconds after its pods are ready. */
  readonly retried: boolean;
}

/** How long a wait may take. */
const TIMEOUT = '--timeout=300s';

/**
 * The commands that apply charts to an empty cluster, in order: after CRDs it is waited until they are established, and
 * after webhooks until what answers them is available.
 *
 * @param charts in the order in which they are needed
 * @param fileOf the path of a chart's file
 */
export function applySteps(charts: readonly Chart[], fileOf: (chart: Chart) => string): readonly ApplyStep[] {
  const steps: ApplyStep[] = [];
  let hasWebhook = false;
  for (const [i, chart] of charts.entries()) {
    const objects = chart.node.findAll().filter((each): each is ApiObject => ApiObject.isApiObject(each));
    if (objects.length === 0) continue;
    steps.push({ args: ['apply', '--server-side', '-f', fileOf(chart)], retried: hasWebhook });
    // Nothing comes after the last one.
    if (i === charts.length - 1) break;
    if (objects.some(({ kind }) => kind === 'CustomResourceDefinition')) steps.push(wait('Established', ['crd']));
    if (!objects.some(({ kind }) => kind.endsWith('WebhookConfiguration'))) continue;
    hasWebhook = true;
    for (const namespace of namespacesOfDeployments(objects))
      steps.push(wait('Available', ['deployment', '-n', namespace]));
  }
  return steps;
}

/** A shell script that does it in one run, from whatever folder. Its arguments go to kubectl. */
export function applyScript(steps: readonly ApplyStep[]): string {
  const lines = steps.map(({ args, retried }) => `${retried ? 'again ' : ''}kubectl "$@" ${args.join(' ')}`);
  return `#!/bin/sh
# Applies this testbed in one run. Arguments go to kubectl: ./apply.sh --context kind-test
set -eu
cd "$(dirname "$0")"

# A webhook answers some seconds after its pods are ready.
again() {
  tries=1
  until "$@"; do
    [ "$tries" -lt 12 ] || exit 1
    tries=$((tries + 1))
    echo "trying again in 5 s (\${tries} of 12)" >&2
    sleep 5
  done
}

${lines.join('\n')}
`;
}

/** All that there are: on the empty cluster that this is for, they are the testbed's. */
function wait(condition: string, what: readonly string[]): ApplyStep {
  return { args: ['wait', `--for=condition=${condition}`, TIMEOUT, ...what, '--all'], retried: false };
}

function namespacesOfDeployments(objects: readonly ApiObject[]): ReadonlySet<string> {
  const deployments = objects.filter(({ kind }) => kind === 'Deployment');
  return new Set(deployments.map(({ metadata }) => metadata.namespace ?? 'default'));
}
