/** Outside CI: all groups of two values of an 8-bit format, and many random groups, against the oracle. */
import { describe, it } from 'vitest';
import { type GroupCodecOptions, groupCodec } from '../../src/collectives/index.ts';
import { bfloat16, binary16, e4m3fn, e5m2 } from '../../src/formats/index.ts';
import { oracleDecode } from '../../src/testing/oracle/codes.ts';
import { generator, normal } from '../random.ts';
import { checkGroups } from './checkGroups.ts';

/** 8-bit floats with their options: scales and minima that can, and cannot, hold them. */
const cases: readonly [string, typeof e4m3fn, GroupCodecOptions][] = [
  ['e4m3fn, asymmetric', e4m3fn, {}],
  ['e4m3fn, symmetric', e4m3fn, { symmetric: true }],
  ['e4m3fn, scales and minima of e4m3fn', e4m3fn, { scale: e4m3fn }],
  ['e5m2, asymmetric', e5m2, { scale: bfloat16 }],
  ['e5m2, minima of e4m3fn', e5m2, { minimum: e4m3fn }],
  ['e5m2, symmetric', e5m2, { symmetric: true, scale: e4m3fn }],
];

describe.each(cases)('all groups of two values of %s', (_, format, options) => {
  const values = Array.from({ length: format.codes }, (_, code) => oracleDecode(format, code));
  it.each([2, 3, 4])('at %i bits', (bits) => {
    const codec = groupCodec({ ...options, bits, size: 2 });
    // A row of groups for each first value.
    for (const a of values)
      checkGroups(
        codec,
        values.flatMap((b) => [a, b]),
      );
  });
  it('and a spike at each end: three values', () => {
    const codec = groupCodec({ ...options, bits: 2, size: 3, spikes: binary16 });
    for (const a of values)
      checkGroups(
        codec,
        values.flatMap((b) => [a, b, values[37]]),
      );
  });
});

describe('random groups', () => {
  it.each([
    [{}],
    [{ bits: 2, spikes: binary16 }],
    [{ bits: 5, scale: bfloat16 }],
    [{ bits: 8, symmetric: true, size: 256 }],
    [{ bits: 3, size: 17, minimum: bfloat16, spikes: bfloat16 }],
  ] as [GroupCodecOptions][])('of %j', (options) => {
    const next = generator(7);
    const codec = groupCodec(options);
    for (let run = 0; run < 400; run++) {
      const width = 1 + Math.floor(next() * 600);
      const power = 2 ** Math.floor(next() * 60 - 40);
      checkGroups(
        codec,
        Array.from({ length: width }, () => power * normal(next) * (next() < 0.02 ? 100 : 1)),
      );
    }
  });
});
