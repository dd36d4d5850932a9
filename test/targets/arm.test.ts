import { describe, expect, it } from 'vitest';
import { e4m3fn, e5m2, type Format, parseFormat } from '../../src/formats/index.ts';
import { dot } from '../../src/kernels/index.ts';
import { decode } from '../../src/rounding/index.ts';
import { armFp8, armFp8With, armInt8, b200, type Fpmr, rtxBlackwell } from '../../src/targets/index.ts';
import { exact } from '../../src/testing/oracle/index.ts';
import { oracleRound } from '../../src/testing/oracle/round.ts';
import { generator } from '../random.ts';
import { failure } from '../testing/helpers.ts';

const CODES = 256;
const { add, fromNumber, multiply, scaleByPowerOfTwo } = exact;

describe('FP8 dot products under FPMR', () => {
  const settings: Fpmr[] = [
    {},
    { lscale: 5 },
    { osm: 1 },
    { lscale: 23, osm: 1 },
    { lscale: 127 },
    { lscale: 16, osm: 1 },
  ];
  it.each(
    settings.flatMap((fpmr) => ['fdot', 'fdotF16', 'fmmla'].map((unit) => [JSON.stringify(fpmr), unit, fpmr] as const)),
  )('%s %s: products scaled, added and rounded once', (_, name, fpmr) => {
    const target = armFp8With(fpmr);
    const { k, output, reduction } = target.matrixUnits[name]!;
    expect(reduction.kind).toBe('tiled');
    const random = generator(7);
    const count = 300;
    const draw = (format: Format, length: number): number[] =>
      Array.from({ length }, () => {
        const x = decode(format, Math.floor(random() * CODES));
        return Number.isFinite(x) ? x : 1;
      });
    const [a, b] = [draw(e4m3fn, count * k), draw(e5m2, count * k)];
    const { lscale = 0, osm = 0 } = fpmr;
    const scale = name === 'fdotF16' ? lscale & 15 : lscale;
    // Addends of the size of the sums, so that both count.
    const c = Array.from(
      { length: count },
      () => oracleRound(output.format, output.policy, (random() - 0.5) * 2 ** (16 - scale)).value,
    );
    const found = dot(a, b, { rows: count, width: k, c, target, unit: name, a: e4m3fn, b: e5m2 }).output;
    const policy = { ...output.policy, overflow: osm === 1 ? 'saturate' : 'infinity' } as const;
    for (let r = 0; r < count; r++) {
      let sum = fromNumber(0);
      for (let i = r * k; i < (r + 1) * k; i++) sum = add(sum, multiply(fromNumber(a[i]!), fromNumber(b[i]!)));
      const total = add(scaleByPowerOfTwo(sum, -scale), fromNumber(c[r]!));
      expect(found[r]).toBe(oracleRound(output.format, policy, total).value + 0);
    }
  });

  it('an infinite operand stays infinite under OSM = 1', () => {
    const shape = { rows: 1, width: 1, target: armFp8With({ osm: 1 }), unit: 'fdot', a: e5m2, b: e5m2 };
    expect(dot([Infinity], [1], shape).output[0]).toBe(Infinity);
  });

  it('the reference pass scales as well', () => {
    const shape = { rows: 1, width: 4, unit: 'fdot', reference: true };
    const { report } = dot([16, 16, 16, 16], [1, 1, 1, 1], { ...shape, target: armFp8With({ lscale: 6 }) });
    expect(report.error?.maxUlp).toBe(0);
    const headroom = (target: typeof armFp8): number =>
      dot([16, 16, 16, 16], [1, 1, 1, 1], { ...shape, target }).report.headroom?.accumulate as number;
    expect(headroom(armFp8With({ lscale: 6 })) - headroom(armFp8)).toBe(6);
  });

  it('is LSCALE 0 and OSM 0 by default, and checked', () => {
    expect(armFp8With({})).toEqual(armFp8);
    expect(failure(() => armFp8With({ lscale: 128 }))).toBe('range fpmr.lscale');
    expect(failure(() => armFp8With({ osm: 2 as never }))).toBe('range fpmr.osm');
    expect(failure(() => armFp8With({ lscale2: 1 } as never))).toBe('name fpmr.lscale2');
  });
});

describe('operands that a unit takes', () => {
  const takes = (target: typeof armInt8, unit: string, a: string, b: string): boolean => {
    const options = { rows: 1, width: 1, target, unit, a: parseFormat(a), b: parseFormat(b) };
    const scaled = target.matrixUnits[unit]?.scale ? { scaleA: [1], scaleB: [1] } : {};
    try {
      return dot([1], [1], { ...options, ...scaled }).output[0] === 1;
    } catch {
      return false;
    }
  };

  it('SMMLA and UMMLA have operands of one sign, USMMLA an unsigned first one', () => {
    expect(takes(armInt8, 'smmla', 'int8', 'int8')).toBe(true);
    expect(takes(armInt8, 'smmla', 'uint8', 'uint8')).toBe(true);
    expect(takes(armInt8, 'smmla', 'uint8', 'int8')).toBe(false);
    expect(takes(armInt8, 'smmla', 'int8', 'uint8')).toBe(false);
    expect(takes(armInt8, 'usmmla', 'uint8', 'int8')).toBe(true);
    expect(takes(armInt8, 'usmmla', 'int8', 'uint8')).toBe(false);
    expect(takes(armInt8, 'usmmla', 'int8', 'int8')).toBe(false);
  });

  it('Blackwell mixes fp6 with fp8 and fp4', () => {
    for (const target of [b200, rtxBlackwell]) {
      for (const unit of ['fp6', 'fp6F16', 'mxfp6']) {
        expect(takes(target, unit, 'e3m2fn', 'e4m3fn')).toBe(true);
        expect(takes(target, unit, 'e2m1fn', 'e2m3fn')).toBe(true);
      }
      expect(takes(target, 'fp8', 'e3m2fn', 'e4m3fn')).toBe(false);
    }
  });
});
