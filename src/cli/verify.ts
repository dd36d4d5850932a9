/**
 * `bittrue verify`: another implementation's table against ours.
 *
 * @module
 */
import type { Command } from 'commander';
import type { ByteSource } from '../files/index.ts';
import { openFile } from '../node/index.ts';
import { formatVerification, toJson } from '../reports/index.ts';
import type { OnProgress } from '../studies/index.ts';
import { type Verification, verifyVectors } from '../testing/conformance/index.ts';
import { EVENTS, OK } from './exit.ts';
import { type Io, look, print } from './io.ts';
import { numberOption } from './options.ts';
import { progressLine } from './progress.ts';
import { addVectorTask, type VectorTaskFlags, vectorTask } from './vectorOptions.ts';

/** The options as commander gives them. */
interface VerifyFlags extends VectorTaskFlags {
  readonly strictNan?: boolean;
  /** Set false by --no-flags. */
  readonly flags: boolean;
  readonly limit: string;
  readonly json?: boolean;
}

/** Adds the command. */
export function addVerify(program: Command, io: Io, exit: (status: number) => void): void {
  addVectorTask(program.command('verify'))
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
    .argument('<FILE>', 'the table; - is standard input')
    .option('--strict-nan', 'NaN results must have the same code')
    .option('--no-flags', 'leave flags out')
    .option('--limit <n>', 'differences to print', '10')
    .option('--json', 'print data')
    .action((format: string, operation: string, file: string, options: VerifyFlags) => {
      const { strictNan = false, flags, limit, json } = options;
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
    });
}

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
