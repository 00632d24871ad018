import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Fleet } from '../../../lib/kinds/bare-metal-host/fleet';
import { checkHost } from '../../../lib/kinds/bare-metal-host/host-rules';
import { resolveTestbed, type TestbedProps } from '../../../lib/testbed/resolve';
import { resolveScenario, stepsOf } from '../../../lib/scenario/resolve-scenario';
import { STEP_KINDS } from '../../../lib/scenario/schema';
import { seeded } from '../../../lib/scenario/seeded-status';
import { selectHosts } from '../../../lib/scenario/select-hosts';
import type { ScenarioStep, StepKinds } from '../../../lib/scenario/steps';
import { requireTestbedShape } from '../../../lib/testbed/schema';
import { refuses } from '../../support/refuses';

const fleets = [new Fleet({ count: 10 }), new Fleet({ count: 4, name: 'spare', firstIndex: 11 })];
const resolve = (...steps: readonly ScenarioStep[]) => resolveScenario({ steps }, fleets, 1);

describe('a scenario', () => {
  it('has in YAML every kind of step that TypeScript has', () => {
    const kinds: Record<keyof StepKinds, true> = {
      ...{
        enroll: true,
        provision: true,
        deprovision: true,
        powerOn: true,
        powerOff: true,
        reboot: true,
        detach: true,
      },
      ...{ attach: true, pause: true, unpause: true, delete: true, churn: true, rest: true, killOperator: true },
      ...{ slowApiServer: true, stopApiServer: true, takeCredentials: true, giveCredentials: true, failHosts: true },
    };
    assert.deepEqual([...STEP_KINDS].sort(), Object.keys(kinds).sort());
  });

  it('gives each step a name of its own, its kind where it has none', () => {
    const { root } = resolve(
      { enroll: {} },
      {
        parallel: [
          { provision: { share: 0.5 } },
          { sequence: [{ rest: { seconds: 1 } }, { enroll: {}, name: 'rest' }] },
        ],
      },
      { provision: {}, timeoutSeconds: 5 },
    );
    const steps = [...stepsOf(root)];
    assert.deepEqual(
      steps.map(({ name, path }) => [name, path]),
      [
        ['enroll', 'scenario.steps[0]'],
        ['provision', 'scenario.steps[1].parallel[0]'],
        ['rest 2', 'scenario.steps[1].parallel[1].sequence[0]'],
        ['rest', 'scenario.steps[1].parallel[1].sequence[1]'],
        ['provision 2', 'scenario.steps[2]'],
      ],
    );
    assert.deepEqual(
      steps.map(({ timeoutMs }) => timeoutMs),
      [600_000, 600_000, 600_000, 600_000, 5_000],
    );
  });

  describe('whose steps change hosts that no step has made', () => {
    const changes = [
      ...(['provision', 'deprovision', 'powerOn', 'powerOff', 'reboot', 'detach', 'attach', 'pause'] as const),
      ...(['unpause', 'delete', 'takeCredentials', 'giveCredentials'] as const),
    ];
    const churn = { share: 0.1, everySeconds: 1, forSeconds: 1 };
    const refused: readonly (readonly [RegExp, ...ScenarioStep[]])[] = [
      ...changes.map(
        (kind) =>
          [
            new RegExp(
              `^scenario\\.steps\\[0\\]\\.${kind}: all of its 14 hosts are not there by then, such as .*/worker-1: begin`,
            ),
            { [kind]: {} } as unknown as ScenarioStep,
          ] as const,
      ),
      [/^scenario\.steps\[0\]\.churn: all of its 14 hosts/, { churn }],
      [/^scenario\.steps\[1\]\.provision: all of its 14/, { rest: { seconds: 1 } }, { provision: {} }],
      [
        /^scenario\.steps\[1\]\.provision: 7 of its 14 hosts .* or select fewer/,
        { enroll: { share: 0.5 } },
        { provision: {} },
      ],
      [
        /^scenario\.steps\[1\]\.reboot: all of its 4/,
        { enroll: { hostSets: ['worker'] } },
        { reboot: { hostSets: ['spare'] } },
      ],
      [/^scenario\.steps\[1\]\.pause: all of its 1 hosts/, { enroll: { hosts: '1-3' } }, { pause: { hosts: 4 } }],
      [/^scenario\.steps\[2\]\.provision: all/, { enroll: {} }, { delete: {} }, { provision: {} }],
      [/^scenario\.steps\[2\]\.delete: all/, { enroll: {} }, { delete: {} }, { delete: {} }],
      [/^scenario\.steps\[0\]\.sequence\[0\]\.provision: all/, { sequence: [{ provision: {} }, { enroll: {} }] }],
      [
        /^scenario\.steps\[0\]\.parallel\[1\]\.provision: all/,
        { parallel: [{ rest: { seconds: 1 } }, { provision: {} }] },
      ],
    ];
    for (const [message, ...steps] of refused)
      it(`is refused: ${JSON.stringify(steps)}`, () => {
        const said = refuses(() => resolve(...steps), message);
        assert.equal(said.split('\n').length, 1, said);
      });

    const taken: readonly (readonly ScenarioStep[])[] = [
      [{ rest: { seconds: 1 } }, { killOperator: {} }],
      [{ enroll: { share: 0.5 } }, { provision: { share: 0.5 } }, { delete: {} }, { enroll: {} }, { reboot: {} }],
      [{ enroll: { hosts: '1-3' } }, { enroll: { hosts: '4-14' } }, { powerOff: {} }],
      // Of steps that run side by side, any may come first.
      [{ parallel: [{ provision: {} }, { enroll: {} }] }],
      [{ parallel: [{ sequence: [{ rest: { seconds: 1 } }, { provision: {} }] }, { sequence: [{ enroll: {} }] }] }],
      [{ enroll: {} }, { parallel: [{ delete: {} }, { churn }] }, { provision: {} }],
      [{ enroll: { hosts: 1 } }, { churn }, { provision: {} }],
    ];
    for (const steps of taken)
      it(`is taken where they may be there: ${JSON.stringify(steps)}`, () => {
        assert.equal(resolve(...steps).root.steps.length, steps.length);
      });
  });

  it('is refused with all that is wrong with it, by its path', () => {
    const message = refuses(
      () =>
        resolve(
          { enroll: {}, provision: {} } as never,
          {} as never,
          { provision: { share: 0, hostSets: ['wokrer'] } },
          { parallel: [{ powerOff: { hosts: '9-3' } }, { detach: { hosts: '99' }, name: 'x' }] },
          { rest: { seconds: 1 }, name: 'x' },
          { sequence: [{ enroll: {} }], name: 'group' } as never,
          { killOperator: { operator: 2 } },
          { failHosts: { failures: [{ state: 'deleting' as never, share: 1 }] } },
        ),
      /^scenario\.steps\[0\]: must have exactly one of enroll, .*; given enroll and provision$/m,
    );
    for (const line of [
      /^scenario\.steps\[1\]: must have exactly one of .*; given none$/m,
      /^scenario\.steps\[2\]\.provision\.hostSets\[0\]: 'wokrer' is not a host set of the description: use worker, spare$/m,
      /^scenario\.steps\[2\]\.provision\.share: must be above 0; given 0$/m,
      /^scenario\.steps\[3\]\.parallel\[0\]\.powerOff\.hosts: hosts '9-3' is not a valid list of indexes/m,
      /^scenario\.steps\[3\]\.parallel\[1\]\.detach: selects no host of the description$/m,
      /^scenario\.steps\[4\]\.name: 'x' is the name of another step$/m,
      /^scenario\.steps\[5\]\.name: goes to the steps of a sequence/m,
      /^scenario\.steps\[6\]\.killOperator\.operator: must be from 1 to 1/m,
      /^scenario\.steps\[7\]\.failHosts\.failures: hosts cannot fail in state 'deleting'/m,
    ])
      assert.match(message, line);
  });

  it('is refused with an image that the operators refuse', () => {
    const provision = (url: string, operators: TestbedProps['operators']) => () =>
      resolveTestbed({
        operators,
        hostSets: [{ count: 1, bmcProtocol: 'redfish' }],
        scenario: { steps: [{ enroll: {} }, { provision: { image: { url, checksum: 'abc' } } }] },
      });
    const at = 'scenario\\.steps\\[1\\]\\.provision\\.image\\.url';
    refuses(provision('http://images.example:8x/a', []), new RegExp(`^${at} .* is not a valid URL`));
    refuses(provision('/images/a', [{ version: 'v0.14.0-rc.0' }]), new RegExp(`^${at} '/images/a' has a scheme`));
    provision('/images/a', [{ version: 'v0.13.2' }])();
    provision('/images/a', [])();
  });

  it('is refused in a description before anything is made of that', () => {
    const described = { hostSets: [{ count: 1 }], scenario: { steps: [{ churn: { share: 2, everySeconds: 1 } }] } };
    refuses(() => resolveTestbed(described as never), /scenario\.steps\[0\]\.churn\.share: must be at most 1; given 2/);
    refuses(() => requireTestbedShape(described, 'f'), /scenario\.steps\[0\]\.churn\.forSeconds: is required/);
    const nested = { scenario: { steps: [{ parallel: [{ sequence: [{ detatch: {} }] }] }] } };
    refuses(
      () => requireTestbedShape(nested, 'f'),
      /scenario\.steps\[0\]\.parallel\[0\]\.sequence\[0\]\.detatch: unknown field; did you mean 'detach'/,
    );
  });
});

describe('a selection of hosts', () => {
  const names = (selection: Parameters<typeof selectHosts>[1]) =>
    [...selectHosts(fleets, selection)].map(({ host }) => host.name);

  it('is by host set, by index and by share', () => {
    assert.equal(names({}).length, 14);
    assert.deepEqual(names({ hostSets: ['spare'] }), ['spare-11', 'spare-12', 'spare-13', 'spare-14']);
    assert.deepEqual(names({ hosts: '1,9-11' }), ['worker-1', 'worker-9', 'worker-10', 'spare-11']);
    assert.deepEqual(names({ hostSets: ['worker'], share: 0.3 }), ['worker-4', 'worker-7', 'worker-10']);
  });

  it('has as many hosts as its share says, spread evenly', () => {
    const share = fc.double({ min: 0.001, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), share, (count, part) => {
        const indexes = [...selectHosts([new Fleet({ count })], { share: part })].map(({ host }) => host.index);
        assert.equal(indexes.length, Math.floor(count * part));
        const gaps = indexes.slice(1).map((index, i) => index - (indexes[i] ?? 0));
        assert.ok(
          gaps.every((gap) => Math.abs(gap - 1 / part) < 1 + 1e-6),
          `${gaps.join()} for ${part}`,
        );
      }),
      { numRuns: 50 },
    );
  });
});

describe('a host that starts half-way', () => {
  it('brings a status that BMO takes, with the image that it is provisioned with', () => {
    const fleet = new Fleet({ count: 1, bmcProtocol: 'redfish' });
    for (const state of ['available', 'provisioned'] as const) {
      const host = seeded(fleet.manifest(fleet.hostAt(1)), state);
      checkHost(host, 'host');
      const annotation = host.metadata.annotations?.['baremetalhost.metal3.io/status'] ?? '';
      const status = JSON.parse(annotation) as { provisioning: { state: string; image?: { url: string } } };
      assert.equal(status.provisioning.state, state);
      assert.equal(status.provisioning.image?.url, host.spec.image?.url);
      assert.equal(host.spec.image === undefined, state === 'available');
    }
  });
});
