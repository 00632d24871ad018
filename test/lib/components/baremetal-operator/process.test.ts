import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { App, Chart } from 'cdk8s';
import type { BareMetalOperatorProps } from '../../../../lib/components/baremetal-operator';
import { baremetalOperatorComponent } from '../../../../lib/components/baremetal-operator/component';

interface Deployment {
  readonly kind: string;
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly args: readonly string[];
          readonly env: readonly { readonly name: string; readonly value?: string }[];
        }[];
      };
    };
  };
}

/** Ports, leader election and the webhook, which a pod has and a process has not, or has elsewhere. */
const OF_THE_PLACE = /^--(health-addr|metrics-addr|webhook-port|enable-leader-election)\b/;
const place = { folder: '/lab', kubeconfig: '/lab/kubeconfig', health: '127.0.0.1:1', metrics: '127.0.0.1:2' };

const OPTIONS: readonly BareMetalOperatorProps[] = [
  {},
  { testMode: true, kubeApiQps: 1000, kubeApiBurst: 2000, concurrency: 32 },
  { watchedNamespaces: ['north', 'south'], extraArgs: ['--dev'], extraEnv: { GOMAXPROCS: '2' } },
  { testMode: true, webhook: false, leaderElection: false },
];

describe('the Deployment of the Bare Metal Operator, and its process', () => {
  for (const options of OPTIONS) {
    it(`are called alike but for what the place asks for: ${JSON.stringify(options)}`, () => {
      const component = baremetalOperatorComponent([options]);
      const chart = new Chart(new App(), 'operators');
      component.addTo(chart);
      const deployment = (chart.toJson() as Deployment[]).find(({ kind }) => kind === 'Deployment');
      const container = deployment?.spec.template.spec.containers[0] ?? assert.fail('no container');
      const call = component.processes?.[0]?.at(place) ?? assert.fail('no process');
      const same = (args: readonly string[]) => args.filter((arg) => !OF_THE_PLACE.test(arg));
      assert.deepEqual(same(call.args), same(container.args));
      const inPod = container.env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
      const { KUBECONFIG, ...env } = call.env;
      assert.deepEqual(env, Object.fromEntries(inPod));
      assert.equal(KUBECONFIG, place.kubeconfig);
    });
  }

  it('differ in where the process serves, by whose leave it works, and in the webhook', () => {
    const [form] = baremetalOperatorComponent([{ testMode: true }]).processes ?? [];
    assert.deepEqual(form?.at(place).args, [
      '--test-mode',
      '--webhook-port=0',
      '--health-addr=127.0.0.1:1',
      '--metrics-addr=127.0.0.1:2',
    ]);
  });
});
