import type { Command } from 'commander';

/** What is known of a command before its module, with all that this needs, is loaded. */
export interface ListedCommand {
  /** Its arguments, as the help writes them. */
  readonly takes?: string;
  readonly description: string;
  /** Command lines that work as they are, without the program's name. */
  readonly examples?: readonly string[];
  readonly group: 'Testbeds:' | 'Measurements:' | 'Manifests:' | 'Help:';
}

/** Every command, in the order of the help. */
export const COMMAND_LIST = {
  init: {
    takes: '[target]',
    description: 'write a description to begin with, with comments, or a whole project',
    examples: ['init', 'init lab.yaml', 'init my-lab --template cdk8s'],
    group: 'Testbeds:',
  },
  up: {
    takes: '[testbed.yaml]',
    description: 'start a testbed: control plane, simulator, hosts and clusters',
    examples: ['up', 'up testbed.yaml --hosts 1000', 'up --cluster kind --hosts 100'],
    group: 'Testbeds:',
  },
  status: {
    takes: '[kind]',
    description: 'show hosts, clusters and machines, or the objects of one kind, and how many are in each state',
    examples: ['status', 'status cluster --wide', 'status --json'],
    group: 'Testbeds:',
  },
  wait: {
    description: 'wait until hosts, or objects of another kind, are in a state',
    examples: ['wait --for available --count 1000 --timeout 600', 'wait --for cluster=Available --share 90%'],
    group: 'Testbeds:',
  },
  down: {
    description:
      'end the testbed: stop an embedded control plane (up starts it again), delete a kind cluster, or remove from an existing cluster what up put there',
    examples: ['down', 'down --delete'],
    group: 'Testbeds:',
  },
  run: {
    takes: '[testbed.yaml...]',
    description: 'run the scenario of a testbed, measure it, and write a report',
    examples: ['run testbed.yaml --report report.json', 'run testbed.yaml --runs 5 --report main.json'],
    group: 'Measurements:',
  },
  report: {
    takes: '<report.json...>',
    description: 'convert a report.json to an HTML page, or to a format for other tools',
    examples: [
      'report report.json',
      'report report.json --format markdown',
      'report run-1.json run-2.json --format json -o merged.json',
      'report --history nightly-1.json nightly-2.json',
    ],
    group: 'Measurements:',
  },
  compare: {
    takes: '<a.json> <b.json>',
    description:
      'compare two reports: what became worse by more than the spread of their runs (exit code 1 if anything did)',
    examples: ['compare main.json mine.json', 'compare main.json mine.json --tolerance 20 --all'],
    group: 'Measurements:',
  },
  tune: {
    takes: '[testbed.yaml]',
    description:
      'find the settings that bring hosts, or clusters where there are some, to available fastest, and write them into the description',
    examples: ['tune testbed.yaml', 'tune --hosts 1000 --concurrency 16,32,64 --no-write'],
    group: 'Measurements:',
  },
  generate: {
    takes: '[testbed.yaml]',
    description:
      'write BareMetalHosts and their Secrets, or whole clusters with their hosts, as YAML, as a stream of any length',
    examples: ['generate --count 10 | kubectl apply -f -', 'generate --clusters 3 > clusters.yaml'],
    group: 'Manifests:',
  },
  apply: {
    takes: '[files...]',
    description: 'apply Kubernetes objects as fast as the API server takes them; what is there already is not written',
    examples: ['generate --count 1000 | metal3-testbed apply', 'apply -R manifests/ --prune'],
    group: 'Manifests:',
  },
  diff: {
    takes: '[files...]',
    description: 'show what apply --prune would do, without writing',
    examples: ['diff -R manifests/'],
    group: 'Manifests:',
  },
  prune: {
    takes: '[files...]',
    description: 'delete the objects of a set that are not in the manifests, hosts before their Secrets',
    examples: ['prune -R manifests/', 'prune --all'],
    group: 'Manifests:',
  },
  manifests: {
    description: 'import the manifests of releases that are not built in, pinned by SHA-256',
    examples: ['manifests add bmo-v0.12 https://example.org/baremetal-operator-v0.12.0.yaml', 'manifests verify'],
    group: 'Manifests:',
  },
  doctor: {
    takes: '[testbed.yaml]',
    description: 'check what a testbed needs on this machine, and say how to get what is missing',
    examples: ['doctor', 'doctor --programs testbed.yaml'],
    group: 'Help:',
  },
  explain: {
    takes: '<subject...>',
    description: 'say what a step, a key of testbed.yaml, a state or an error means',
    examples: ['explain provision', 'explain hostSets.hostsPerNamespace', 'explain no container engine answers'],
    group: 'Help:',
  },
  completion: {
    takes: '<shell>',
    description: 'print completions for bash, zsh or fish',
    examples: ['completion bash', 'completion fish'],
    group: 'Help:',
  },
} as const satisfies Readonly<Record<string, ListedCommand>>;

export type CommandName = keyof typeof COMMAND_LIST;

/** Commands that have none. */
const WITHOUT_OPTIONS: ReadonlySet<CommandName> = new Set<CommandName>(['completion', 'explain', 'manifests']);

/** @returns the command with its name, description and examples; its arguments and options are its module's to add */
export function addCommand(program: Command, name: CommandName): Command {
  const { description, group, examples }: ListedCommand = COMMAND_LIST[name];
  const command = program.command(name).description(description).helpGroup(group);
  return examples === undefined ? command : command.addHelpText('after', `\n${exampleText(examples)}`);
}

/** Command lines as the help shows them. */
export function exampleText(lines: readonly string[]): string {
  return [lines.length === 1 ? 'Example:' : 'Examples:', ...lines.map((line) => `  metal3-testbed ${line}`)].join('\n');
}

/** Adds a command as the help of all commands shows it, whose module need not be loaded for that. */
export function addListedCommand(program: Command, name: CommandName): void {
  const { takes }: ListedCommand = COMMAND_LIST[name];
  const command = addCommand(program, name);
  if (takes !== undefined) command.arguments(takes);
  // Any option makes it be shown as one that has some.
  if (!WITHOUT_OPTIONS.has(name)) command.option('--any');
}
