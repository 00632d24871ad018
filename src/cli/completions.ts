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
      return zsh(program);
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
/** Commands that have commands of their own. */
const parentsOf = (program: Command) =>
  program.commands.filter(({ commands }) => commands.length > 0).map((each) => each.name());
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
  return `# Completions of ${NAME}. In ~/.bashrc: source <(${NAME} completion bash)
_metal3_testbed() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  local path="\${COMP_WORDS[1]}"
  case "$path" in ${parentsOf(program).join('|')}) if [ "$COMP_CWORD" -gt 2 ]; then path="$path \${COMP_WORDS[2]}"; fi ;; esac
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

function zsh(program: Command): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const described = (name: string, description: string) => quote(`${name.replaceAll(':', '\\:')}:${description}`);
  const commandsOf = (command: Command) =>
    command.commands.map((each) => described(each.name(), each.description())).join(' ');
  const cases = pathsOf(program).map(([path, command]) => {
    const options = command.options.flatMap(({ long, short, description }) =>
      [long, short].flatMap((flag) => (typeof flag === 'string' ? [described(flag, description)] : [])),
    );
    const values = choicesOf(command).map(
      ({ long, argChoices }) => `      ${long}) values=(${argChoices.join(' ')}) ;;`,
    );
    return [
      `    ${quote(path)})`,
      `      commands=(${commandsOf(command)})`,
      `      options=(${[described('--help', 'what it does'), ...options].join(' ')})`,
      ...(values.length > 0 ? ['      case $previous in', ...values, '      esac'] : []),
      '      ;;',
    ].join('\n');
  });
  return `#compdef ${NAME}
# Completions of ${NAME}. In ~/.zshrc: source <(${NAME} completion zsh)
_metal3_testbed() {
  local place=\${words[2]} previous=\${words[CURRENT-1]}
  local -a commands options values
  case $place in ${parentsOf(program).join('|')}) if (( CURRENT > 3 )); then place="$place \${words[3]}"; fi ;; esac
  if (( CURRENT == 2 )); then place=; fi
  case $place in
    '')
      commands=(${commandsOf(program)} ${described('help', 'what a command does')})
      options=(${described('--help', 'what there is')} ${described('--version', 'which version this is')})
      ;;
    help)
      commands=(${commandsOf(program)})
      ;;
${cases.join('\n')}
  esac
  if (( $#values )); then
    compadd -- $values
  elif [[ \${words[CURRENT]} == -* ]]; then
    _describe -o option options
  elif (( $#commands )); then
    _describe command commands
  else
    _files
  fi
}
if [[ \${funcstack[1]} == _metal3-testbed ]]; then
  _metal3_testbed "$@"
else
  (( $+functions[compdef] )) || { autoload -U compinit && compinit }
  compdef _metal3_testbed ${NAME}
fi
`;
}

function fish(program: Command): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = [`# Completions of ${NAME}. In config.fish: ${NAME} completion fish | source`];
  const top = `not __fish_seen_subcommand_from ${[...namesOf(program), 'help'].join(' ')}`;
  lines.push(`complete -c ${NAME} -n ${quote(top)} -f -a help -d 'what a command does'`);
  lines.push(`complete -c ${NAME} -n '__fish_seen_subcommand_from help' -f -a '${namesOf(program).join(' ')}'`);
  lines.push(`complete -c ${NAME} -n ${quote(top)} -l version -d 'which version this is'`);
  lines.push(`complete -c ${NAME} -l help -s h -d 'what it does'`);
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
