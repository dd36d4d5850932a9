/**
 * The tokenizer of a model: tokenizer.json beside its weights, read by @huggingface/tokenizers where that is installed.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BittrueError } from '../errors/index.ts';
import { readJsonObject } from '../files/json.ts';
import { type Tokenizer, textSequences } from '../models/index.ts';
import { openFile } from '../node/index.ts';
import { isFolder } from '../node/paths.ts';
import { inWords, localPackage } from './localPackage.ts';

const PACKAGE = '@huggingface/tokenizers';

/** Reads tokenizer.json and what configures it. */
type TokenizerClass = new (tokenizer: object, config: object) => Tokenizer;

/** The tokenizer.json beside a model's weights; null: there is none. */
function tokenizerBeside(path: string): string | null {
  const file = join(isFolder(path) ? path : dirname(path), 'tokenizer.json');
  return existsSync(file) ? file : null;
}

/**
 * A text of a model that has a tokenizer, as sequences of tokens; null: it has none.
 *
 * @param text - the text's file
 * @param flag - of the text, for errors
 */
export function textTokens(path: string, text: string, flag: string, length: number): Int32Array[] | null {
  const file = tokenizerBeside(path);
  if (file === null) return null;
  if (!existsSync(text)) {
    const wanted = `a text for ${file}, or tokens (${flag.replace('text', 'tokens')} FILE)`;
    throw new BittrueError('file', flag, `no ${text}`, wanted);
  }
  const otherwise = `, which reads ${file}; or tokens (${flag.replace('text', 'tokens')} FILE)`;
  const { Tokenizer } = localPackage(PACKAGE, flag, otherwise) as { readonly Tokenizer: TokenizerClass };
  const config = file.replace(/tokenizer\.json$/, 'tokenizer_config.json');
  const words = wordsOf(text);
  const data = readJsonObject(openFile(file));
  const more = existsSync(config) ? readJsonObject(openFile(config)) : {};
  try {
    return textSequences(words, new Tokenizer(data, more), length);
  } catch (error) {
    if (error instanceof BittrueError) throw error;
    throw new BittrueError('file', file, inWords(error), `a file that ${PACKAGE} reads`);
  }
}

/** A text file, which has to be UTF-8. */
function wordsOf(file: string): string {
  const source = openFile(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(source.read(0, source.size));
  } catch {
    throw new BittrueError('file', source.name, 'bytes that are no UTF-8', 'a text');
  }
}
