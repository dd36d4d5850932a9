/**
 * The token sequences that a model is checked on.
 *
 * @module
 */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { BittrueError, checkAs, checkInteger } from '../errors/index.ts';
import { readJsonObject } from '../files/json.ts';
import { byteTokens, type ModelConfig, splitTokens, type Tokens } from '../models/index.ts';
import { checkSequences } from '../models/sequences.ts';
import { openFile } from '../node/index.ts';
import { isFolder } from '../node/paths.ts';
import { numberOption } from './options.ts';
import { textTokens } from './tokenizer.ts';

/** Where the tokens come from. */
export interface SequenceOptions {
  /** A text whose bytes are the tokens. */
  readonly text?: string | undefined;
  /** A JSON file: `{ "sequences": [[1, 2, …], …] }`. */
  readonly tokens?: string | undefined;
  /** How many of them, the first ones; default all. */
  readonly sequences?: string | undefined;
}

/** Where a text lies by default, how long its sequences are at most, and what the options' names begin with. */
export interface SequenceDefaults {
  readonly file: string;
  readonly length: number;
  readonly flag: string;
  /** What sequences of tokens may be long. */
  readonly shortest: number;
  readonly longest: number;
}

/** The byte tokenizer has this many tokens; what a larger vocabulary makes of a text is not known here. */
const BYTES = 128;

/** Sequences of a text by a tokenizer are no longer than this, whatever the context is. */
const LONGEST_OF_TEXT = 512;

/**
 * The sequences asked for; by default those of `validation.txt` beside the weights, for a model of bytes. A text is
 * cut into sequences of the context's length and one.
 */
export function readSequences(
  path: string,
  config: ModelConfig,
  options: SequenceOptions,
  defaults?: SequenceDefaults,
): readonly Tokens[] {
  const all = allSequences(path, config, options, defaults);
  if (options.sequences === undefined) return all;
  const flag = `${defaults?.flag ?? '--'}sequences`;
  return all.slice(0, checkInteger(flag, numberOption(flag, options.sequences), 1, Number.MAX_SAFE_INTEGER));
}

function allSequences(
  path: string,
  config: ModelConfig,
  options: SequenceOptions,
  { file: usual, length, flag, shortest, longest }: SequenceDefaults = {
    file: 'validation.txt',
    length: config.context + 1,
    flag: '--',
    shortest: 2,
    longest: config.context + 1,
  },
): readonly Tokens[] {
  if (options.tokens !== undefined) {
    if (options.text !== undefined) {
      throw new BittrueError('unsupported', `${flag}text`, options.text, `none beside ${flag}tokens`);
    }
    const source = openFile(options.tokens);
    const { sequences } = readJsonObject(source);
    if (!Array.isArray(sequences)) {
      throw new BittrueError('file', `${source.name}: sequences`, sequences, 'an array of arrays of token numbers');
    }
    checkAs(
      (path) => `${source.name}: ${path}`,
      () => checkSequences(sequences, config, shortest, longest),
    );
    return sequences as Tokens[];
  }
  const file = options.text ?? join(isFolder(path) ? path : dirname(path), usual);
  const found = textTokens(path, file, `${flag}text`, Math.min(length, LONGEST_OF_TEXT));
  if (found !== null) {
    checkAs(
      (path) => `${file}: ${path}`,
      () => checkSequences(found, config, shortest, longest),
    );
    return found;
  }
  if (config.vocabulary > BYTES) {
    throw new BittrueError(
      'unsupported',
      `${flag}tokens`,
      options.text ?? 'none',
      `a file of tokens, or tokenizer.json beside the weights: a vocabulary of ${config.vocabulary} is not that of bytes, ${BYTES}`,
    );
  }
  if (options.text === undefined && !existsSync(file)) {
    throw new BittrueError('file', `${flag}text`, 'none', `a text to run the model on: there is no ${file}`);
  }
  const source = openFile(file);
  const tokens = byteTokens(source.read(0, source.size));
  if (tokens.length < 2) throw new BittrueError('file', source.name, `${tokens.length} bytes`, 'at least 2 bytes');
  return splitTokens(tokens, Math.min(tokens.length, length));
}

/** Where the calibration comes from. */
export interface CalibrationFlags {
  readonly calibrationText?: string;
  readonly calibrationTokens?: string;
  readonly calibrationSequences?: string;
}

/** How long the sequences of a calibration text are, and how many of `calibration.txt` are used. */
export interface CalibrationDefaults {
  readonly length: number;
  readonly count: number;
}

/** The options of {@link readCalibration}, for a command. */
export function calibrationOptions(command: Command, length: string, count: number): Command {
  return command
    .option(
      '--calibration-text <FILE>',
      `calibrate on this text, in sequences of ${length} (default: calibration.txt beside the weights)`,
    )
    .option('--calibration-tokens <FILE>', 'calibrate on the tokens of a JSON file: { "sequences": [[1, 2, …], …] }')
    .option(
      '--calibration-sequences <n>',
      `calibrate on the first n (default: ${count} of calibration.txt, all of others)`,
    );
}

/** The sequences to calibrate on: by default the first of `calibration.txt` beside the weights. */
export function readCalibration(
  path: string,
  config: ModelConfig,
  { calibrationText: text, calibrationTokens: tokens, calibrationSequences: asked }: CalibrationFlags,
  { length, count }: CalibrationDefaults,
): readonly Tokens[] {
  const usual = text === undefined && tokens === undefined ? count : Number.POSITIVE_INFINITY;
  const most = asked === undefined ? usual : numberOption('--calibration-sequences', asked);
  if (!(most >= 1)) throw new BittrueError('range', '--calibration-sequences', asked, 'at least 1');
  return readSequences(
    path,
    config,
    { ...(text === undefined ? {} : { text }), ...(tokens === undefined ? {} : { tokens }) },
    {
      file: 'calibration.txt',
      // The forward pass takes no more than the context.
      length: Math.min(length, config.context),
      flag: '--calibration-',
      shortest: 1,
      longest: config.context,
    },
  ).slice(0, most);
}
