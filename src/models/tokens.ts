/**
 * Texts as tokens: by bytes, as the embedded model reads them, or by a tokenizer that is handed in; and cutting them into sequences.
 *
 * @module
 */
import { allocate, BittrueError, checkInteger, checkMade, checkText, isOf } from '../errors/index.ts';

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

/** What a tokenizer has to do: `Tokenizer` of @huggingface/tokenizers does. */
export interface Tokenizer {
  /** A text's tokens; by default with those that the model wants before and behind a text, `<s>` or `[CLS]` and `[SEP]`. */
  encode(text: string, options?: { readonly add_special_tokens?: boolean }): { readonly ids: ArrayLike<number> };
}

/**
 * A text as sequences of `length` tokens; a shorter rest is dropped, and of a shorter text one sequence is made. Each begins, and ends,
 * with what the tokenizer puts before and behind a text: a model is trained to see it, and the largest activations often stand there.
 *
 * @param tokenizer - `new Tokenizer(tokenizerJson, tokenizerConfig)` of @huggingface/tokenizers, for one
 * @throws {@link BittrueError} `range` where the text has fewer than two tokens, or `length` no room for them; `unsupported` where the
 *   tokens of the text are others when special ones are added
 * @example
 * import { textSequences } from 'bittrue/models';
 * // In place of one of @huggingface/tokenizers: token 9, then a token a letter.
 * const tokenizer = { encode: (text: string, { add_special_tokens = true } = {}) => ({ ids: [...(add_special_tokens ? [9] : []), ...text].map(Number) }) };
 * textSequences('123456', tokenizer, 3).map((tokens) => [...tokens].join(' ')); // ['9 1 2', '9 3 4', '9 5 6']
 */
export function textSequences(text: string, tokenizer: Tokenizer, length: number): Int32Array[] {
  checkText('text', text);
  checkMade('tokenizer', tokenizer, ['encode'], 'a tokenizer: encode(text) gives { ids }');
  const bare = idsOf(tokenizer.encode(text, { add_special_tokens: false }));
  const whole = idsOf(tokenizer.encode(text));
  const at = placeOf(bare, whole);
  if (at === null) {
    const wanted = 'the tokens of the text as they are, and special ones before or behind them';
    throw new BittrueError('unsupported', 'tokenizer', `other tokens with special ones: ${whole.slice(0, 4)}…`, wanted);
  }
  const [before, behind] = [whole.slice(0, at), whole.slice(at + bare.length)];
  const special = before.length + behind.length;
  if (bare.length === 0 || whole.length < 2)
    throw new BittrueError('range', 'text', `${whole.length} tokens`, 'at least 2 tokens');
  checkInteger('length', length, special + 1, Number.MAX_SAFE_INTEGER);
  const own = Math.min(length - special, bare.length);
  const sequences: Int32Array[] = [];
  for (let from = 0; from + own <= bare.length; from += own) {
    sequences.push(Int32Array.from([...before, ...bare.subarray(from, from + own), ...behind]));
  }
  return sequences;
}

/** Tokens as integers; one that is none is an error. */
function idsOf({ ids }: { readonly ids: ArrayLike<number> }): Int32Array {
  const tokens = allocate('text', Int32Array, ids.length);
  for (let i = 0; i < tokens.length; i++) tokens[i] = checkInteger(`tokenizer: token ${i}`, ids[i], 0, 2 ** 31 - 1);
  return tokens;
}

/** Where a list stands in another one: its first place; null: nowhere. */
function placeOf(part: Int32Array, whole: Int32Array): number | null {
  for (let at = 0; at + part.length <= whole.length; at++) {
    if (part.every((one, i) => whole[at + i] === one)) return at;
  }
  return null;
}
