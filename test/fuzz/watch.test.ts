import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BittrueError } from '../../src/errors/index.ts';
import { fuzz, isTaken } from './watch.ts';

describe('the watch of the fuzzers', () => {
  it('tells a case without end, and which it was', () => {
    const loop = ({ n }: { n: number }): void => {
      while (n === 7);
    };
    expect(() => fuzz(0.1, fc.record({ n: fc.constant(7) }), loop, 100)).toThrow(/^no end: .*"n":7/);
  });

  it('knows results and refusals from all else', () => {
    expect(isTaken(() => {}, 0)).toBe(true);
    const refusal = new BittrueError('type', 'x', 1, 'a text');
    const refuse = (): never => {
      throw refusal;
    };
    expect(isTaken(refuse, 0)).toBe(false);
  });

  it('tells other errors, errors of several lines, and memory beyond the bound', () => {
    const raise = (error: Error) => () => {
      throw error;
    };
    expect(() => isTaken(raise(new TypeError('x')), 0)).toThrow(TypeError);
    const lines = Object.assign(new BittrueError('type', 'x', 1, 'a text'), { message: 'a\nb' });
    expect(() => isTaken(raise(lines), 0)).toThrow('to match');
    const kept: Float64Array[] = [];
    expect(() => isTaken(() => void kept.push(new Float64Array(2 ** 24)), 100)).toThrow('bytes of memory');
    expect(isTaken(() => void kept.push(new Float64Array(2 ** 24)), 2 ** 24)).toBe(true);
  });
});
