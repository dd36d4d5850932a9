import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { alone } from '../../src/cli/alone.ts';
import { bittrue } from './helpers.ts';

describe('commands that are loaded alone', () => {
  const io = { out: () => true, err: () => {}, color: false, progress: false };

  it.each(Object.keys(alone))('%s is the command of that name', async (name) => {
    const program = new Command();
    (await alone[name]())(program, io, () => {});
    expect(program.commands.map((command) => command.name())).toEqual([name]);
  });

  it('are those that the help lists, but for what all commands are needed for', () => {
    const listed = [...bittrue('--help').out.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name);
    expect([...Object.keys(alone), 'completion', 'help'].sort()).toEqual(listed.toSorted());
  });
});
