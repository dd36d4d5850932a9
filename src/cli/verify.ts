/**
 * `bittrue verify`: another implementation's table against ours.
 *
 * @module
 */
import { type Command, Option } from 'commander';
import { BittrueError } from '../errors/index.ts';
import type { ByteSource } from '../files/index.ts';
import { openFile } from '../node/index.ts';
import { formatVerification, toJson } from '../reports/index.ts';
import { roundingModes } from '../rounding/index.ts';
import type { OnProgress } from '../studies/index.ts';
import { describeCheck, type Verification, vectorOperations, verifyVectors } from '../testing/index.ts';
import { EVENTS, OK } from './exit.ts';
import { fileText } from './inquiryFiles.ts';
import { type Io, look, print } from './io.ts';
import { numberOption, refuse } from './options.ts';
import { progressLine } from './progress.ts';
import { addTaskOptions, type VectorTaskFlags, vectorTask } from './vectorOptions.ts';
import { isAboutNumbers, type NumberFlags, numberOperations, verifyNumbers, writeStarter } from './verifyNumbers.ts';
import { verifyTarget } from './verifyTarget.ts';

/** The options as commander gives them. */
interface VerifyFlags extends VectorTaskFlags, Omit<NumberFlags, keyof VectorTaskFlags> {
  readonly init?: string;
  readonly output?: string;
  readonly strictNan?: boolean;
  readonly target?: string;
  readonly a?: string;
  readonly b?: string;
  /** Set false by --no-flags. */
  readonly flags: boolean;
  readonly limit: string;
  readonly json?: boolean;
}

/** Adds the command. */
export function addVerify(program: Command, io: Io, exit: (status: number) => void): void {
  const command = program
    .command('verify')
    .argument('[FORMAT]', 'such as binary16, e4m3fn, binary8p3se, float:e5m4, int8, mxfp4')
    .argument('[OPERATION]', [...Object.keys(vectorOperations), ...numberOperations].join(', '))
    .argument('[FILE]', 'the table; - is standard input; or FILE.npy, with --results');
  addTaskOptions(command, roundingModes)
    .summary("another implementation's table: first differences, and what it seems to do")
    .description(
      'Compares results that another implementation gave with ours. A row of FILE has operands, a result, and flags if ' +
        'you like, between commas, semicolons, tabs or blanks: codes (0x7e) and decimal numbers, or hexadecimal alone as ' +
        'TestFloat prints it. A heading, empty lines and lines that start with # are skipped.\n' +
        'Exit status: 0 all equal, 1 differences, 2 wrong usage or input.',
    )
    .addHelpText(
      'after',
      `
Tables for "verify e4m3fn cast", with the same two rows:
  input,result     0x43E90000 0x7E     43E90000 7E 01
  466,448          0x3F900000 0x39     3F900000 39 00
  1.125,1.125`,
    )
    .option('--target <TARGET:UNIT>', 'ROWS alone: dot products that a chip answered, against a target')
    .option('--a <format>', "with --target: of A's elements, where the unit takes several")
    .option('--b <format>', "with --target: of B's")
    .option('--strict-nan', 'NaN results must have the same code')
    .option('--no-flags', 'leave flags out')
    .option('--limit <n>', 'differences to print', '10')
    .option('--json', 'print data')
    .option('--results <FILE.npy>', 'the results of FILE.npy: numbers, or integers that are codes')
    .option('--scales <FILE.npy>', 'for blocks: their scales')
    .option('--recipe <NAME>', 'for blocks: ocp, microxcaling, tosa, transformerEngine, ggml')
    .option('--scale <x>', 'for quantize: the scale; for requantize: in place of multiplier and shift')
    .option('--zero-point <n>', 'of the results')
    .option('--low <n>', 'the lowest code')
    .option('--high <n>', 'the highest code')
    .option('--quotient <NAME>', 'for quantize: exact, binary32 (as ONNX Runtime), binary64')
    .option('--random-bits <n>', 'for --rounding stochastic: how many random bits')
    .option('--variant <NAME>', 'for --rounding stochastic: A, B, C of P3109')
    .option('--false-alarm <p>', 'for --rounding stochastic: the most that a right one fails with (default: 1e-6)')
    .option('--pipeline <NAME>', 'for requantize: doubleRounding, singleRounding, reduced16, tosa32, tosa16')
    .option('--multiplier <n>', 'for requantize')
    .option('--shift <n>', 'for requantize')
    .option('--input-zero-point <n>', 'for requantize: of the accumulator')
    .addOption(new Option('--init [RUNNER]', 'write a starter test: vitest (default), jest, node').preset('vitest'))
    .option('--output <FILE>', 'for --init: the file (default: quantizer.test.mjs); an existing one is left alone')
    .action(
      (format: string | undefined, operation: string | undefined, file: string | undefined, options: VerifyFlags) => {
        const { strictNan = false, flags, limit, json, init, output } = options;
        if (init !== undefined) {
          if (format !== undefined)
            throw new BittrueError('unsupported', '--init', init, 'neither FORMAT nor FILE beside it');
          writeStarter(io, init, output);
          return exit(OK);
        }
        if (output !== undefined) throw new BittrueError('unsupported', '--output', output, '--init beside it');
        if (options.target !== undefined) {
          if (format === undefined || operation !== undefined) {
            throw new BittrueError(
              'type',
              'ROWS',
              [format, operation].filter(Boolean).join(' '),
              'one file beside --target',
            );
          }
          refuse(options, [...numberFlags, 'strictNan'], 'no such option beside --target');
          const { target, a, b } = options;
          const text = format === '-' ? [...(io.input?.() ?? [])].join('') : fileText(format);
          const chosen = {
            target,
            limit: numberOption('--limit', limit),
            ...(a && { a }),
            ...(b && { b }),
            ...(json && { json }),
          };
          return exit(verifyTarget(io, text, format === '-' ? 'standard input' : format, chosen));
        }
        refuse(options, ['a', 'b'], '--target beside it');
        if (format === undefined || operation === undefined || file === undefined) {
          throw new BittrueError(
            'type',
            'FORMAT OPERATION FILE',
            [format, operation, file].filter(Boolean).join(' '),
            'all three, or --init',
          );
        }
        if (isAboutNumbers(operation, file, options)) {
          const found = verifyNumbers(io, format, operation, file, options, () =>
            file === '-' ? (io.input?.() ?? '') : textOf(openFile(file), () => undefined),
          );
          const checks = 'scales' in found ? [found.scales, found.elements] : [found];
          print(io, json ? toJson(found, 'answers/1') : checks.map(describeCheck).join('\n\n'));
          return exit(found.ok ? OK : EVENTS);
        }
        refuse(options, numberFlags, 'quantize, requantize, --rounding stochastic or a .npy file with it');
        const progress = progressLine(io, '');
        let found: Verification;
        try {
          found = verifyVectors({
            ...vectorTask(io, format, operation, options),
            vectors: file === '-' ? (io.input?.() ?? '') : textOf(openFile(file), progress.onProgress),
            name: file === '-' ? 'standard input' : file,
            strictNaN: strictNan,
            ignoreFlags: !flags,
            limit: numberOption('--limit', limit),
          });
        } finally {
          progress.finish();
        }
        print(io, json ? toJson(found, 'verification/1') : formatVerification(found, look(io)));
        exit(found.ok ? OK : EVENTS);
      },
    );
}

/** Options that a table of codes and flags does not read. */
const numberFlags = [
  'results',
  'scales',
  'recipe',
  'scale',
  'zeroPoint',
  'low',
  'high',
  'quotient',
  'pipeline',
  'multiplier',
  'shift',
  'inputZeroPoint',
  'randomBits',
  'variant',
  'falseAlarm',
] as const;

/** Bytes read at a time. */
const CHUNK = 2 ** 20;

/** A text of any size, piece by piece. */
function* textOf(source: ByteSource, onProgress: OnProgress): Generator<string> {
  const decoder = new TextDecoder();
  for (let at = 0; at < source.size; at += CHUNK) {
    yield decoder.decode(source.read(at, Math.min(CHUNK, source.size - at)), { stream: true });
    onProgress({ phase: 'rows compared', done: Math.min(at + CHUNK, source.size), total: source.size });
  }
  yield decoder.decode();
}
