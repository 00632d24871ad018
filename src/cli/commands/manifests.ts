import type { Command } from 'commander';
import { Option } from 'commander';
import { lockFileName } from '../../upstream/lock-file';
import { addManifests, updateManifests, verifyManifests } from '../../upstream/manifests';
import { mirrorsVariable } from '../../upstream/mirrors';

interface Options {
  readonly lockFile: string;
}

export function register(program: Command): void {
  const manifests = program
    .command('manifests')
    .description('take in the manifests of releases that are not built in, pinned by SHA-256')
    .addHelpText(
      'after',
      `\nExample:\n  metal3-testbed manifests add bmo-v0.9 https://example.org/bmo-v0.9.3.yaml\n` +
        `  testbed.yaml:  operators: [{ version: v0.9.3, manifests: bmo-v0.9 }]\n\n` +
        `${mirrorsVariable}=PREFIX=REPLACEMENT,… has URLs read from a mirror, or from a folder.`,
    );
  manifests
    .command('add')
    .description('take in manifests, and pin them in the lock file')
    .argument('<name>', 'what testbed.yaml calls them, such as bmo-v0.3')
    .argument('<source>', 'a URL, a YAML file, or a kustomize folder such as config/default')
    .addOption(lockFileOption())
    .action(add);
  manifests
    .command('update')
    .description('read sources again, and pin what they give now')
    .argument('[names...]', 'which manifests (all)')
    .addOption(lockFileOption())
    .action(update);
  manifests
    .command('verify')
    .description('check the cache against the lock file, and fill it where something is missing')
    .argument('[names...]', 'which manifests (all)')
    .addOption(lockFileOption())
    .action(verify);
}

function lockFileOption(): Option {
  return new Option('--lock-file <file>', 'lock file, beside testbed.yaml').default(lockFileName);
}

async function add(name: string, source: string, { lockFile }: Options): Promise<void> {
  const { sha256, objects } = await addManifests(name, source, { lockFile });
  process.stdout.write(`${name}: ${objects} objects, sha256 ${sha256}\n`);
}

async function update(names: readonly string[], { lockFile }: Options): Promise<void> {
  for (const { name, sha256, lockedBefore } of await updateManifests(names, { lockFile })) {
    const change = sha256 === lockedBefore ? `unchanged, sha256 ${sha256}` : `sha256 ${lockedBefore} is now ${sha256}`;
    process.stdout.write(`${name}: ${change}\n`);
  }
}

async function verify(names: readonly string[], { lockFile }: Options): Promise<void> {
  for (const { name, sha256, from } of await verifyManifests(names, { lockFile })) {
    process.stdout.write(`${name}: ${from === 'cache' ? 'in the cache' : 'read again'}, sha256 ${sha256}\n`);
  }
}
