/**
 * The byte tokenizer of the embedded model, and cutting a text into sequences.
 *
 * @module
 */
import { allocate, BittrueError, checkInteger, isOf } from '../errors/index.ts';

/**
 * One token a byte (UTF-8 for a string); bytes above 127 count as 127.
 *
 * @example
 * import { byteTokens } from 'bittrue/models';
 * [...byteTokens('Gød')]; // [71, 127, 127, 100]
 */
export function byteTokens(text: string | Uint8Array): Uint8Array {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  if (!isOf(bytes, Uint8Array)) throw new BittrueError('type', 'text', text, 'a string or a Uint8Array');
  const tokens = allocate('text', Uint8Array, bytes.length);
  for (let i = 0; i < tokens.length; i++) tokens[i] = Math.min(bytes[i], 127);
  return tokens;
}

/**
 * Cuts tokens into sequences of one length; a shorter rest is dropped.
 *
 * @example
 * import { splitTokens } from 'bittrue/models';
 * splitTokens(new Uint8Array(10), 4).length; // 2
 */
export function splitTokens<T extends Uint8Array | Int32Array>(tokens: T, length: number): T[] {
  checkInteger('length', length, 1, Number.MAX_SAFE_INTEGER);
  const sequences: T[] = [];
  for (let at = 0; at + length <= tokens.length; at += length) sequences.push(tokens.subarray(at, at + length) as T);
  return sequences;
}
