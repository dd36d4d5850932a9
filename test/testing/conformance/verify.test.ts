/**
 * Tables of made-up implementations, each with one habit or several, and the diagnosis that must name them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createUnit } from '../../../src/arithmetic/index.ts';
import { bfloat16, binary16, binary32, e4m3fn } from '../../../src/formats/index.ts';
import { formatVerification } from '../../../src/reports/index.ts';
import { encode, round } from '../../../src/rounding/index.ts';
import { type VerifyOptions, vectorLines, verifyVectors } from '../../../src/testing/conformance/index.ts';

type Task = Pick<VerifyOptions, 'format' | 'operation' | 'from'>;

/** Verifies the table that some options give as if it came from elsewhere. */
function verifyAs(task: Task, theirs: object, ours: object = {}, change: (line: string) => string = (line) => line) {
  const vectors = [...vectorLines({ ...task, count: 1200, ...theirs } as never)].map(change).join('\n');
  return verifyVectors({ ...task, ...ours, vectors });
}

const names = (found: ReturnType<typeof verifyVectors>): string[] =>
  found.diagnosis?.behaviours.map(({ name }) => name) ?? [];

const f16 = { format: 'binary16', operation: 'mul' } as const;
const fp8 = { format: 'e4m3fn', operation: 'cast' } as const;

describe('verifyVectors', () => {
  it('finds nothing where nothing differs', () => {
    for (const operation of ['add', 'mulAdd', 'sqrt', 'roundToInt', 'cast', 'toI32', 'fromI32'] as const) {
      const found = verifyAs({ format: 'binary16', operation }, {});
      expect(found).toMatchObject({
        rows: 1200,
        undefinedRows: 0,
        mismatches: 0,
        first: [],
        diagnosis: null,
        ok: true,
      });
    }
    expect(verifyAs(fp8, { profile: 'torch' }, { profile: 'torch', strictNaN: true }).ok).toBe(true);
  });

  it('tells each of the first differences', () => {
    const found = verifyVectors({
      ...fp8,
      vectors: '43E90000 7E 05\n3F800000 38 00\n3F880000 39 01\n40000000 40 01\n',
    });
    expect(found).toMatchObject({ rows: 4, mismatches: 3, differing: { value: 2, nan: 0, flags: 1 }, ok: false });
    expect(found.first[0]).toMatchObject({
      line: 1,
      operands: ['43E90000'],
      inputs: [466],
      theirs: { value: 448, code: '7E', flags: ['inexact', 'overflow'] },
      ours: { code: '7F', flags: ['inexact', 'overflow'] },
      differs: 'value',
    });
    expect(found.first[0]?.explanations).toContain('saturate');
    expect(found.first[1]?.explanations).toEqual(expect.arrayContaining(['tiesToAway', 'towardPositive', 'tiesUp']));
    expect(found.first[2]).toMatchObject({ line: 4, differs: 'flags', explanations: [] });
    expect(verifyVectors({ ...fp8, vectors: '43E90000 7E 05\n', limit: 0 }).first).toEqual([]);
  });

  it('compares NaNs as NaN, or by code', () => {
    const vectors = '7FC00000 FF 00\nFFC00000 7F 00\n';
    expect(verifyVectors({ ...fp8, vectors }).ok).toBe(true);
    const strict = verifyVectors({ ...fp8, vectors, strictNaN: true });
    expect(strict).toMatchObject({ mismatches: 2, differing: { value: 0, nan: 2, flags: 0 } });
    // A word has no code.
    expect(verifyVectors({ ...fp8, vectors: 'nan,-nan\n', strictNaN: true }).ok).toBe(true);
  });

  it('leaves flags out on request, and where there are none', () => {
    const vectors = '3F800000 38 1F\n';
    expect(verifyVectors({ ...fp8, vectors }).ok).toBe(false);
    expect(verifyVectors({ ...fp8, vectors, ignoreFlags: true }).ok).toBe(true);
    expect(verifyVectors({ ...fp8, vectors: '3F800000 38\n' }).ok).toBe(true);
  });

  it('counts what the policy does not define apart', () => {
    const found = verifyVectors({ format: 'e2m1fn', operation: 'cast', vectors: 'nan,0\n1,1\n' });
    expect(found).toMatchObject({ rows: 2, undefinedRows: 1, mismatches: 0, ok: true });
  });

  it('tells values that the format does not have', () => {
    const found = verifyVectors({ format: 'binary16', operation: 'cast', vectors: '70000,70016\ninf,131008\n' });
    expect(found.first.map(({ theirs }) => [theirs.value, theirs.code])).toEqual([
      [70016, null],
      [131008, null],
    ]);
    expect(found.diagnosis).toBeNull();
  });

  it('refuses bad input', () => {
    expect(() => verifyVectors({ ...fp8, vectors: '' })).toThrow(/no rows/);
    expect(() => verifyVectors({ ...fp8, vectors: '1,1', limit: -1 })).toThrow(/limit/);
    expect(() => verifyVectors({ ...fp8, vectors: '1,1', profile: 'x' })).toThrow(/one of ocp/);
  });
});

describe('the diagnosis', () => {
  const habits: [string, Task, object, string][] = [
    ['truncation', f16, { rounding: 'towardZero' }, 'towardZero'],
    ['ties away', f16, { rounding: 'tiesToAway' }, 'tiesToAway'],
    ['rounding up', { format: 'bfloat16', operation: 'add' }, { rounding: 'towardPositive' }, 'towardPositive'],
    ['rounding down', { format: 'bfloat16', operation: 'div' }, { rounding: 'towardNegative' }, 'towardNegative'],
    ['rounding to odd', { format: 'bfloat16', operation: 'sqrt' }, { rounding: 'toOdd' }, 'toOdd'],
    ['saturation', fp8, { policy: { overflow: 'saturate' } }, 'saturate'],
    [
      'clamping of finite numbers',
      { format: 'e5m2', operation: 'cast' },
      { policy: { overflow: 'saturateFinite' } },
      'saturateFinite',
    ],
    ['NaN for overflow', { format: 'e5m2', operation: 'mul' }, { policy: { overflow: 'nan' } }, 'nan'],
    ['flushed results', f16, { policy: { subnormals: 'flushOutputs' } }, 'flushOutputs'],
    [
      'flushed operands',
      { format: 'binary16', operation: 'add' },
      { policy: { subnormals: 'flushInputs' } },
      'flushInputs',
    ],
    ['flushing both', f16, { policy: { subnormals: 'flushBoth' } }, 'flushBoth'],
    ['tininess before rounding', f16, { policy: { tininess: 'beforeRounding' }, count: 6000 }, 'beforeRounding'],
    ['the even code', { format: 'binary6p1se', operation: 'cast' }, { policy: { parity: 'code' } }, 'code'],
    ['NaN to zero', { format: 'e2m1fn', operation: 'cast' }, { policy: { nanInput: 'zero' } }, 'nanToZero'],
  ];

  it.each(habits)('names %s', (_, task, theirs, name) => {
    const ours = name === 'nanToZero' ? { policy: { nanInput: 'max' } } : {};
    const found = verifyAs(task, theirs, ours);
    expect(found.mismatches).toBeGreaterThan(0);
    expect(names(found)).toEqual([name]);
    expect(found.diagnosis).toMatchObject({ verdict: 'all', explained: found.mismatches, contradicted: 0 });
  });

  const flagHabits: [string, Task, (flags: number) => number, string][] = [
    ['a missing inexact', f16, (flags) => flags & ~1, 'noInexact'],
    ['a missing underflow', f16, (flags) => flags & ~2, 'noUnderflow'],
    ['a missing overflow', f16, (flags) => flags & ~4, 'noOverflow'],
    ['a missing divide by zero', { format: 'binary16', operation: 'div' }, (flags) => flags & ~8, 'noDivideByZero'],
    ['a missing invalid', { format: 'binary16', operation: 'sqrt' }, (flags) => flags & ~16, 'noInvalid'],
    ['no flags at all', f16, () => 0, 'noFlags'],
  ];

  it.each(flagHabits)('names %s', (_, task, change, name) => {
    const found = verifyAs(task, {}, {}, (line) => {
      const flags = change(Number.parseInt(line.slice(-2), 16));
      return line.slice(0, -2) + flags.toString(16).padStart(2, '0');
    });
    expect(names(found)).toEqual([name]);
    expect(found.diagnosis?.verdict).toBe('all');
  });

  it('names underflow for exact results', () => {
    const rows = [...vectorLines({ ...f16, count: 1200 })].map((line) => {
      const code = Number.parseInt(line.slice(10, 14), 16) & 0x7fff;
      return code > 0 && code < 0x400 ? `${line.slice(0, -2)}${line.endsWith('00') ? '02' : line.slice(-2)}` : line;
    });
    expect(names(verifyVectors({ ...f16, vectors: rows.join('\n') }))).toEqual(['exactUnderflow']);
  });

  it('names double rounding of a conversion, as npm packages on doubles do it', () => {
    const inputs = [
      65519.99999999999,
      1.00048828125000000001,
      1 + 2 ** -11 + 2 ** -40,
      1 + 3 * 2 ** -11 - 2 ** -40,
      0.3,
      2 ** -25 + 2 ** -60,
      7,
    ];
    const vectors = inputs.map((x) => `${x},${round(binary16, Math.fround(x))}`).join('\n');
    const found = verifyVectors({ format: 'binary16', operation: 'cast', vectors });
    expect(found.mismatches).toBeGreaterThan(2);
    expect(names(found)).toEqual(['via binary32']);
    expect(found.diagnosis?.verdict).toBe('all');
  });

  it('names double rounding of bfloat16 fused multiply-adds, and unfused ones', () => {
    const task = { format: 'bfloat16', operation: 'mulAdd' } as const;
    const wide = createUnit({ format: binary32 });
    const unit = createUnit({ format: bfloat16 });
    const table = (compute: (a: number, b: number, c: number) => number): string =>
      [...vectorLines({ ...task, count: 3000 })]
        .map((line) => line.split(' ').slice(0, 3))
        .map((codes) => {
          const [a, b, c] = codes.map((code) => operand(code)) as [number, number, number];
          return [...codes, encode(bfloat16, compute(a, b, c)).toString(16)].join(' ');
        })
        .join('\n');
    const operand = (code: string): number =>
      new Float32Array(Uint32Array.of(Number.parseInt(code, 16) << 16).buffer)[0] as number;
    const doubly = verifyVectors({ ...task, vectors: table((a, b, c) => wide.fusedMultiplyAdd(a, b, c)) });
    expect(names(doubly)).toEqual(['via binary32']);
    const unfused = verifyVectors({ ...task, vectors: table((a, b, c) => unit.add(unit.multiply(a, b), c)) });
    expect(names(unfused)).toEqual(['unfused']);
    expect(unfused.diagnosis?.verdict).toBe('all');
  });

  it('names Math.round: ties upward', () => {
    const inputs = Array.from({ length: 400 }, (_, i) => (i - 200) / 32);
    const half = (x: number): number => {
      const quantum = 2 ** (Math.max(-6, Math.floor(Math.log2(Math.abs(x) || 1))) - 3);
      return Math.floor(x / quantum + 0.5) * quantum + 0;
    };
    const vectors = inputs.map((x) => `${x},${half(x)}`).join('\n');
    const found = verifyVectors({ ...fp8, vectors });
    expect(names(found)).toEqual(['tiesUp']);
  });

  it('names a lost sign of zero', () => {
    const rows = [...vectorLines({ ...f16, count: 1000 })].map((line) => line.replace(/ 8000 (..)$/, ' 0000 $1'));
    expect(names(verifyVectors({ ...f16, vectors: rows.join('\n') }))).toEqual(['unsignedZero']);
  });

  it('names roundToIntegralExact', () => {
    const task = { format: 'binary16', operation: 'roundToInt' } as const;
    const unit = createUnit({ format: binary16 });
    const rows = [...vectorLines({ ...task, count: 500 })].map((line) => {
      const code = unit.codes.roundToIntegral(Number.parseInt(line.slice(0, 4), 16), true);
      return `${line.slice(0, 4)} ${code.toString(16)} ${(unit.flags & 31).toString(16)}`;
    });
    expect(names(verifyVectors({ ...task, vectors: rows.join('\n') }))).toEqual(['exactIntegral']);
  });

  it('names NaN codes where they count', () => {
    const off = verifyAs(fp8, { profile: 'mlDtypes' }, { strictNaN: true, profile: 'cudaSatfinite' });
    // For this format ml_dtypes and the plain OCP conversion are one.
    expect(names(off)).toEqual(['profile ocp']);
    expect(off.diagnosis?.alternatives).toContain('profile mlDtypes');
    const e5m2 = { format: 'e5m2', operation: 'cast' } as const;
    const one = verifyAs(e5m2, {}, { strictNaN: true }, (line) => line.replace(/ [7F]E (..)$/, ' 7D $1'));
    expect(names(one)).toEqual(['nan 0x7d']);
    expect(one.diagnosis?.verdict).toBe('all');
    const allOnes = verifyAs(e5m2, { profile: 'torch' }, { strictNaN: true });
    expect(names(allOnes)).toEqual(['nan allOnes kept']);
  });

  it('puts habits together', () => {
    const found = verifyAs(
      f16,
      { rounding: 'towardZero', policy: { subnormals: 'flushBoth' } },
      {},
      (line) => `${line.slice(0, -2)}00`,
    );
    expect(names(found).sort()).toEqual(['flushBoth', 'noFlags', 'towardZero']);
    expect(found.diagnosis?.verdict).toBe('all');
  });

  it('finds a profile by its several habits', () => {
    const e8m0 = { format: 'e8m0fnu', operation: 'cast' } as const;
    const found = verifyAs(e8m0, { profile: 'torch' });
    expect(names(found)).toEqual(['profile torch']);
    expect(found.diagnosis?.verdict).toBe('all');
  });

  it('tells results flushed once they are rounded from those flushed because they are tiny', () => {
    const { minNormal } = e4m3fn;
    const inputs = Array.from({ length: 64 }, (_, i) => (i + 1) * 2 ** -11).concat(0.0155, -0.0155, 1, 300);
    const table = (flushes: (x: number) => boolean): string =>
      inputs.map((x) => `${x},${flushes(x) ? Math.sign(x) * 0 : round(e4m3fn, x)}`).join('\n');
    const rounded = table((x) => Math.abs(round(e4m3fn, x)) < minNormal);
    expect(names(verifyVectors({ ...fp8, vectors: rounded }))).toEqual(['flushRounded']);
    const tiny = inputs.map((x) => `${x},${round(e4m3fn, x, { subnormals: 'flushOutputs' })}`).join('\n');
    expect(names(verifyVectors({ ...fp8, vectors: tiny }))).toEqual(['flushOutputs']);
    expect(rounded).not.toBe(tiny);
  });

  it('hands back a row that it cannot explain', () => {
    const found = verifyVectors({ ...fp8, vectors: '500,448\n600,448\n700,448\n4,5\n', limit: 0 });
    expect(found.unexplained).toMatchObject({ line: 4, inputs: [4], theirs: { value: 5 }, ours: { value: 4 } });
    expect(verifyVectors({ ...fp8, vectors: '500,448\n' }).unexplained).toBeNull();
    expect(verifyVectors({ ...fp8, vectors: '1,1\n' })).toMatchObject({ unexplained: null, isFromDefault: false });
  });

  it('says that it does not know, and how much it explains', () => {
    const noise = [...vectorLines({ ...f16, count: 1000, rounding: 'towardZero' })].map((line, i) =>
      i % 3 === 0 ? `${line.slice(0, 10)}1234 00` : line,
    );
    const found = verifyVectors({ ...f16, vectors: noise.join('\n') });
    expect(names(found)).toEqual(['towardZero']);
    expect(found.diagnosis?.verdict).toBe('some');
    expect(found.diagnosis?.explained).toBeLessThan(found.mismatches);
    const odd = verifyVectors({ ...fp8, vectors: '1,3\n2,7\n' });
    expect(odd.diagnosis).toBeNull();
  });

  it('respects the policy that is asked for', () => {
    const found = verifyAs(fp8, { profile: 'mlDtypes' }, { profile: 'torch' });
    expect(names(found)).toEqual(['nan']);
    expect(found.profile).toBe('torch');
    const up = verifyAs(f16, {}, { rounding: 'towardPositive' });
    expect(names(up)).toEqual(['tiesToEven']);
  });

  it('lists other explanations that are as good', () => {
    const vectors = [500, 600, 1e9, -700, 3, 0.1]
      .map((x) => `${x},${round(e4m3fn, x, { overflow: 'saturate' })}`)
      .join('\n');
    const found = verifyVectors({ ...fp8, vectors });
    expect(names(found)).toEqual(['saturate']);
    expect(found.diagnosis?.alternatives).toEqual(expect.arrayContaining(['saturateFinite', 'profile torch']));
  });
});

const FOLDER = new URL('../../../../shared/vectors/testfloat/', import.meta.url);

describe.skipIf(!existsSync(FOLDER))('TestFloat tables (skipped without ../shared/vectors/testfloat)', () => {
  const table = (name: string): string => gunzipSync(readFileSync(new URL(`${name}.txt.gz`, FOLDER))).toString();

  it('are accepted as they are', () => {
    const tasks: [string, Task, VerifyOptions['rounding'] & string][] = [
      ['f16_add.near_even', { format: 'binary16', operation: 'add' }, 'tiesToEven'],
      ['f16_roundToInt.odd', { format: 'binary16', operation: 'roundToInt' }, 'toOdd'],
      ['f16_to_i32.min', { format: 'binary16', operation: 'toI32' }, 'towardNegative'],
      ['i32_to_f16.max', { format: 'binary16', operation: 'fromI32' }, 'towardPositive'],
      ['f32_to_bf16.minMag', { format: 'bfloat16', operation: 'cast' }, 'towardZero'],
      ['f64_to_f16.near_maxMag', { format: 'binary16', operation: 'cast', from: 'binary64' }, 'tiesToAway'],
      ['bf16_to_f32.near_even', { format: 'binary32', operation: 'cast', from: 'bfloat16' }, 'tiesToEven'],
    ];
    for (const [name, task, rounding] of tasks) {
      expect(verifyVectors({ ...task, rounding, vectors: table(name) }), name).toMatchObject({
        ok: true,
        undefinedRows: 0,
      });
    }
  });

  it('are recognized in the wrong mode', () => {
    const found = verifyVectors({ ...f16, vectors: table('f16_mul.near_maxMag') });
    expect(names(found)).toEqual(['tiesToAway']);
    expect(found.diagnosis?.verdict).toBe('all');
  });

  it('reads a table of any size piece by piece, compares every row, and says how many the diagnosis tried', () => {
    const count = 260_000;
    function* table(): Generator<string> {
      // 1 is 1; every thirteenth row, 1000, saturates where ours is NaN. Pieces end within lines.
      for (let i = 0; i < count; i++) {
        const line = i % 13 === 0 ? '447A0000 7E 05\n' : '3F800000 38 00\n';
        yield line.slice(0, i % 15);
        yield line.slice(i % 15);
      }
    }
    const found = verifyVectors({ format: 'e4m3fn', operation: 'cast', vectors: table(), limit: 3 });
    expect(found).toMatchObject({ rows: count, mismatches: 20_000, differing: { value: 20_000, nan: 0, flags: 0 } });
    expect(found.first.map(({ line }) => line)).toEqual([1, 14, 27]);
    // 240,000 are equal: every fourth is tried.
    const tried = { differing: 20_000, explained: 20_000, equal: 60_000, contradicted: 0, verdict: 'all' };
    expect(found.diagnosis).toMatchObject(tried);
    expect(names(found)).toEqual(['saturate']);
    expect(formatVerification(found)).toContain(
      '(tried on 20000 rows that differ and 60000 that are equal, evenly spaced)',
    );
  });
});
