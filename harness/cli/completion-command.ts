/** `bootgrade completion` on the command line. */
import { Argument, type Command } from 'commander';
import type { Environment } from './environment.ts';

const HELP = `
Examples:
  bootgrade completion bash > ~/.local/share/bash-completion/completions/bootgrade
  bootgrade completion zsh > ~/.zfunc/_bootgrade              with ~/.zfunc in fpath before compinit
  bootgrade completion fish > ~/.config/fish/completions/bootgrade.fish
`;

export function addCompletion(program: Command, { out }: Environment, finish: (code: number) => void): void {
  program
    .command('completion')
    .description('print a script with which a shell completes commands and options')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', HELP)
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      out((await import('./completion.ts')).completionScript(shell, program));
      finish(0);
    });
}
