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

/** A vocabulary of at most this many tokens is taken for bytes. */
const BYTES = 256;

/**
 * The sequences asked for; by default those of `validation.txt` beside the weights, for a model of bytes. A text is
 * cut into sequences of the context's length and one.
 */
export function readSequences(path: string, config: LlamaConfig, options: SequenceOptions): readonly Tokens[] {
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
      '--tokens',
      options.text ?? 'none',
      `a file of tokens: a vocabulary of ${config.vocabulary} is no bytes`,
    );
  }
  const file = options.text ?? join(statSync(path).isDirectory() ? path : dirname(path), 'validation.txt');
  if (options.text === undefined && !existsSync(file)) {
    throw new BittrueError('file', '--text', 'none', `a text to run the model on: there is no ${file}`);
  }
  const source = openFile(file);
  const tokens = byteTokens(source.read(0, source.size));
  if (tokens.length < 2) throw new BittrueError('file', source.name, `${tokens.length} bytes`, 'at least 2 bytes');
  return splitTokens(tokens, Math.min(tokens.length, config.context + 1));
}
