import { describe, expect, it, vi } from 'vitest';
import { bounds } from '../../src/bounds/index.ts';
import { layerNorm, matmul, rmsNorm, softmax, sum } from '../../src/kernels/index.ts';
import { sweepPlots } from '../../src/reports/index.ts';
import { cellLine, defineSweep, runCell, type SweepGrid, syntheticNumbers } from '../../src/sweeps/index.ts';
import { defineTarget } from '../../src/targets/index.ts';
import { failure, share } from '../testing/helpers.ts';

const [rows, width, n] = [5, 48, 2];
const whole = (x: Float64Array, most: number): Float64Array =>
  x.map((value) => Math.max(-most, Math.min(most, Math.round(value * 40))));
const inputs = whole(syntheticNumbers({ kind: 'normal' }, 'x', rows, width), 127);
const weights = whole(syntheticNumbers({ kind: 'normal' }, 'w', width, n), 127);
const data = [{ name: 'ints', rows, width, inputs, weights, channels: n }];

function cells(grid: Partial<SweepGrid>) {
  const sweep = defineSweep({ kernels: ['matmul'], data, ...grid });
  return Array.from({ length: sweep.cells }, (_, i) => runCell(sweep, i));
}

/** A unit of one sum, written out by hand. */
function unit(reduction: unknown, a: string, output: string, product: unknown = null) {
  return defineTarget({
    name: 'mine',
    matrixUnits: { mine: { a: [a], k: 1, product, reduction, output: { format: output } } },
  });
}

/** Additions of two products other than zero, counted one by one. */

const chain = (accumulator: unknown) => ({ kind: 'sequential', accumulator });
const register = (bits: number, overflow: string) => ({ kind: 'integer', bits, overflow });
const float = (format: string, fused = true) => ({ kind: 'float', rounding: { format }, fused });

describe('runCell of scaled data', () => {
  const own = (inputs: number[], grid: Partial<SweepGrid>) => {
    const one = { name: 'own', rows: 1, width: inputs.length, inputs: Float64Array.from(inputs) };
    return cells({ kernels: ['sum'], data: [one], formats: ['int8'], fit: 'max', proof: 'format', ...grid });
  };

  it('asks for a proof of the numbers of the format, scaled', () => {
    const [plain, scaled] = own([127, 127], { accumulators: ['int16:saturate'], scales: [1, 4] });
    expect(plain).toMatchObject({ verdict: 'proved', claim: 'noEvent' });
    expect(scaled?.counts?.saturation).toBe(2);
    expect(scaled?.verdict).not.toBe('proved');
  });

  it('fits the tiniest numbers too', () => {
    const [cell] = own([5e-324, -5e-324, 0, 5e-324], { accumulators: ['int16:saturate'] });
    expect(cell?.counts?.invalid).toBe(0);
    expect(cell?.headroom).toEqual(own([1, -1, 0, 1], { accumulators: ['int16:saturate'] })[0]?.headroom);
    expect(cell?.error?.nonFinite).toBe(0);
  });

  it('counts as additions those of two numbers other than zero', () => {
    const one = { name: 'own', rows: 2, width: 6, inputs: Float64Array.of(2048, 1, 0, 0, 1, 1, 0, 0, 0, 5, 0, -0) };
    const [binary16] = cells({ kernels: ['sum'], data: [one], formats: ['binary16'], accumulators: ['binary16'] });
    // 2048 + 1 three times; the second row has one number other than zero, and nothing to lose.
    expect(binary16?.counts?.absorption).toBe(3);
    expect(binary16?.absorbed).toBe(1);
  });

  it('throws where a kernel lacks memory, and refuses choices without a meaning', () => {
    const grid = { kernels: ['sum'], data, formats: ['int8'], accumulators: ['int16:wrap', 'binary16'] } as const;
    const lacking = vi.spyOn(process, 'availableMemory').mockReturnValue(2 ** 20);
    const wide = { name: 'wide', rows: 2 ** 14, width: 2 ** 10, inputs: { kind: 'normal' } } as const;
    try {
      expect(failure(() => runCell(defineSweep({ ...grid, data: [wide] }), 0))).toMatch(/^range /);
    } finally {
      lacking.mockRestore();
    }
    const [refused] = cells({ ...grid, formats: ['int8*int4'] });
    expect(refused?.refused).toContain('one format');
  });

  it('throws where memory has no room: the line of a cell does not depend on the machine', () => {
    const large = { name: 'large', rows: 2 ** 31, width: 2 ** 31, inputs: { kind: 'normal' } as const };
    const sweep = defineSweep({ kernels: ['sum'], data: [large], targets: ['fp16'] });
    expect(failure(() => runCell(sweep, 0))).toBe('range rows');
  });
});

describe('runCell of products', () => {
  it.each<[Partial<SweepGrid>, ReturnType<typeof unit>]>([
    [{ formats: ['int8'], accumulators: ['int14:saturate'] }, unit(chain(register(14, 'saturate')), 'int8', 'int14')],
    [{ formats: ['int8'], accumulators: ['int13:wrap'] }, unit(chain(register(13, 'wrap')), 'int8', 'int13')],
    [{ formats: ['int8'], accumulators: ['int64:wrap'] }, unit(chain(register(64, 'wrap')), 'int8', 'binary64')],
    [
      { formats: ['int8'], accumulators: ['binary16'], orders: ['pairwise'] },
      unit({ kind: 'pairwise', accumulator: float('binary16') }, 'int8', 'binary16'),
    ],
    [
      { formats: ['int8'], accumulators: ['binary16'], orders: ['descending'] },
      unit({ ...chain(float('binary16')), order: 'descending' }, 'int8', 'binary16'),
    ],
    [
      { formats: ['int8'], accumulators: ['int16:wrap'], tiles: [8] },
      unit(
        { kind: 'tiled', size: 8, within: chain(register(16, 'wrap')), across: chain(register(16, 'wrap')) },
        'int8',
        'int16',
      ),
    ],
    [
      { formats: ['int8'], accumulators: ['bfloat16'], tiles: [4], promotions: [16] },
      unit(
        {
          kind: 'tiled',
          size: 16,
          within: { kind: 'tiled', size: 4, within: chain(float('bfloat16')), across: chain(float('bfloat16', false)) },
          across: chain(float('binary32', false)),
        },
        'int8',
        'binary32',
      ),
    ],
    [
      { formats: ['int8'], accumulators: ['kahan:binary16'] },
      unit(chain({ kind: 'kahan', rounding: { format: 'binary16' } }), 'int8', 'binary16', { format: 'binary16' }),
    ],
    [
      { formats: ['int8'], accumulators: ['exact:bfloat16'] },
      unit(chain({ kind: 'exact', output: { format: 'bfloat16' } }), 'int8', 'bfloat16'),
    ],
  ])('is the kernel on a unit written by hand: %j', (grid, target) => {
    const [cell] = cells(grid);
    const { output, report } = matmul(inputs, weights, { m: rows, n, k: width, target, reference: true });
    const failed = report.rowFlags.filter((_, r) => failing(report.rowFlags[r] as number));
    expect(cell).toMatchObject({
      outputs: output.length,
      width,
      counts: report.totals,
      headroom: report.headroom,
      error: report.error,
      overflowRate: failed.length / output.length,
      absorbed: report.totals.absorption / (report.additions?.accumulate ?? Number.NaN),
    });
    const proof = bounds({
      kernel: 'matmul',
      weights,
      n,
      target,
      inputs: { kind: 'intervals', low: Math.min(...inputs), high: Math.max(...inputs) },
    });
    expect([cell?.verdict, cell?.claim]).toEqual([proof.verdict, proof.claim]);
  });

  it('keeps a target as it is, promotes it, and changes its accumulator alone', () => {
    const targets = ['h100:fp8Wgmma'];
    const x = syntheticNumbers({ kind: 'normal' }, '0/n/inputs', 3, 256);
    const w = syntheticNumbers({ kind: 'normal' }, '0/n/weights', 256, 1);
    const made = { name: 'n', rows: 3, width: 256, inputs: { kind: 'normal' }, weights: { kind: 'normal' } } as const;
    const options = { m: 3, n: 1, k: 256, target: 'h100:fp8Wgmma', reference: true } as const;
    const own = cells({ data: [made], targets, promotions: [null, 128] });
    expect(own[0]?.error).toEqual(matmul(x, w, options).report.error);
    expect(own[1]?.error).toEqual(matmul(x, w, { ...options, promoteEvery: 128 }).report.error);
    const [wide] = cells({ data: [made], targets, accumulators: ['binary32'] });
    expect(wide?.error?.sqnr).toBeGreaterThan(own[0]?.error?.sqnr as number);
  });

  it('fits to the format of the unit that runs, and of no other of its target', () => {
    const made = { name: 'n', rows: 3, width: 256, inputs: { kind: 'normal' }, weights: { kind: 'normal' } } as const;
    const [own, promoted] = cells({ data: [made], targets: ['h100:fp8Wgmma'], promotions: [null, 128], fit: 'max' });
    expect(own?.error?.nonFinite).toBe(0);
    expect(promoted?.error?.sqnr).toBeGreaterThan(own?.error?.sqnr as number);
    const [half, single] = cells({
      kernels: ['sum'],
      targets: ['h100:vectorF16', 'h100:vectorF32'],
      fit: 'max',
      proof: 'format',
    });
    expect(half?.counts?.saturation).toBe(0);
    // All of binary32 cannot be summed; nor all of binary16 in itself.
    expect([half?.verdict, single?.verdict]).toEqual(['overflows', 'overflows']);
  });

  it('agrees with a saturating register of BigInt', () => {
    const [cell] = cells({ formats: ['int8'], accumulators: ['int12:saturate'] });
    let saturations = 0;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < n; c++) {
        let held = 0n;
        for (let k = 0; k < width; k++) {
          const next = held + BigInt(inputs[r * width + k] as number) * BigInt(weights[k * n + c] as number);
          held = next > 2047n ? 2047n : next < -2048n ? -2048n : next;
          if (held !== next) saturations += 1;
        }
      }
    }
    expect(cell?.counts?.saturation).toBe(saturations);
  });

  it('tells choices that have no meaning together in their cell', () => {
    const [fractions] = cells({
      data: [{ ...data[0], inputs: inputs.map((x) => x / 2) } as never],
      formats: ['binary16'],
      accumulators: ['int16:wrap'],
    });
    expect(fractions?.refused).toContain('expected integers');
    expect(fractions?.counts).toBeUndefined();
    const [dot] = cells({ kernels: ['dot'], formats: ['int8'], accumulators: ['int16:wrap'] });
    expect(dot?.refused).toContain('one channel');
  });

  it('fits: the operands fill their formats, and the error is that of the sums', () => {
    const made = { name: 'n', rows: 3, width: 64, inputs: { kind: 'normal' }, weights: { kind: 'normal' } } as const;
    const [cell] = cells({ data: [made], formats: ['int8*int4'], accumulators: ['int32:wrap'], fit: 'max' });
    expect(cell?.error?.sqnr).toBe(Infinity);
    expect(cell?.counts?.inexact).toBe(0);
    expect(cell?.counts?.saturation).toBe(0);
  });
});

describe('runCell of rows', () => {
  const kernels = { sum, rmsNorm, layerNorm, softmax } as const;

  it.each(Object.keys(kernels) as (keyof typeof kernels)[])('%s on a target', (kernel) => {
    const [cell] = cells({ kernels: [kernel], targets: ['fp16'] });
    const run = kernels[kernel] as typeof sum;
    const { report } = run(inputs, { rows, width, target: 'fp16', reference: true });
    expect(cell).toMatchObject({ counts: report.totals, headroom: report.headroom, error: report.error });
    expect(cell?.verdict).toMatch(/proved|overflows|unknown/);
  });

  it('norms take the scale as SLaNC means it, sums of integers a register', () => {
    const [cell] = cells({ kernels: ['rmsNorm'], targets: ['fp16'], scales: [1 / 64] });
    const { report } = rmsNorm(inputs, { rows, width, target: 'fp16', scale: 1 / 64, reference: true });
    expect(cell?.counts).toEqual(report.totals);
    const [narrow] = cells({ kernels: ['sum'], formats: ['int8'], accumulators: ['int9:saturate'] });
    expect(narrow?.counts?.saturation).toBeGreaterThan(0);
    const [norm] = cells({ kernels: ['layerNorm'], formats: ['int8'], accumulators: ['int16:saturate'] });
    expect(norm?.refused).toBeUndefined();
    expect(norm?.counts?.saturation).toBeGreaterThan(0);
  });
});

describe('cells', () => {
  const grid: SweepGrid = {
    kernels: ['dot', 'sum'],
    data: [
      {
        name: 'n',
        rows: share < 1 ? 6 : 20,
        width: 16384,
        inputs: { kind: 'outliers' },
        weights: { kind: 'logUniform' },
      },
    ],
    formats: ['e4m3fn'],
    accumulators: ['binary16', 'bfloat16'],
    orders: ['sequential', 'pairwise'],
  };

  it('are the same in any order, with and without an engine', () => {
    const lines = (order: (i: number) => number, options = {}) => {
      const sweep = defineSweep(grid);
      const found: string[] = [];
      for (let i = 0; i < sweep.cells; i++) found[order(i)] = cellLine(runCell(sweep, order(i), options));
      return found;
    };
    const straight = lines((i) => i);
    expect(lines((i) => 7 - i)).toEqual(straight);
    expect(lines((i) => i, { engine: null })).toEqual(straight);
  });

  it('count magnitudes where they are asked for, and nothing else changes', () => {
    const asked = { kernels: ['dot', 'layerNorm'], data, formats: ['int8'], accumulators: ['int16:saturate'] } as const;
    const one = { ...asked, data: [{ ...data[0], channels: 1, weights: weights.slice(0, width) }] } as SweepGrid;
    const [plain, counted] = [defineSweep(one), defineSweep({ ...one, magnitudes: true })];
    expect(counted.hash).not.toBe(plain.hash);
    for (let i = 0; i < 2; i++) {
      const { magnitudes, ...rest } = runCell(counted, i);
      expect(rest).toEqual(runCell(plain, i));
      const { zero = 0, counts = [] } = magnitudes?.[i === 0 ? 'accumulate' : 'squareSum'] ?? {};
      // A result for every addition.
      expect(counts.reduce((sum, n) => sum + n, zero)).toBe(rows * width);
      expect(Object.keys(magnitudes ?? {})).not.toContain('constants');
      expect(JSON.parse(cellLine(runCell(counted, i))).magnitudes).toEqual(magnitudes);
    }
    const titles = sweepPlots([0, 1].map((i) => runCell(counted, i))).map(({ title }) => title);
    expect(titles.filter((title) => title.includes('accumulate: exponents of '))).toHaveLength(1);
    expect(titles.filter((title) => title.includes('layerNorm, center: exponents of '))).toHaveLength(1);
  });

  it('are the same on threads', async () => {
    // Threads start from the built package.
    const built = (room: string) => import(/* @vite-ignore */ `../../dist/${room}/index.js`);
    const { createEngine, closeEngine } = (await built('engine')) as typeof import('../../src/engine/index.ts');
    const sweeps = (await built('sweeps')) as typeof import('../../src/sweeps/index.ts');
    const sweep = sweeps.defineSweep(grid);
    const engine = await createEngine({ workers: 3 });
    try {
      for (let i = 0; i < sweep.cells; i++)
        expect(sweeps.runCell(sweep, i, { engine })).toEqual(runCell(defineSweep(grid), i));
    } finally {
      await closeEngine(engine);
    }
  });
});

/** The bits of kinds that make a run fail. */
function failing(flags: number): boolean {
  return (flags & (4 | 8 | 16 | 32 | 64 | 512 | 1024 | 2048)) !== 0;
}
