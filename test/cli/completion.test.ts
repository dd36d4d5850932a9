/**
 * The scripts of `bittrue completion` in their shells: bash, and zsh and fish where they are installed.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bittrue, folder } from './helpers.ts';

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

/** What a shell offers behind a command line, asked by a script that reads `script`, the file of the completion. */
function offered(shell: 'bash' | 'zsh' | 'fish', line: string): string[] {
  const script = join(folder(), `completion.${shell}`);
  writeFileSync(script, bittrue('completion', shell).out);
  const words = line.split(' ');
  const asked = {
    bash: [
      '--norc',
      '-c',
      `source ${script}; COMP_WORDS=(${line.replace(/ $/, " ''")}); COMP_CWORD=${words.length - 1}
       $(complete -p bittrue | sed 's/.*-F \\([^ ]*\\).*/\\1/'); printf '%s\\n' "\${COMPREPLY[@]}"`,
    ],
    // The functions of zsh's line editor, which a script has not, print what they are given.
    zsh: [
      '-fc',
      `autoload -U compinit; compinit -u -D; source ${script}
       compadd() { shift; print -l -- "$@" }
       _describe() { print -l -- "\${(@P)2}" | cut -d: -f1 }
       _files() { : }
       words=(${words.slice(0, -1).join(' ')} '') CURRENT=${words.length}
       $_comps[bittrue]`,
    ],
    fish: ['--no-config', '-c', `source ${script}; complete -C ${JSON.stringify(line)} | cut -f1`],
  }[shell];
  const { status, stdout, stderr } = spawnSync(shell, asked, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  const last = words.at(-1) ?? '';
  return stdout.split('\n').filter((word) => word !== '' && word.startsWith(last));
}

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  describe.skipIf(!has(shell))(`completion in ${shell}${has(shell) ? '' : ', which is not installed here'}`, () => {
    it.each([
      ['bittrue ex', ['explain']],
      ['bittrue compa', ['compare']],
      ['bittrue explain e4m3fnu', ['e4m3fnuz']],
      ['bittrue explain nvf', ['nvfp4']],
      ['bittrue targets h100', ['h100']],
      ['bittrue check --residual', ['--residual-scale']],
    ])('%s', (line, words) => {
      expect(offered(shell, line)).toEqual(words);
    });

    it('has every command', () => {
      const all = offered(shell, 'bittrue ');
      for (const command of ['check', 'slanc', 'explain', 'targets', 'verify', 'completion'])
        expect(all).toContain(command);
    });
  });
}
