import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Block, type SlancOptions, slancFactor, slancFactors, spectralNorm } from '../../src/slanc/index.ts';
import type { Tensor } from '../../src/tensors/index.ts';
import { generator, normal } from '../random.ts';
import {
  addIdentity,
  arbitraryTensor,
  failure,
  frobenius,
  jacobi,
  matrix,
  multiply,
  timesDiagonal,
  transpose,
  vector,
} from './helpers.ts';

/** Repeats each head of W_V in place, or the whole of it. */
function expand({ data, shape: [rows, d] }: Tensor, width: number, group: number, whole: boolean): Tensor {
  const row = (r: number) => (whole ? r % rows : Math.floor(r / width / group) * width + (r % width));
  return {
    data: Float64Array.from({ length: rows * group * d }, (_, at) => data[row(Math.floor(at / d)) * d + (at % d)]),
    shape: [rows * group, d],
  };
}

const grouped = fc.record({
  width: fc.integer({ min: 1, max: 3 }),
  keyValueHeads: fc.integer({ min: 1, max: 3 }),
  group: fc.integer({ min: 1, max: 3 }),
  d: fc.integer({ min: 1, max: 9 }),
});

const attentions = grouped.chain(({ width, keyValueHeads, group, d }) => {
  const heads = keyValueHeads * group;
  return fc.record({
    position: fc.constant('attention' as const),
    gamma: arbitraryTensor(d),
    value: arbitraryTensor(keyValueHeads * width, d),
    output: arbitraryTensor(d, heads * width),
    heads: fc.constant(heads),
    keyValueHeads: fc.constant(keyValueHeads),
  });
});

const sizes = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 9 }));

const mlps = sizes.chain(([d, inner]) =>
  fc.record({
    position: fc.constant('mlp' as const),
    gamma: arbitraryTensor(d),
    up: arbitraryTensor(inner, d),
    down: arbitraryTensor(d, inner),
  }),
);

const gatedMlps = sizes.chain(([d, inner]) =>
  fc.record({
    position: fc.constant('gatedMlp' as const),
    gamma: arbitraryTensor(d),
    gate: arbitraryTensor(inner, d),
    up: arbitraryTensor(inner, d),
    down: arbitraryTensor(d, inner),
  }),
);

function near(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-10 * Math.abs(expected));
}

describe('slancFactor', () => {
  it('attention: ‖(W_O W_V + I) Γ‖_F, heads interleaved; dmx may tile', () => {
    fc.assert(
      fc.property(attentions, (block) => {
        const { heads, keyValueHeads, value, output, gamma } = block;
        const width = output.shape[1] / heads;
        const group = heads / keyValueHeads;
        const wanted = (whole: boolean) =>
          frobenius(timesDiagonal(addIdentity(multiply(output, expand(value, width, group, whole))), gamma));
        // W_O W_V may be −I: a factor of 0 is refused, and has a test of its own.
        fc.pre(wanted(false) > 0 && wanted(true) > 0);
        near(slancFactor(block).alpha, wanted(false));
        near(slancFactor(block, { variant: 'frobeniusGate' }).alpha, wanted(false));
        near(slancFactor(block, { variant: 'dmx' }).alpha, wanted(false));
        near(slancFactor(block, { variant: 'dmx', gqa: 'tile' }).alpha, wanted(true));
      }),
    );
  });

  it('interleaving and tiling differ where heads share values', () => {
    const block = {
      position: 'attention',
      gamma: vector(1, 1),
      value: matrix([1, 0], [0, 2]),
      output: matrix([1, 2, 3, 4], [5, 6, 7, 8]),
      heads: 4,
      keyValueHeads: 2,
    } as const;
    // interleaved: W_O (r0, r0, r1, r1) = [[3, 14], [11, 30]]; tiled: (r0, r1, r0, r1) = [[4, 12], [12, 28]]; + I
    near(slancFactor(block, { variant: 'dmx' }).alpha, Math.hypot(4, 14, 11, 31));
    near(slancFactor(block, { variant: 'dmx', gqa: 'tile' }).alpha, Math.hypot(5, 12, 12, 29));
  });

  it('mlp: ‖W₂ W₁ Γ‖_F, and the published product of norms', () => {
    fc.assert(
      fc.property(mlps, (block) => {
        const { gamma, up, down } = block;
        near(slancFactor(block).alpha, frobenius(timesDiagonal(multiply(down, up), gamma)));
      }),
    );
    const block = {
      position: 'mlp',
      gamma: vector(-1, 3),
      up: matrix([2, 0], [0, 1]),
      down: matrix([5, 0], [0, 4]),
    } as const;
    expect(slancFactor(block, { variant: 'dmx' }).alpha).toBeCloseTo(2 * 2 * 5, 6);
  });

  it('gated mlp: ‖W_down W_up Γ‖_F · ‖W_gate Γ‖₂, or ‖·‖_F for the gate', () => {
    fc.assert(
      fc.property(gatedMlps, (block) => {
        const { gamma, gate, up, down } = block;
        const branch = frobenius(timesDiagonal(multiply(down, up), gamma));
        near(slancFactor(block, { variant: 'frobeniusGate' }).alpha, branch * frobenius(timesDiagonal(gate, gamma)));
        const factor = slancFactor(block).alpha;
        near(factor, branch * spectralNorm(gate, { gamma }).value);
        expect(slancFactor(block, { variant: 'dmx' }).alpha).toBe(factor);
      }),
      { numRuns: 50 },
    );
  });

  it('skip: the block’s own input beside its output, for every kind of block', () => {
    fc.assert(
      fc.property(attentions, (block) => {
        const { heads, keyValueHeads, value, output, gamma } = block;
        const product = multiply(output, expand(value, output.shape[1] / heads, heads / keyValueHeads, false));
        fc.pre(frobenius(product) > 0 && frobenius(addIdentity(product)) > 0);
        near(slancFactor(block, { skip: false }).alpha, frobenius(timesDiagonal(product, gamma)));
        expect(slancFactor(block, { skip: true })).toEqual(slancFactor(block));
      }),
    );
    fc.assert(
      fc.property(mlps, (block) => {
        const { gamma, up, down } = block;
        const skipped = frobenius(timesDiagonal(addIdentity(multiply(down, up)), gamma));
        fc.pre(skipped > 0);
        for (const variant of ['frobenius', 'frobeniusGate'] as const) {
          near(slancFactor(block, { variant, skip: true }).alpha, skipped);
          expect(slancFactor(block, { variant, skip: false })).toEqual(slancFactor(block, { variant }));
        }
      }),
    );
    fc.assert(
      fc.property(gatedMlps, (block) => {
        const length = Math.hypot(...block.gamma.data);
        for (const variant of ['frobenius', 'frobeniusGate'] as const) {
          const alone = slancFactor(block, { variant }).alpha;
          near(slancFactor(block, { variant, skip: true }).alpha, Math.sqrt(alone ** 2 + length ** 2));
        }
      }),
      { numRuns: 50 },
    );
    expect(slancFactor({ position: 'first' }, { skip: true }).alpha).toBe(1);
  });

  it('skip: the length that a post-norm MLP of random weights really gives, with a ReLU and gated', () => {
    // y = γ ⊙ x̂, x̂ normalised; the norm reads y + MLP(y). ReLU halves the branch's energy, so α is a little above.
    const next = generator('post-norm');
    const [d, inner] = [64, 192];
    const draw = (length: number, size: number, mean = 0) =>
      Float64Array.from({ length }, () => mean + size * normal(next));
    const gamma = { data: draw(d, 0.3, 1), shape: [d] };
    const [up, gate] = [0, 1].map(() => ({ data: draw(inner * d, 0.6 / Math.sqrt(d)), shape: [inner, d] }));
    const down = { data: draw(d * inner, 1 / Math.sqrt(inner)), shape: [d, inner] };
    const column = (data: Float64Array): Tensor => ({ data, shape: [data.length, 1] });
    const measured = (branch: (y: Tensor) => Tensor) => {
      let squares = 0;
      for (let token = 0; token < 400; token++) {
        const x = draw(d, 1);
        const root = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / d);
        const y = x.map((value, i) => (value / root) * gamma.data[i]);
        const out = branch(column(y)).data;
        squares += y.reduce((sum, value, i) => sum + (value + out[i]) ** 2, 0);
      }
      return Math.sqrt(squares / 400);
    };
    const relu = measured((y) =>
      multiply(down, column(Float64Array.from(multiply(up, y).data, (z) => Math.max(z, 0)))),
    );
    const mlp = { position: 'mlp', gamma, up, down } as const;
    expect(slancFactor(mlp, { skip: true }).alpha / relu).toBeGreaterThan(1);
    expect(slancFactor(mlp, { skip: true }).alpha / relu).toBeLessThan(1.12);
    expect(slancFactor(mlp).alpha / relu).toBeLessThan(0.6);

    const gated = measured((y) => {
      const open = multiply(gate, y).data;
      return multiply(
        down,
        column(Float64Array.from(multiply(up, y).data, (z, i) => (z * open[i]) / (1 + Math.exp(-open[i])))),
      );
    });
    const block = { position: 'gatedMlp', gamma, gate, up, down } as const;
    expect(slancFactor(block, { skip: true }).alpha / gated).toBeGreaterThan(1);
    expect(slancFactor(block, { skip: true }).alpha / gated).toBeLessThan(1.7);
  });

  it('first: 1 in every variant of one block', () => {
    for (const variant of ['frobenius', 'frobeniusGate', 'dmx'] as const) {
      expect(slancFactor({ position: 'first' }, { variant })).toEqual({
        alpha: 1,
        scale: 1,
        position: 'first',
        variant,
      });
    }
  });

  it('takes Float32Array weights and leaves its arguments alone', () => {
    const gamma = { data: new Float32Array([2, 1]), shape: [2] };
    const eye = { data: new Float32Array([1, 0, 0, 1]), shape: [2, 2] };
    near(slancFactor({ position: 'attention', gamma, value: eye, output: eye }).alpha, Math.hypot(4, 2));
    expect([...eye.data]).toEqual([1, 0, 0, 1]);
  });

  it('linear case in real arithmetic: the worst normalised vector gives a scaled square-sum of at most d', () => {
    const linear = fc.integer({ min: 1, max: 8 }).chain((d) => fc.tuple(arbitraryTensor(d, d), arbitraryTensor(d)));
    fc.assert(
      fc.property(linear, fc.boolean(), ([m, gamma], powerOfTwo) => {
        const d = gamma.shape[0];
        const eye = matrix(
          ...Array.from({ length: d }, (_, i) => Array.from({ length: d }, (__, j) => (i === j ? 1 : 0))),
        );
        const { scale } = slancFactor({ position: 'mlp', gamma, up: m, down: eye }, { powerOfTwo });
        const image = timesDiagonal(m, gamma);
        const { vectors } = jacobi(multiply(transpose(image), image));
        // x̂ = √d times the top right singular vector: no vector with Σ x̂² = d gives more.
        const worst = { data: Float64Array.from(vectors[0], (x) => x * Math.sqrt(d)), shape: [d, 1] };
        const { data } = multiply(image, worst);
        const sum = [...data].reduce((total, x) => total + (x * scale) ** 2, 0);
        expect(sum).toBeLessThanOrEqual(d * (1 + 1e-12));
        expect(sum).toBeGreaterThan((powerOfTwo ? 0.25 : 1) * (1 - 1e-12)); // ‖M Γ‖₂² ≥ ‖M Γ‖_F² / d
      }),
      { numRuns: 300 },
    );
  });
});

describe('powerOfTwo', () => {
  it('is the largest power of two not above 1 / α', () => {
    const anyMagnitude = fc.double({ min: 2 ** -60, max: 2 ** 60, noNaN: true });
    fc.assert(
      fc.property(
        fc.oneof(
          anyMagnitude,
          fc.integer({ min: -60, max: 60 }).map((e) => 2 ** e),
        ),
        (size) => {
          const block = { position: 'mlp', gamma: vector(size), up: matrix([1]), down: matrix([1]) } as const;
          const { alpha, scale } = slancFactor(block, { powerOfTwo: true });
          expect(Number.isInteger(Math.log2(scale))).toBe(true);
          expect(scale * alpha).toBeLessThanOrEqual(1);
          expect(2 * scale * alpha).toBeGreaterThan(1);
        },
      ),
    );
  });

  it('is right next to powers of two, where logarithms err', () => {
    const scaleOf = (size: number) =>
      slancFactor({ position: 'mlp', gamma: vector(size), up: matrix([1]), down: matrix([1]) }, { powerOfTwo: true });
    for (const size of [8, 8 * (1 + 2 ** -52), 8 * (1 - 2 ** -53)]) {
      const { alpha, scale } = scaleOf(size);
      expect(scale).toBe(alpha > 8 ? 1 / 16 : 1 / 8);
    }
  });
});

describe('slancFactors', () => {
  const embedding = matrix([3, 4], [0, 1], [2, 0]);
  const gamma = vector(1, 2);
  const eye = matrix([1, 0], [0, 1]);
  const attention = { position: 'attention', gamma, value: eye, output: matrix([2, 0], [0, 3]) } as const;
  const gated = { position: 'gatedMlp', gamma, gate: eye, up: eye, down: eye } as const;
  const blocks: Block[] = [{ position: 'first', embedding }, attention, gated];

  it('residual: squares accumulate from the embedding, branches without the skip', () => {
    const factors = slancFactors(blocks, { variant: 'residual' });
    const start = (25 + 1 + 4) / 3;
    near(factors[0].alpha, Math.sqrt(start));
    near(factors[1].alpha, Math.sqrt(start + 4 + 36));
    expect(factors[2].alpha).toBeCloseTo(Math.sqrt(start + 40 + 5 * 4), 6);
    expect(factors.map(({ position }) => position)).toEqual(['first', 'attention', 'gatedMlp']);
    expect(factors[2].variant).toBe('residual');
  });

  it('other variants: one block at a time', () => {
    for (const options of [
      {},
      { variant: 'dmx', gqa: 'tile' },
      { powerOfTwo: true },
      { skip: true },
    ] as SlancOptions[]) {
      expect(slancFactors(blocks, options)).toEqual(blocks.map((block) => slancFactor(block, options)));
    }
    expect(slancFactors([])).toEqual([]);
  });

  it('refuses what it cannot add up', () => {
    const residual = { variant: 'residual' } as const;
    expect(failure(() => slancFactor(attention, residual))).toBe('unsupported options.variant');
    expect(failure(() => slancFactors([{ position: 'first' }], residual))).toBe('type blocks[0].embedding');
    expect(failure(() => slancFactors([attention], residual))).toBe('type blocks[0].position');
    expect(failure(() => slancFactors([...blocks, blocks[0]], residual))).toBe('unsupported blocks[3].position');
    expect(failure(() => slancFactors([{ position: 'first', embedding: matrix([0]) }], residual))).toBe(
      'value blocks[0]',
    );
    expect(failure(() => slancFactors(attention as never))).toBe('type blocks');
  });
});

describe('bad input', () => {
  const gamma = vector(1, 2);
  const square = matrix([1, 0], [0, 1]);
  const good = { position: 'gatedMlp', gamma, gate: square, up: square, down: square } as const;
  const attention = { position: 'attention', gamma, value: square, output: square } as const;
  const cases: [string, unknown, unknown?][] = [
    ['type block', null],
    ['name block.position', { ...good, position: 'gated' }],
    ['name block.gaet', { ...good, gaet: square }],
    ['type block.gate', { ...good, gate: undefined }],
    ['shape block.gamma', { ...good, gamma: vector() }],
    ['shape block.gamma', { ...good, gamma: square }],
    ['shape block.up', { ...good, up: matrix([1, 2, 3]) }],
    ['shape block.down', { ...good, down: matrix([1], [2]) }],
    ['shape block.gate', { ...good, gate: matrix([1, 2]) }],
    ['value block.up.data[1]', { ...good, up: matrix([1, NaN], [0, 1]) }],
    ['value block.gamma.data[0]', { ...good, gamma: vector(-Infinity, 1) }],
    ['range block.gamma', { ...good, gamma: vector(1e60, 1) }],
    ['value block', { ...good, down: matrix([0, 0], [0, 0]) }],
    ['shape block.heads', { ...attention, value: matrix([1, 2]) }],
    ['shape block.heads', { ...attention, heads: 2 }],
    ['shape block.value', { ...attention, value: matrix([1, 2]), heads: 2, keyValueHeads: 2 }],
    ['shape block.value', { ...attention, heads: 2, keyValueHeads: 1 }],
    ['range block.heads', { ...attention, heads: 2.5, keyValueHeads: 1 }],
    ['shape block.output', { ...attention, output: matrix([1, 2]) }],
    ['value block.embedding.data[0]', { position: 'first', embedding: matrix([NaN]) }],
    ['name options.variant', good, { variant: 'spectral' }],
    ['name options.varaint', good, { varaint: 'dmx' }],
    ['type options.powerOfTwo', good, { powerOfTwo: 1 }],
    ['name options.gqa', good, { variant: 'dmx', gqa: 'repeat' }],
    ['unsupported options.gqa', good, { gqa: 'tile' }],
    ['type options.skip', good, { skip: 1 }],
    ['unsupported options.skip', good, { variant: 'dmx', skip: false }],
    ['unsupported options.skip', good, { variant: 'residual', skip: true }],
    ['type options', good, null],
  ];
  it.each(cases)('%s', (wanted, block, options = {}) => {
    expect(failure(() => slancFactor(block as Block, options as SlancOptions))).toBe(wanted);
  });
});
