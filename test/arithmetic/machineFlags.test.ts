import { describe, expect, it } from 'vitest';
import { createUnit } from '../../src/arithmetic/index.ts';
import { createEngine } from '../../src/engine/index.ts';
import { binary16, binary32, binary64, type FloatFormat } from '../../src/formats/index.ts';
import { matmul } from '../../src/kernels/index.ts';
import { explain, flagNames, type PartialPolicy, roundTo } from '../../src/rounding/index.ts';
import { armFp16, avx512Fp16, defineTarget, findVectorUnit, type Target } from '../../src/targets/index.ts';
import { oracleOperation } from '../../src/testing/oracle/operations.ts';
import { expectTwins } from '../engine/helpers.ts';

const formats: readonly FloatFormat[] = [binary16, binary32, binary64];

/** The flags of ∞ · 0 + c, by the unit; the oracle says the same. */
function fused(format: FloatFormat, policy: PartialPolicy, c: number): string[] {
  const at = roundTo(format, policy);
  const unit = createUnit(at);
  unit.fusedMultiplyAdd(Infinity, 0, c);
  expect(oracleOperation('fusedMultiplyAdd', at, [Infinity, 0, c]).flags).toBe(unit.flags);
  return flagNames(unit.flags);
}

/** The flags of a product below the normal range. */
function flushed(format: FloatFormat, policy: PartialPolicy, factor: number): string[] {
  const at = roundTo(format, policy);
  const unit = createUnit(at);
  const operands = [-format.minNormal, factor] as const;
  expect(unit.multiply(...operands)).toBe(-0);
  expect(oracleOperation('multiply', at, operands).flags).toBe(unit.flags);
  return flagNames(unit.flags);
}

describe('flags that machines raise differently', () => {
  it.each(formats)('∞ · 0 + NaN in $bits bits: SoftFloat, Arm and RISC-V tell it, x86 does not', (format) => {
    expect(fused(format, {}, Number.NaN)).toEqual(['invalid']);
    expect(fused(format, { fusedInvalid: 'always' }, Number.NaN)).toEqual(['invalid']);
    expect(fused(format, { fusedInvalid: 'unlessNaN' }, Number.NaN)).toEqual([]);
    // Any other addend leaves nothing to choose.
    for (const c of [0, 1, -Infinity]) expect(fused(format, { fusedInvalid: 'unlessNaN' }, c)).toEqual(['invalid']);
  });

  it('a signalling NaN is told whatever the rule', () => {
    const { codes } = createUnit(roundTo(binary16, { fusedInvalid: 'unlessNaN' }));
    codes.fusedMultiplyAdd(0x7c00, 0, 0x7e00);
    expect(codes.flags).toBe(0);
    codes.fusedMultiplyAdd(0x7c00, 0, 0x7d00);
    expect(flagNames(codes.flags)).toEqual(['invalid']);
  });

  it.each(formats)('a flushed result in $bits bits: x86 tells of underflow and inexact, Arm of underflow', (format) => {
    for (const subnormals of ['flushOutputs', 'flushBoth'] as const) {
      // An exact subnormal result, and one that would have been rounded.
      for (const factor of [0.5, 1 - 2 ** -format.mantissaBits]) {
        expect(flushed(format, { subnormals }, factor)).toEqual(['inexact', 'underflow']);
        expect(flushed(format, { subnormals, flushFlags: 'underflow' }, factor)).toEqual(['underflow']);
      }
    }
  });

  it('a result that is not flushed is inexact as ever', () => {
    const unit = createUnit(roundTo(binary16, { flushFlags: 'underflow' }));
    unit.multiply(binary16.minNormal, 2 ** -11);
    expect(flagNames(unit.flags)).toEqual(['inexact', 'underflow']);
  });

  it('the chips have the rules that their manuals state', () => {
    expect(findVectorUnit(armFp16).compute.policy).toMatchObject({ fusedInvalid: 'always', flushFlags: 'underflow' });
    expect(findVectorUnit(avx512Fp16).compute.policy).toMatchObject({
      fusedInvalid: 'unlessNaN',
      flushFlags: 'underflowInexact',
    });
    expect(defineTarget(JSON.parse(JSON.stringify(avx512Fp16)))).toEqual(avx512Fp16);
    expect(explain(binary16, '1e-6', { subnormals: 'flushOutputs', flushFlags: 'underflow' }).policy.flushFlags).toBe(
      'underflow',
    );
  });

  const made = (format: FloatFormat, policy: PartialPolicy): Target => {
    const at = roundTo(format, policy);
    const unit = {
      name: 'unit',
      a: [format],
      k: 1,
      reduction: { kind: 'sequential', accumulator: { kind: 'float', rounding: at, fused: true } },
      output: at,
    };
    return defineTarget({ name: 'made', summary: '', source: '', verified: 'definition', matrixUnits: { unit } });
  };

  it.each(formats)('a matrix unit of $bits bits counts them, and its twin does or refuses', async (format) => {
    const engine = await createEngine();
    const counts = (policy: PartialPolicy, a: number[], b: number[], c: number[]) => {
      const target = made(format, policy);
      const run = (options: object) => matmul(a, b, { m: 1, k: 1, n: 1, c, target, unit: 'unit', ...options });
      expectTwins(run, engine);
      const { report } = run({ engine });
      return report.totals;
    };
    const nan = [[Infinity], [0], [Number.NaN]] as const;
    const tiny = [[format.minNormal], [0.5], [0]] as const;
    const count = (policy: PartialPolicy, [a, b, c]: typeof nan | typeof tiny) =>
      counts(policy, [...a], [...b], [...c]);
    expect(count({}, nan)).toMatchObject({ invalid: 1 });
    expect(count({ fusedInvalid: 'unlessNaN' }, nan)).toMatchObject({ invalid: 0 });
    const subnormals = 'flushOutputs';
    expect(count({ subnormals }, tiny)).toMatchObject({ underflow: 1, inexact: 1 });
    expect(count({ subnormals, flushFlags: 'underflow' }, tiny)).toMatchObject({ underflow: 1, inexact: 0 });
  });
});
