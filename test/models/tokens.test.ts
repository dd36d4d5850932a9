import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, it } from 'vitest';
import { byteTokens, splitTokens, textSequences } from '../../src/models/index.ts';
import { failure } from './helpers.ts';
import { pairs, pieces } from './tokenizerFiles.ts';

describe('byteTokens', () => {
  it('is one token a byte, bytes above 127 as 127', () => {
    expect([...byteTokens('a\n~')]).toEqual([97, 10, 126]);
    expect([...byteTokens('é€')]).toEqual([127, 127, 127, 127, 127]);
    expect([...byteTokens(new Uint8Array([0, 127, 128, 255]))]).toEqual([0, 127, 127, 127]);
    expect(failure(() => byteTokens(5 as never))).toBe('type text');
  });
});

describe('splitTokens', () => {
  it('cuts whole sequences and drops the rest', () => {
    const parts = splitTokens(new Uint8Array([1, 2, 3, 4, 5]), 2);
    expect(parts.map((part) => [...part])).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(splitTokens(new Int32Array(1), 2)).toEqual([]);
    expect(failure(() => splitTokens(new Uint8Array(4), 0))).toBe('range length');
  });
});

describe('textSequences', () => {
  const bytes = new Tokenizer(pairs, {});
  const words = new Tokenizer(pieces, {});
  const lists = (sequences: readonly Int32Array[]) => sequences.map((one) => [...one]);

  it('begins every sequence with what the tokenizer puts before a text', () => {
    // By hand: a b -> ab, ab c -> abc; a space before a word is Ġ.
    expect(lists(textSequences('abc ab cab', bytes, 4))).toEqual([
      [0, 6, 4, 5],
      [0, 4, 3, 5],
    ]);
    expect(lists(textSequences('abcab', bytes, 100))).toEqual([[0, 6, 5]]);
    // Three tokens a sequence, two of them the text's: the seventh is a rest.
    expect(lists(textSequences('abc ab cab d', bytes, 3))).toEqual([
      [0, 6, 4],
      [0, 5, 4],
      [0, 3, 5],
      [0, 4, 7],
    ]);
  });

  it('ends it with what it puts behind one', () => {
    expect(lists(textSequences('Playing chess, played', words, 512))).toEqual([[2, 4, 5, 7, 1, 4, 6, 3]]);
    expect(lists(textSequences('Playing chess played chess', words, 5))).toEqual([
      [2, 4, 5, 7, 3],
      [2, 4, 6, 7, 3],
    ]);
  });

  it('refuses a text without tokens, no room, and tokens that special ones change', () => {
    expect(failure(() => textSequences('', bytes, 4))).toBe('range text');
    expect(failure(() => textSequences('chess', words, 2))).toBe('range length');
    expect(failure(() => textSequences(1 as never, bytes, 4))).toBe('type text');
    expect(failure(() => textSequences('a', {} as never, 4))).toBe('type tokenizer');
    const odd = {
      encode: (_: string, { add_special_tokens = true } = {}) => ({ ids: add_special_tokens ? [1, 2] : [3] }),
    };
    expect(failure(() => textSequences('a', odd, 4))).toBe('unsupported tokenizer');
    const half = { encode: () => ({ ids: [1, 0.5] }) };
    expect(failure(() => textSequences('a', half, 4))).toBe('range tokenizer: token 1');
  });
});
