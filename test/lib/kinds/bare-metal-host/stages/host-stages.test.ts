import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { testModeDelays } from '../../../../../lib/kinds/bare-metal-host/stages/delays';
import { failsIn } from '../../../../../lib/kinds/bare-metal-host/stages/failures';
import { hostStages, type HostStagesProps } from '../../../../../lib/kinds/bare-metal-host/stages/host-stages';
import { hostStates } from '../../../../../lib/kinds/bare-metal-host/stages/host-state';
import type { Stage } from '../../../../../lib/kinds/bare-metal-host/stages/stage';
import { resolveTestbed } from '../../../../../lib/testbed/resolve';
import { refuses } from '../../../../support/refuses';

const stage = (name: string, props: HostStagesProps = {}) => {
  const found = hostStages({ workers: 1, ...props }).find(({ metadata }) => metadata.name === name);
  assert.ok(found, `no stage '${name}'`);
  return found;
};

describe('hostStages', () => {
  it('gives the same stages for the same props', () => {
    const props: HostStagesProps = { failures: [{ state: 'inspecting', share: 0.1 }] };
    assert.equal(JSON.stringify(hostStages(props)), JSON.stringify(hostStages(props)));
  });

  it('follows the newest release that is described', () => {
    const namesFor = (...versions: string[]) =>
      resolveTestbed({
        hostSets: [],
        operators: versions.map((version, i) => ({
          version,
          namespace: `operator-${i}`,
          watchedNamespaces: [`hosts-${i}`],
        })),
        simulator: { workers: 1 },
      }).stages.map((each) => (each as Stage).metadata.name);
    assert.ok(namesFor('v0.13.2').includes('prepare-released'));
    for (const names of [namesFor('v0.14.0-rc.0'), namesFor('v0.13.2', 'v0.14.0-rc.0')]) {
      assert.ok(names.includes('take-over-released') && !names.includes('prepare-released'));
    }
    const provision = hostStages({ workers: 1 }, 'v0.14.0-rc.0').find(({ metadata }) => metadata.name === 'provision');
    assert.match(JSON.stringify(provision), /lastAttemptedImage/);
    assert.doesNotMatch(JSON.stringify(hostStages()), /lastAttemptedImage/);
  });

  it('names each stage once', () => {
    const names = hostStages({ failures: [{ state: 'preparing', share: 1 }] }).map(({ metadata }) => metadata.name);
    assert.equal(new Set(names).size, names.length);
  });

  it('has no more stages than kwok can ask of every change of every host at the usual cost', () => {
    assert.ok(hostStages({ workers: 1 }).length <= 54, 'more CPU for each host: merge stages that differ little');
  });

  it('has a way out of every state', () => {
    const ofState = '(.status.provisioning.state // "")';
    const left = new Set(
      hostStages()
        .filter(({ spec }) => spec.steps.length > 0)
        .flatMap(
          ({ spec }) =>
            spec.selector.matchExpressions.find(({ jq }) => jq.key === ofState && jq.operator === 'In')?.jq.values ??
            [],
        ),
    );
    assert.deepEqual([...left].sort(), [...hostStates].sort());
  });

  it('splits the hosts among workers, each with a spelling of the kind of its own', () => {
    const stages = hostStages({ workers: 16 });
    const kinds = new Set(stages.map(({ spec }) => spec.resourceRef.kind));
    assert.equal(kinds.size, 16);
    for (const kind of kinds) assert.equal(kind.toLowerCase(), 'baremetalhost');
    const registering = stages.filter(({ metadata }) => /^register-\d+$/.test(metadata.name));
    assert.equal(registering.length, 16);
  });

  it('gives each first digit of a UID to one worker', () => {
    for (let workers = 2; workers <= 16; workers++) {
      const keys = hostStages({ workers })
        .filter(({ metadata }) => /^register-\d+$/.test(metadata.name))
        .map(({ spec }) => spec.selector.matchExpressions[1]?.jq.key ?? '');
      const bounds = keys.map((key) => ({
        least: /uid >= "(\w)"/.exec(key)?.[1],
        below: /uid < "(\w)"/.exec(key)?.[1],
      }));
      const starts = bounds.map(({ least }) => least ?? '0');
      // Each begins where the one before ends, later than that one began; the last has no end.
      assert.deepEqual([...new Set(starts)].sort(), starts);
      assert.deepEqual(
        bounds.map(({ below }) => below),
        [...starts.slice(1), undefined],
      );
    }
  });

  it('gives kwok the most of a range as its jitter', () => {
    assert.deepEqual(stage('prepare', { inspectingMilliseconds: [100, 300] }).spec.delay, {
      durationMilliseconds: 100,
      jitterDurationMilliseconds: 300,
    });
    assert.deepEqual(stage('prepare', { inspectingMilliseconds: 100 }).spec.delay, { durationMilliseconds: 100 });
    assert.equal(stage('prepare', { inspectingMilliseconds: 0 }).spec.delay, undefined);
  });

  it("takes test mode's own delays", () => {
    assert.deepEqual(stage('finish-provisioning', testModeDelays).spec.delay, { durationMilliseconds: 10_000 });
  });

  it('patches with the version it has seen, so that a host that has changed since is left alone', () => {
    for (const { spec, metadata } of hostStages({ workers: 1 })) {
      for (const { patch } of spec.steps) {
        if (patch?.type === 'merge')
          assert.match(
            patch.template,
            /"resourceVersion":\{\{ dig "metadata" "resourceVersion" nil \. \| toJson \}\}/,
            metadata.name,
          );
        // What is taken away is looked at first.
        if (patch?.type === 'json') assert.match(patch.template, /^\[\{"op":"test",/, metadata.name);
      }
    }
  });

  it('takes braces in a message for text', () => {
    const { spec } = stage('fail-inspecting', {
      failures: [{ state: 'inspecting', share: 1, message: 'say {{ "hi" }}' }],
    });
    assert.ok(spec.steps[0]?.patch?.template.includes('{{ "say {{ \\"hi\\" }}" | toJson }}'));
  });

  it('leaves events out where none are wanted', () => {
    const steps = (events: boolean) => hostStages({ events }).flatMap(({ spec }) => spec.steps);
    assert.ok(steps(true).some(({ event }) => event !== undefined));
    assert.ok(steps(false).every(({ event }) => event === undefined));
  });

  it('has no failing stage for a share of nothing', () => {
    const names = (share: number) =>
      hostStages({ failures: [{ state: 'inspecting', share }] }).map(({ metadata }) => metadata.name);
    assert.ok(!names(0).includes('fail-inspecting-1'));
    assert.ok(names(0.1).includes('fail-inspecting-1'));
  });
});

describe('hostStages refuses', () => {
  const cases: [why: string, props: object, message: RegExp][] = [
    ['a share above 1', { failures: [{ state: 'inspecting', share: 1.5 }] }, /share of 1\.5 .* from 0 to 1/],
    ['a negative share', { failures: [{ state: 'inspecting', share: -0.1 }] }, /share of -0\.1 .* from 0 to 1/],
    ['a share that is not a number', { failures: [{ state: 'inspecting', share: NaN }] }, /share of NaN/],
    [
      'a state in which nothing can fail',
      { failures: [{ state: 'deleting', share: 1 }] },
      /cannot fail in state 'deleting'.*registering, inspecting/,
    ],
    ['an unknown state', { failures: [{ state: 'bored', share: 1 }] }, /cannot fail in state 'bored'/],
    [
      'two failures in one state',
      {
        failures: [
          { state: 'preparing', share: 0.1 },
          { state: 'preparing', share: 0.2 },
        ],
      },
      /two failures in state 'preparing'/,
    ],
    [
      'an unknown error type',
      { failures: [{ state: 'preparing', share: 0.1, errorType: 'sadness' }] },
      /'sadness' is unknown.*preparation error/,
    ],
    [
      'a recovery before any failure',
      { failures: [{ state: 'preparing', share: 0.1, recoversAfter: 0 }] },
      /recover after 0 failures/,
    ],
    [
      'a negative wait',
      { failures: [{ state: 'preparing', share: 0.1, retryMilliseconds: -1 }] },
      /retryMilliseconds -1/,
    ],
    ['a negative delay', { inspectingMilliseconds: -5 }, /inspectingMilliseconds -5 .*from 0 up/],
    ['a delay with a fraction', { inspectingMilliseconds: 0.5 }, /inspectingMilliseconds 0\.5/],
    [
      'a range the wrong way round',
      { preparingMilliseconds: [300, 100] },
      /preparingMilliseconds \[300,100\].*give \[100, 300\]/,
    ],
    ['a range of one', { preparingMilliseconds: [300] }, /preparingMilliseconds \[300\]/],
    ['no worker', { workers: 0 }, /0 workers.*1 to 16/],
    ['too many workers', { workers: 17 }, /17 workers/],
  ];
  for (const [why, props, message] of cases) {
    it(why, () => {
      refuses(() => hostStages(props), message);
    });
  }
});

describe('failsIn', () => {
  const names = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ namespace: 'default', name: `worker-${index + 1}` }));

  it('meets the share among hosts with numbered names', () => {
    for (const share of [0.01, 0.1, 0.25, 0.5, 0.9]) {
      const failing = names(5000).filter((host) => failsIn({ state: 'inspecting', share }, host)).length;
      assert.ok(Math.abs(failing / 5000 - share) < 0.01, `${failing} of 5000 for ${share}`);
    }
  });

  it('takes no host for 0 and every host for 1', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (namespace, name) => {
        assert.equal(failsIn({ state: 'preparing', share: 0 }, { namespace, name }), false);
        assert.equal(failsIn({ state: 'preparing', share: 1 }, { namespace, name }), true);
      }),
    );
  });

  it('keeps the hosts of a share in any larger one', () => {
    const [few, many] = [0.2, 0.4].map((share) =>
      names(500).filter((host) => failsIn({ state: 'inspecting', share }, host)),
    );
    const larger = new Set(many?.map(({ name }) => name));
    assert.ok(few && few.length > 50 && few.every(({ name }) => larger.has(name)));
  });

  it('takes other hosts in other states', () => {
    const of = (state: 'inspecting' | 'provisioning') =>
      names(1000)
        .filter((host) => failsIn({ state, share: 0.5 }, host))
        .map(({ name }) => name);
    const both = of('inspecting').filter((name) => of('provisioning').includes(name)).length;
    assert.ok(both > 150 && both < 350, `${both} of 1000 in both halves`);
  });
});
