/** The pages of the reference that are made from code: `npm run docs` writes them, and a test compares them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, type Option } from 'commander';
import { COMMAND_LIST, type CommandName, type ListedCommand } from '../../src/cli/command-list';
import { MODULES } from '../../src/cli/command-modules';
import { EXPLAINED_ERRORS } from '../../src/explain/errors';
import { OTHER_EXIT_CODES } from '../../src/explain/exit-codes';
import { METRIC_TEXTS } from '../../src/report/metric-texts';
import { packageSchema } from '../../stacks/provider/package-schema';
import { cell, code, schemaPage, table, type JsonSchema } from './schema-page';

export interface Page {
  /** From the root of the repository. */
  readonly file: string;
  readonly text: string;
}

/** @param root of the repository */
export async function referencePages(root: string): Promise<readonly Page[]> {
  const schema = (name: string) => JSON.parse(readFileSync(join(root, name), 'utf8')) as JsonSchema;
  return [
    ...testbedPages(schema('testbed.schema.json')),
    page('reference/report', '`report.json`', [REPORT, schemaPage(schema('report.schema.json'))]),
    page('reference/cli', 'The command', [CLI, ...(await cliPage())]),
    page('reference/metrics', 'Metrics', [METRICS, metricsPage()]),
    page('reference/pulumi', "Pulumi's resources", [PULUMI, pulumiPage()]),
    page('troubleshooting', 'Troubleshooting', [TROUBLESHOOTING, troubleshootingPage()]),
  ];
}

function page(name: string, title: string, parts: readonly string[]): Page {
  const note = '<!-- Written by `npm run docs` from the code: change it there. -->';
  return { file: `docs/${name}.md`, text: `${[`# ${title}`, note, ...parts].join('\n\n')}\n` };
}

const TESTBED_YAML = `Every key of a description. An editor that knows
[\`testbed.schema.json\`](../../testbed.schema.json) completes it; \`metal3-testbed explain hostSets\` says the same in a terminal, and
\`metal3-testbed init\` writes one to begin with. How to use it: [describe a testbed](../how-to/cdk8s.md).`;

/** A page for each key, since clusters alone have hundreds below them, and one for steps. */
function testbedPages({ properties = {}, $defs = {} }: JsonSchema): readonly Page[] {
  const { step = {} } = $defs;
  const back = 'A part of [`testbed.yaml`](../testbed-yaml.md).';
  const keys = Object.entries(properties);
  const hasPage = ({ type }: JsonSchema) => type === 'object' || type === 'array';
  return [
    page('reference/testbed-yaml', '`testbed.yaml`', [
      TESTBED_YAML,
      table(
        ['key', 'what'],
        keys.map(([name, key]) => [
          hasPage(key) ? `[${code(name)}](testbed-yaml/${name}.md)` : `${code(name)} (${String(key.type)})`,
          cell(key.description),
        ]),
      ),
      `What scenarios are made of: [steps](testbed-yaml/step.md).`,
    ]),
    ...keys
      .filter(([, key]) => hasPage(key))
      .map(([name, key]) =>
        page(`reference/testbed-yaml/${name}`, code(name), [back, schemaPage({ properties: { [name]: key } }, false)]),
      ),
    page('reference/testbed-yaml/step', 'Steps', [back, cell(step.description), schemaPage(step)]),
  ];
}

const REPORT = `What \`metal3-testbed run\` writes, of version 3; reports of versions 1 and 2 are read too. The schema is
[\`report.schema.json\`](../../report.schema.json). What can be made of it: [gate a pull request](../how-to/ci-gate.md).`;

const CLI = `Results go to stdout, everything else to stderr. \`NO_COLOR\` is respected, and where stderr is no terminal, progress is a line now
and then. Completions: \`source <(metal3-testbed completion bash)\`, \`zsh\` or \`fish\`.`;

async function cliPage(): Promise<readonly string[]> {
  const program = new Command('metal3-testbed');
  for (const name of Object.keys(COMMAND_LIST)) (await MODULES[name as CommandName]()).register(program);
  const list = table(
    ['command', 'what it does'],
    program.commands.map((each) => [`[${code(each.name())}](#${each.name()})`, cell(each.description())]),
  );
  return [list, exitCodes(), ...program.commands.flatMap((each) => commandPage(each))];
}

function exitCodes(): string {
  const ours = Object.values(EXPLAINED_ERRORS).map(({ exitCode, means }) => [exitCode, means] as const);
  const all = [...Object.entries(OTHER_EXIT_CODES).map(([exit, means]) => [Number(exit), means] as const), ...ours];
  return `## Exit codes\n\n${table(
    ['code', 'what it means'],
    all.sort(([a], [b]) => a - b).map(([exit, means]) => [String(exit), cell(means)]),
  )}`;
}

function commandPage(command: Command, parents: readonly string[] = []): readonly string[] {
  const names = [...parents, command.name()];
  const depth = '#'.repeat(names.length + 1);
  const { examples = [] }: ListedCommand =
    parents.length === 0 ? COMMAND_LIST[command.name() as CommandName] : { description: '', group: 'Help:' };
  const takes = command.registeredArguments.map((each) => {
    const name = `${each.name()}${each.variadic ? '...' : ''}`;
    return [code(each.required ? `<${name}>` : `[${name}]`), cell(each.description)];
  });
  const options = command.options.map((each) => [code(each.flags), `${cell(each.description)}${more(each)}`]);
  return [
    `${depth} ${names.join(' ')}\n\n${cell(command.description().replace(/^./, (first) => first.toUpperCase()))}.`,
    ...(examples.length === 0
      ? []
      : [`\`\`\`sh\n${examples.map((each) => `metal3-testbed ${each}`).join('\n')}\n\`\`\``]),
    ...(takes.length === 0 ? [] : [table(['argument', 'what'], takes)]),
    ...(options.length === 0 ? [] : [table(['option', 'what'], options)]),
    ...command.commands.flatMap((each) => commandPage(each, names)),
  ];
}

function more({ argChoices, defaultValue, defaultValueDescription, envVar, negate }: Option): string {
  const said =
    defaultValueDescription ??
    (defaultValue === undefined || negate || defaultValue === false ? undefined : JSON.stringify(defaultValue));
  const parts = [
    argChoices !== undefined && `one of ${argChoices.map(code).join(', ')}`,
    said !== undefined && `default: ${cell(said)}`,
    envVar !== undefined && `or ${code(envVar)}`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

const METRICS = `The metrics of a report, by the name that \`report.json\` has. \`--format openmetrics\` puts \`metal3_testbed_\` before it, and the
unit behind it where the name does not say it. Where there are quantiles, the label \`quantile\` has them: 0.5, 0.9, 0.95, 0.99, and 1 for the
slowest. Times are from when events arrived here, on the monotonic clock.`;

function metricsPage(): string {
  return table(
    ['metric', 'in the report', 'what'],
    Object.entries(METRIC_TEXTS).map(([name, { title, description }]) => [code(name), cell(title), cell(description)]),
  );
}

const PULUMI = `In Node.js they are classes of \`metal3-testbed/pulumi\`; in other languages the provider \`pulumi-resource-metal3-testbed\` serves them.
How to use them: [Pulumi](../how-to/pulumi.md) and [the stacks](../../stacks/README.md).`;

function pulumiPage(): string {
  const { resources } = packageSchema() as { readonly resources: Readonly<Record<string, PulumiResource>> };
  return Object.entries(resources)
    .map(([token, { description, inputProperties, requiredInputs = [], properties }]) => {
      const inputs = Object.entries(inputProperties).map(([name, each]) => [
        `${code(name)}${requiredInputs.includes(name) ? ' (required)' : ''}`,
        pulumiType(each),
        cell(each.description),
      ]);
      const outputs = Object.entries(properties)
        .filter(([name]) => inputProperties[name] === undefined)
        .map(([name, each]) => [code(name), pulumiType(each), cell(each.description)]);
      return [
        `## ${token.replace(/^.*:/, '')}\n\n${code(token)}. ${cell(description)}`,
        ...(inputs.length === 0 ? [] : [table(['input', 'type', 'what'], inputs)]),
        ...(outputs.length === 0 ? [] : [table(['output', 'type', 'what'], outputs)]),
      ].join('\n\n');
    })
    .join('\n\n');
}

interface PulumiProperty {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: PulumiProperty;
  readonly description?: string;
  readonly secret?: boolean;
}

interface PulumiResource {
  readonly description?: string;
  readonly inputProperties: Readonly<Record<string, PulumiProperty>>;
  readonly requiredInputs?: readonly string[];
  readonly properties: Readonly<Record<string, PulumiProperty>>;
}

function pulumiType({ type = 'object', items, secret }: PulumiProperty): string {
  return `${type === 'array' ? `list of ${items?.type ?? 'object'}` : type}${secret === true ? ', secret' : ''}`;
}

const TROUBLESHOOTING = `By error message. \`metal3-testbed explain "part of the message"\` says the same in a terminal. What is not here says itself how to
mend it; what says that it is a fault of metal3-testbed is one: please report it with its stack trace.`;

function troubleshootingPage(): string {
  return Object.entries(EXPLAINED_ERRORS)
    .map(([name, { exitCode, means, errors }]) =>
      [
        `## ${name}\n\nExit code ${exitCode}. ${means}`,
        ...errors.map(({ message, why, remedy }) => `### ${shown(message)}\n\n${cell(why)} ${cell(remedy)}`),
      ].join('\n\n'),
    )
    .join('\n\n');
}

/** A message as people see it. */
function shown(message: string): string {
  return code(`… ${message.replaceAll(/\$\{[^}]*\}/g, 'N')} …`);
}
