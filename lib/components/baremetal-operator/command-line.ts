import { isAtLeast, isVersion } from '../../version';

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

/** From which release on, and before which, all that have these arguments are: as far as the arguments tell. */
export interface ReleaseRange {
  readonly from?: string;
  readonly until?: string;
}

/**
 * Which releases of BMO a program may be.
 *
 * @param flags the names of its arguments
 * @returns undefined for a program with arguments that no single release has
 */
export function releasesWith(flags: ReadonlySet<string>): ReleaseRange | undefined {
  let range: ReleaseRange = {};
  const notBefore = (from: string) => {
    if (range.from === undefined || isAtLeast(from, range.from)) range = { ...range, from };
  };
  const before = (until: string) => {
    if (range.until === undefined || !isAtLeast(until, range.until)) range = { ...range, until };
  };
  for (const [name, { from, until }] of Object.entries(spans)) {
    if (flags.has(name)) {
      notBefore(from);
      if (until !== undefined) before(until);
    } else if (until !== undefined) notBefore(until);
    else before(from);
  }
  const { from, until } = range;
  return from !== undefined && until !== undefined && isAtLeast(from, until) ? undefined : range;
}

/** `from v0.7 on and before v0.14`. */
export function describeRange({ from, until }: ReleaseRange): string {
  const parts = [
    ...(from === undefined ? [] : [`from ${from} on`]),
    ...(until === undefined ? [] : [`before ${until}`]),
  ];
  return parts.join(' and ');
}

/** What keeps a text from being a release whose command line is known. */
export function releaseProblems(version: string): string[] {
  if (isVersion(version) && isAtLeast(version, 'v0.2')) return [];
  return [`version: must be a release of BMO from v0.2.0 on, such as v0.13.2; given '${version}'`];
}
