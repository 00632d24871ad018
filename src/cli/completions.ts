import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const NAME = 'metal3-testbed';

/** A script that completes commands, options and their values; files are left to the shell. @param program with all commands */
export function completionScript(program: Command, shell: Shell): string {
  switch (shell) {
    case 'bash':
      return bash(program);
    case 'zsh':
      return `#compdef ${NAME}\nautoload -U +X bashcompinit && bashcompinit\n${bash(program)}`;
    case 'fish':
      return fish(program);
  }
}

/** What stands after `metal3-testbed` before it is this command: `up`, `manifests add`. */
function pathsOf(program: Command): readonly (readonly [path: string, command: Command])[] {
  return program.commands.flatMap((command) => [
    [command.name(), command] as const,
    ...command.commands.map((each) => [`${command.name()} ${each.name()}`, each] as const),
  ]);
}

const namesOf = (command: Command) => command.commands.map((each) => each.name());
const flagsOf = ({ options }: Command) =>
  ['--help', ...options.flatMap(({ long, short }) => [long, short])].filter((flag) => typeof flag === 'string');
const choicesOf = ({ options }: Command) =>
  options.filter((option): option is Option & { argChoices: string[] } => option.argChoices !== undefined);

function bash(program: Command): string {
  const cases = pathsOf(program).map(([path, command]) => {
    const values = choicesOf(command).map(
      ({ long, argChoices }) => `      if [ "$previous" = ${long} ]; then words="${argChoices.join(' ')}"; fi`,
    );
    return [
      `    '${path}')`,
      `      words="${[...flagsOf(command), ...namesOf(command)].join(' ')}"`,
      ...values,
      '      ;;',
    ].join('\n');
  });
  const parents = program.commands.filter(({ commands }) => commands.length > 0).map((each) => each.name());
  return `# Completions of ${NAME}. In ~/.bashrc: source <(${NAME} completion bash)
_metal3_testbed() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  local path="\${COMP_WORDS[1]}"
  case "$path" in ${parents.join('|')}) if [ "$COMP_CWORD" -gt 2 ]; then path="$path \${COMP_WORDS[2]}"; fi ;; esac
  if [ "$COMP_CWORD" -le 1 ]; then path=""; fi
  case "$path" in
    '')
      words="${[...namesOf(program), 'help', '--help', '--version'].join(' ')}"
      ;;
    help)
      words="${namesOf(program).join(' ')}"
      ;;
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _metal3_testbed ${NAME}
`;
}

function fish(program: Command): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = [`# Completions of ${NAME}. In config.fish: ${NAME} completion fish | source`];
  const top = `not __fish_seen_subcommand_from ${namesOf(program).join(' ')}`;
  for (const command of program.commands)
    lines.push(`complete -c ${NAME} -n ${quote(top)} -f -a ${command.name()} -d ${quote(command.description())}`);
  for (const [path, command] of pathsOf(program)) {
    const seen = path
      .split(' ')
      .map((name) => `__fish_seen_subcommand_from ${name}`)
      .join('; and ');
    for (const each of command.commands)
      lines.push(`complete -c ${NAME} -n ${quote(seen)} -f -a ${each.name()} -d ${quote(each.description())}`);
    for (const { long, short, description, argChoices, required, optional } of command.options) {
      const flags = [long && `-l ${long.slice(2)}`, short && `-s ${short.slice(1)}`].filter(
        (flag) => flag !== undefined,
      );
      const value =
        argChoices !== undefined ? ` -x -a ${quote(argChoices.join(' '))}` : required || optional ? ' -r' : '';
      lines.push(`complete -c ${NAME} -n ${quote(seen)} ${flags.join(' ')} -d ${quote(description)}${value}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
