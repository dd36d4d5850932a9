/**
 * `bittrue completion`: what a shell needs to complete command lines, made from the commands themselves.
 *
 * @module
 */
import { type Command, Option } from 'commander';
import { checkName } from '../errors/index.ts';
import { blockCatalogue, catalogue } from '../formats/index.ts';
import { targets } from '../targets/index.ts';
import { OK } from './exit.ts';
import { type Io, print } from './io.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

/** Adds the command. */
export function addCompletion(program: Command, io: Io, exit: (status: number) => void): void {
  program
    .command('completion')
    .summary('completion for bash, zsh or fish')
    .description(
      'Prints a script that completes commands, options, formats and targets. For this shell and those to come:\n' +
        "bash: echo 'source <(bittrue completion bash)' >> ~/.bashrc\n" +
        "zsh:  echo 'source <(bittrue completion zsh)' >> ~/.zshrc (after compinit)\n" +
        'fish: bittrue completion fish > ~/.config/fish/completions/bittrue.fish',
    )
    .argument('<SHELL>', shells.join(', '))
    .action((shell: string) => {
      print(io, scripts[checkName('SHELL', shell, shells)](words(program)).trimEnd());
      exit(OK);
    });
}

/** What may follow each command. */
interface Words {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly string[];
  /** Formats and targets, where the command takes some. */
  readonly names: readonly string[];
}

function words(program: Command): readonly Words[] {
  return program.commands.map((command) => {
    const said = [
      ...command.registeredArguments.map((one) => one.name()),
      ...command.options.map(({ flags }) => flags),
    ].join(' ');
    const names = [
      ...(/FORMAT/i.test(said) ? [...Object.keys(catalogue), ...Object.keys(blockCatalogue)] : []),
      ...(/target/i.test(said) || command.name() === 'targets' || command.name() === 'compare'
        ? Object.keys(targets)
        : []),
    ];
    return {
      name: command.name(),
      summary: command.summary(),
      options: [...command.options, new Option('--help')].flatMap(({ long }) => long ?? []),
      names: [...new Set(names)],
    };
  });
}

const scripts: Readonly<Record<(typeof shells)[number], (all: readonly Words[]) => string>> = {
  bash: (all) => `_bittrue() {
  local word=\${COMP_WORDS[COMP_CWORD]} found
  if ((COMP_CWORD == 1)); then found='${all.map(({ name }) => name).join(' ')} --help --version'
  else case \${COMP_WORDS[1]} in
${all.map(({ name, options, names }) => `    ${name}) found='${[...options, ...names].join(' ')}' ;;`).join('\n')}
  esac; fi
  COMPREPLY=($(compgen -W "$found" -- "$word"))
}
complete -o default -F _bittrue bittrue
`,
  zsh: (all) => `#compdef bittrue
_bittrue() {
  if ((CURRENT == 2)); then
    local -a commands=(
${all.map(({ name, summary }) => `      ${quoted(`${name}:${summary.replaceAll(':', '\\:')}`)}`).join('\n')}
    )
    _describe command commands
    return
  fi
  case $words[2] in
${all.map(({ name, options, names }) => `    ${name}) compadd -- ${[...options, ...names].join(' ')} ;;`).join('\n')}
  esac
  _files
}
compdef _bittrue bittrue
`,
  fish: (all) =>
    all
      .flatMap(({ name, summary, options, names }) => [
        `complete -c bittrue -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
        ...options.map(
          (option) => `complete -c bittrue -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}`,
        ),
        ...(names.length === 0
          ? []
          : [`complete -c bittrue -n '__fish_seen_subcommand_from ${name}' -a '${names.join(' ')}'`]),
      ])
      .join('\n'),
};

/** A text for any of the shells. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
