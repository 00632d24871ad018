import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { operatorArguments, type OperatorProcessOptions } from '../../../../lib/components/baremetal-operator';
import { TestbedError } from '../../../../lib/errors';

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

const rate = ['--kube-api-qps=100', '--kube-api-burst=200'];

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

  describe('of each minor release', () => {
    /** What each is called with, by what its main.go declares. */
    const calls: readonly (readonly [
      version: string,
      args: readonly string[],
      env: Readonly<Record<string, string>>,
    ])[] = [
      ['v0.2.0', ['--test-mode'], { BMO_CONCURRENCY: '8' }],
      ['v0.3.0', ['--test-mode'], { BMO_CONCURRENCY: '8' }],
      ['v0.3.1', ['--test-mode', ...rate], { BMO_CONCURRENCY: '8' }],
      ['v0.4.2', ['--test-mode', ...rate], { BMO_CONCURRENCY: '8' }],
      ...['v0.5.0', 'v0.6.3', 'v0.7.0-rc.0', 'v0.8.1', 'v0.9.3', 'v0.10.6', 'v0.11.7', 'v0.12.6', 'v0.13.2'].map(
        (version) => [version, ['--test-mode', ...rate, '--controller-concurrency=8'], {}] as const,
      ),
      ['v0.14.0-rc.0', ['--hostclaims', '--provisioner=fixture', ...rate, '--controller-concurrency=8'], {}],
      ['v0.15.0', ['--hostclaims', '--provisioner=fixture', ...rate, '--controller-concurrency=8'], {}],
      ['v1.0.0', ['--hostclaims', '--provisioner=fixture', ...rate, '--controller-concurrency=8'], {}],
    ];
    for (const [version, args, env] of calls) {
      it(`${version} is called in the way that it understands`, () => {
        const hasRate = args.includes('--kube-api-qps=100');
        const command = operatorArguments({
          version,
          leaderElection: false,
          testMode: true,
          concurrency: 8,
          ...(hasRate && { kubeApiQps: 100, kubeApiBurst: 200 }),
        });
        assert.deepEqual(command, { args, env });
      });
    }
  });

  it('refuses what a release has no way to be told, naming the first that has', () => {
    refused(
      { version: 'v0.3.0', kubeApiQps: 5, kubeApiBurst: 5, hostClaims: true },
      'kubeApiQps: BMO has --kube-api-qps from v0.3.1 on; given version v0.3.0\n' +
        'kubeApiBurst: BMO has --kube-api-burst from v0.3.1 on; given version v0.3.0\n' +
        'hostClaims: BMO has --hostclaims from v0.14 on; given version v0.3.0',
    );
    refused(
      { version: 'v0.11.7', watchedNamespaces: ['a', 'b'] },
      'watchedNamespaces: BMO watches several namespaces from v0.12 on, and one or all before; given version v0.11.7',
    );
    refused(
      { version: 'v0.6.3', extraArgs: ['--lease-duration-seconds=60', '--tls-curve-preferences=X25519'] },
      'extraArgs[0]: BMO has --lease-duration-seconds from v0.7 on; given version v0.6.3\n' +
        'extraArgs[1]: BMO has --tls-curve-preferences from v0.14 on; given version v0.6.3',
    );
    refused(
      { version: 'v0.14.0-rc.0', extraArgs: ['--demo-mode'] },
      'extraArgs[0]: BMO has --demo-mode before v0.14 only; given version v0.14.0-rc.0',
    );
  });

  it("takes arguments that no release is known to have, as a build of one's own may", () => {
    assert.deepEqual(operatorArguments({ leaderElection: false, extraArgs: ['--my-own=1'] }).args, ['--my-own=1']);
  });

  it('takes one namespace in every release, and HostClaims off where there are none', () => {
    const command = operatorArguments({
      version: 'v0.2.0',
      leaderElection: false,
      watchedNamespaces: ['a'],
      hostClaims: false,
    });
    assert.deepEqual(command.args, ['--namespace=a']);
    assert.deepEqual(operatorArguments({ version: 'v0.14.0-rc.0', leaderElection: false, hostClaims: false }).args, []);
  });

  it('refuses what is not a release, or one that is too old', () => {
    refused({ version: 'latest' }, "version: must be a release of BMO from v0.2.0 on, such as v0.13.2; given 'latest'");
    refused({ version: 'v0.1.0' }, /^version: /);
  });

  it('refuses numbers that BMO would stop at, or that mean nothing', () => {
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
    refused({ extraEnv: { '1=2': 'a' } }, "extraEnv: '1=2' is not a valid name for an environment variable");
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
