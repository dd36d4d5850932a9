import * as bittrue from 'bittrue';
import { describe, expect, it } from 'vitest';

const junk = [undefined, null, {}, [], Symbol('junk'), NaN, '', () => 1, 1e300, -1];

/** Calls that promise nothing on junk, with the reason. */
const exempt: Readonly<Record<string, string>> = {
  BittrueError: 'a constructor for errors that the library itself makes',
  notation: 'names a format, whose makers check it',
};

/** The functions of the main entry. */
const calls = Object.entries(bittrue).flatMap(([name, value]) =>
  typeof value === 'function' && exempt[name] === undefined ? [[name, value as (...args: unknown[]) => unknown]] : [],
) as readonly (readonly [string, (...args: unknown[]) => unknown])[];

describe('junk arguments of the main entry are refused with a BittrueError', () => {
  it.each(calls)('%s', async (_, call) => {
    for (const first of junk) {
      for (const args of [[first], [first, first], [first, first, first]]) {
        try {
          await call(...args);
        } catch (error) {
          expect(error).toBeInstanceOf(bittrue.BittrueError);
        }
      }
    }
  });

  it('and there are such functions', () => {
    expect(calls.length).toBeGreaterThan(5);
  });
});
