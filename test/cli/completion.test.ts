/**
 * The scripts of `bittrue completion` in their shells: bash, and zsh and fish where they are installed.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bittrue, folder } from './helpers.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

const has = (shell: Shell): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

/** What each shell does before the first line: it reads `script`, the file of the completion. */
const begin: Record<Shell, (script: string) => string> = {
  bash: (script) => `source ${script}`,
  // The functions of zsh's line editor, which a script has not, print what they are given.
  zsh: (script) => `autoload -U compinit; compinit -u -D; source ${script}
    compadd() { shift; print -l -- "$@" }
    _describe() { print -l -- "\${(@P)2}" | cut -d: -f1 }
    _files() { : }`,
  fish: () => '',
};

/** How each prints what it offers behind a command line. */
const offer: Record<Shell, (line: string, words: readonly string[], script: string) => string> = {
  bash: (line, words) => `COMP_WORDS=(${line.replace(/ $/, " ''")}); COMP_CWORD=${words.length - 1}; COMPREPLY=()
    $(complete -p bittrue | sed 's/.*-F \\([^ ]*\\).*/\\1/'); printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: (_, words) => `words=(${words.slice(0, -1).join(' ')} '') CURRENT=${words.length}
    $_comps[bittrue]`,
  fish: (line, _, script) => `source ${script}; complete -C ${JSON.stringify(line)} | cut -f1`,
};

const flags: Record<Shell, readonly string[]> = { bash: ['--norc', '-c'], zsh: ['-fc'], fish: ['--no-config', '-c'] };

/** What a shell offers behind each of some command lines, all asked of one run of it. */
function offered(shell: Shell, lines: readonly string[]): Record<string, readonly string[]> {
  const script = join(folder(), `completion.${shell}`);
  writeFileSync(script, bittrue('completion', shell).out);
  const program = [
    begin[shell](script),
    ...lines.flatMap((line) => ['echo ----', offer[shell](line, line.split(' '), script)]),
  ];
  const { status, stdout, stderr } = spawnSync(shell, [...flags[shell], program.join('\n')], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  const answers = stdout.split('----\n').slice(1);
  return Object.fromEntries(
    lines.map((line, i) => {
      const last = line.split(' ').at(-1) ?? '';
      return [line, (answers[i] ?? '').split('\n').filter((word) => word !== '' && word.startsWith(last))];
    }),
  );
}

const expected: Readonly<Record<string, readonly string[]>> = {
  'bittrue ex': ['explain'],
  'bittrue compa': ['compare'],
  'bittrue explain e4m3fnu': ['e4m3fnuz'],
  'bittrue explain nvf': ['nvfp4'],
  'bittrue targets h100': ['h100'],
  'bittrue check --residual': ['--residual-scale'],
};
const commands = ['check', 'slanc', 'explain', 'targets', 'verify', 'completion'];

describe('bittrue completion', () => {
  for (const shell of shells) {
    it.skipIf(!has(shell))(`in ${shell}${has(shell) ? '' : ', which is not installed here'}`, () => {
      const { 'bittrue ': all, ...answers } = offered(shell, [...Object.keys(expected), 'bittrue ']);
      expect(answers).toEqual(expected);
      expect(all).toEqual(expect.arrayContaining(commands));
    });
  }
});
