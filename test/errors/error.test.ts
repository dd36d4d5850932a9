import { describe, expect, it } from 'vitest';
import { BittrueError, renamed } from '../../src/errors/index.ts';

describe('BittrueError', () => {
  it('says which argument, what it got and what it wants', () => {
    const error = new BittrueError('range', 'options.epsilon', -1, 'a number of at least 0');
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'BittrueError',
      code: 'range',
      argument: 'options.epsilon',
      received: '-1',
      expected: 'a number of at least 0',
      message: 'options.epsilon: expected a number of at least 0, received -1',
    });
  });

  const shown: [received: unknown, words: string][] = [
    ['e4m3fm', 'e4m3fm'],
    ['x'.repeat(100), `${'x'.repeat(77)}…`],
    [-0, '-0'],
    [Number.NaN, 'NaN'],
    [undefined, 'undefined'],
    [null, 'null'],
    [7n, '7'],
    [[1, 2, 3], 'an array of 3'],
    [new Float64Array(5), 'Float64Array(5)'],
    [new DataView(new ArrayBuffer(9)), 'DataView(9)'],
    [() => 1, 'a function'],
    [{ a: 1, b: 2 }, '{ a, b }'],
    [{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }, '{ a, b, c, d, e, … }'],
    [Symbol('s'), 'Symbol(s)'],
  ];
  it.each(shown)('shows %s briefly', (received, words) => {
    expect(new BittrueError('type', 'x', received, 'else').received).toBe(words);
  });

  it.each([
    ['name', 'tpv', "x: expected tpu, received 'tpv'"],
    ['type', '', "x: expected tpu, received ''"],
    ['type', Number.NaN, 'x: expected tpu, received NaN'],
    // Words for what was found.
    ['file', 'no such tensor', 'x: expected tpu, received no such tensor'],
  ] as const)('quotes what was typed: %s %s', (code, received, message) => {
    const error = new BittrueError(code, 'x', received, 'tpu');
    expect(error.message).toBe(message);
    expect(error.received).toBe(String(received));
    expect(renamed(error, '--y')).toMatchObject({
      code,
      message: message.replace('x', '--y'),
      received: String(received),
    });
  });

  it('tells what throws when it is read', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const received of [proxy, new Proxy({}, { ownKeys: () => ['a', 'a'] })]) {
      expect(new BittrueError('type', 'x', received, 'tpu').received).toBe('an object that throws when it is read');
    }
  });

  it('is brief whatever was wanted and where', () => {
    const { message } = new BittrueError('file', 'a'.repeat(1e5), 'b'.repeat(1e5), 'c'.repeat(1e5));
    expect(message.length).toBeLessThan(2000);
  });

  it('writes control characters of names out', () => {
    const error = new BittrueError('file', 'a\u001b[2J\u009b', 'b\r\n\u202e', 'c\u0007');
    expect(error.message).toBe('a\\u001b[2J\\u009b: expected c\\u0007, received b\\u000d\\u000a\\u202e');
  });
});
