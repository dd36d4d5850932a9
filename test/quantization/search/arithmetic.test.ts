import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, createAllocator } from '../../../src/engine/allocator.ts';
import { defaultEngine, type Engine } from '../../../src/engine/engine.ts';
import { compile, instantiate } from '../../../src/engine/module.ts';
import { gridFormat, gridNames, searchLayer } from '../../../src/quantization/index.ts';
import {
  LANES,
  type Room,
  type SearchArithmetic,
  scalarArithmetic,
} from '../../../src/quantization/search/arithmetic.ts';
import { engineArithmetic } from '../../../src/quantization/search/engineArithmetic.ts';
import { ladderOf } from '../../../src/quantization/search/ladder.ts';
import { generator, normal } from '../../random.ts';
import { filled, naiveProduct } from '../helpers.ts';

const twins = engineArithmetic(defaultEngine() as Engine);

/** Bits, but every NaN the same. */
const bits = (x: Float64Array) =>
  Array.from(new BigUint64Array(x.slice().buffer), (code, i) => (Number.isNaN(x[i]) ? 'NaN' : code));

/** Numbers of usual sizes with zeros, and some at the ends of binary64. */
const anyNumber = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: -8, max: 8, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(0, -0, 1, -1, 0.5, 3, 1e-3) },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 1, arbitrary: fc.constantFrom(5e-324, -5e-324, 2 ** -1022, 1e300, -1e300, 1.7976931348623157e308) },
);
const numbers = (length: number) =>
  fc.array(anyNumber, { minLength: length, maxLength: length }).map((list) => Float64Array.from(list));
const anyGrid = fc.integer({ min: 3, max: 12 }).chain((width) => fc.constantFrom(...gridNames(width)));
const anyScale = fc.oneof(
  fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
  fc.integer({ min: -360, max: 360 }).map((e) => 2 ** e),
  fc.constantFrom(1 / 3, 1 / 7, 1e-30, 3e60),
);

/** Numbers whose quotients lie on and beside the midpoints of a grid. */
function nearTies(name: string, scale: number, count: number, seed: number): Float64Array {
  const next = generator(seed);
  const { midpoints } = ladderOf(gridFormat(name));
  return Float64Array.from({ length: count }, () => {
    const at = midpoints[Math.floor(next() * midpoints.length)] * scale;
    const word = new Float64Array([at]);
    new BigInt64Array(word.buffer)[0] += BigInt(Math.floor(next() * 5) - 2);
    return next() < 0.5 ? word[0] : -word[0];
  });
}

/** A copy in the engine's memory, or the array itself. */
function put(room: Room, isInside: boolean, x: Float64Array): Float64Array {
  if (!isInside) return x.slice();
  const copy = room.numbers(x.length);
  copy.set(x);
  return copy;
}

describe('cast: the twin is the plain loop, bit for bit', () => {
  const check = (name: string, scale: number, x: Float64Array, from: number, isInside: boolean) => {
    const format = gridFormat(name);
    const expected = new Float64Array(x.length + 3).fill(7);
    scalarArithmetic.cast(format, x, scale, expected, from, x.length, 2);
    twins.within((room) => {
      const out = put(room, isInside, new Float64Array(x.length + 3).fill(7));
      twins.cast(format, put(room, isInside, x), scale, out, from, x.length, 2);
      expect(bits(out)).toEqual(bits(expected));
    });
  };

  it('on any grid, scale and length', () => {
    fc.assert(
      fc.property(
        anyGrid,
        anyScale,
        fc.integer({ min: 0, max: 50 }).chain(numbers),
        fc.nat({ max: 3 }),
        fc.boolean(),
        (name, scale, x, from, isInside) => check(name, scale, x, Math.min(from, x.length), isInside),
      ),
      { numRuns: 400 },
    );
  });

  it('on and beside ties, where the exact quotient decides', () => {
    fc.assert(
      fc.property(anyGrid, anyScale, fc.integer(), (name, scale, seed) => {
        check(name, scale, nearTies(name, scale, 65, seed), 0, true);
      }),
      { numRuns: 400 },
    );
  });

  it('to the largest magnitude from infinities', () => {
    check('e2m1', 1, new Float64Array(20).fill(Number.POSITIVE_INFINITY).fill(Number.NEGATIVE_INFINITY, 7), 0, true);
  });
});

describe('product: the twin is the plain loop, bit for bit', () => {
  it('of any shape', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 70 }), fc.integer({ min: 1, max: 40 })).chain((shape) =>
          fc.record({
            inputs: fc.constant(shape[2]),
            x: numbers(shape[0] * shape[2]),
            w: numbers(shape[1] * shape[2]),
            isInside: fc.boolean(),
          }),
        ),
        ({ inputs, x, w, isInside }) => {
          const size = (x.length / inputs) * (w.length / inputs);
          const expected = bits(scalarArithmetic.product(x, w, inputs, new Float64Array(size)));
          twins.within((room) => {
            const y = new Float64Array(size).fill(3);
            expect(bits(twins.product(put(room, isInside, x), put(room, isInside, w), inputs, y))).toEqual(expected);
          });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('over several blocks of every dimension, as one chain a sum', () => {
    const next = generator(3);
    for (const [rows, inputs, outputs] of [
      [7, 300, 131],
      [2, 129, 64],
      [33, 128, 8],
    ] as const) {
      const x = Float64Array.from({ length: rows * inputs }, () => normal(next));
      const w = Float64Array.from({ length: outputs * inputs }, () => normal(next));
      const y = twins.product(x, w, inputs, new Float64Array(rows * outputs));
      expect(bits(y)).toEqual(bits(naiveProduct(x, w, inputs)));
    }
  });
});

/** Runs columns, changes and sweep on the operands; all that they leave. */
function chain(arithmetic: SearchArithmetic, isInside: boolean, operands: ReturnType<typeof anyOperands>) {
  const { name, x, w, scales, shift, wanted, weights, inputs, rows } = operands;
  return arithmetic.within((room) => {
    const own = (data: Float64Array) => put(room, isInside, data);
    const blocks = Math.ceil(rows / LANES);
    const columns = own(new Float64Array(blocks * LANES * inputs).fill(9));
    arithmetic.columns(own(x), 1, rows, inputs, columns);
    const count = scales.length;
    const sets = 2;
    const size = sets * count * inputs;
    const changes = {
      indices: isInside ? room.integers(size) : new Int32Array(size),
      factors: own(new Float64Array(size)),
      ends: isInside ? room.integers(sets * count) : new Int32Array(sets * count),
    };
    const before = own(new Float64Array(inputs));
    const shifts = shift === null ? null : { up: own(shift), down: own(shift.map((power) => 1 / power)) };
    const source = own(w);
    let end = 0;
    for (let set = 0; set < sets; set++) {
      before.fill(0);
      scales.forEach((scale, c) => {
        end = arithmetic.changes(gridFormat(name), source, set * inputs, scale, shifts, before, changes, end);
        changes.ends[set * count + c] = end;
      });
    }
    const sums = own(new Float64Array(count).fill(0.1));
    const y = own(new Float64Array(blocks * LANES));
    const held = { scales: own(scales), wanted: own(wanted), weights: weights === null ? null : own(weights) };
    arithmetic.sweep({ ...held, columns, blocks, inputs, changes, rows: sets, count, sums, y });
    return {
      outputs: y.slice(),
      columns: bits(columns),
      before: bits(before),
      sums: bits(sums),
      values: before.slice(),
      indices: [...changes.indices.subarray(0, end)],
      ends: [...changes.ends],
      factors: bits(changes.factors.slice(0, end)),
    };
  });
}

function anyOperands(name: string, seed: number, rows: number, inputs: number, count: number, kind: number) {
  const next = generator(seed);
  const lanes = 2 * Math.ceil(rows / LANES) * LANES;
  return {
    ...{ name, rows, inputs },
    x: Float64Array.from({ length: (rows + 1) * inputs }, () => normal(next)),
    w: Float64Array.from({ length: 2 * inputs }, () => (next() < 0.2 ? 0 : normal(next))),
    scales: Float64Array.from({ length: count }, () => 0.05 + next()),
    shift: kind % 2 === 0 ? null : Float64Array.from({ length: inputs }, () => 2 ** Math.floor(next() * 5)),
    wanted: Float64Array.from({ length: lanes }, () => normal(next)),
    weights: kind < 2 ? null : Float64Array.from({ length: lanes }, () => next()),
  };
}

describe('columns, changes and sweep', () => {
  it('are the plain loops, bit for bit, inside the memory and outside', () => {
    fc.assert(
      fc.property(
        anyGrid,
        fc.integer(),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 37 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat({ max: 3 }),
        fc.boolean(),
        (name, seed, rows, inputs, count, kind, isInside) => {
          const operands = anyOperands(name, seed, rows, inputs, count, kind);
          expect(chain(twins, isInside, operands)).toEqual(chain(scalarArithmetic, false, operands));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('sum what whole products give: the last candidate of the plain loops', () => {
    for (const kind of [0, 1]) {
      const operands = anyOperands('e2m1', 5 + kind, 16, 21, 6, kind);
      const { values, outputs, indices, ends } = chain(scalarArithmetic, false, operands);
      const expected = new Float64Array(21);
      const { w, scales, shift, x } = operands;
      const scaled = shift === null ? w.slice(21) : w.slice(21).map((value, i) => value * shift[i]);
      scalarArithmetic.cast(gridFormat('e2m1'), scaled, scales[5], expected, 0, 21);
      if (shift !== null) for (let i = 0; i < 21; i++) expected[i] /= shift[i];
      expect([...values].map((value) => value + 0)).toEqual([...expected].map((value) => value + 0));
      const whole = naiveProduct(x.subarray(21), values, 21);
      // Grid values and their differences are exact; the outputs differ by the order of additions alone.
      for (let l = 0; l < 16; l++) expect(outputs[l]).toBeCloseTo(whole[l], 12);
      expect(indices.length).toBe(ends.at(-1));
    }
  });
});

describe('the memory', () => {
  const next = generator(11);
  const x = filled(40, 64, () => normal(next));
  const w = filled(50, 64, () => normal(next) * 0.1);
  const options = { weightBits: 4, activationBits: 4, intervals: 20, rounds: 1, preShift: 'difference' } as const;

  it('is given back whole', () => {
    const engine = defaultEngine() as Engine;
    const used = engine.allocator.used.size;
    searchLayer(x, w, { ...options, engine });
    expect(engine.allocator.used.size).toBe(used);
  });

  it('may be too small, at any point: the plain loops take over', () => {
    const expected = searchLayer(x, w, { ...options, engine: null });
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 65_536 });
    const core = instantiate(compile(false), memory);
    for (const left of [0, 5_000, 30_000, 60_000, 150_000, 400_000]) {
      const engine = {
        isShared: false,
        core,
        allocator: createAllocator(memory, false),
        pool: null,
        minElementsForThreads: 0,
      };
      allocate(engine.allocator, 2 ** 20 - 4096 - left);
      expect(searchLayer(x, w, { ...options, engine })).toEqual(expected);
      expect(engine.allocator.used.size).toBe(1);
    }
  });
});
