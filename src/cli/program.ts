/**
 * Commands made a program, and run: arguments in, text out, an exit status back.
 *
 * @module
 */
import { Command, CommanderError, type Option } from 'commander';
import { BittrueError, renamed } from '../errors/index.ts';
import { VERSION } from '../events/index.ts';
import { INTERNAL, OK, USAGE } from './exit.ts';
import { type Io, tell } from './io.ts';
import { flagOf } from './options.ts';
import { welcome } from './welcome.ts';

/** Takes a command's exit status. */
type Exit = (status: number | Promise<number>) => void;

/** Adds a command to a program. */
export type Add = (program: Command, io: Io, exit: Exit) => void;

/** Commands under a heading of the help. */
export type Group = readonly [heading: string, adds: readonly Add[]];

/**
 * Runs one of some commands.
 *
 * @param args - what follows the program's name
 * @returns the exit status, a promise of it for what reads as it runs; every mistake of the user is told in one message on `io.err`
 */
export function runProgram(groups: readonly Group[], args: readonly string[], terminal: Io): number | Promise<number> {
  let status: number | Promise<number> = OK;
  const io = args.includes('--no-color') ? { ...terminal, color: false } : terminal;
  if (args.filter((arg) => arg !== '--no-color').length === 0) {
    io.out(`${welcome()}\n`);
    return OK;
  }
  const program = new Command('bittrue')
    .description('Low-precision arithmetic, bit for bit: what overflows, where, and whether SLaNC cures it.')
    .version(VERSION)
    .exitOverride()
    .option('--no-color', 'plain text; so does NO_COLOR=1, and FORCE_COLOR=1 colours files too')
    .configureHelp({
      helpWidth: Math.min(io.columns ?? 100, 100),
      minWidthToWrap: 20,
      optionDescription: described,
      // What a command takes stands in its own help.
      subcommandTerm: (command) => command.name(),
    })
    .configureOutput({
      writeOut: (text) => void io.out(text),
      writeErr: io.err,
      // A suggestion stands on a line of its own.
      outputError: (text) =>
        tell(
          io,
          text
            .replace(/^error: /, '')
            .trimEnd()
            .replace(/\n(?=\()/, ' '),
        ),
    });
  const exit: Exit = (result) => {
    status = result;
  };
  const failed = (error: unknown): number => {
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK : USAGE;
    if (!(error instanceof BittrueError)) return tellInternalError(error, io);
    // What was not given has no value to show.
    tell(
      io,
      asTyped(error, program, args).message.replace(/received undefined(?=$|: did you mean)/, 'received nothing'),
    );
    return USAGE;
  };
  for (const [heading, adds] of groups) {
    program.commandsGroup(heading);
    for (const add of adds) add(program, io, exit);
  }
  // Named, it stands under the last heading.
  program.helpCommand('help [command]', 'the options of a command');
  try {
    program.parse(protectNumbers(args, program), { from: 'user' });
    return typeof status === 'number' ? status : (status as Promise<number>).catch(failed);
  } catch (error) {
    return failed(error);
  }
}

/** An option in words: what it may be, and its default as it would be typed. */
function described({ description, argChoices, defaultValue, negate }: Option): string {
  const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`;
  return `${description}${choices}${defaultValue === undefined || negate ? '' : ` (default: ${defaultValue})`}`;
}

/** Options of the library that the command calls otherwise. */
const names: Readonly<Record<string, readonly string[]>> = {
  variant: ['--variant', '--slanc'],
  algorithm: ['--collective'],
  codecs: ['--codec'],
  calibrationRows: ['--rows'],
  strictNaN: ['--strict-nan'],
  outliers: ['--rotate'],
  times: ['--cancelling'],
  workers: ['--threads'],
  weightBits: ['--weights'],
  activationBits: ['--activations'],
  embeddingBits: ['--embedding'],
};

/**
 * An error with the argument's name as the user knows it: `--residual-scale`, where the library says
 * `options.residualScale`; the argument that was typed, where the library says `path`, `format` or `target`.
 */
function asTyped(error: BittrueError, program: Command, args: readonly string[]): BittrueError {
  const command = commandOf(program, args[0]);
  const key = /^(?:options\.(?:search\.)?|policy\.)?(\w+)(?:\[\d+\]|(?<=inputs)\.\w+(?:\[\d+\])?)?$/.exec(
    error.argument,
  )?.[1];
  if (command === undefined || key === undefined) return error;
  const flag = [...(names[key] ?? []), flagOf(key)].find((one) => command.options.some(({ long }) => long === one));
  const typed = argumentTyped(command, args, error.received);
  const place = typed !== undefined && ['path', 'format', 'target'].includes(key) ? typed : (flag ?? typed);
  return place === undefined || /^[A-Z-]/.test(error.argument) ? error : renamed(error, place);
}

/** The option or the argument that a text was typed for: itself, or its beginning. */
function argumentTyped(
  { options, registeredArguments }: Command,
  args: readonly string[],
  text: string,
): string | undefined {
  const isText = (given: string | undefined): boolean =>
    given !== undefined &&
    given !== '' &&
    (given === text || text.startsWith(`${given} (`) || given.startsWith(`${text}:`));
  let position = 0;
  for (let i = 1; i < args.length; i++) {
    const [flag, given] = (args[i] as string).split(/=(.*)/s);
    const option = options.find(({ long, short }) => flag === long || flag === short);
    if (option === undefined) {
      if (isText(args[i])) return registeredArguments[Math.min(position, registeredArguments.length - 1)]?.name();
      position += 1;
    } else if (option.required) {
      if (isText(given ?? args[++i])) return option.long;
    }
  }
  return undefined;
}

/** The last catch: a mistake of ours is neither the user's nor an event. */
export function tellInternalError(error: unknown, io: Pick<Io, 'err' | 'trace' | 'columns'>): number {
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  tell(io, `internal error: ${words}${io.trace ? '' : ' (BITTRUE_TRACE=1 shows where)'}`);
  if (io.trace && error instanceof Error) io.err(`${error.stack}\n`);
  return INTERNAL;
}

/**
 * `-Infinity`, `-NaN` and `-0.5*256` look like options; digits alone after a minus sign commander knows. What follows an
 * option that takes a value is that value.
 */
function protectNumbers(args: readonly string[], program: Command): string[] {
  if (args.includes('--')) return [...args];
  const options = commandOf(program, args[0])?.options ?? [];
  const isValue = (i: number): boolean =>
    options.some(({ long, short, required }) => required && [long, short].includes(args[i - 1]));
  const specials = args.map((arg, i) => /^-(Infinity|NaN|(\d|\.\d).*\*\d+)$/.test(arg) && !isValue(i));
  if (!specials.includes(true)) return [...args];
  return [...args.filter((_, i) => !specials[i]), '--', ...args.filter((_, i) => specials[i])];
}

function commandOf(program: Command, used: string | undefined): Command | undefined {
  return program.commands.find((one) => [one.name(), ...one.aliases()].includes(used ?? ''));
}
