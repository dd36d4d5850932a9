import { describe, expect, it } from 'vitest';
import { linesOf } from '../../../src/testing/conformance/lines.ts';

const lines = (...pieces: string[]) => [...linesOf(pieces, 'table')];

describe('linesOf', () => {
  it('gives the same lines wherever the text is cut', () => {
    const text = 'a b\r\n\nc\r d\n\n e';
    for (let from = 0; from <= text.length; from++) {
      for (let to = from; to <= text.length; to++) {
        expect(lines(text.slice(0, from), text.slice(from, to), text.slice(to))).toEqual([
          'a b',
          '',
          'c\r d',
          '',
          ' e',
        ]);
      }
    }
    expect([...linesOf(text, 'table')]).toEqual(lines(text));
    expect(lines('a\n')).toEqual(['a']);
    expect(lines()).toEqual([]);
  });

  it('puts a long line together in time that grows with it, and refuses one that is no row', () => {
    const piece = 'x'.repeat(2 ** 10);
    expect(lines(...Array(2 ** 13).fill(piece), '\ny')).toEqual([piece.repeat(2 ** 13), 'y']);
    expect(() => lines('\n\n', ...Array(2 ** 14 + 1).fill(piece))).toThrow(
      /^table:3: expected lines of up to 16777216/,
    );
  });

  it('refuses what is no text', () => {
    for (const junk of [undefined, null, 7, {}]) expect(() => [...linesOf(junk as never, 'table')]).toThrow(/^text: /);
    expect(() => [...linesOf([1, 2] as never, 'table', 'vectors')]).toThrow(/^vectors: expected a text/);
  });
});
