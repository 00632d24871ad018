import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Fleet } from '../../../lib/kinds/bare-metal-host/fleet';
import { checkHost } from '../../../lib/kinds/bare-metal-host/host-rules';
import type { BareMetalHostManifest } from '../../../lib/kinds/bare-metal-host/manifests';
import { resolveTestbed, type TestbedProps } from '../../../lib/testbed/resolve';
import { resolveScenario } from '../../../lib/scenario/resolve-scenario';
import { stepsOf } from '../../../lib/scenario/steps-of';
import { seeded } from '../../../lib/kinds/bare-metal-host/seeded-status';
import { selectHosts } from '../../../lib/scenario/select-hosts';
import type { ScenarioStep, SeededState } from '../../../lib/scenario/steps';
import { requireTestbedShape } from '../../../lib/testbed/schema';
import { refuses } from '../../support/refuses';

const fleets = [new Fleet({ count: 10 }), new Fleet({ count: 4, name: 'spare', firstIndex: 11 })];
const resolve = (...steps: readonly ScenarioStep[]) => resolveScenario({ steps }, { fleets });

describe('a scenario', () => {
  describe('of named and unnamed steps', () => {
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

    it('names each that has no name by its kind, numbered where another has that name', () => {
      const names = steps.map(({ name }) => name);
      assert.deepEqual(names, ['enroll', 'provision', 'rest 2', 'rest', 'provision 2']);
    });

    it('knows the path of each in the description', () => {
      assert.deepEqual(
        steps.map(({ path }) => path),
        [
          'scenario.steps[0]',
          'scenario.steps[1].parallel[0]',
          'scenario.steps[1].parallel[1].sequence[0]',
          'scenario.steps[1].parallel[1].sequence[1]',
          'scenario.steps[2]',
        ],
      );
    });

    it('gives each ten minutes, unless it says otherwise', () => {
      const times = steps.map(({ timeoutMs }) => timeoutMs);
      assert.deepEqual(times, [600_000, 600_000, 600_000, 600_000, 5_000]);
    });
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

  describe('is refused, by its path,', () => {
    const wrong: readonly (readonly [what: string, step: object, message: RegExp])[] = [
      [
        'for a step that is two',
        { enroll: {}, provision: {} },
        /^scenario\.steps\[0\]: must have exactly one of enroll, .*; given enroll and provision$/,
      ],
      ['for a step that is none', {}, /^scenario\.steps\[0\]: must have exactly one of .*; given none$/],
      [
        'for a host set that is not described',
        { enroll: { hostSets: ['wokrer'] } },
        /^scenario\.steps\[0\]\.enroll\.hostSets\[0\]: 'wokrer' is not a host set of the description: use worker, spare$/,
      ],
      [
        'for a share of nothing',
        { enroll: { share: 0 } },
        /^scenario\.steps\[0\]\.enroll\.share: must be above 0; given 0$/,
      ],
      [
        'for indexes that end before they begin',
        { parallel: [{ enroll: { hosts: '9-3' } }] },
        /^scenario\.steps\[0\]\.parallel\[0\]\.enroll\.hosts: hosts '9-3' is not a valid list of indexes/,
      ],
      [
        'for hosts that are not described',
        { sequence: [{ enroll: { hosts: '99' } }] },
        /^scenario\.steps\[0\]\.sequence\[0\]\.enroll: selects no host of the description$/,
      ],
      [
        'for a name of a group of steps',
        { sequence: [{ enroll: {} }], name: 'group' },
        /^scenario\.steps\[0\]\.name: goes to the steps of a sequence/,
      ],
      [
        'for an operator that is not described',
        { killOperator: { operator: 2 } },
        /^scenario\.steps\[0\]\.killOperator\.operator: must be from 1 to 1/,
      ],
      [
        'for failures in a state without any',
        { failHosts: { failures: [{ state: 'deleting', share: 1 }] } },
        /^scenario\.steps\[0\]\.failHosts\.failures: hosts cannot fail in state 'deleting'/,
      ],
    ];
    for (const [what, step, message] of wrong) {
      it(what, () => {
        const said = refuses(() => resolve(step as ScenarioStep), message);
        assert.equal(said.split('\n').length, 1, said);
      });
    }

    it('for a name that two steps have', () => {
      const named = { rest: { seconds: 1 }, name: 'x' };
      refuses(() => resolve(named, named), /^scenario\.steps\[1\]\.name: 'x' is the name of another step$/);
    });

    it('for all that is wrong with it at once', () => {
      const said = refuses(() => resolve(...wrong.map(([, step]) => step as ScenarioStep)), /./);
      const paths = said.split('\n').map((line) => /^scenario\.steps\[(\d)\]/.exec(line)?.[1]);
      assert.deepEqual(
        paths,
        wrong.map((_, i) => String(i)),
      );
    });
  });

  describe('whose hosts are provisioned with an image', () => {
    const provision = (url: string, operators: TestbedProps['operators']) => () =>
      resolveTestbed({
        operators,
        hostSets: [{ count: 1, bmcProtocol: 'redfish' }],
        scenario: { steps: [{ enroll: {} }, { provision: { image: { url, checksum: 'abc' } } }] },
      });
    const at = 'scenario\\.steps\\[1\\]\\.provision\\.image\\.url';

    it('is refused where no operator takes its URL', () => {
      refuses(provision('http://images.example:8x/a', []), new RegExp(`^${at} .* is not a valid URL`));
    });

    it('is refused where the operator of the description does not take its URL', () => {
      refuses(provision('/images/a', [{ version: 'v0.14.0-rc.0' }]), new RegExp(`^${at} '/images/a' has a scheme`));
    });

    it('is taken where the operator of the description takes its URL', () => {
      assert.doesNotThrow(provision('/images/a', [{ version: 'v0.13.2' }]));
    });

    it('is taken where some operator takes its URL, and none is described', () => {
      assert.doesNotThrow(provision('/images/a', []));
    });
  });

  describe('of a description', () => {
    const described = { hostSets: [{ count: 1 }], scenario: { steps: [{ churn: { share: 2, everySeconds: 1 } }] } };

    it('is refused before anything of the description is made', () => {
      const message = /scenario\.steps\[0\]\.churn\.share: must be at most 1; given 2/;
      refuses(() => resolveTestbed(described as never), message);
    });

    it('is refused where a field is missing in the file', () => {
      refuses(() => requireTestbedShape(described, 'f'), /scenario\.steps\[0\]\.churn\.forSeconds: is required/);
    });

    it('is refused with the step that may be meant, however deep it is', () => {
      const nested = { scenario: { steps: [{ parallel: [{ sequence: [{ detatch: {} }] }] }] } };
      refuses(
        () => requireTestbedShape(nested, 'f'),
        /scenario\.steps\[0\]\.parallel\[0\]\.sequence\[0\]\.detatch: unknown field; did you mean 'detach'/,
      );
    });
  });
});

describe('a selection of hosts', () => {
  const names = (selection: Parameters<typeof selectHosts>[1]) =>
    [...selectHosts(fleets, selection)].map(({ host }) => host.name);

  it('has all hosts of all sets where nothing is said', () => {
    assert.equal(names({}).length, 14);
  });

  it('has the hosts of the sets that are named', () => {
    assert.deepEqual(names({ hostSets: ['spare'] }), ['spare-11', 'spare-12', 'spare-13', 'spare-14']);
  });

  it('has the hosts of each set whose indexes are given', () => {
    assert.deepEqual(names({ hosts: '1,9-11' }), ['worker-1', 'worker-9', 'worker-10', 'spare-11']);
  });

  it('has a share of the hosts of the sets that are named', () => {
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
  const fleet = new Fleet({ count: 1, bmcProtocol: 'redfish' });
  const host = (state: SeededState) => seeded(fleet.manifest(fleet.hostAt(1)), state);
  const statusOf = ({ metadata }: BareMetalHostManifest) => {
    const annotation = metadata.annotations?.['baremetalhost.metal3.io/status'] ?? '';
    return JSON.parse(annotation) as { readonly provisioning: { readonly state: string; readonly image?: object } };
  };

  for (const state of ['available', 'provisioned'] as const) {
    it(`is one that BMO takes, where it is ${state}`, () => {
      assert.doesNotThrow(() => checkHost(host(state), 'host'));
    });

    it(`brings the status of a host that is ${state}`, () => {
      assert.equal(statusOf(host(state)).provisioning.state, state);
    });
  }

  it('asks for no image where it is available', () => {
    const { spec } = host('available');
    assert.equal(spec.image, undefined);
  });

  it('asks for the image that its status says it is provisioned with', () => {
    const provisioned = host('provisioned');
    assert.ok(provisioned.spec.image);
    assert.deepEqual(statusOf(provisioned).provisioning.image, provisioned.spec.image);
  });
});
