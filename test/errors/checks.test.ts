import { describe, expect, it } from 'vitest';
import {
  BittrueError,
  checkAs,
  checkBoolean,
  checkFinite,
  checkInteger,
  checkList,
  checkMade,
  checkName,
  checkNumber,
  checkNumbers,
  checkObject,
  checkPositive,
  checkSchema,
  checkText,
} from '../../src/errors/index.ts';
import { failure } from '../testing/helpers.ts';

/** A proxy that throws at whatever is asked of it. */
function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** An array whose memory was given away. */
function detached(): Float64Array {
  const array = new Float64Array(2);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

describe('checks', () => {
  it('hand on what is right', () => {
    expect(checkInteger('n', 5, 0, 5)).toBe(5);
    expect(checkFinite('x', -0)).toBe(-0);
    expect(checkPositive('x', 5e-324)).toBe(5e-324);
    expect(checkNumber('x', Number.NaN)).toBeNaN();
    expect(checkBoolean('b', false)).toBe(false);
    expect(checkName('name', 'b', ['a', 'b'])).toBe('b');
    expect(checkText('text', '')).toBe('');
    expect(checkObject('options', { a: 1 }, ['a', 'b'])).toEqual({ a: 1 });
  });

  const bad: [check: () => unknown, expected: string][] = [
    [() => checkInteger('n', 6, 0, 5), 'range n'],
    [() => checkInteger('n', 0.5, 0, 5), 'range n'],
    [() => checkInteger('n', Number.NaN, 0, 5), 'range n'],
    [() => checkInteger('n', '1', 0, 5), 'type n'],
    [() => checkFinite('x', Infinity), 'range x'],
    [() => checkFinite('x', 1n), 'type x'],
    [() => checkPositive('x', 0), 'range x'],
    [() => checkPositive('x', Number.NaN), 'range x'],
    [() => checkNumber('x', '1'), 'type x'],
    [() => checkBoolean('b', 1), 'type b'],
    [() => checkName('name', 'c', ['a', 'b']), 'name name'],
    [() => checkName('name', 0, ['a', 'b']), 'name name'],
    [() => checkList('list', new Array(2 ** 32 - 1)), 'type list[0]'],
    [() => checkList('list', revoked()), 'type list'],
    [() => checkObject('options', revoked(), []), 'type options'],
    [() => checkMade('made', revoked(), ['kind'], 'such a thing'), 'type made'],
    [() => checkSchema('report', revoked(), ['report/1']), 'type report'],
    [() => checkNumbers('x', revoked() as never), 'type x'],
    [() => checkNumbers('x', detached()), 'value x'],
    [() => checkNumbers('x', new BigInt64Array(1) as never), 'type x'],
    [() => checkText('text', 1), 'type text'],
    [() => checkObject('options', null, []), 'type options'],
    [() => checkObject('options', [], []), 'type options'],
    [() => checkObject('options', new Float64Array(1), []), 'type options'],
    [() => checkObject('options', 'a', ['a']), 'type options'],
    [() => checkObject('options', { c: 1 }, ['a']), 'name options.c'],
  ];
  it.each(bad)('refuse %s', (check, expected) => {
    expect(failure(check)).toBe(expected);
  });

  it('checkAs gives the full path and leaves other errors alone', () => {
    const inner = () => checkInteger('bits', 99, 2, 53);
    const path = (argument: string) => `target.${argument}`;
    expect(failure(() => checkAs(path, inner))).toBe('range target.bits');
    expect(checkAs(path, () => 3)).toBe(3);
    const other = new RangeError('other');
    expect(() =>
      checkAs(path, () => {
        throw other;
      }),
    ).toThrow(other);
    try {
      checkAs(path, inner);
    } catch (error) {
      expect(error).toBeInstanceOf(BittrueError);
      expect((error as BittrueError).received).toBe('99');
    }
  });
});
