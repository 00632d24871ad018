import type { Command } from 'commander';
import { Option } from 'commander';
import { lockFileName } from '../../upstream/lock-file';
import { addManifests, updateManifests, verifyManifests, type TakenManifests } from '../../upstream/manifests';
import { invalidInput } from '../../../lib/errors';
import { addCommand } from '../command-list';
import { wrapFor } from '../printers/wrap';
import { mirrorsVariable } from '../../upstream/mirrors';

interface Options {
  readonly lockFile: string;
  readonly variable?: Readonly<Record<string, string>>;
}

export function register(program: Command): void {
  const manifests = addCommand(program, 'manifests').addHelpText(
    'after',
    `\nIn testbed.yaml:\n` +
      `  operators: [{ version: v0.12.0, manifests: bmo-v0.12 }]\n` +
      `  clusterApi: { core: { version: v1.12.1, manifests: capi } }\n\n` +
      `${mirrorsVariable}=PREFIX=REPLACEMENT,… lets URLs be read from a mirror, or from a folder.`,
  );
  manifests
    .command('add')
    .description('import manifests, and pin them in the lock file')
    .argument('<name>', 'their name in testbed.yaml, such as bmo-v0.3')
    .argument('<source>', 'a URL, a YAML file, or a kustomize folder such as config/default')
    .addOption(variableOption())
    .addOption(lockFileOption())
    .action(add);
  manifests
    .command('update')
    .description('read the sources again, and pin their present content')
    .argument('[names...]', 'names of manifests (default: all)')
    .addOption(variableOption())
    .addOption(lockFileOption())
    .action(update);
  manifests
    .command('verify')
    .description('check the cache against the lock file, and fill it where something is missing')
    .argument('[names...]', 'names of manifests (default: all)')
    .addOption(lockFileOption())
    .action(verify);
}

function lockFileOption(): Option {
  return new Option('--lock-file <file>', 'lock file, beside testbed.yaml').default(lockFileName);
}

/** clusterctl takes such values from the environment, or from its own file. */
function variableOption(): Option {
  return new Option(
    '--variable <NAME=VALUE>',
    "a value for ${NAME} in a provider's components; others come from the environment, or are its defaults (repeatable)",
  ).argParser((text: string, before: Readonly<Record<string, string>> = {}) => {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === '') throw invalidInput(`--variable ${text} has no value: give --variable NAME=VALUE`);
    return { ...before, [name]: value };
  });
}

async function add(name: string, source: string, { lockFile, variable }: Options): Promise<void> {
  const taken = await addManifests(name, source, { lockFile, variables: variable });
  process.stdout.write(`${name}: ${taken.objects} objects, sha256 ${taken.sha256}\n`);
  tellUntagged(taken);
  tellEnvironment(taken);
}

async function update(names: readonly string[], { lockFile, variable }: Options): Promise<void> {
  for (const taken of await updateManifests(names, { lockFile, variables: variable })) {
    const { name, sha256, lockedBefore } = taken;
    const change = sha256 === lockedBefore ? `unchanged, sha256 ${sha256}` : `sha256 ${lockedBefore} is now ${sha256}`;
    process.stdout.write(`${name}: ${change}\n`);
    tellUntagged(taken);
    tellEnvironment(taken);
  }
}

/** What was in the environment by chance is part of the manifests from here on. */
function tellEnvironment({ name, environment = [] }: TakenManifests): void {
  if (environment.length === 0) return;
  const note = `note: ${name} has ${environment.join(', ')} from the environment, whose values the lock file does not hold`;
  process.stderr.write(`${wrapFor(process.stderr, note)}\n`);
}

/** Manifests of a source tree name no release: what is run instead of `latest` is no secret. */
function tellUntagged({ name, source, untaggedImage }: TakenManifests): void {
  if (untaggedImage === undefined) return;
  const version = /v\d+\.\d+\.\d+(-[\w.]+)?/.exec(`${source} ${name}`)?.[0].replace(/\.ya?ml$/, '') ?? 'v0.9.3';
  const note =
    `note: ${name} has the image ${untaggedImage} without a tag: a testbed gives it the version of its operator, ` +
    `such as ${untaggedImage}:${version} for operators: [{ version: ${version}, manifests: ${name} }]; image: sets another`;
  process.stderr.write(`${wrapFor(process.stderr, note)}\n`);
}

async function verify(names: readonly string[], { lockFile }: Options): Promise<void> {
  for (const { name, sha256, from } of await verifyManifests(names, { lockFile })) {
    process.stdout.write(`${name}: ${from === 'cache' ? 'in the cache' : 'read again'}, sha256 ${sha256}\n`);
  }
}
