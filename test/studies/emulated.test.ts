import { describe, expect, it } from 'vitest';
import { bfloat16 } from '../../src/formats/index.ts';
import { type Blocks, dequantizeBlocks, quantizeBlocks } from '../../src/quantization/index.ts';
import { decode, round } from '../../src/rounding/index.ts';
import { compareEmulated } from '../../src/studies/index.ts';
import { operandFormats } from '../../src/studies/simulate/operands.ts';
import { findTarget } from '../../src/targets/index.ts';
import { oracle } from '../../src/testing/index.ts';
import { generator, normal } from '../random.ts';
import { oracleUnit } from '../targets/vectors/made.ts';
import { failure } from '../testing/helpers.ts';

const [rows, outputs, width] = [5, 7, 48];

function numbers(count: number, seed: number) {
  const next = generator(seed);
  return {
    data: Float64Array.from({ length: count * width }, () => normal(next) * 4 ** (next() * 4)),
    shape: [count, width],
  };
}

const [x, weight] = [numbers(rows, 1), numbers(outputs, 2)];
const pairs = Array.from({ length: rows * outputs }, (_, i) => [Math.floor(i / outputs), i % outputs] as const);
const elements = ({ format, codes }: Blocks) => [...codes].map((code) => decode(format.element as never, code));
const scales = ({ format, scaleCodes }: Blocks) => [...scaleCodes].map((code) => Math.abs(decode(format.scale, code)));
const short = (v: number) => round(bfloat16, v);

/** Both products, an operation of the oracle after the other. */
function naive(name: string, unitName: string) {
  const target = findTarget(name);
  const unit = target.matrixUnits[unitName]!;
  const formats = operandFormats(unit, width);
  const [a, b] = [quantizeBlocks(x, formats.x), quantizeBlocks(weight, formats.weight)];
  const inBlocks = unit.scale !== null;
  const sums = oracle.dot({
    unit: oracleUnit(unit, unit.a[0]!, unit.b[0]!),
    ...{ width, pairs, a: elements(a), b: elements(b) },
    ...(inBlocks ? { scaleA: scales(a), scaleB: scales(b) } : {}),
  }).output;
  const codes = sums.map((sum, i) => {
    const [r, o] = pairs[i]!;
    const [left, right] = inBlocks ? [a.tensorScale, b.tensorScale] : [scales(a)[r]!, scales(b)[o]!];
    return Math.fround(Math.fround(Math.fround(sum) * left) * right);
  });
  const [heldA, heldB] = [a, b].map((blocks) => [...dequantizeBlocks(blocks)]);
  const bf16 = target.matrixUnits.bf16!;
  const emulated = oracle.dot({
    unit: oracleUnit(bf16, bfloat16, bfloat16),
    ...{ width, pairs, a: heldA!.map(short), b: heldB!.map(short) },
  }).output;
  return { codes, emulated, heldA: heldA!, heldB: heldB! };
}

describe('compareEmulated', () => {
  it('forms both products as the oracle does, on chips with block scales and with scales of rows', () => {
    for (const [name, unit] of [
      ['b200', 'nvfp4'],
      ['b200', 'mxfp4'],
      ['rtxBlackwell', 'nvfp4'],
      ['rtxBlackwell', 'mxfp8'],
      ['mi300', 'fp8'],
    ] as const) {
      const { codes, emulated, heldA, heldB } = naive(name, unit);
      const exact = pairs.map(([r, o]) =>
        Array.from({ length: width }, (_, p) => heldA[r * width + p]! * heldB[o * width + p]!).reduce(
          (s, v) => s + v,
          0,
        ),
      );
      const energy = exact.reduce((sum, v) => sum + v ** 2, 0);
      const sqnr = (found: readonly number[]) =>
        10 * Math.log10(energy / found.reduce((sum, v, i) => sum + (v - exact[i]!) ** 2, 0));
      const held = [...heldA, ...heldB];
      const wanted = {
        ...{ name: 'w', target: name, unit, emulator: 'bf16', outputs: rows * outputs },
        different: codes.filter((v, i) => short(v) !== short(emulated[i]!)).length / codes.length,
        largest: Math.max(...codes.map((v, i) => Math.abs(v - emulated[i]!))) / Math.sqrt(energy / codes.length),
        rounded: held.filter((v) => short(v) !== v).length / held.length,
      };
      const { codesSqnr, emulatedSqnr, ...found } = compareEmulated('w', x, weight, {
        target: `${name}:${unit}` as never,
      });
      expect(found).toEqual({ ...wanted, largest: expect.closeTo(wanted.largest, 12) });
      for (const [given, ofWanted] of [
        [codesSqnr, sqnr(codes)],
        [emulatedSqnr, sqnr(emulated)],
      ] as const) {
        expect(given === ofWanted || Math.abs(given! - ofWanted) < 1e-9).toBe(true);
      }
    }
  });

  it('loses nothing of numbers that bfloat16 holds, and something of E4M3 scales under a tensor’s', () => {
    const of = (target: 'b200:mxfp4' | 'b200:nvfp4') => compareEmulated('w', x, weight, { target });
    expect(of('b200:mxfp4')).toMatchObject({ rounded: 0 });
    const { codesSqnr, emulatedSqnr, rounded } = of('b200:nvfp4');
    expect(rounded).toBeGreaterThan(0.5);
    expect(codesSqnr!).toBeGreaterThan(emulatedSqnr! + 40);
  });

  it('tells of zeros that nothing differs', () => {
    const zeros = { data: new Float64Array(32), shape: [1, 32] };
    expect(compareEmulated('w', zeros, zeros, { target: 'b200:mxfp4' })).toMatchObject({
      different: 0,
      largest: 0,
      rounded: 0,
    });
  });

  it('refuses operands that do not fit, and units that take numbers as they are', () => {
    const of = (a: unknown, b: unknown, options: unknown) =>
      failure(() => compareEmulated('w', a as never, b as never, options as never));
    expect(of(x, { ...weight, shape: [outputs * width] }, { target: 'b200:mxfp4' })).toBe('shape weight');
    expect(of(x, { data: weight.data, shape: [outputs * 3, 16] }, { target: 'b200:mxfp4' })).toBe('shape weight');
    expect(of({ data: [Number.NaN], shape: [1, 1] }, weight, { target: 'b200:mxfp4' })).toBe('type x');
    expect(of({ data: Float64Array.of(Number.NaN), shape: [1, 1] }, weight, { target: 'b200:mxfp4' })).toBe(
      'value x[0]',
    );
    expect(of(x, weight, { target: 'b200:bf16' })).toBe('unsupported options.target');
    expect(of(x, weight, { target: 'b200:mxfp4', emulator: 'zzz' })).toBe('name options.emulator');
    expect(of(x, weight, { target: 'b200:mxfp4', rows: 1 })).toBe('name options.rows');
  });
});
