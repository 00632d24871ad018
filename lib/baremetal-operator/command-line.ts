import { invalidInput } from '../errors';

/** What a BMO version understands on its command line: the arguments that its main.go declares. */
export interface CommandLine {
  /** Makes all hosts fake. From v0.14 on `--test-mode` makes BMO exit. */
  readonly testMode: '--provisioner=fixture' | '--test-mode';
  /** Whether it has `--kube-api-qps` and `--kube-api-burst`; without them it is held to client-go's 20 and 30. */
  readonly hasKubeApiRate: boolean;
  /** Whether concurrency is an argument; the variable `BMO_CONCURRENCY` is read by every version. */
  readonly hasConcurrency: boolean;
}

/**
 * @param version of BMO, such as `v0.13.2` or `v0.14.0-rc.0`; any, not only those that are built in
 * @throws TestbedError (invalid-input) for what is no version, or one before v0.2
 */
export function commandLineOf(version: string): CommandLine {
  const [, major, minor] = /^v(\d+)\.(\d+)\.\d+(?:-[\w.-]+)?$/.exec(version) ?? [];
  // BMO has been 0.x so far: a later major version is taken for one that knows all that the newest does.
  const release = Number(major) > 0 ? Infinity : Number(minor);
  if (!(release >= 2)) {
    throw invalidInput(`version: must be a release of BMO from v0.2.0 on, such as v0.13.2; given '${version}'`);
  }
  return {
    testMode: release >= 14 ? '--provisioner=fixture' : '--test-mode',
    hasKubeApiRate: release >= 4,
    hasConcurrency: release >= 5,
  };
}
