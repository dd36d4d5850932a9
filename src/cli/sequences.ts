/**
 * The token sequences that a model is checked on.
 *
 * @module
 */
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BittrueError } from '../errors/index.ts';
import { parseJsonObject } from '../files/index.ts';
import { byteTokens, type LlamaConfig, splitTokens, type Tokens } from '../models/index.ts';
import { openFile } from '../node/index.ts';

/** Where the tokens come from. */
export interface SequenceOptions {
  /** A text whose bytes are the tokens. */
  readonly text?: string;
  /** A JSON file: `{ "sequences": [[1, 2, …], …] }`. */
  readonly tokens?: string;
}

/** Where a text lies by default, how long its sequences are at most, and what the options' names begin with. */
export interface SequenceDefaults {
  readonly file: string;
  readonly length: number;
  readonly flag: string;
}

/** The byte tokenizer has this many tokens; what a larger vocabulary makes of a text is not known here. */
const BYTES = 128;

/**
 * The sequences asked for; by default those of `validation.txt` beside the weights, for a model of bytes. A text is
 * cut into sequences of the context's length and one.
 */
export function readSequences(
  path: string,
  config: LlamaConfig,
  options: SequenceOptions,
  { file: usual, length, flag }: SequenceDefaults = { file: 'validation.txt', length: config.context + 1, flag: '--' },
): readonly Tokens[] {
  if (options.tokens !== undefined) {
    const source = openFile(options.tokens);
    const { sequences } = parseJsonObject(source.read(0, source.size), source.name);
    if (!Array.isArray(sequences)) {
      throw new BittrueError('file', `${source.name}: sequences`, sequences, 'an array of arrays of token numbers');
    }
    return sequences as Tokens[];
  }
  if (config.vocabulary > BYTES) {
    throw new BittrueError(
      'unsupported',
      `${flag}tokens`,
      options.text ?? 'none',
      `a file of tokens: a vocabulary of ${config.vocabulary} is not that of bytes, ${BYTES}`,
    );
  }
  const file = options.text ?? join(statSync(path).isDirectory() ? path : dirname(path), usual);
  if (options.text === undefined && !existsSync(file)) {
    throw new BittrueError('file', `${flag}text`, 'none', `a text to run the model on: there is no ${file}`);
  }
  const source = openFile(file);
  const tokens = byteTokens(source.read(0, source.size));
  if (tokens.length < 2) throw new BittrueError('file', source.name, `${tokens.length} bytes`, 'at least 2 bytes');
  return splitTokens(tokens, Math.min(tokens.length, length));
}
