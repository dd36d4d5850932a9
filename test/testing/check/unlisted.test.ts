/** Wrong functions of kinds that turned up after the first list of behaviours was made, each found and named. */
import { describe, expect, it } from 'vitest';
import { binary16, binary32, e2m1fn, e5m2 } from '../../../src/formats/index.ts';
import { decode, encode, round } from '../../../src/rounding/index.ts';
import {
  type Check,
  checkOperation,
  checkQuantizer,
  checkRounding,
  checkSum,
  describeCheck,
} from '../../../src/testing/check/index.ts';

const said = (check: Check): string => check.diagnosis?.behaviours.map(({ name }) => name).join('+') ?? 'nothing';
const even = (x: number): number => {
  const [low, rest] = [Math.floor(x), x - Math.floor(x)];
  return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
};
const clamp = (x: number): number => Math.max(-128, Math.min(127, x));
const chain = (format: typeof binary32) =>
  ({ kind: 'sequential', accumulator: { kind: 'float', rounding: { format } } }) as never;
const runs = 3000;
const saturated = { overflow: 'saturate', nanInput: 'zero' } as const;

/** E2M1 by the nearest of a table. */
const nearest = (x: number): number => {
  let best = 0;
  for (const one of [0, 0.5, 1, 1.5, 2, 3, 4, 6]) {
    if (Math.abs(Math.abs(x) - one) < Math.abs(Math.abs(x) - best)) best = one;
  }
  return x < 0 || Object.is(x, -0) ? -best : best;
};

const cases: readonly (readonly [string, string, () => Check])[] = [
  [
    'the sign of subnormal results lost',
    'subnormalSignLost',
    () => {
      const lost = (x: number): number => {
        const y = round(e5m2, x);
        return Math.abs(y) < e5m2.minNormal ? Math.abs(y) : y;
      };
      return checkRounding(lost, { to: e5m2, runs }) as Check;
    },
  ],
  [
    'the nearest of a table, by distance',
    'hugeToZero+tiesToZero',
    () => checkRounding(nearest, { to: e2m1fn, policy: saturated, runs }) as Check,
  ],
  [
    'one threshold of a table',
    'between 3 and 4',
    () => {
      const early = (x: number): number =>
        Math.abs(x) > 3.1 && Math.abs(x) < 3.5 ? Math.sign(x) * 4 : round(e2m1fn, x, saturated);
      return checkRounding(early, { to: e2m1fn, policy: saturated, runs }) as Check;
    },
  ],
  [
    'x | 0, then a clamp',
    'towardZero+int32Wraps',
    () => checkRounding((x: number) => clamp(x | 0), { to: 'int8', policy: { nanInput: 'zero' }, runs }) as Check,
  ],
  [
    'cvttps2dq, then a clamp',
    'int32Indefinite',
    () => {
      const x86 = (x: number): number => clamp(Math.abs(x) < 2 ** 31 ? even(x) : -(2 ** 31));
      return checkRounding(x86, { to: 'int8', policy: { nanInput: 'zero' }, runs }) as Check;
    },
  ],
  [
    'bytes in the other order',
    'bytesSwapped',
    () => {
      const swapped = (x: number): number => {
        const code = encode(binary16, x);
        return (code >> 8) | ((code & 255) << 8);
      };
      return checkRounding(swapped, { to: binary16, gives: 'codes', runs }) as Check;
    },
  ],
  [
    'subnormal numbers read without their sign',
    'subnormalsUnsigned',
    () => {
      const read = (code: number): number => {
        const x = decode(e5m2, code);
        return Math.abs(x) < e5m2.minNormal ? Math.abs(x) : x;
      };
      return checkRounding(read, { from: e5m2, to: binary32, takes: 'codes' }) as Check;
    },
  ],
  [
    'a zero point that is scaled too',
    'zeroPointUnscaled',
    () =>
      checkQuantizer((x: number) => clamp(even((x + 5) / 0.25)), {
        to: 'int8',
        scale: 0.25,
        zeroPoint: 5,
        runs,
      }) as Check,
  ],
  [
    'a half added and cut',
    'halfTruncated',
    () =>
      checkQuantizer((x: number) => clamp(Math.trunc(x / 0.25 + 0.5) + 5), {
        to: 'int8',
        scale: 0.25,
        zeroPoint: 5,
        runs,
      }) as Check,
  ],
  [
    'a division by the reciprocal',
    'byReciprocal',
    () => {
      const by = (a: number, b: number): number => round(binary16, a * round(binary16, 1 / b));
      return checkOperation(by, { operation: 'div', format: binary16, runs }) as Check;
    },
  ],
  [
    'the first term left out',
    'withoutFirst',
    () => {
      const sum = (x: readonly number[]): number => x.slice(1).reduce((s, y) => Math.fround(s + y), 0);
      return checkSum(sum, { format: binary32, reduction: chain(binary32), runs: 1000 }) as Check;
    },
  ],
  [
    'terms of even index, then of odd index',
    'evensFirst',
    () => {
      const sum = (x: readonly number[]): number =>
        [...x.filter((_, i) => i % 2 === 0), ...x.filter((_, i) => i % 2 === 1)].reduce(
          (s, y) => Math.fround(s + y),
          0,
        );
      return checkSum(sum, { format: binary32, reduction: chain(binary32), runs: 1000 }) as Check;
    },
  ],
  [
    'a register cleared after sixteen terms',
    'afresh16',
    () => {
      const sum = (x: readonly number[]): number => x.reduce((s, y, i) => Math.fround((i % 16 === 0 ? 0 : s) + y), 0);
      return checkSum(sum, { format: binary32, reduction: chain(binary32), maxWidth: 64, runs: 1000 }) as Check;
    },
  ],
  [
    'sums in binary64, each truncated',
    'binary64Truncated',
    () => {
      const sum = (x: readonly number[]): number =>
        x.reduce((s, y) => round(binary32, s + y, { rounding: 'towardZero' }), 0);
      return checkSum(sum, { format: binary32, reduction: chain(binary32), runs: 1000 }) as Check;
    },
  ],
  [
    'a sum in binary64, cut at the end',
    'inBinary64+endTruncated',
    () => {
      const sum = (x: readonly number[]): number =>
        round(
          binary32,
          x.reduce((s, y) => s + y, 0),
          { rounding: 'towardZero' },
        );
      return checkSum(sum, { format: binary32, reduction: chain(binary32), runs: 1000 }) as Check;
    },
  ],
  [
    'the highest code too early',
    'saturatesEarly',
    () => {
      const early = (x: number): number => {
        const code = even(x / 0.25);
        return code >= 120 ? 127 : clamp(code);
      };
      return checkQuantizer(early, { to: 'int8', scale: 0.25, runs }) as Check;
    },
  ],
  [
    'infinities refused, in batches',
    'throws infinities',
    () => {
      const refusing = (xs: Float32Array): number[] => {
        if (xs.some((x) => Math.abs(x) === Infinity)) throw new RangeError('not finite');
        return [...xs].map((x) => clamp(even(x / 0.25)));
      };
      return checkQuantizer(refusing as never, { to: 'int8', scale: 0.25, batch: true, runs }) as Check;
    },
  ],
  [
    'NaN refused where it has a code',
    'throws NaN',
    () => {
      const refusing = (x: number): number => {
        if (x !== x) throw new RangeError('NaN');
        return clamp(even(x / 0.25));
      };
      return checkQuantizer(refusing, { to: 'int8', scale: 0.25, nan: 0, runs: 100 }) as Check;
    },
  ],
  [
    'no more than sixteen terms',
    'first16',
    () => {
      const sum = (x: readonly number[]): number => x.slice(0, 16).reduce((s, y) => Math.fround(s + y), 0);
      return checkSum(sum, { format: binary32, reduction: chain(binary32), runs: 1000 }) as Check;
    },
  ],
];

describe('unlisted diseases', () => {
  it.each(cases)('%s: %s', (_, name, check) => {
    const found = check();
    expect(found.ok).toBe(false);
    expect(said(found).split('+').sort()).toEqual(name.split('+').sort());
  });

  it('what becomes of NaN is told where no code is defined for it', () => {
    const refusing = (x: number): number => {
      if (x !== x) throw new RangeError('no NaN here');
      return clamp(even(x / 0.25));
    };
    const check = checkQuantizer(refusing, { to: 'int8', scale: 0.25, runs: 100 }) as Check;
    expect(check.ok).toBe(true);
    expect(check.undefinedAnswers).toEqual(['NaN: the implementation throws RangeError: no NaN here']);
    expect(describeCheck(check)).toContain('(NaN: the implementation throws RangeError: no NaN here)');
  });

  it('−0 is no fault of an integer, and a register that is never full is told', () => {
    const check = checkRounding((x: number) => clamp(Math.sign(x) * even(Math.abs(x))), {
      to: 'int8',
      policy: { nanInput: 'zero' },
      runs,
    }) as Check;
    expect(check.classes.inexact?.wrong).toBe(0);
    expect(check.classes.zero?.wrong).toBe(0);
    const late = (x: readonly number[]): number =>
      Math.max(
        -32768,
        Math.min(
          32767,
          x.reduce((s, y) => s + y, 0),
        ),
      );
    const register = { kind: 'sequential', accumulator: { kind: 'integer', bits: 16, overflow: 'saturate' } } as const;
    const blind = checkSum(late, { format: 'int8', reduction: register, runs: 300 }) as Check;
    expect(blind.unseen[0]?.from).toBe('rows of 514 terms (maxWidth)');
    const long = checkSum(late, { format: 'int8', reduction: register, maxWidth: 600, runs: 300 }) as Check;
    expect([said(long), ...(long.diagnosis?.alternatives ?? [])]).toContain('saturatesAtTheEnd');
  });
});
