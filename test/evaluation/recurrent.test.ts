/**
 * LSTM, GRU, RNN, GridSample and CumProd against the words of the ONNX operator specification (docs/Operators.md), in plain loops
 * over indices that share nothing with the source.
 */
import type { TypedTensor } from 'bittrue/graphs';
import { describe, expect, it } from 'vitest';
import { at, expectAll, floats, indices, int64, listed, run } from './plainLoops.ts';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The numbers of a result and those of a statement, but for the last bits, which the order of a sum decides. */
function expectNear(op: string, found: TypedTensor, shape: readonly number[], statement: (index: number[]) => number) {
  expect(found.shape, op).toEqual([...shape]);
  let i = 0;
  for (const index of indices(shape)) {
    const wanted = statement(index);
    expect(Math.abs(Number(found.data[i++]) - wanted), `${op} at ${index}`).toBeLessThan(1e-12);
  }
}

interface Sizes {
  readonly steps: number;
  readonly batch: number;
  readonly width: number;
  readonly hidden: number;
}

/** One direction of a layer, number by number; `h` and `c` of every step by its time. */
function walk(
  kind: 'LSTM' | 'GRU' | 'RNN',
  { steps, width, hidden }: Sizes,
  [x, w, r, b, h0, c0, p]: readonly (TypedTensor | undefined)[],
  [d, n]: readonly [direction: number, sequence: number],
  { isReverse = false, length = steps, isBefore = false, clip = Infinity } = {},
) {
  const gates = { LSTM: 4, GRU: 3, RNN: 1 }[kind];
  const cut = (value: number) => Math.max(-clip, Math.min(clip, value));
  const fed = (t: number, row: number) => {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += at(x as TypedTensor, [t, n, k]) * at(w as TypedTensor, [d, row, k]);
    return sum + (b === undefined ? 0 : at(b, [d, row]));
  };
  const back = (row: number, state: readonly number[]) => {
    let sum = 0;
    for (let k = 0; k < hidden; k++) sum += state[k] * at(r as TypedTensor, [d, row, k]);
    return sum;
  };
  const bias = (row: number) => (b === undefined ? 0 : at(b, [d, gates * hidden + row]));
  const hole = (row: number) => (p === undefined ? 0 : at(p, [d, row]));
  let h = Array.from({ length: hidden }, (_, i) => (h0 === undefined ? 0 : at(h0, [d, n, i])));
  let c = Array.from({ length: hidden }, (_, i) => (c0 === undefined ? 0 : at(c0, [d, n, i])));
  const seen = new Map<number, number[]>();
  for (let k = 0; k < length; k++) {
    const t = isReverse ? length - 1 - k : k;
    const all = (row: number) => fed(t, row) + back(row, h) + bias(row);
    const next: number[] = [];
    const cell: number[] = [];
    for (let i = 0; i < hidden; i++) {
      if (kind === 'RNN') next.push(Math.tanh(cut(all(i))));
      if (kind === 'GRU') {
        const z = sigmoid(cut(all(i)));
        const reset = h.map((_, j) => sigmoid(cut(all(hidden + j))));
        const row = 2 * hidden + i;
        const old = isBefore
          ? reset[i] * (back(row, h) + bias(row))
          : back(
              row,
              h.map((value, j) => value * reset[j]),
            ) + bias(row);
        next.push((1 - z) * Math.tanh(cut(fed(t, row) + old)) + z * h[i]);
      }
      if (kind === 'LSTM') {
        const input = sigmoid(cut(all(i) + hole(i) * c[i]));
        const forget = sigmoid(cut(all(2 * hidden + i) + hole(2 * hidden + i) * c[i]));
        cell[i] = forget * c[i] + input * Math.tanh(cut(all(3 * hidden + i)));
        const output = sigmoid(cut(all(hidden + i) + hole(hidden + i) * cell[i]));
        next.push(output * Math.tanh(cell[i]));
      }
    }
    [h, c] = [next, cell];
    seen.set(t, h);
  }
  return { seen, h, c };
}

describe('recurrent layers', () => {
  const sizes = { steps: 4, batch: 2, width: 3, hidden: 5 };
  const { steps, batch, width, hidden } = sizes;

  const operands = (kind: 'LSTM' | 'GRU' | 'RNN', directions: number) => {
    const rows = { LSTM: 4, GRU: 3, RNN: 1 }[kind] * hidden;
    return {
      x: floats([steps, batch, width]),
      w: floats([directions, rows, width]),
      r: floats([directions, rows, hidden]),
      b: floats([directions, 2 * rows]),
      h: floats([directions, batch, hidden]),
      c: floats([directions, batch, hidden]),
      p: floats([directions, 3 * hidden]),
    };
  };

  it.each(['LSTM', 'GRU', 'RNN'] as const)('%s in both directions, with states, biases and lengths', (kind) => {
    const { x, w, r, b, h, c, p } = operands(kind, 2);
    const lengths = [4, 2];
    const more = kind === 'LSTM' ? [c, p] : [];
    const given = [x, w, r, b, { ...int64([2], ...lengths), type: 'int32' } as TypedTensor, h, ...more];
    const found = run(kind, given, { hidden_size: hidden, direction: 'bidirectional' }, kind === 'LSTM' ? 3 : 2);
    const one = (d: number, n: number) =>
      walk(kind, sizes, [x, w, r, b, h, ...more], [d, n], { isReverse: d === 1, length: lengths[n] });
    expectNear(kind, found[0], [steps, 2, batch, hidden], ([t, d, n, i]) => one(d, n).seen.get(t)?.[i] ?? 0);
    expectNear(kind, found[1], [2, batch, hidden], ([d, n, i]) => one(d, n).h[i]);
    if (kind === 'LSTM') expectNear(kind, found[2], [2, batch, hidden], ([d, n, i]) => one(d, n).c[i]);
  });

  it.each(['LSTM', 'GRU', 'RNN'] as const)('%s without what is optional, one way, the batch first', (kind) => {
    const { x, w, r } = operands(kind, 1);
    const turned: TypedTensor = {
      ...x,
      shape: [batch, steps, width],
      data: Float64Array.from(indices([batch, steps, width]), ([n, t, k]) => at(x, [t, n, k])),
    };
    for (const direction of ['forward', 'reverse']) {
      const found = run(kind, [turned, w, r], { hidden_size: hidden, layout: 1, direction, clip: 0.7 }, 2);
      const one = (n: number) =>
        walk(kind, sizes, [x, w, r], [0, n], { isReverse: direction === 'reverse', clip: 0.7 });
      expectNear(kind, found[0], [batch, steps, 1, hidden], ([n, t, , i]) => one(n).seen.get(t)?.[i] as number);
      expectNear(kind, found[1], [batch, 1, hidden], ([n, , i]) => one(n).h[i]);
    }
  });

  it('GRU with the reset behind the product; other activations; what is refused', () => {
    const { x, w, r, b } = operands('GRU', 1);
    const found = run('GRU', [x, w, r, b], { hidden_size: hidden, linear_before_reset: 1 }, 2);
    const one = (n: number) => walk('GRU', sizes, [x, w, r, b], [0, n], { isBefore: true });
    expectNear('GRU', found[1], [1, batch, hidden], ([, n, i]) => one(n).h[i]);
    const rnn = operands('RNN', 1);
    const relu = run('RNN', [rnn.x, rnn.w, rnn.r], { hidden_size: hidden, activations: ['Relu'] }, 1)[0];
    expect([...relu.data].map(Number).every((value) => value >= 0)).toBe(true);
    const refused = (attributes: Record<string, number | string | readonly string[]>) => () =>
      run('RNN', [rnn.x, rnn.w, rnn.r], { hidden_size: hidden, ...attributes }, 1);
    expect(refused({ activations: ['Swish'] })).toThrow(/Sigmoid, Tanh/);
    expect(refused({ direction: 'sideways' })).toThrow(/forward, reverse/);
    expect(refused({ direction: 'bidirectional' })).toThrow(/n: /);
    expect(() => run('LSTM', [rnn.x, rnn.w, rnn.r], {}, 1)).toThrow(/n: /);
    // No step, no sequence.
    expect(run('RNN', [floats([0, 2, 3]), rnn.w, rnn.r], {}, 2)[0].shape).toEqual([0, 1, 2, hidden]);
    expect(run('RNN', [floats([3, 0, 3]), rnn.w, rnn.r], {}, 2)[1].shape).toEqual([1, 0, hidden]);
  });
});

describe('GridSample', () => {
  const [a, b] = [3, 4];
  const x = floats([2, 2, a, b]);
  const grid = floats([2, 3, 5, 2]);

  /** A pixel of one channel, beside the picture by the padding. */
  const pixel = (n: number, c: number, y: number, z: number, padding: string, align: boolean): number => {
    const inside = (place: number, size: number): number => {
      if (place >= 0 && place < size) return place;
      if (padding === 'zeros') return -1;
      if (padding === 'border') return place < 0 ? 0 : size - 1;
      const [low, high] = align ? [0, size - 1] : [-0.5, size - 0.5];
      let mirrored = place;
      while (mirrored < low || mirrored > high) mirrored = mirrored < low ? 2 * low - mirrored : 2 * high - mirrored;
      return Math.trunc(mirrored);
    };
    const [i, j] = [inside(y, a), inside(z, b)];
    return i < 0 || j < 0 ? 0 : at(x, [n, c, i, j]);
  };

  const weights: Record<string, (t: number) => [first: number, weights: number[]]> = {
    linear: (t) => [0, [1 - t, t]],
    cubic: (t) => {
      const k = -0.75;
      const close = (s: number) => (k + 2) * s ** 3 - (k + 3) * s ** 2 + 1;
      const away = (s: number) => k * s ** 3 - 5 * k * s ** 2 + 8 * k * s - 4 * k;
      return [-1, [away(1 + t), close(t), close(1 - t), away(2 - t)]];
    },
  };

  it.each(
    ['nearest', 'linear', 'cubic'].flatMap((mode) =>
      ['zeros', 'border', 'reflection'].flatMap((padding) => [0, 1].map((align) => [mode, padding, align] as const)),
    ),
  )('%s, %s, align %i', (mode, padding, align) => {
    const found = run('GridSample', [x, grid], { mode, padding_mode: padding, align_corners: align })[0];
    const scaled = (value: number, size: number): number => {
      let place = align === 1 ? ((value + 1) / 2) * (size - 1) : ((value + 1) * size - 1) / 2;
      const [low, high] = align === 1 ? [0, size - 1] : [-0.5, size - 0.5];
      if (mode === 'nearest') {
        const down = Math.floor(place);
        place = place - down < 0.5 || (place - down === 0.5 && down % 2 === 0) ? down : down + 1;
      }
      if (padding === 'border' && mode !== 'cubic' && (place < low || place > high))
        place = Math.max(0, Math.min(size - 1, place));
      if (padding === 'reflection') while (place < low || place > high) place = 2 * (place < low ? low : high) - place;
      return place;
    };
    expectNear('GridSample', found, [2, 2, 3, 5], ([n, c, i, j]) => {
      const [z, y] = [scaled(at(grid, [n, i, j, 0]), b), scaled(at(grid, [n, i, j, 1]), a)];
      if (mode === 'nearest') return pixel(n, c, Math.trunc(y), Math.trunc(z), padding, align === 1);
      const [first, down] = weights[mode](y - Math.floor(y));
      const [, across] = weights[mode](z - Math.floor(z));
      let sum = 0;
      down.forEach((u, p) => {
        across.forEach((v, q) => {
          sum += u * v * pixel(n, c, Math.floor(y) + first + p, Math.floor(z) + first + q, padding, align === 1);
        });
      });
      return sum;
    });
  });

  it('takes old names, one axis and three, and refuses what does not fit', () => {
    const old = run('GridSample', [x, grid], { mode: 'bilinear' })[0];
    expect(old).toEqual(run('GridSample', [x, grid], { mode: 'linear' })[0]);
    const line = run('GridSample', [listed([1, 1, 4], 1, 2, 4, 8), listed([1, 3, 1], -1, 0, 0.5)], {
      align_corners: 1,
    });
    expectAll('GridSample', line[0], [1, 1, 3], [1, 3, 5]);
    const cube = run('GridSample', [floats([1, 2, 2, 2, 2]), floats([1, 2, 1, 3, 3])]);
    expect(cube[0].shape).toEqual([1, 2, 2, 1, 3]);
    expect(() => run('GridSample', [x, floats([2, 3, 5, 3])])).toThrow(/n: /);
    expect(() => run('GridSample', [x, grid], { mode: 'area' })).toThrow(/linear, nearest or cubic/);
  });
});

describe('CumProd', () => {
  it('multiplies along an axis, forwards and backwards, with its own number or without', () => {
    const x = listed([2, 3], 1, 2, 3, -4, 0.5, 0);
    const along = (attributes: Record<string, number>, axis = 1) => run('CumProd', [x, int64([], axis)], attributes)[0];
    expectAll('CumProd', along({}), [2, 3], [1, 2, 6, -4, -2, -0]);
    expectAll('CumProd', along({ exclusive: 1 }), [2, 3], [1, 1, 2, 1, -4, -2]);
    expectAll('CumProd', along({ reverse: 1 }, -1), [2, 3], [6, 6, 3, -0, 0, 0]);
    expectAll('CumProd', along({ exclusive: 1, reverse: 1 }, 0), [2, 3], [-4, 0.5, 0, 1, 1, 1]);
    const wide = run('CumProd', [int64([3], 3, -5, 7), int64([], 0)])[0];
    expect([...(wide.data as BigInt64Array)]).toEqual([3n, -15n, -105n]);
  });
});
