import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { operatorArguments, type OperatorProcessOptions } from '../../../lib/baremetal-operator';
import { TestbedError } from '../../../lib/errors';

function refused(options: OperatorProcessOptions, message: RegExp | string): void {
  assert.throws(
    () => operatorArguments(options),
    (error) => {
      assert.ok(error instanceof TestbedError, String(error));
      assert.equal(error.code, 'invalid-input');
      if (typeof message === 'string') assert.equal(error.message, message);
      else assert.match(error.message, message);
      return true;
    },
  );
}

describe('operatorArguments', () => {
  it('calls BMO as the release does where nothing is said', () => {
    assert.deepEqual(operatorArguments({}), { args: ['--enable-leader-election'], env: {} });
  });

  it('says all that a plain process needs', () => {
    const command = operatorArguments({
      testMode: true,
      leaderElection: false,
      webhook: false,
      watchedNamespaces: ['hosts-1', 'hosts-2'],
      kubeApiQps: 1000,
      kubeApiBurst: 2000,
      concurrency: 32,
      healthAddress: '127.0.0.1:9440',
      metricsAddress: '0',
      leaseNamespace: 'bmo',
      extraArgs: ['--dev', '--lease-duration-seconds', '60'],
      extraEnv: { GOMAXPROCS: '2' },
    });
    assert.deepEqual(command.args, [
      '--test-mode',
      '--namespace=hosts-1,hosts-2',
      '--kube-api-qps=1000',
      '--kube-api-burst=2000',
      '--controller-concurrency=32',
      '--webhook-port=0',
      '--health-addr=127.0.0.1:9440',
      '--metrics-addr=0',
      '--dev',
      '--lease-duration-seconds',
      '60',
    ]);
    assert.deepEqual(command.env, { POD_NAMESPACE: 'bmo', GOMAXPROCS: '2' });
  });

  it('asks each version for fake hosts in the way that it understands', () => {
    const args = (version: string) => operatorArguments({ version, leaderElection: false, testMode: true }).args;
    assert.deepEqual(args('v0.3.0'), ['--test-mode']);
    assert.deepEqual(args('v0.13.2'), ['--test-mode']);
    assert.deepEqual(args('v0.14.0-rc.0'), ['--provisioner=fixture']);
  });

  it('tells versions without the argument their concurrency by the environment', () => {
    const command = (version: string) => operatorArguments({ version, leaderElection: false, concurrency: 8 });
    assert.deepEqual(command('v0.4.0'), { args: [], env: { BMO_CONCURRENCY: '8' } });
    assert.deepEqual(command('v0.5.0'), { args: ['--controller-concurrency=8'], env: {} });
  });

  it('refuses what a version has no way to be told', () => {
    refused({ version: 'v0.3.0', kubeApiBurst: 5 }, /from v0\.4\.0 on; given version v0\.3\.0/);
    refused({ version: 'latest' }, "version: must be a release of BMO from v0.2.0 on, such as v0.13.2; given 'latest'");
    refused({ version: 'v0.1.0' }, /^version: /);
  });

  it('refuses figures that BMO would stop at, or that mean nothing', () => {
    for (const kubeApiQps of [0, -1, NaN, Infinity]) refused({ kubeApiQps }, /^kubeApiQps: must be a number above 0/);
    for (const kubeApiBurst of [0, 1.5]) refused({ kubeApiBurst }, /^kubeApiBurst: must be an integer of at least 1/);
    for (const concurrency of [0, -1, 2.5]) refused({ concurrency }, /^concurrency: must be an integer of at least 1/);
    assert.deepEqual(operatorArguments({ leaderElection: false, kubeApiQps: 0.5 }).args, ['--kube-api-qps=0.5']);
  });

  it('refuses namespaces that cannot exist, or are named twice', () => {
    refused(
      { watchedNamespaces: ['hosts', 'Hosts,b', 'hosts'] },
      "watchedNamespaces[1]: must be a DNS label: lower-case letters, digits and '-', at most 63 characters; " +
        "given 'Hosts,b'\nwatchedNamespaces[2]: 'hosts' is named twice",
    );
    refused({ watchedNamespaces: [''] }, /given ''$/);
    refused({ watchedNamespaces: ['a'.repeat(64)] }, /at most 63/);
  });

  it('refuses extra arguments that an option is for, however they are written', () => {
    for (const arg of ['--test-mode', '-test-mode', '--test-mode=true', '--provisioner=fixture']) {
      refused({ extraArgs: [arg] }, /^extraArgs\[0\]: --[\w-]+ is set by the option 'testMode'$/);
    }
    refused({ extraArgs: ['--dev', '--kube-api-qps=5'] }, /^extraArgs\[1\]: --kube-api-qps is set by the option/);
    refused({ extraArgs: ['--dev', '--dev=false'] }, 'extraArgs[1]: --dev is given twice');
    refused({ extraArgs: ['dev'] }, "extraArgs[0]: must be an argument such as --dev; given 'dev'");
  });

  it('refuses variables that an option is for, and names that are none', () => {
    refused(
      { extraEnv: { WATCH_NAMESPACE: 'a' } },
      "extraEnv.WATCH_NAMESPACE: is set by the option 'watchedNamespaces'",
    );
    refused({ extraEnv: { '1=2': 'a' } }, "extraEnv: '1=2' is no name for an environment variable");
  });

  it('names all that is wrong at once', () => {
    refused({ kubeApiQps: 0, concurrency: 0, extraArgs: ['--test-mode'] }, /^kubeApiQps.*\nconcurrency.*\nextraArgs/);
  });

  it('never says one thing twice', () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            testMode: fc.boolean(),
            leaderElection: fc.boolean(),
            webhook: fc.boolean(),
            kubeApiQps: fc.integer({ min: 1, max: 5000 }),
            kubeApiBurst: fc.integer({ min: 1, max: 5000 }),
            concurrency: fc.integer({ min: 1, max: 500 }),
            watchedNamespaces: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/)),
          },
          { requiredKeys: [] },
        ),
        (options) => {
          const flags = operatorArguments(options).args.map((arg) => arg.split('=')[0]);
          assert.equal(new Set(flags).size, flags.length);
        },
      ),
    );
  });
});
