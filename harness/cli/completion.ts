/**
 * Scripts with which shells complete commands and options, made from the commands themselves. File names are left to the shell.
 * The options of `run` are QEMU's, and not in the list.
 */
import type { Command, Option } from 'commander';

/** A command with what may follow its name. */
interface Node {
  /** Its name after `bootgrade`; empty for that itself. */
  readonly path: string;
  readonly commands: readonly { name: string; description: string }[];
  readonly options: readonly { flag: string; description: string }[];
  /** What its arguments may be, where that is a list. */
  readonly choices: readonly string[];
}

function nodesOf(command: Command, path = ''): Node[] {
  const helper = command.createHelp();
  const subcommands = helper.visibleCommands(command);
  const node: Node = {
    path,
    commands: subcommands.map((one) => ({ name: one.name(), description: one.description() })),
    options: helper.visibleOptions(command).flatMap((option) => flagOf(option)),
    choices: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
  };
  const own = subcommands.filter((one) => one.parent === command);
  return [node, ...own.flatMap((one) => nodesOf(one, path === '' ? one.name() : `${path} ${one.name()}`))];
}

function flagOf({ long, description }: Option): { flag: string; description: string }[] {
  return long ? [{ flag: long, description }] : [];
}

function wordsOf({ commands, options, choices }: Node): string[] {
  return [...commands.map(({ name }) => name), ...choices, ...options.map(({ flag }) => flag)];
}

/** The script, ending in a line end. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', program: Command): string {
  const nodes = nodesOf(program);
  switch (shell) {
    case 'bash':
      return bash(nodes);
    case 'zsh':
      return zsh(nodes);
    case 'fish':
      return fish(nodes);
  }
}

/** Cases that add a word to the command so far, where together they are a command. */
function casesOf(nodes: readonly Node[], variable: string): string {
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => shellQuote(` ${path}`));
  return paths.map((path) => `      ${path}) ${variable}=${path} ;;`).join('\n');
}

function bash(nodes: readonly Node[]): string {
  const words = nodes.map(
    (node) => `    ${shellQuote(node.path === '' ? '' : ` ${node.path}`)}) words=${shellQuote(wordsOf(node).join(' '))} ;;`,
  );
  return `# bash completion for bootgrade
_bootgrade() {
  local command='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command $word" in
${casesOf(nodes, 'command')}
    esac
  done
  case "$command" in
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _bootgrade bootgrade
`;
}

function zsh(nodes: readonly Node[]): string {
  const lists = nodes.map(({ path, commands, choices, options }) => {
    const names = [...commands, ...choices.map((name) => ({ name, description: '' }))];
    const flags = options.map(({ flag, description }) => ({ name: flag, description }));
    return `    ${shellQuote(path === '' ? '' : ` ${path}`)}) names=(${zshList(names)}) flags=(${zshList(flags)}) ;;`;
  });
  return `#compdef bootgrade
_bootgrade() {
  local command='' word
  local -a names flags
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$command $word" in
${casesOf(nodes, 'command')}
    esac
  done
  case "$command" in
${lists.join('\n')}
  esac
  if (( $#names )); then _describe command names; else _files; fi
  _describe -o option flags
}
if [ "$funcstack[1]" = _bootgrade ]; then _bootgrade "$@"; else compdef _bootgrade bootgrade; fi
`;
}

function zshList(items: readonly { name: string; description: string }[]): string {
  return items.map(({ name, description }) => shellQuote(`${name}:${description.replaceAll(':', '\\:')}`)).join(' ');
}

function fish(nodes: readonly Node[]): string {
  const lines = nodes.flatMap((node) => {
    const condition = `-n ${shellQuote(`__bootgrade_at ${node.path}`.trimEnd())}`;
    return [
      ...node.commands.map(({ name, description }) => `complete -c bootgrade ${condition} -f -a ${name} -d ${fishQuote(description)}`),
      ...node.choices.map((choice) => `complete -c bootgrade ${condition} -f -a ${choice}`),
      ...node.options.map(({ flag, description }) => `complete -c bootgrade ${condition} -l ${flag.slice(2)} -d ${fishQuote(description)}`),
    ];
  });
  return `# fish completion for bootgrade
function __bootgrade_at
  set -l words (commandline -opc)
  set -e words[1]
  set -l commands (string match -v -- '-*' $words)
  set -l paths ${nodes
    .filter(({ path }) => path !== '')
    .map(({ path }) => shellQuote(path))
    .join(' ')}
  set -l at ''
  for word in $commands
    set -l next (string trim -- "$at $word")
    contains -- "$next" $paths; and set at "$next"
  end
  test "$at" = "$argv"
end
${lines.join('\n')}
`;
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** In single quotes fish knows \\\\ and \\'. */
function fishQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
