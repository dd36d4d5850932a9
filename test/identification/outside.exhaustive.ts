/** Units outside the algebra that take longest to be told from all in it; identify.test.ts has the quick ones. */
import { describe, expect, it } from 'vitest';
import { binary32 } from '../../src/formats/index.ts';
import { type CodeRows, identify } from '../../src/identification/index.ts';
import { decode, encode } from '../../src/rounding/index.ts';
import { findTarget, type MatrixUnit } from '../../src/targets/index.ts';
import { hidden, questionOf } from './helpers.ts';

const unitOf = (name: string): MatrixUnit => findTarget(name).matrixUnits[name.split(':')[1] as string] as MatrixUnit;

describe('what no hypothesis explains ends in unknown', () => {
  const [target, unit] = [findTarget('v100:f16'), unitOf('v100:f16')];
  const ask = hidden(target, unit);
  const options = { ...questionOf(unit, 8), agree: 100 };

  it('a clamp at 2^100 of the addend', () => {
    const clamping = (rows: CodeRows): (number | bigint)[] =>
      ask(rows).map((code) => {
        const value = decode(binary32, Number(code));
        return Math.abs(value) > 2 ** 100 && value - value === 0 ? encode(binary32, Math.sign(value) * 2 ** 100) : code;
      });
    expect(identify(clamping, options).verdict).toBe('unknown');
  });

  it('a term dropped where a code is odd and another is 3 mod 8', () => {
    const dropping = (rows: CodeRows): (number | bigint)[] => {
      const a = rows.a.slice() as Uint16Array;
      for (let r = 0; r < rows.rows; r++) {
        const [first, second] = [Number(rows.a[r * 8]), Number(rows.b[r * 8 + 1])];
        if (first % 2 === 1 && second % 8 === 3) a[r * 8 + 5] = 0;
      }
      return ask({ ...rows, a });
    };
    const found = identify(dropping, options);
    expect(found.verdict).toBe('unknown');
    if (found.verdict === 'unknown') expect(found.open.length).toBeGreaterThan(0);
  });
});
