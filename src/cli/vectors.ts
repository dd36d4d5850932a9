/**
 * `bittrue vectors`: a table of test vectors in TestFloat's line format.
 *
 * @module
 */
import type { Command } from 'commander';
import { vectorLines } from '../testing/conformance/index.ts';
import { OK } from './exit.ts';
import { type Io, print } from './io.ts';
import { numberOption } from './options.ts';
import { addVectorTask, type VectorTaskFlags, vectorTask } from './vectorOptions.ts';

/** The options as commander gives them. */
interface VectorsFlags extends VectorTaskFlags {
  readonly level: string;
  readonly count?: string;
  readonly seed: string;
}

/** Lines written at once. */
const CHUNK = 4096;

/** Adds the command. */
export function addVectors(program: Command, io: Io, exit: (status: number) => void): void {
  addVectorTask(program.command('vectors'))
    .summary('test vectors for an operation, as TestFloat writes them')
    .description(
      'Writes one case a line: operands, result and flags in hexadecimal, as TestFloat does. Where operands are narrow ' +
        '(8 bits, or 16 for one operand) every case, else random ones with weight on the edges; casts cover every value ' +
        'and midpoint of formats of up to 8 bits.\n' +
        'Flags: 1 inexact, 2 underflow, 4 overflow, 8 divide by zero, 10 invalid.',
    )
    .option('--level <1|2>', '2: more cases', '1')
    .option('--count <n>', 'this many random cases instead')
    .option('--seed <s>', 'of the random cases', '1')
    .action((format: string, operation: string, options: VectorsFlags) => {
      const { level, count, seed } = options;
      const lines = vectorLines({
        ...vectorTask(io, format, operation, options),
        level: numberOption('--level', level) as 1 | 2,
        seed: numberOption('--seed', seed),
        ...(count === undefined ? {} : { count: numberOption('--count', count) }),
      });
      let chunk: string[] = [];
      for (const line of lines) {
        chunk.push(line);
        if (chunk.length === CHUNK) {
          if (!print(io, chunk.join('\n'))) return exit(OK);
          chunk = [];
        }
      }
      if (chunk.length > 0) print(io, chunk.join('\n'));
      return exit(OK);
    });
}
