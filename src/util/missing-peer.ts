/** Packages that whoever uses a part of this one installs beside it: npm does not, since most parts do without. */
import { TestbedError } from '../../lib/errors';

const PEERS: readonly (readonly string[])[] = [['cdk8s', 'cdk8s-plus-27', 'constructs'], ['@pulumi/kubernetes']];

/**
 * What to do about a package that is not installed.
 *
 * @param what needs it, as it reads in the error
 * @returns a TestbedError (`environment`) naming what is to be installed; undefined for an error of another kind
 */
export function missingPeer(what: string, error: unknown): TestbedError | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'MODULE_NOT_FOUND') return undefined;
  const [, name = ''] = /^Cannot find module '((?:@[^/']+\/)?[^/']+)/.exec(message) ?? [];
  const needed = PEERS.find((packages) => packages.includes(name));
  return (
    needed &&
    new TestbedError(
      'environment',
      `${what} needs ${needed.join(', ')} where metal3-testbed is installed, and there is no ${name}: npm install ${needed.join(' ')}`,
      { cause: error },
    )
  );
}

/**
 * Loads a part of this package that needs such packages, now or later.
 *
 * @throws TestbedError (`environment`) where one of them is not installed
 */
export function withPeers<T>(what: string, load: () => T): T {
  const rethrow = (error: unknown): never => {
    throw missingPeer(what, error) ?? error;
  };
  try {
    const loaded = load();
    return loaded instanceof Promise ? (loaded.catch(rethrow) as T) : loaded;
  } catch (error) {
    return rethrow(error);
  }
}
