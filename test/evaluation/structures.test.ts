/**
 * Operators that move, multiply, slide and normalise, against the words of the ONNX operator specification (docs/Operators.md)
 * in plain loops over indices; on empty tensors, negative axes, broadcasting, NaN and infinities.
 */
import type { TypedTensor } from 'bittrue/graphs';
import { describe, expect, it } from 'vitest';
import { at, edges, expectAll, floats, indices, int64, listed, narrow, run } from './plainLoops.ts';

/** What a statement gives for every index of a shape. */
const table = (shape: readonly number[], statement: (index: number[]) => number) => [...indices(shape)].map(statement);
const strange = (...shape: number[]) => floats(shape, edges);

describe('movement', () => {
  it('Transpose, Reshape, Flatten, Squeeze, Unsqueeze, Expand', () => {
    const x = strange(2, 3, 4);
    expectAll(
      'Transpose',
      run('Transpose', [x])[0],
      [4, 3, 2],
      table([4, 3, 2], ([i, j, k]) => at(x, [k, j, i])),
    );
    const turned = run('Transpose', [x], { perm: [1, 2, 0] })[0];
    expectAll(
      'Transpose',
      turned,
      [3, 4, 2],
      table([3, 4, 2], ([i, j, k]) => at(x, [k, i, j])),
    );
    const all = [...(x.data as Float64Array)];
    expectAll('Reshape', run('Reshape', [x, int64([3], 0, -1, 2)])[0], [2, 6, 2], all);
    expectAll('Reshape', run('Reshape', [floats([0, 3]), int64([2], 3, 0)], { allowzero: 1 })[0], [3, 0], []);
    expect(() => run('Reshape', [x, int64([2], 5, -1)])).toThrow(/n: /);
    expectAll('Flatten', run('Flatten', [x], { axis: -1 })[0], [6, 4], all);
    expectAll('Flatten', run('Flatten', [x], { axis: 0 })[0], [1, 24], all);
    expectAll('Flatten', run('Flatten', [floats([0, 3])], { axis: 1 })[0], [0, 3], []);
    const thin = { ...x, shape: [1, 2, 3, 1, 4] };
    expectAll('Squeeze', run('Squeeze', [thin, int64([2], -2, 0)])[0], [2, 3, 4], all);
    expectAll('Squeeze', run('Squeeze', [thin])[0], [2, 3, 4], all);
    expect(() => run('Squeeze', [thin, int64([1], 1)])).toThrow(/n: /);
    expectAll('Unsqueeze', run('Unsqueeze', [x, int64([2], -1, 0)])[0], [1, 2, 3, 4, 1], all);
    const row = strange(3, 1);
    expectAll(
      'Expand',
      run('Expand', [row, int64([3], 2, 1, 4)])[0],
      [2, 3, 4],
      table([2, 3, 4], (i) => at(row, i)),
    );
    expectAll('Expand', run('Expand', [row, int64([2], 3, 0)])[0], [3, 0], []);
  });

  it('Concat and Split', () => {
    const [a, b, c] = [strange(2, 1, 3), strange(2, 2, 3), floats([2, 0, 3])];
    const joined = table([2, 3, 3], ([i, j, k]) => (j < 1 ? at(a, [i, j, k]) : at(b, [i, j - 1, k])));
    for (const axis of [1, -2]) expectAll('Concat', run('Concat', [a, c, b], { axis })[0], [2, 3, 3], joined);
    const x = strange(7, 2);
    const even = run('Split', [x], { axis: 0, num_outputs: 3 }, 3);
    [
      [0, 3],
      [3, 3],
      [6, 1],
    ].forEach(([from, rows], part) => {
      expectAll(
        'Split',
        even[part],
        [rows, 2],
        table([rows, 2], ([i, j]) => at(x, [from + i, j])),
      );
    });
    const uneven = run('Split', [x, int64([3], 2, 0, 5)], { axis: -2 }, 3);
    [
      [0, 2],
      [2, 0],
      [2, 5],
    ].forEach(([from, rows], part) => {
      expectAll(
        'Split',
        uneven[part],
        [rows, 2],
        table([rows, 2], ([i, j]) => at(x, [from + i, j])),
      );
    });
    expect(() => run('Split', [x, int64([2], 2, 4)], { axis: 0 }, 2)).toThrow(/n: /);
  });

  it('Slice, as numpy does: from either end, backwards, beyond the ends', () => {
    const x = strange(5, 4);
    const sliced = (length: number, begin: number, end: number, step: number): number[] => {
      const places: number[] = [];
      const clamp = (i: number) =>
        step > 0 ? Math.min(Math.max(i, 0), length) : Math.min(Math.max(i, -1), length - 1);
      const [from, to] = [clamp(begin < 0 ? begin + length : begin), clamp(end < 0 ? end + length : end)];
      for (let i = from; step > 0 ? i < to : i > to; i += step) places.push(i);
      return places;
    };
    for (const [begin, end, step] of [
      [1, 4, 1],
      [-3, 100, 2],
      [4, -100, -1],
      [-1, 1, -2],
      [3, 3, 1],
      [100, 0, -3],
      [0, 5, 7],
    ]) {
      const places = sliced(5, begin, end, step);
      const got = run('Slice', [x, int64([1], begin), int64([1], end), int64([1], -2), int64([1], step)])[0];
      expectAll(
        `Slice ${begin} ${end} ${step}`,
        got,
        [places.length, 4],
        table([places.length, 4], ([i, j]) => at(x, [places[i], j])),
      );
    }
    const corner = run('Slice', [x, int64([2], 1, 1), int64([2], 3, 4)])[0];
    expectAll(
      'Slice',
      corner,
      [2, 3],
      table([2, 3], ([i, j]) => at(x, [i + 1, j + 1])),
    );
  });

  it('Tile and Pad: constant, edge, reflect, wrap, and what negative pads take away', () => {
    const x = strange(2, 3);
    expectAll(
      'Tile',
      run('Tile', [x, int64([2], 2, 3)])[0],
      [4, 9],
      table([4, 9], ([i, j]) => at(x, [i % 2, j % 3])),
    );
    expectAll('Tile', run('Tile', [x, int64([2], 0, 1)])[0], [0, 3], []);
    const pads = int64([4], 1, 2, 0, 1);
    const inside = (i: number, length: number) => i >= 0 && i < length;
    const from: Record<string, (i: number, length: number) => number> = {
      edge: (i, length) => Math.min(Math.max(i, 0), length - 1),
      reflect: (i, length) => (i < 0 ? -i : i >= length ? 2 * (length - 1) - i : i),
      wrap: (i, length) => ((i % length) + length) % length,
    };
    for (const [mode, place] of Object.entries(from)) {
      const wanted = table([3, 6], ([i, j]) => at(x, [place(i - 1, 2), place(j - 2, 3)]));
      expectAll(`Pad ${mode}`, run('Pad', [x, pads], { mode })[0], [3, 6], wanted);
    }
    const filled = (i: number, j: number, value: number) => (inside(i, 2) && inside(j, 3) ? at(x, [i, j]) : value);
    expectAll(
      'Pad',
      run('Pad', [x, pads, listed([], NaN)])[0],
      [3, 6],
      table([3, 6], ([i, j]) => filled(i - 1, j - 2, NaN)),
    );
    const shrunk = run('Pad', [x, int64([4], 0, -1, 0, 2)])[0];
    expectAll(
      'Pad',
      shrunk,
      [2, 4],
      table([2, 4], ([i, j]) => filled(i, j + 1, 0)),
    );
    const oneAxis = run('Pad', [x, int64([2], 1, 1), listed([], 7), int64([1], -1)])[0];
    expectAll(
      'Pad',
      oneAxis,
      [2, 5],
      table([2, 5], ([i, j]) => filled(i, j - 1, 7)),
    );
  });

  it('Shape, Size, ConstantOfShape, Range, Trilu', () => {
    const x = floats([2, 0, 3]);
    expectAll('Shape', run('Shape', [x])[0], [3], [2, 0, 3]);
    expectAll('Shape', run('Shape', [x], { start: -2, end: 100 })[0], [2], [0, 3]);
    expectAll('Shape', run('Shape', [x], { start: 2, end: 1 })[0], [0], []);
    expectAll('Size', run('Size', [x])[0], [], [0]);
    expectAll('ConstantOfShape', run('ConstantOfShape', [int64([2], 2, 3)])[0], [2, 3], Array(6).fill(0));
    expectAll('ConstantOfShape', run('ConstantOfShape', [int64([0])], { value: listed([1], 5) })[0], [], [5]);
    for (const [start, limit, delta] of [
      [3, 9, 3],
      [10, 4, -2],
      [1, 1, 1],
      [0, -3, 1],
    ]) {
      const count = Math.max(Math.ceil((limit - start) / delta), 0);
      const got = run(
        'Range',
        [start, limit, delta].map((one) => int64([], one)),
      )[0];
      expectAll(
        'Range',
        got,
        [count],
        table([count], ([i]) => start + i * delta),
      );
    }
    const real = run('Range', [listed([], 1), listed([], 2), listed([], 0.3)])[0];
    expectAll('Range', real, [4], [1, 1.3, 1.6, 1.9], 1e-15);
    const square = strange(2, 3, 4);
    for (const upper of [0, 1])
      for (const k of [-1, 0, 2]) {
        const wanted = table([2, 3, 4], (i) =>
          (upper === 1 ? i[2] - i[1] >= k : i[2] - i[1] <= k) ? at(square, i) : 0,
        );
        expectAll(`Trilu ${upper} ${k}`, run('Trilu', [square, int64([], k)], { upper })[0], [2, 3, 4], wanted);
      }
  });

  it('DepthToSpace in both modes, and SpaceToDepth back', () => {
    const x = strange(1, 8, 2, 3);
    for (const mode of ['DCR', 'CRD']) {
      const wanted = table([1, 2, 4, 6], ([n, c, h, w]) => {
        const [p, q] = [h % 2, w % 2];
        const channel = mode === 'DCR' ? (p * 2 + q) * 2 + c : c * 4 + p * 2 + q;
        return at(x, [n, channel, Math.floor(h / 2), Math.floor(w / 2)]);
      });
      expectAll(mode, run('DepthToSpace', [x], { blocksize: 2, mode })[0], [1, 2, 4, 6], wanted);
    }
    const y = strange(1, 2, 4, 6);
    const wanted = table([1, 8, 2, 3], ([n, c, h, w]) =>
      at(y, [n, c % 2, 2 * h + Math.floor(c / 4), 2 * w + (Math.floor(c / 2) % 2)]),
    );
    expectAll('SpaceToDepth', run('SpaceToDepth', [y], { blocksize: 2 })[0], [1, 8, 2, 3], wanted);
  });
});

describe('indexing', () => {
  const data = strange(3, 4);
  it('Gather, GatherElements, GatherND: indices from either end, none beyond', () => {
    const i = int64([2, 2], 0, -1, 2, 1);
    const rows = table([2, 2, 4], ([a, b, c]) => at(data, [(at(i, [a, b]) + 3) % 3, c]));
    expectAll('Gather', run('Gather', [data, i], { axis: 0 })[0], [2, 2, 4], rows);
    const columns = table([3, 2, 2], ([c, a, b]) => at(data, [c, (at(i, [a, b]) + 4) % 4]));
    expectAll('Gather', run('Gather', [data, i], { axis: -1 })[0], [3, 2, 2], columns);
    expectAll(
      'Gather',
      run('Gather', [data, int64([], -3)])[0],
      [4],
      table([4], ([c]) => at(data, [0, c])),
    );
    expectAll('Gather', run('Gather', [data, int64([0])])[0], [0, 4], []);
    expect(() => run('Gather', [data, int64([1], 3)])).toThrow(/n: /);
    expect(() => run('Gather', [data, int64([1], -4)])).toThrow(/n: /);
    const e = int64([2, 4], 0, 1, 2, -1, -3, 0, 1, 2);
    const picked = table([2, 4], ([a, b]) => at(data, [(at(e, [a, b]) + 3) % 3, b]));
    expectAll('GatherElements', run('GatherElements', [data, e], { axis: -2 })[0], [2, 4], picked);
    const deep = strange(2, 3, 4);
    const nd = int64([2, 2], 0, -1, 1, 0);
    const found = table([2, 4], ([a, c]) => at(deep, [at(nd, [a, 0]), (at(nd, [a, 1]) + 3) % 3, c]));
    expectAll('GatherND', run('GatherND', [deep, nd])[0], [2, 4], found);
    const batched = table([2, 4], ([a, c]) => at(deep, [a, [2, 0][a], c]));
    expectAll('GatherND', run('GatherND', [deep, int64([2, 1], 2, 0)], { batch_dims: 1 })[0], [2, 4], batched);
  });

  it('ScatterElements and ScatterND, put, added, multiplied, largest and smallest', () => {
    const x = floats([3, 3]);
    const [i, u] = [int64([2, 3], 0, 2, -1, 0, 1, 2), floats([2, 3])];
    const reduce: Record<string, (old: number, fresh: number) => number> = {
      none: (_, fresh) => fresh,
      add: (old, fresh) => old + fresh,
      mul: (old, fresh) => old * fresh,
      max: Math.max,
      min: Math.min,
    };
    for (const [reduction, statement] of Object.entries(reduce)) {
      const wanted = [...(x.data as Float64Array)];
      const places = reduction === 'none' ? int64([2, 3], 0, 2, -1, 1, 1, 0) : i;
      for (const [a, b] of indices([2, 3])) {
        const place = ((at(places, [a, b]) + 3) % 3) * 3 + b;
        wanted[place] = statement(wanted[place], at(u, [a, b]));
      }
      expectAll(reduction, run('ScatterElements', [x, places, u], { axis: 0, reduction })[0], [3, 3], wanted);
      const nd = reduction === 'none' ? int64([2, 1], 2, 0) : int64([2, 1], 2, -1);
      const lines = [...(x.data as Float64Array)];
      for (const [a, b] of indices([2, 3])) {
        const place = ((at(nd, [a, 0]) + 3) % 3) * 3 + b;
        lines[place] = statement(lines[place], at(u, [a, b]));
      }
      expectAll(reduction, run('ScatterND', [x, nd, u], { reduction })[0], [3, 3], lines);
    }
  });

  it('OneHot, NonZero, TopK', () => {
    const i = int64([3], 1, -1, 7);
    for (const axis of [-1, 0]) {
      const wanted = table(axis === 0 ? [4, 3] : [3, 4], (index) => {
        const [which, place] = axis === 0 ? [index[1], index[0]] : index;
        return [1, 3, NaN][which] === place ? 5 : 2;
      });
      const got = run('OneHot', [i, int64([], 4), listed([2], 2, 5)], { axis })[0];
      expectAll('OneHot', got, axis === 0 ? [4, 3] : [3, 4], wanted);
    }
    const x = listed([2, 3], 0, -0, NaN, 1, 0, -2);
    expectAll('NonZero', run('NonZero', [x])[0], [2, 3], [0, 1, 1, 2, 0, 2]);
    const values = listed([2, 4], 3, 1, 3, 2, -1, -5, 0, -1);
    const sorted = (row: number, isLargest: boolean) =>
      [0, 1, 2, 3]
        .sort((a, b) => (isLargest ? 1 : -1) * (at(values, [row, b]) - at(values, [row, a])) || a - b)
        .slice(0, 3);
    for (const largest of [1, 0]) {
      const order = [0, 1].map((row) => sorted(row, largest === 1));
      const [top, places] = run('TopK', [values, int64([1], 3)], { axis: -1, largest }, 2);
      expectAll(
        'TopK',
        top,
        [2, 3],
        order.flatMap((row, r) => row.map((c) => at(values, [r, c]))),
      );
      expectAll('TopK', places, [2, 3], order.flat());
    }
  });
});

describe('products', () => {
  const dot = (count: number, term: (p: number) => number) => {
    let sum = 0;
    for (let p = 0; p < count; p++) sum += term(p);
    return sum;
  };

  it('MatMul with vectors and batches that broadcast, Gemm turned either way, to the bit', () => {
    for (const [left, right, shape] of [
      [
        [3, 4],
        [4, 2],
        [3, 2],
      ],
      [[4], [4, 2], [2]],
      [[3, 4], [4], [3]],
      [[4], [4], []],
      [
        [5, 1, 3, 4],
        [2, 4, 2],
        [5, 2, 3, 2],
      ],
      [
        [3, 0],
        [0, 2],
        [3, 2],
      ],
      [
        [0, 4],
        [4, 2],
        [0, 2],
      ],
    ]) {
      const [a, b] = [floats(left), floats(right)];
      const [A, B] = [
        left.length === 1 ? { ...a, shape: [1, ...left] } : a,
        right.length === 1 ? { ...b, shape: [...right, 1] } : b,
      ];
      const k = B.shape[B.shape.length - 2];
      const whole = [
        ...shape.slice(0, shape.length - (left.length > 1 ? 1 : 0) - (right.length > 1 ? 1 : 0)),
        left.length === 1 ? 1 : left[left.length - 2],
        right.length === 1 ? 1 : right[right.length - 1],
      ];
      const wanted = table(whole, (i) => {
        const [head, row, column] = [i.slice(0, -2), i[i.length - 2], i[i.length - 1]];
        return dot(k, (p) => at(A, [...head, row, p]) * at(B, [...head, p, column]));
      });
      expectAll('MatMul', run('MatMul', [a, b])[0], shape, wanted);
    }
    for (const transA of [0, 1])
      for (const transB of [0, 1]) {
        const [a, b, c] = [floats(transA ? [5, 20] : [20, 5]), floats(transB ? [300, 5] : [5, 300]), floats([20, 1])];
        const wanted = table(
          [20, 300],
          ([i, j]) =>
            dot(5, (p) => at(a, transA ? [p, i] : [i, p]) * at(b, transB ? [j, p] : [p, j])) * 0.5 + 2 * at(c, [i, j]),
        );
        expectAll('Gemm', run('Gemm', [a, b, c], { transA, transB, alpha: 0.5, beta: 2 })[0], [20, 300], wanted);
      }
  });

  it('Einsum and MatMulInteger', () => {
    const [a, b] = [floats([2, 3, 4]), floats([2, 4, 5])];
    const product = table([2, 3, 5], ([n, i, j]) => dot(4, (p) => at(a, [n, i, p]) * at(b, [n, p, j])));
    expectAll('Einsum', run('Einsum', [a, b], { equation: 'bij,bjk->bik' })[0], [2, 3, 5], product);
    const square = floats([3, 3]);
    expectAll('Einsum', run('Einsum', [square], { equation: 'ii' })[0], [], [dot(3, (p) => at(square, [p, p]))]);
    expectAll(
      'Einsum',
      run('Einsum', [square], { equation: 'ij->ji' })[0],
      [3, 3],
      table([3, 3], ([i, j]) => at(square, [j, i])),
    );
    const [x, y] = [narrow('uint8', [2, 3], [0, 1, 200, 255]), narrow('int8', [3, 2], [0, 1, -128, 127])];
    const [zx, zy] = [narrow('uint8', [], [5]), narrow('int8', [], [-3])];
    const sums = table([2, 2], ([i, j]) => dot(3, (p) => (at(x, [i, p]) - 5) * (at(y, [p, j]) + 3)));
    expectAll('MatMulInteger', run('MatMulInteger', [x, y, zx, zy])[0], [2, 2], sums);
  });

  it('ConvTranspose: every input adds its kernel to the output', () => {
    const [x, w, bias] = [floats([1, 2, 3, 3]), floats([2, 2, 2, 3]), floats([2])];
    const got = run('ConvTranspose', [x, w, bias], { strides: [2, 1], pads: [1, 0, 0, 1], output_padding: [1, 0] })[0];
    const [height, width] = [2 * 2 + 1 + (2 - 1) + 1 - 1, 2 + (3 - 1) + 1 - 1];
    const sums = new Float64Array(2 * height * width);
    for (const [c, i, j] of indices([2, 3, 3]))
      for (const [o, p, q] of indices([2, 2, 3])) {
        const [row, column] = [2 * i + p - 1, j + q];
        if (row < 0 || row >= height || column >= width) continue;
        sums[(o * height + row) * width + column] += at(x, [0, c, i, j]) * at(w, [c, o, p, q]);
      }
    const wanted = [...sums].map((sum, k) => sum + at(bias, [Math.floor(k / (height * width))]));
    expectAll('ConvTranspose', got, [1, 2, height, width], wanted, 1e-12);
  });
});

describe('windows', () => {
  const window = (x: TypedTensor, [n, c, i, j]: number[], [kernel, stride, pad]: number[]) =>
    [...indices([kernel, kernel])]
      .map(([p, q]) => [i * stride - pad + p, j * stride - pad + q])
      .filter(([row, column]) => row >= 0 && row < x.shape[2] && column >= 0 && column < x.shape[3])
      .map(([row, column]) => at(x, [n, c, row, column]));
  const total = (row: readonly number[]) => row.reduce((sum, one) => sum + one, 0);

  it('MaxPool and AveragePool, padding counted or not; the global ones', () => {
    const x = floats([2, 2, 5, 6]);
    const attributes = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
    const shape = [2, 2, 3, 3];
    expectAll(
      'MaxPool',
      run('MaxPool', [x], attributes)[0],
      shape,
      table(shape, (i) => Math.max(...window(x, i, [3, 2, 1]))),
    );
    const means = (count: (own: number) => number) =>
      table(shape, (i) => {
        const own = window(x, i, [3, 2, 1]);
        return total(own) / count(own.length);
      });
    expectAll(
      'AveragePool',
      run('AveragePool', [x], attributes)[0],
      shape,
      means((own) => own),
      1e-13,
    );
    const counted = run('AveragePool', [x], { ...attributes, count_include_pad: 1 })[0];
    expectAll(
      'AveragePool',
      counted,
      shape,
      means(() => 9),
      1e-13,
    );
    const plane = (n: number, c: number) => [...indices([5, 6])].map(([i, j]) => at(x, [n, c, i, j]));
    expectAll(
      'GlobalAveragePool',
      run('GlobalAveragePool', [x])[0],
      [2, 2, 1, 1],
      table([2, 2, 1, 1], ([n, c]) => total(plane(n, c)) / 30),
      1e-13,
    );
    expectAll(
      'GlobalMaxPool',
      run('GlobalMaxPool', [x])[0],
      [2, 2, 1, 1],
      table([2, 2, 1, 1], ([n, c]) => Math.max(...plane(n, c))),
    );
  });

  it('Resize: nearest and linear, by half pixels and by whole ones', () => {
    const x = floats([1, 1, 3, 4]);
    const shape = [1, 1, 6, 8];
    const sizes = int64([4], ...shape);
    const nearest = run('Resize', [x, undefined, undefined, sizes], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    })[0];
    expectAll(
      'Resize',
      nearest,
      shape,
      table(shape, ([, , i, j]) => at(x, [0, 0, i >> 1, j >> 1])),
    );
    const linear = run('Resize', [x, undefined, undefined, sizes], {
      mode: 'linear',
      coordinate_transformation_mode: 'half_pixel',
    })[0];
    const mixed = (position: number, length: number): [number, number][] => {
      const clamped = Math.min(Math.max(position, 0), length - 1);
      const low = Math.min(Math.floor(clamped), length - 1);
      return [
        [low, 1 - (clamped - low)],
        [Math.min(low + 1, length - 1), clamped - low],
      ];
    };
    const wanted = table(shape, ([, , i, j]) =>
      total(
        mixed((i + 0.5) / 2 - 0.5, 3).flatMap(([row, a]) =>
          mixed((j + 0.5) / 2 - 0.5, 4).map(([column, b]) => a * b * at(x, [0, 0, row, column])),
        ),
      ),
    );
    expectAll('Resize', linear, shape, wanted, 1e-12);
  });
});

describe('normalisation', () => {
  const mean = (row: readonly number[]) => row.reduce((sum, one) => sum + one, 0) / row.length;
  const variance = (row: readonly number[]) => mean(row.map((one) => (one - mean(row)) ** 2));

  it('RMSNormalization and LayerNormalization over several axes; Batch-, Instance- and GroupNormalization', () => {
    const x = floats([2, 4, 3]);
    const [scale, bias] = [floats([4, 3]), floats([4, 3])];
    const rows = [0, 1].map((n) => [...indices([4, 3])].map((i) => at(x, [n, ...i])));
    const rms = table(
      [2, 4, 3],
      ([n, i, j]) => (at(x, [n, i, j]) / Math.sqrt(mean(rows[n].map((one) => one * one)) + 0.1)) * at(scale, [i, j]),
    );
    expectAll(
      'RMSNormalization',
      run('RMSNormalization', [x, scale], { axis: 1, epsilon: 0.1 })[0],
      [2, 4, 3],
      rms,
      1e-12,
    );
    const layer = table(
      [2, 4, 3],
      ([n, i, j]) =>
        ((at(x, [n, i, j]) - mean(rows[n])) / Math.sqrt(variance(rows[n]) + 0.1)) * at(scale, [i, j]) +
        at(bias, [i, j]),
    );
    expectAll(
      'LayerNormalization',
      run('LayerNormalization', [x, scale, bias], { axis: -2, epsilon: 0.1 })[0],
      [2, 4, 3],
      layer,
      1e-12,
    );
    const [s, b] = [floats([4]), floats([4])];
    const plane = (n: number, c: number) => [0, 1, 2].map((j) => at(x, [n, c, j]));
    const normalized = (own: (n: number, c: number) => number[]) =>
      table(
        [2, 4, 3],
        ([n, c, j]) =>
          ((at(x, [n, c, j]) - mean(own(n, c))) / Math.sqrt(variance(own(n, c)) + 1e-5)) * at(s, [c]) + at(b, [c]),
      );
    expectAll('InstanceNormalization', run('InstanceNormalization', [x, s, b])[0], [2, 4, 3], normalized(plane), 1e-12);
    const pair = (n: number, c: number) => (c < 2 ? [0, 1] : [2, 3]).flatMap((one) => plane(n, one));
    expectAll(
      'GroupNormalization',
      run('GroupNormalization', [x, s, b], { num_groups: 2 })[0],
      [2, 4, 3],
      normalized(pair),
      1e-12,
    );
    const [m, v] = [floats([4]), listed([4], 0.5, 1, 2, 0)];
    const batch = table(
      [2, 4, 3],
      ([n, c, j]) => ((at(x, [n, c, j]) - at(m, [c])) / Math.sqrt(at(v, [c]) + 1e-5)) * at(s, [c]) + at(b, [c]),
    );
    expectAll('BatchNormalization', run('BatchNormalization', [x, s, b, m, v])[0], [2, 4, 3], batch, 1e-12);
  });

  it('Softmax, LogSoftmax, Hardmax and LpNormalization along any axis; a row of −∞ is NaN, a mask of −∞ zero', () => {
    const x = floats([3, 4, 2]);
    for (const axis of [0, 1, -1]) {
      const own = (axis + 3) % 3;
      const line = (i: number[]) =>
        Array.from({ length: x.shape[own] }, (_, k) =>
          at(
            x,
            i.map((one, a) => (a === own ? k : one)),
          ),
        );
      const of = (statement: (row: number[], value: number, place: number) => number) =>
        table([3, 4, 2], (i) => statement(line(i), at(x, i), i[own]));
      const sum = (row: number[]) => row.reduce((total, one) => total + one, 0);
      expectAll(
        'Softmax',
        run('Softmax', [x], { axis })[0],
        x.shape,
        of((row, value) => Math.exp(value) / sum(row.map(Math.exp))),
        1e-12,
      );
      expectAll(
        'LogSoftmax',
        run('LogSoftmax', [x], { axis })[0],
        x.shape,
        of((row, value) => Math.log(Math.exp(value) / sum(row.map(Math.exp)))),
        1e-11,
      );
      expectAll(
        'Hardmax',
        run('Hardmax', [x], { axis })[0],
        x.shape,
        of((row, _, place) => (row.indexOf(Math.max(...row)) === place ? 1 : 0)),
      );
      for (const p of [1, 2]) {
        const norm = (row: number[]) =>
          p === 1 ? sum(row.map(Math.abs)) : Math.sqrt(sum(row.map((one) => one * one)));
        expectAll(
          'LpNormalization',
          run('LpNormalization', [x], { axis, p })[0],
          x.shape,
          of((row, value) => value / norm(row)),
          1e-12,
        );
      }
    }
    const masked = listed([2, 3], -Infinity, 0, 0, -Infinity, -Infinity, -Infinity);
    expectAll('Softmax', run('Softmax', [masked])[0], [2, 3], [0, 0.5, 0.5, NaN, NaN, NaN]);
    expectAll('Softmax', run('Softmax', [listed([1, 3], NaN, 0, -Infinity)])[0], [1, 3], [NaN, NaN, NaN]);
    expectAll('Softmax', run('Softmax', [floats([2, 0])])[0], [2, 0], []);
  });

  it('RotaryEmbedding: pairs of halves, or of neighbours, turned by their position', () => {
    const x = floats([2, 3, 2, 4]);
    const [cos, sin] = [floats([5, 2]), floats([5, 2])];
    const ids = int64([2, 2], 3, 0, 1, 4);
    for (const interleaved of [0, 1]) {
      const wanted = table([2, 3, 2, 4], ([n, h, s, i]) => {
        const place = interleaved ? i >> 1 : i % 2;
        const isFirst = interleaved ? i % 2 === 0 : i < 2;
        const other = interleaved ? i + (isFirst ? 1 : -1) : (i + 2) % 4;
        const angle = [at(ids, [n, s]), place];
        return at(x, [n, h, s, i]) * at(cos, angle) + (isFirst ? -1 : 1) * at(x, [n, h, s, other]) * at(sin, angle);
      });
      expectAll(
        'RotaryEmbedding',
        run('RotaryEmbedding', [x, cos, sin, ids], { interleaved })[0],
        [2, 3, 2, 4],
        wanted,
        1e-14,
      );
    }
  });

  it('EyeLike, ReverseSequence, Compress', () => {
    for (const k of [-4, -1, 0, 2, 7]) {
      const eye = run('EyeLike', [floats([3, 5])], { k })[0];
      expectAll(
        `EyeLike ${k}`,
        eye,
        [3, 5],
        table([3, 5], ([i, j]) => Number(j === i + k)),
      );
    }
    expect(run('EyeLike', [int64([2, 2], 5, 5, 5, 5)])[0].data).toEqual(BigInt64Array.of(1n, 0n, 0n, 1n));
    expect(run('EyeLike', [floats([1, 1])], { dtype: 9 })[0]).toMatchObject({ type: 'bool', data: Uint8Array.of(1) });
    expect(() => run('EyeLike', [floats([4])])).toThrow(/n: /);
    expect(() => run('EyeLike', [floats([1, 1])], { dtype: 99 })).toThrow(/dtype 99/);
    const x = strange(4, 3, 2);
    const lengths = [0, 4, 3];
    const turned = (t: number, length: number) => (t < length ? length - 1 - t : t);
    expectAll(
      'ReverseSequence',
      run('ReverseSequence', [x, int64([3], ...lengths)])[0],
      [4, 3, 2],
      table([4, 3, 2], ([t, b, f]) => at(x, [turned(t, lengths[b]), b, f])),
    );
    expectAll(
      'ReverseSequence',
      run('ReverseSequence', [x, int64([4], 1, 2, 3, 0)], { time_axis: 1, batch_axis: 0 })[0],
      [4, 3, 2],
      table([4, 3, 2], ([b, t, f]) => at(x, [b, turned(t, [1, 2, 3, 0][b]), f])),
    );
    expect(() => run('ReverseSequence', [x, int64([3], 1, 5, 1)])).toThrow(/lengths 1, 5, 1/);
    expect(() => run('ReverseSequence', [x, int64([2], 1, 1)])).toThrow(/n: /);
    const truth = narrow('bool', [3], [1]);
    truth.data[1] = 0;
    expectAll(
      'Compress',
      run('Compress', [x, truth], { axis: -3 })[0],
      [2, 3, 2],
      table([2, 3, 2], ([i, j, k]) => at(x, [2 * i, j, k])),
    );
    const all = [...(x.data as Float64Array)];
    expectAll('Compress', run('Compress', [x, truth])[0], [2], [all[0], all[2]]);
    expectAll('Compress', run('Compress', [x, narrow('bool', [40], [1])])[0], [24], all);
    expectAll('Compress', run('Compress', [x, narrow('bool', [0])], { axis: 1 })[0], [4, 0, 2], []);
  });

  it('LRN, LpPool, GlobalLpPool, MeanVarianceNormalization', () => {
    const x = floats([2, 5, 6]);
    for (const size of [1, 2, 3, 4, 9]) {
      const attributes = { size, alpha: 0.5, beta: 0.4, bias: 1.5 };
      const wanted = table([2, 5, 6], ([n, c, i]) => {
        let squares = 0;
        for (let k = 0; k < 5; k++) {
          const isNear = k >= c - Math.floor((size - 1) / 2) && k <= c + Math.ceil((size - 1) / 2);
          if (isNear) squares += at(x, [n, k, i]) ** 2;
        }
        return at(x, [n, c, i]) / (1.5 + (0.5 / size) * squares) ** 0.4;
      });
      expectAll(`LRN ${size}`, run('LRN', [x], attributes)[0], [2, 5, 6], wanted, 1e-12);
    }
    expect(() => run('LRN', [x], {})).toThrow(/size/);
    for (const p of [1, 2, 3]) {
      const norm = (values: number[]) => values.reduce((sum, value) => sum + Math.abs(value) ** p, 0) ** (1 / p);
      const pooled = run('LpPool', [x], { p, kernel_shape: [3], strides: [2], pads: [1, 0] })[0];
      const wanted = table([2, 5, 3], ([n, c, i]) =>
        norm([2 * i - 1, 2 * i, 2 * i + 1].filter((k) => k >= 0).map((k) => at(x, [n, c, k]))),
      );
      expectAll(`LpPool ${p}`, pooled, [2, 5, 3], wanted, 1e-12);
      const whole = table([2, 5, 1], ([n, c]) => norm([0, 1, 2, 3, 4, 5].map((k) => at(x, [n, c, k]))));
      expectAll(`GlobalLpPool ${p}`, run('GlobalLpPool', [x], { p })[0], [2, 5, 1], whole, 1e-12);
    }
    const y = floats([3, 2, 4, 2]);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    for (const axes of [null, [1], [-1, 0]]) {
      const kept = [0, 1, 2, 3].filter((axis) => !(axes ?? [0, 2, 3]).some((one) => (one + 4) % 4 === axis));
      const wanted = table([3, 2, 4, 2], (index) => {
        const group = [...indices([3, 2, 4, 2])].filter((one) => kept.every((axis) => one[axis] === index[axis]));
        const values = group.map((one) => at(y, one));
        const middle = mean(values);
        const spread = Math.sqrt(mean(values.map((value) => value * value)) - middle * middle);
        return (at(y, index) - middle) / (spread + 1e-9);
      });
      const found = run('MeanVarianceNormalization', [y], axes === null ? {} : { axes })[0];
      expectAll(`MeanVarianceNormalization ${axes}`, found, [3, 2, 4, 2], wanted, 1e-9);
    }
  });

  it('Attention: what a causal mask leaves out is not computed, with the bits of a mask that says the same', () => {
    const [queries, before, keys] = [100, 37, 137];
    const [q, k, v] = [floats([1, 4, queries, 8]), floats([1, 2, queries, 8]), floats([1, 2, queries, 5])];
    const past = [floats([1, 2, before, 8]), floats([1, 2, before, 5])];
    const bias = floats([4, queries, keys]);
    const seen = Float64Array.from(bias.data as Float64Array, (value, at) =>
      at % keys > (Math.floor(at / keys) % queries) + before ? -Infinity : value,
    );
    const data = (values: Float64Array) => ({ ...v, data: values });
    const oddV = (v.data as Float64Array).slice();
    oddV[oddV.length - 1] = Infinity;
    oddV[0] = Number.NaN;
    for (const softcap of [0, 3]) {
      for (const values of [v, data(oddV)]) {
        const [causal, masked] = [1, 0].map((is_causal) => {
          const mask = is_causal ? bias : { ...bias, data: seen };
          return run('Attention', [q, k, values, mask, ...past], { is_causal, softcap });
        });
        expect(causal[0].data).toEqual(masked[0].data);
        expect([...(causal[0].data as Float64Array)].some(Number.isNaN)).toBe(values !== v);
      }
    }
  });

  it('Attention: grouped heads, causal, with a mask that is added', () => {
    const [q, k, v, mask] = [floats([1, 4, 3, 2]), floats([1, 2, 5, 2]), floats([1, 2, 5, 3]), floats([3, 5])];
    for (const is_causal of [0, 1]) {
      const weights = (h: number, i: number): number[] => {
        const scores = [0, 1, 2, 3, 4].map((j) => {
          const dot = at(q, [0, h, i, 0]) * at(k, [0, h >> 1, j, 0]) + at(q, [0, h, i, 1]) * at(k, [0, h >> 1, j, 1]);
          return is_causal && j > i ? -Infinity : dot / Math.sqrt(2) + at(mask, [i, j]);
        });
        const powers = scores.map(Math.exp);
        return powers.map((one) => one / powers.reduce((sum, power) => sum + power, 0));
      };
      const wanted = table([1, 4, 3, 3], ([, h, i, p]) =>
        weights(h, i).reduce((sum, weight, j) => sum + weight * at(v, [0, h >> 1, j, p]), 0),
      );
      expectAll('Attention', run('Attention', [q, k, v, mask], { is_causal })[0], [1, 4, 3, 3], wanted, 1e-11);
    }
  });
});

describe('casts', () => {
  it('to integers toward zero, to bool by what is not 0, like another tensor', () => {
    const x = listed([6], 0, -0, 1.9, -1.9, 200, NaN);
    expectAll('Cast', run('Cast', [x], { to: 9 })[0], [6], [0, 0, 1, 1, 1, 1]);
    const small = listed([4], 1.9, -1.9, 100.5, -0.5);
    expectAll('Cast', run('Cast', [small], { to: 6 })[0], [4], [1, -1, 100, 0]);
    expectAll('CastLike', run('CastLike', [small, int64([0])])[0], [4], [1, -1, 100, 0]);
    expectAll('Cast', run('Cast', [int64([2], -3, 7)], { to: 1 })[0], [2], [-3, 7]);
  });
});

describe('quantisation', () => {
  it('QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear', () => {
    const x = listed([2, 4], 0, -0, 1.25, 3.75, -1e9, 1e9, 0.75, -0.25);
    const even = (value: number) => {
      const low = Math.floor(value);
      return value - low < 0.5 ? low : value - low > 0.5 ? low + 1 : low % 2 === 0 ? low : low + 1;
    };
    const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
    const quantized = run('QuantizeLinear', [x, listed([], 0.5), narrow('uint8', [], [3])])[0];
    expectAll(
      'QuantizeLinear',
      quantized,
      [2, 4],
      table([2, 4], (i) => clamp(even(at(x, i) / 0.5) + 3, 0, 255)),
    );
    const scales = listed([2], 0.5, 2);
    const byRow = run('QuantizeLinear', [x, scales, narrow('int8', [2], [0])], { axis: 0 })[0];
    expectAll(
      'QuantizeLinear',
      byRow,
      [2, 4],
      table([2, 4], (i) => clamp(even(at(x, i) / [0.5, 2][i[0]]), -128, 127) + 0),
    );
    const back = run('DequantizeLinear', [byRow, scales, narrow('int8', [2], [0])], { axis: -2 })[0];
    expectAll(
      'DequantizeLinear',
      back,
      [2, 4],
      table([2, 4], (i) => at(byRow, i) * [0.5, 2][i[0]]),
    );
    const small = listed([4], -1, 0, 2, 3);
    const [y, scale, zero] = run('DynamicQuantizeLinear', [small], {}, 3);
    expectAll('scale', scale, [], [4 / 255], 1e-7);
    expectAll('zero point', zero, [], [64]);
    expectAll(
      'DynamicQuantizeLinear',
      y,
      [4],
      [-1, 0, 2, 3].map((one) => clamp(even(one / (4 / 255)) + 64, 0, 255)),
    );
  });
});
