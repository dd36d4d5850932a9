import { describe, expect, it } from 'vitest';
import { errorBound } from '../../src/bounds/index.ts';
import { binary16, binary32 } from '../../src/formats/index.ts';
import { dot, layerNorm, matmul, rmsNorm, softmax, sum } from '../../src/kernels/index.ts';
import { type Rounding, roundTo } from '../../src/rounding/index.ts';
import { defineTarget, fp32, type Target } from '../../src/targets/index.ts';
import { generator, normal } from '../random.ts';
import { failure } from '../testing/helpers.ts';
import { checkErrorBounds, rowCases } from './errorBound.ts';
import { distance, OFF, realNorm, realSoftmax } from './realFunctions.ts';

describe('errorBound', () => {
  it('is never violated by random kernels', () => {
    const { outputs, infinite, eventFree, vacuous } = checkErrorBounds(300);
    console.log(`error bounds: ${outputs} outputs, ${infinite} infinite; ${vacuous} of ${eventFree} without an event`);
    expect(vacuous / eventFree).toBeLessThan(0.08);
    expect(infinite).toBeLessThan(0.6 * outputs);
  });

  it('is never violated by random norms and softmaxes', () => {
    const { outputs, infinite, eventFree, vacuous } = checkErrorBounds(150, 1, rowCases());
    console.log(
      `of norms and softmaxes: ${outputs} outputs, ${infinite} infinite; ${vacuous} of ${eventFree} event-free`,
    );
    expect(vacuous / eventFree).toBeLessThan(0.05);
    expect(infinite).toBeLessThan(outputs / 2);
  });

  it('is needed: half of it is violated', () => {
    expect(() => checkErrorBounds(600, 0.5)).toThrow('Property failed');
    expect(() => checkErrorBounds(600, 0.5, rowCases())).toThrow('Property failed');
  });

  it('counts each rounding: the worst case of each alone comes near', () => {
    const one = (kernel: 'sum' | 'dot', a: number[], b: number[], target: string): number => {
      const options = { rows: 1, width: a.length, target };
      const bound = (
        kernel === 'sum' ? errorBound('sum', [a], options) : errorBound('dot', [a, b], options)
      )[0] as number;
      const output = (kernel === 'sum' ? sum(a, options) : dot(a, b, options)).output[0] as number;
      const real = a.reduce((total, x, k) => total + x * (kernel === 'sum' ? 1 : (b[k] as number)), 0);
      const error = Math.abs(output - real);
      expect(error).toBeLessThanOrEqual(bound);
      return error / bound;
    };
    const u = 2 ** -11;
    // Load, alone: a tie. Product, alone. Sum, alone. Store, alone (fp32 sums to fp16). Subnormals, alone.
    expect(one('sum', [1 + u], [], 'fp16')).toBeGreaterThan(0.3);
    expect(one('dot', [1 + 2 * u], [1 + 2 * u], 'fp16')).toBeGreaterThan(0.0001);
    expect(one('sum', [2048, 1], [], 'fp16')).toBeGreaterThan(0.3);
    expect(one('sum', [2048, 1], [], 'fp16Fp32Accumulate')).toBeGreaterThan(0.3);
    expect(one('sum', [2 ** -25], [], 'fp16')).toBeGreaterThan(0.3);
  });

  it('is caught where any one of its terms is halved: each alone makes more than half of it', () => {
    const [half, wide] = [roundTo(binary16), roundTo(binary32)];
    /** Every stage in binary32 but for those named. */
    const target = (stages: { load?: Rounding; compute?: Rounding; accumulate?: Rounding; store?: Rounding }) => {
      const all = { load: wide, compute: wide, accumulate: wide, statistics: wide, store: wide, ...stages };
      const accumulator = { kind: 'float', rounding: all.accumulate } as const;
      const unit = { ...fp32.vectorUnits.vector, ...all, reduction: { kind: 'sequential', accumulator } as const };
      return defineTarget({ name: 'one stage', source: 'test', vectorUnits: { vector: unit } });
    };
    const u = 2 ** -11;
    const worst = 1 + u - 2 ** -24;
    const ratio = (x: readonly number[], y: readonly number[] | null, unit: Target | string, name?: string): number => {
      const options = { rows: 1, width: x.length, target: unit, ...(name === undefined ? {} : { unit: name }) };
      const [bound] = y === null ? errorBound('sum', [x], options) : errorBound('dot', [x, y], options);
      const [output] = (y === null ? sum(x, options) : dot(x, y, options)).output;
      const real = x.reduce((total, one, k) => total + one * (y === null ? 1 : (y[k] as number)), 0);
      return Math.abs((output as number) - real) / (bound as number);
    };
    const ratios = {
      load: ratio([worst], null, target({ load: half })),
      'load of a factor': ratio([worst], [1], target({ load: half })),
      product: ratio([1 + 2 ** -5], [1 + 2 ** -6], target({ compute: half })),
      sum: ratio([1, ...Array<number>(9).fill(u - 2 ** -20)], null, target({ accumulate: half })),
      store: ratio([worst], null, target({ store: half })),
      'a subnormal load': ratio([2 ** -25 - 2 ** -40], null, target({ load: half })),
      'a subnormal store': ratio([2 ** -25 - 2 ** -40], null, target({ store: half })),
      'cut by alignment': ratio(
        [1, ...Array<number>(7).fill(2 ** -12)],
        [1, ...Array<number>(7).fill(2 ** -12 * (2 - 2 ** -9))],
        'v100',
        'f16',
      ),
    };
    for (const [term, share] of Object.entries(ratios)) {
      expect(share, term).toBeLessThanOrEqual(1);
      expect(share, term).toBeGreaterThan(0.5);
    }
  });

  it('is so for every stage of norms and softmax', () => {
    const [half, wide] = [roundTo(binary16), roundTo(binary32)];
    const next = generator('stages');
    const norm = { isCentered: false, epsilon: 1e-5, gamma: null, beta: null, residual: null };
    const kernels = {
      rmsNorm: { kernel: rmsNorm, real: (x: number[]) => realNorm(x, norm) },
      layerNorm: { kernel: layerNorm, real: (x: number[]) => realNorm(x, { ...norm, isCentered: true }) },
      softmax: { kernel: softmax, real: (x: number[]) => realSoftmax(x, null) },
    };
    const stages = ['load', 'compute', 'center', 'normalize', 'accumulate', 'statistics', 'store'];
    for (const [name, { kernel, real }] of Object.entries(kernels)) {
      for (const stage of stages) {
        if (name !== 'layerNorm' && stage === 'center') continue;
        if (name === 'softmax' && ['normalize', 'statistics'].includes(stage)) continue;
        // Every stage in binary32 but for that one.
        const steps = { load: wide, compute: wide, center: wide, normalize: wide, accumulate: wide, statistics: wide };
        const all = { ...steps, store: wide, [stage]: half };
        const accumulator = { kind: 'float', rounding: all.accumulate } as const;
        const unit = { ...fp32.vectorUnits.vector, ...all, reduction: { kind: 'sequential', accumulator } as const };
        const target = defineTarget({ name: 'one stage', source: 'test', vectorUnits: { vector: unit } });
        let most = 0;
        for (let run = 0; run < 20_000 && most <= 0.5; run++) {
          const width = 1 + Math.floor(next() * 4);
          const x = Array.from({ length: width }, () => (next() - 0.5) * 2 ** Math.floor(next() * 6));
          const options = { rows: 1, width, target, record: 'counts' } as const;
          const bound = errorBound(name as 'rmsNorm', [x], options);
          const { output } = kernel(x, options);
          real(x).forEach((y, k) => {
            most = Math.max(most, distance(output[k] as number, y, OFF) / (bound[k] as number));
          });
        }
        expect(most, `${name}, ${stage}`).toBeLessThanOrEqual(1);
        expect(most, `${name}, ${stage}`).toBeGreaterThan(0.5);
      }
    }
  });

  it('is at most 16 times the worst error of 200 draws for up to 256 terms, and √n times above, in the median', () => {
    const next = generator('ratios');
    for (const width of [16, 256, 1024]) {
      const ratios: number[] = [];
      for (let c = 0; c < 5; c++) {
        const options = { rows: 200, width, target: 'fp16' };
        const x = Float64Array.from({ length: 200 * width }, () => Math.abs(normal(next)) / 8);
        const bound = errorBound('sum', [x], options);
        const { output } = sum(x, options);
        let [worst, largest] = [0, 0];
        for (let r = 0; r < 200; r++) {
          const real = x.subarray(r * width, (r + 1) * width).reduce((total, value) => total + value, 0);
          worst = Math.max(worst, Math.abs((output[r] as number) - real));
          largest = Math.max(largest, bound[r] as number);
        }
        ratios.push(largest / worst);
      }
      const median = ratios.sort((p, q) => p - q)[2] as number;
      console.log(`sums of ${width}: bound over worst error, median ${median.toFixed(1)}`);
      expect(median).toBeLessThanOrEqual(width <= 256 ? 16 : Math.sqrt(width));
    }
  });

  it('is so of norms and softmax too', () => {
    const next = generator('ratios of rows');
    for (const [name, kernel] of Object.entries({ rmsNorm, layerNorm, softmax })) {
      for (const width of [16, 256, 1024]) {
        const rows = 200;
        const options = { rows, width, target: 'fp16' };
        const x = Float64Array.from({ length: rows * width }, () => normal(next));
        const bound = errorBound(name as 'rmsNorm', [x], options);
        const { output } = kernel(x, options);
        // Binary32 is near enough: the errors are of binary16.
        const { output: real } = kernel(x, { ...options, target: 'fp32' });
        const ratios = Array.from({ length: width }, (_, k) => {
          const of = (values: (at: number) => number): number[] =>
            Array.from({ length: rows }, (_, r) => values(r * width + k)).sort((p, q) => p - q);
          const bounds = of((at) => bound[at] as number);
          const errors = of((at) => Math.abs((output[at] as number) - (real[at] as number)));
          return (bounds[rows >> 1] as number) / (errors.at(-1) as number);
        });
        const median = ratios.sort((p, q) => p - q)[width >> 1] as number;
        console.log(`${name} of ${width}: median bound over worst error, median ${median.toFixed(1)}`);
        expect(median).toBeLessThanOrEqual(width <= 256 ? 16 : Math.sqrt(width));
      }
    }
  });

  it('reads matrices, units, addends and orders', () => {
    const options = { m: 2, n: 2, k: 3, target: 'h100', unit: 'f16', c: [1, 2, 3, 4] };
    const [a, b] = [
      [1, 2, 3, 4, 5, 6],
      [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
    ];
    const bound = errorBound('matmul', [a, b], options);
    const { output } = matmul(a, b, options);
    output.forEach((y, r) => {
      let real = options.c[r] as number;
      for (let k = 0; k < 3; k++) real += (a[Math.floor(r / 2) * 3 + k] as number) * (b[k * 2 + (r % 2)] as number);
      expect(Math.abs(y - real)).toBeLessThanOrEqual(bound[r] as number);
    });
    expect(Math.max(...bound)).toBeLessThan(0.01);
    const any = errorBound('matmul', [a, b], { ...options, order: 'any' });
    any.forEach((one, r) => {
      expect(one).toBeGreaterThan(bound[r] as number);
    });
    expect(Math.max(...any)).toBeLessThan(0.01);
    const x = Array(100).fill(1.1);
    const one = { rows: 1, width: 100, target: 'fp16' };
    expect(errorBound('sum', [x], { ...one, order: 'any' })[0]).toBeGreaterThan(
      errorBound('sum', [x], one)[0] as number,
    );
    expect(errorBound('sum', [[1e5]], { ...one, width: 1 })[0]).toBe(Infinity);
  });

  it('knows that a zero times a large number moves the others, by the first rule of MMA-Sim', () => {
    const output = { format: 'bfloat16' };
    const accumulator = { kind: 'aligned', fractionBits: 3, lost: 'floor', zeroRule: 'mmasim1', output } as const;
    const unit = { a: ['float:e9m1'], k: 4, product: null, reduction: { kind: 'sequential', accumulator }, output };
    const target = defineTarget({ name: 'zeros', source: 'test', matrixUnits: { unit } } as never);
    const [a, b] = [
      [0, 1, -3],
      [2 ** 250, 1, 1],
    ];
    const options = { rows: 1, width: 3, target };
    const error = Math.abs((dot(a, b, options).output[0] as number) + 2);
    expect(error).toBeGreaterThan(0);
    expect(errorBound('dot', [a, b], options)[0]).toBeGreaterThanOrEqual(error);
  });

  it('aligns joins of results by the least exponent of results', () => {
    // Numbers below 2^16 are subnormal there: joined to what comes late, one has the exponent 16 and three bits below it.
    const output = { format: 'float:e1m16:bias=-15:inf=none:nan=none' };
    const addend = { sumBits: 40, addendBits: 40, lost: 'truncate', far: 'cut' } as const;
    const accumulator = { kind: 'aligned', fractionBits: 3, lost: 'truncate', addend, output } as const;
    const unit = { a: ['binary16'], k: 4, product: null, reduction: { kind: 'pairwise', accumulator }, output };
    const target = defineTarget({ name: 'joins', source: 'test', matrixUnits: { unit } } as never);
    const [a, b] = [
      [60, 50],
      [60, 50],
    ];
    for (const order of ['plan', 'any'] as const) {
      const options = { rows: 1, width: 2, target };
      const error = Math.abs((dot(a, b, options).output[0] as number) - 6100);
      expect(error).toBe(2516);
      expect(errorBound('dot', [a, b], { ...options, order })[0]).toBeGreaterThanOrEqual(error);
    }
  });

  it('knows that a fused step that flushes reads small factors as zero, whatever the other is', () => {
    const rounding = { format: 'float:e5m11:bias=-2:inf=none:nan=none', policy: { subnormals: 'flushBoth' } };
    const accumulator = { kind: 'float', rounding, fused: true } as const;
    const output = { format: 'binary32' };
    const unit = { a: ['bfloat16'], k: 4, product: null, reduction: { kind: 'sequential', accumulator }, output };
    const target = defineTarget({ name: 'fused', source: 'test', matrixUnits: { unit } } as never);
    const [a, b] = [[-417792], [-7.5]];
    for (const order of ['plan', 'any'] as const) {
      const options = { rows: 1, width: 1, target };
      expect(dot(a, b, options).output[0]).toBe(0);
      expect(errorBound('dot', [a, b], { ...options, order })[0]).toBeGreaterThanOrEqual(417792 * 7.5);
    }
  });

  it('refuses what it does not know', () => {
    expect(failure(() => errorBound('gelu' as never, [[]] as never, {} as never))).toBe('name kernel');
    expect(failure(() => errorBound('sum', [[1]], { rows: 1, width: 1, target: 'fp16', order: 'some' as never }))).toBe(
      'name options.order',
    );
    expect(failure(() => errorBound('sum', [[1]], { rows: 1, width: 1, target: 'fp16', zzz: 1 } as never))).toBe(
      'name options.zzz',
    );
  });
});
