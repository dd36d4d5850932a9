/**
 * Command lines of the documentation: every ```console block of README.md and docs/ runs and shows what it says.
 *
 * A line `$ npx bittrue …` is run, and what follows, to the next `$`, is its output on a terminal of 100 columns; a line
 * `…` stands for lines left out. Every line that starts with `npx bittrue` in a ```sh block names commands and options
 * that exist.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, walk } from '../../scripts/lib/project.mjs';
import { runCommand } from '../../src/cli/run.ts';

const files = ['README.md', ...walk('docs', (path) => path.endsWith('.md') && !path.startsWith('docs/api/'))];

interface Run {
  readonly file: string;
  readonly line: number;
  readonly args: readonly string[];
  readonly shown: string;
}

/** The fenced blocks of a language. */
function blocks(file: string, language: string): { line: number; text: string }[] {
  const all = readFileSync(join(root, file), 'utf8');
  return Array.from(
    all.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms')),
    ({ index, 1: text = '' }) => ({
      line: all.slice(0, index).split('\n').length + 1,
      text,
    }),
  );
}

/** The words of a command line: no quotes but plain ones, and a comment is dropped. */
function words(line: string): string[] {
  const text = line.replace(/ +#.*$/, '').replace(/\s*[>|].*$/, '');
  return Array.from(text.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g), ([, a, b, c]) => a ?? b ?? c ?? '');
}

function runs(file: string): Run[] {
  return blocks(file, 'console').flatMap(({ line, text }) => {
    const parts = text.split(/^\$ /m);
    let at = line + (parts[0]?.split('\n').length ?? 1) - 1;
    return parts.slice(1).map((part) => {
      const [command = '', ...shown] = part.split('\n');
      const [npx, bittrue, ...args] = words(command);
      expect([npx, bittrue], `${file}:${at}`).toEqual(['npx', 'bittrue']);
      const run = { file, line: at, args, shown: shown.join('\n').trimEnd() };
      at += shown.length;
      return run;
    });
  });
}

/** The package as a user has it is this folder. */
const here = (arg: string): string => arg.replace(/^node_modules\/bittrue\//, `${root}/`);

function output(args: readonly string[]): string {
  let shown = '';
  const add = (text: string): boolean => {
    shown += text;
    return true;
  };
  runCommand(args.map(here), { out: add, err: (text) => void add(text), color: false, progress: false, columns: 100 });
  return shown.replaceAll(`${root}/`, 'node_modules/bittrue/').trimEnd();
}

/** Whether lines are those that are shown; `…` stands for any number of lines. */
function isShown(lines: readonly string[], shown: readonly string[]): boolean {
  const [first, ...others] = shown;
  if (first === undefined) return lines.length === 0;
  if (first.trim() === '…') return lines.some((_, i) => isShown(lines.slice(i), others)) || others.length === 0;
  return lines.length > 0 && lines[0]?.trimEnd() === first.trimEnd() && isShown(lines.slice(1), others);
}

const all = files.flatMap(runs);

describe('consoles of the documentation', () => {
  it.each(all.map((run) => [`${run.file}:${run.line} ${run.args.join(' ')}`, run] as const))(
    '%s',
    (_, { args, shown }) => {
      const lines = output(args);
      if (!isShown(lines.split('\n'), shown.split('\n'))) expect(lines).toBe(shown);
    },
  );
});

describe('command lines of the documentation', () => {
  const lines = files.flatMap((file) =>
    blocks(file, 'sh').flatMap(({ text }) =>
      text
        .split('\n')
        .filter((line) => /^(npx )?bittrue /.test(line))
        .map((line) => [file, line] as const),
    ),
  );

  it.each(lines)('%s: %s', (_, line) => {
    const args = words(line).slice(line.startsWith('npx') ? 2 : 1);
    const [command = '', ...rest] = args;
    const help = output([command, '--help']);
    expect(help).toMatch(/^Usage: bittrue/);
    for (const flag of rest.filter((word) => word.startsWith('--'))) expect(help).toContain(flag.replace(/=.*/, ''));
  });
});
