import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveScenario } from '../../../lib/scenario/resolve-scenario';
import { resolveTestbed, type TestbedProps } from '../../../lib/testbed/resolve';
import { installationOf } from '../../../src/install/installation';
import { managersOf } from '../../../src/managers/manager-programs';
import { unlikeProduction, type WhatRan } from '../../../src/scenario/unlike-production';

const NO_STEPS: WhatRan['scenario'] = { root: { kind: 'sequence', steps: [] } };
const OPERATOR = {
  name: 'bmo',
  arguments: ['--test-mode', '--kube-api-qps=1000', '--kube-api-burst=30', '--webhook-port=0'],
  environment: {},
};

/** What ran on an embedded control plane, as it is called there. */
function ran(props: TestbedProps, more: Partial<WhatRan> = {}): WhatRan {
  const testbed = resolveTestbed(props);
  const managers = managersOf(installationOf(testbed)).map(({ component, form }) => ({
    name: component.name,
    arguments: form.args,
    environment: form.env,
  }));
  return {
    ...{ testbed, managers, scenario: NO_STEPS, cluster: 'local', simulator: 'bmo', operators: [OPERATOR] },
    hasWorkloadApi: managers.length > 0,
    areProcesses: { operators: true, managers: true },
    controlPlane: {
      etcd: { args: ['--name=default', '--unsafe-no-fsync', '--listen-client-urls=https://127.0.0.1:1'], env: {} },
      apiServer: {
        args: ['--secure-port=2', '--max-requests-inflight=2000', '--token-auth-file=/secret/place'],
        env: { GOGC: '400' },
      },
      controllerManager: { args: ['--controllers=garbagecollector,namespace', '--kubeconfig=/k'], env: {} },
    },
    ...more,
  };
}

const optionsOf = (what: WhatRan) => unlikeProduction(what).map(({ option }) => option);
const find = (what: WhatRan, option: string) => unlikeProduction(what).find((each) => each.option === option);
const CLUSTERS: TestbedProps = { clusterSets: [{ count: 2 }] };

describe('what an environment was not', () => {
  it('follows from how the operator was called, and not from what is usual', () => {
    assert.match(find(ran(CLUSTERS), 'operators.bmo.testMode')?.here ?? '', /test mode \(--test-mode\)/);
    assert.deepEqual(find(ran(CLUSTERS), 'operators.bmo.kube-api-qps'), {
      option: 'operators.bmo.kube-api-qps',
      here: '--kube-api-qps=1000',
      production: '20',
    });
    // As it is by itself.
    assert.equal(find(ran(CLUSTERS), 'operators.bmo.kube-api-burst'), undefined);
    const real = { name: 'bmo', arguments: ['--kube-api-qps=20'], environment: {} };
    const inPods = { operators: [real], areProcesses: { operators: false, managers: false } };
    assert.deepEqual(
      optionsOf(ran({}, { ...inPods, cluster: 'existing', controlPlane: undefined })),
      [],
      'real operators on a cluster of somebody else',
    );
  });

  it('names kwok, and how hosts were told to behave', () => {
    const what = ran({ simulator: { inspectingMilliseconds: [2_000, 10_000] } }, { simulator: 'kwok', operators: [] });
    assert.match(find(what, 'simulator')?.here ?? '', /kwok .* no operator ran/);
    assert.equal(find(what, 'simulator.inspectingMilliseconds')?.here, '[2000,10000]');
  });

  it('names hosts that did not come to their state by themselves', () => {
    const props: TestbedProps = {
      hostSets: [{ count: 2 }],
      scenario: { name: 's', steps: [{ parallel: [{ enroll: { state: 'provisioned' } }] }] },
    };
    const testbed = resolveTestbed(props);
    const scenario = resolveScenario(props.scenario!, { fleets: testbed.fleets, operators: 1, clusterSets: [] });
    assert.match(find(ran(props, { scenario }), 'scenario.enroll.provisioned')?.here ?? '', /began as provisioned/);
    assert.equal(find(ran(props), 'scenario.enroll.provisioned'), undefined);
  });

  it('says of clusters whose their API is, and how their keys were made', () => {
    assert.ok(optionsOf(ran(CLUSTERS)).includes('workloadApi'));
    assert.match(find(ran(CLUSTERS), 'clusterSets.cluster.encryptionAlgorithm')?.here ?? '', /ECDSA-P256/);
    assert.equal(find(ran(CLUSTERS), 'clusterSets.cluster.keySeed'), undefined);
    assert.ok(optionsOf(ran({ clusterSets: [{ count: 1, keySeed: 'x' }] })).includes('clusterSets.cluster.keySeed'));
  });

  it('has every flag of a manager that its release does not set, and what it would be without', () => {
    const what = ran({ ...CLUSTERS, clusterApi: { core: { concurrency: { machine: 200 }, logLevel: 4 } } });
    assert.deepEqual(find(what, 'managers.cluster-api.kube-api-qps'), {
      option: 'managers.cluster-api.kube-api-qps',
      here: '--kube-api-qps=1000',
      production: '100',
    });
    assert.equal(find(what, 'managers.cluster-api.machine-concurrency')?.here, '--machine-concurrency=200');
    assert.equal(find(what, 'managers.cluster-api.v')?.here, '--v=4');
    assert.equal(
      find(what, 'managers.metal3-provider.metal3cluster-concurrency')?.here,
      '--metal3cluster-concurrency=1',
    );
    assert.equal(find(what, 'managers.metal3-provider.CAPM3_FAST_TRACK')?.production, 'CAPM3_FAST_TRACK=false');
    assert.equal(find(what, 'managers.cluster-api.feature-gates'), undefined, "the release's own");
  });

  it('names webhooks by URL, and managers that were left out', () => {
    assert.ok(optionsOf(ran(CLUSTERS)).includes('managers.webhooks'));
    const pods = ran(CLUSTERS, {
      cluster: 'kind',
      controlPlane: undefined,
      areProcesses: { operators: false, managers: false },
    });
    assert.ok(!optionsOf(pods).includes('managers.webhooks'));
    assert.ok(
      optionsOf(ran({ clusterApi: { without: ['ipAddressManager'] } })).includes('clusterApi.ipAddressManager'),
    );
  });

  it('names what was taken out of CRDs', () => {
    const lean = ran({ ...CLUSTERS, clusterApi: { leanCrds: true, metal3Provider: { omitLastUpdated: true } } });
    assert.ok(optionsOf(lean).includes('clusterApi.core.leanCrds'));
    assert.ok(optionsOf(lean).includes('clusterApi.metal3Provider.omitLastUpdated'));
    assert.ok(!optionsOf(ran(CLUSTERS)).some((option) => /leanCrds|omitLastUpdated/.test(option)));
  });

  it('follows from how etcd, the API server and its controllers really ran, and shows no path', () => {
    const what = ran(CLUSTERS);
    assert.equal(find(what, 'etcd.unsafe-no-fsync')?.production, 'each write waits for the disk');
    assert.equal(find(what, 'apiServer.GOGC')?.here, 'GOGC=400');
    assert.equal(find(what, 'apiServer.max-requests-inflight')?.production, '400');
    assert.equal(find(what, 'apiServer.token-auth-file')?.here, '--token-auth-file');
    assert.match(find(what, 'controllerManager.controllers')?.here ?? '', /only garbagecollector and namespace/);
    for (const option of [
      'etcd.name',
      'etcd.listen-client-urls',
      'apiServer.secure-port',
      'controllerManager.kubeconfig',
    ])
      assert.equal(find(what, option), undefined, option);
    const durable = ran(CLUSTERS, {
      controlPlane: {
        etcd: { args: [], env: {} },
        apiServer: { args: [], env: { GOGC: '100' } },
        controllerManager: 'none',
      },
    });
    assert.deepEqual(
      optionsOf(durable).filter((option) => /^(etcd|apiServer|controllerManager)/.test(option)),
      ['controllerManager'],
    );
  });

  it('has each option once, also where a flag is given twice', () => {
    const twice = { ...OPERATOR, arguments: ['--kube-api-qps=5', '--kube-api-qps=6'] };
    const what = ran(CLUSTERS, { operators: [twice] });
    const options = optionsOf(what);
    assert.equal(new Set(options).size, options.length);
    assert.equal(find(what, 'operators.bmo.kube-api-qps')?.here, '--kube-api-qps=6');
  });
});
