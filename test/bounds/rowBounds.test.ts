import { describe, expect, it } from 'vitest';
import { type BoundsOptions, bounds } from '../../src/bounds/index.ts';
import { layerNorm, rmsNorm, softmax } from '../../src/kernels/index.ts';
import { slancGuarantee } from '../../src/slanc/index.ts';
import { rowKernels } from './kernels.ts';
import { checkSoundness } from './soundness.ts';

describe('verdicts on norms and softmax', () => {
  it('are never contradicted by any input of small kernels', () => {
    const { verdicts, unknown } = checkSoundness(200, rowKernels());
    console.log('norms and softmax: verdicts', verdicts, 'of the unknown', unknown);
    expect(verdicts.proved).toBeGreaterThan(3);
    expect(verdicts.overflows).toBeGreaterThan(40);
  });
});

describe('a bound of rows made wrong on purpose is caught', () => {
  type Fault = (options: BoundsOptions & { readonly scale?: number }) => Record<string, unknown>;
  const faults: [string, Fault][] = [
    [
      'intervals without their upper ends',
      ({ inputs }) => ({ inputs: { ...inputs, high: (inputs as unknown as Box).low } }),
    ],
    ['a scale half as large', ({ scale = 1 }) => ({ scale: scale / 2 })],
    ['an epsilon of one', () => ({ epsilon: 1 })],
    ['weights left out', () => ({ gamma: undefined, beta: undefined })],
  ];
  type Box = { readonly low: readonly number[] };

  it.each(faults)('%s', (_, change) => {
    const asked = (options: BoundsOptions): BoundsOptions => {
      const isNorm = options.kernel !== 'softmax';
      const changed = Object.entries({ ...options, ...change(options) });
      const kept = changed.filter(([key, value]) => value !== undefined && (isNorm || key in options));
      return Object.fromEntries(kept) as unknown as BoundsOptions;
    };
    let cause: unknown = null;
    try {
      checkSoundness(3000, rowKernels(), asked);
    } catch (error) {
      cause = (error as Error).cause;
    }
    expect(String(cause)).toMatch(/witness|proved/);
  });
});

describe('bounds of norms', () => {
  const rms = (more: Partial<BoundsOptions>): BoundsOptions =>
    ({
      kernel: 'rmsNorm',
      width: 4096,
      target: 'fp16',
      inputs: { kind: 'ball', radius: 64 },
      ...more,
    }) as BoundsOptions;

  it("prove all of RMSNorm where SLaNC's guarantee is proved, and refute it beyond", () => {
    expect(slancGuarantee({ block: 'linear', width: 4096, reduction: 'sequential' }).claim).toBe('proved');
    expect(bounds(rms({})).verdict).toBe('proved');
    const far = bounds(rms({ inputs: { kind: 'ball', radius: 300 } }));
    expect(far.verdict).toBe('overflows');
    expect(rmsNorm(far.witness?.x ?? [], { rows: 1, width: 4096, target: 'fp16' }).report.ok).toBe(false);
    // The scale is what SLaNC is about.
    expect(bounds(rms({ inputs: { kind: 'ball', radius: 300 }, scale: 1 / 8 })).verdict).toBe('proved');
  });

  it('count γ and what is stored', () => {
    const gamma = Array(4096).fill(2000);
    const answer = bounds(rms({ gamma }));
    expect(answer.verdict).not.toBe('proved');
    expect(bounds(rms({ gamma: Array(4096).fill(500) })).verdict).toBe('proved');
  });

  it('prove LayerNorm on intervals, and find rows that overflow', () => {
    const layer = (high: number): BoundsOptions => ({
      kernel: 'layerNorm',
      width: 768,
      target: 'fp16',
      inputs: { kind: 'intervals', low: -high, high },
    });
    expect(bounds(layer(4)).verdict).toBe('proved');
    const far = bounds(layer(20));
    expect(far).toMatchObject({ verdict: 'overflows', witness: { event: { stage: 'squareSum' } } });
    const { report } = layerNorm(far.witness?.x ?? [], { rows: 1, width: 768, target: 'fp16' });
    expect(report.counts.squareSum?.overflow).toBeGreaterThan(0);
  });

  it('say unknown of what has no bound, unless a row overflows', () => {
    const one = { kernel: 'layerNorm', width: 64, target: 'fp16', variance: 'onePass' } as const;
    const near = bounds({ ...one, inputs: { kind: 'intervals', low: 0.25, high: 1 } });
    expect(near.verdict).toBe('unknown');
    expect(near.reason).toContain('variance');
    expect(bounds({ ...one, inputs: { kind: 'intervals', low: -300, high: 300 } }).verdict).toBe('overflows');
  });
});

describe('bounds of softmax', () => {
  const soft = (high: number, more: object = {}): BoundsOptions => ({
    kernel: 'softmax',
    width: 1024,
    target: 'fp16',
    inputs: { kind: 'intervals', low: -high, high },
    ...more,
  });

  it('are proved for scores of any usual size, and refuted by the difference of two large ones', () => {
    expect(bounds(soft(1000)).verdict).toBe('proved');
    expect(bounds(soft(1000, { normalize: 'reciprocal' })).verdict).toBe('proved');
    const far = bounds(soft(60_000));
    expect(far).toMatchObject({ verdict: 'overflows', witness: { event: { stage: 'subtract' } } });
    expect(softmax(far.witness?.x ?? [], { rows: 1, width: 1024, target: 'fp16' }).report.ok).toBe(false);
    // A sum of 70,000 ones leaves binary16, were it not to stop at 2048 on the way.
    expect(bounds({ ...soft(0), width: 70_000 } as BoundsOptions)).toMatchObject({ verdict: 'proved', bound: 2048 });
  });
});
