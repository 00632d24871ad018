import { isAtLeast, isVersion } from '../version';

/** The releases that have an argument. */
interface Span {
  readonly from: string;
  /** The first release that no longer has it, and exits when it is given. */
  readonly until?: string;
}

/**
 * The arguments that main.go declares, read at the tag of each minor release, first and last patch:
 * https://github.com/metal3-io/baremetal-operator/blob/v0.13.2/main.go
 */
const spans: Readonly<Record<string, Span>> = {
  'build-preprov-image': { from: 'v0.2' },
  dev: { from: 'v0.2' },
  'enable-leader-election': { from: 'v0.2' },
  'health-addr': { from: 'v0.2' },
  'metrics-addr': { from: 'v0.2' },
  namespace: { from: 'v0.2' },
  'webhook-port': { from: 'v0.2' },
  'test-mode': { from: 'v0.2', until: 'v0.14' },
  'demo-mode': { from: 'v0.2', until: 'v0.14' },
  'kube-api-qps': { from: 'v0.3.1' },
  'kube-api-burst': { from: 'v0.3.1' },
  'tls-min-version': { from: 'v0.4' },
  'tls-max-version': { from: 'v0.4' },
  'tls-cipher-suites': { from: 'v0.4' },
  'controller-concurrency': { from: 'v0.5' },
  'lease-duration-seconds': { from: 'v0.7' },
  'renew-deadline-seconds': { from: 'v0.7' },
  'retry-period-seconds': { from: 'v0.7' },
  hostclaims: { from: 'v0.14' },
  'max-provisioning-retries': { from: 'v0.14' },
  provisioner: { from: 'v0.14' },
  'tls-curve-preferences': { from: 'v0.14' },
};

/** Before, `--namespace` takes one only. */
const namespaceListFrom = 'v0.12';

/** The command line of one release of BMO. */
export class CommandLine {
  /** @param version a release without {@link releaseProblems}: any, not only those that are built in */
  constructor(private readonly version: string) {}

  /** Whether BMO has an argument, such as `kube-api-qps`. One that no release is known to have is left to BMO. */
  understands(argument: string): boolean {
    return this.argumentProblem(argument) === undefined;
  }

  /** Why an argument cannot be given. */
  argumentProblem(argument: string): string | undefined {
    const span = Object.hasOwn(spans, argument) ? spans[argument] : undefined;
    if (span === undefined) return undefined;
    if (!isAtLeast(this.version, span.from)) {
      return `BMO has --${argument} from ${span.from} on; given version ${this.version}`;
    }
    if (span.until !== undefined && isAtLeast(this.version, span.until)) {
      return `BMO has --${argument} before ${span.until} only; given version ${this.version}`;
    }
    return undefined;
  }

  /** Why that many namespaces cannot be watched. */
  namespacesProblem(count: number): string | undefined {
    if (count < 2 || isAtLeast(this.version, namespaceListFrom)) return undefined;
    return `BMO watches several namespaces from ${namespaceListFrom} on, and one or all before; given version ${this.version}`;
  }
}

/** What keeps a text from being a release whose command line is known. */
export function releaseProblems(version: string): string[] {
  if (isVersion(version) && isAtLeast(version, 'v0.2')) return [];
  return [`version: must be a release of BMO from v0.2.0 on, such as v0.13.2; given '${version}'`];
}
