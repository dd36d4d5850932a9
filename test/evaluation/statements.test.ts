/**
 * Operators against the words of the ONNX operator specification (docs/Operators.md), written here in plain loops over indices
 * that share nothing with the source; on NaN, zeros of both signs, infinities, empty tensors, negative axes, broadcasting.
 */
import type { TypedTensor } from 'bittrue/graphs';
import * as ort from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { onnxFile } from '../models/onnxFile.ts';
import { at, edges, expectAll, floats, indices, int64, listed, narrow, run, whole } from './plainLoops.ts';

describe('functions of a number', () => {
  const [alpha, gamma] = [1.6732631921768188, 1.0507010221481323];
  const exact: Record<string, (x: number) => number> = {
    Abs: (x) => (x < 0 || Object.is(x, -0) ? -x : x),
    Neg: (x) => -x,
    Sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : NaN),
    Relu: (x) => (x > 0 || x !== x ? x : 0),
    Ceil: (x) => Math.ceil(x),
    Floor: (x) => Math.floor(x),
    Round: (x) => {
      if (!Number.isFinite(x) || Math.abs(x) > 2 ** 52) return x;
      const [low, high] = [Math.floor(x), Math.ceil(x)];
      const nearest = x - low < high - x ? low : high - x < x - low ? high : low % 2 === 0 ? low : high;
      return nearest === 0 ? 0 * (x < 0 || Object.is(x, -0) ? -1 : 1) : nearest;
    },
    Sqrt: (x) => (x < 0 ? NaN : Math.sqrt(x)),
    Reciprocal: (x) => 1 / x,
    HardSigmoid: (x) => Math.max(0, Math.min(1, 0.2 * x + 0.5)),
    LeakyRelu: (x) => (x < 0 ? 0.01 * x : x),
    ThresholdedRelu: (x) => (x > 1 ? x : 0),
    Shrink: (x) => (x < -0.5 ? x : x > 0.5 ? x : 0),
    Identity: (x) => x,
    IsNaN: (x) => (x !== x ? 1 : 0),
    IsInf: (x) => (x === Infinity || x === -Infinity ? 1 : 0),
  };
  it.each(Object.entries(exact))('%s, to the bit', (op, statement) => {
    const x = listed([edges.length], ...edges);
    expectAll(op, run(op, [x])[0], [edges.length], edges.map(statement));
    expectAll(op, run(op, [listed([0, 3])])[0], [0, 3], []);
    expectAll(op, run(op, [listed([], -2.5)])[0], [], [statement(-2.5)]);
  });

  const limit = (x: number, low: number, high: number, formula: (x: number) => number) =>
    x === Infinity ? high : x === -Infinity ? low : formula(x);
  const real: Record<string, (x: number) => number> = {
    Exp: Math.exp,
    Log: (x) => (x < 0 ? NaN : Math.log(x)),
    Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
    Elu: (x) => (x < 0 ? Math.exp(x) - 1 : x),
    Celu: (x) => Math.max(0, x) + Math.min(0, Math.exp(x) - 1),
    Selu: (x) => (x > 0 ? gamma * x : gamma * (alpha * Math.exp(x) - alpha)),
    Softplus: (x) => (x > 700 ? x : Math.log(1 + Math.exp(x))),
    Tanh: (x) => limit(x, -1, 1, (y) => Math.tanh(y)),
    // What the formula leaves open at an infinity is the function's limit.
    Softsign: (x) => limit(x, -1, 1, (y) => y / (1 + Math.abs(y))),
    Swish: (x) => limit(x, -0, Infinity, (y) => y / (1 + Math.exp(-y))),
    Mish: (x) => limit(x, -0, Infinity, (y) => y * Math.tanh(y > 700 ? y : Math.log(1 + Math.exp(y)))),
  };
  it.each(Object.entries(real))('%s', (op, statement) => {
    const values = edges.filter((x) => !(Math.abs(x) < 1e-300 && x !== 0));
    expectAll(op, run(op, [listed([values.length], ...values)])[0], [values.length], values.map(statement), 1e-12);
  });

  /** 2/√π · Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)) */
  const series = (x: number) => {
    let [sum, term] = [0, x];
    for (let n = 0; n < 120; n++) {
      sum += term / (2 * n + 1);
      term *= (-x * x) / (n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  };
  const erf = (x: number) => (Math.abs(x) === Infinity ? Math.sign(x) : series(x));

  it('Erf as its series; Gelu by it, and by tanh', () => {
    const values = [NaN, 0, -0, Infinity, -Infinity, 1e-8, 0.3, -0.7, 1, -1.9, 2.5, -3];
    const x = listed([values.length], ...values);
    expectAll('Erf', run('Erf', [x])[0], [values.length], values.map(erf), 1e-12);
    const gelu = values.map((v) => (v === -Infinity ? 0 : 0.5 * v * (1 + erf(v / Math.SQRT2))));
    expectAll('Gelu', run('Gelu', [x])[0], [values.length], gelu, 1e-10);
    const inner = (v: number) => Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3);
    const tanh = values.map((v) => (v === -Infinity ? 0 : 0.5 * v * (1 + Math.tanh(inner(v)))));
    expectAll('Gelu', run('Gelu', [x], { approximate: 'tanh' })[0], [values.length], tanh, 1e-12);
  });

  it('circular and hyperbolic functions, and back', () => {
    const values = [0.1, -0.4, 0.9];
    const x = listed([3], ...values);
    const of = (op: string) => run(op, [x])[0].data as Float64Array;
    const [e, f] = [values.map(Math.exp), values.map((v) => Math.exp(-v))];
    values.forEach((v, i) => {
      let [sine, cosine, term] = [0, 0, 1];
      for (let n = 0; n < 30; n++) {
        if (n % 2 === 0) cosine += n % 4 === 0 ? term : -term;
        else sine += n % 4 === 1 ? term : -term;
        term *= v / (n + 1);
      }
      expect(of('Sin')[i]).toBeCloseTo(sine, 14);
      expect(of('Cos')[i]).toBeCloseTo(cosine, 14);
      expect(of('Tan')[i]).toBeCloseTo(sine / cosine, 14);
      expect(of('Sinh')[i]).toBeCloseTo((e[i] - f[i]) / 2, 14);
      expect(of('Cosh')[i]).toBeCloseTo((e[i] + f[i]) / 2, 14);
      for (const [op, back] of [
        ['Asin', 'Sin'],
        ['Acos', 'Cos'],
        ['Atan', 'Tan'],
        ['Asinh', 'Sinh'],
        ['Atanh', 'Tanh'],
      ]) {
        const there = run(op, [x])[0];
        expect(run(back, [there])[0].data[0], op).toBeCloseTo(values[0], 14);
      }
    });
    expect(run('Cosh', [run('Acosh', [listed([1], 1.7)])[0]])[0].data[0]).toBeCloseTo(1.7, 14);
    for (const op of ['Asin', 'Acos', 'Atanh']) expect(run(op, [listed([1], 2)])[0].data[0], op).toBeNaN();
  });

  it('HardSwish, whose formula is NaN at −∞ as onnxruntime is: −∞ · 0', async () => {
    const x = listed([edges.length], ...edges);
    const wanted = edges.map((value) => value * Math.max(0, Math.min(1, value * (1 / 6) + 0.5)));
    expectAll('HardSwish', run('HardSwish', [x])[0], [edges.length], wanted, 1e-12);
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = 'fatal';
    const described = {
      nodes: [{ op: 'HardSwish', inputs: ['x'], outputs: ['y'] }],
      inputs: [['x', 1, [2]]] as const,
      constants: {},
      outputs: [['y', 1, [2]]] as const,
    };
    const session = await ort.InferenceSession.create(onnxFile(described, 21), { graphOptimizationLevel: 'disabled' });
    const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(-Infinity, Infinity), [2]) });
    await session.release();
    expect([...(y.data as Float32Array)]).toEqual([NaN, Infinity]);
    expect(run('HardSwish', [listed([2], -Infinity, Infinity)])[0].data).toEqual(Float64Array.of(NaN, Infinity));
  });
});

describe('pairs that broadcast', () => {
  const shapes: [number[], number[], number[]][] = [
    [
      [2, 3, 4],
      [3, 1],
      [2, 3, 4],
    ],
    [[4], [2, 1], [2, 4]],
    [[], [3], [3]],
    [[0, 3], [1], [0, 3]],
    [
      [1, 0],
      [2, 1],
      [2, 0],
    ],
    [
      [18, 1],
      [1, 18],
      [18, 18],
    ],
  ];
  const largest = (a: number, b: number) => (a !== a || b !== b ? NaN : Math.max(a, b));
  const least = (a: number, b: number) => (a !== a || b !== b ? NaN : Math.min(a, b));
  const statements: Record<string, (a: number, b: number) => number> = {
    Add: (a, b) => a + b,
    Sub: (a, b) => a - b,
    Mul: (a, b) => a * b,
    Div: (a, b) => a / b,
    Sum: (a, b) => a + b,
    Mean: (a, b) => (a + b) / 2,
    Equal: (a, b) => Number(a === b),
    Greater: (a, b) => Number(a > b),
    GreaterOrEqual: (a, b) => Number(a >= b),
    Less: (a, b) => Number(a < b),
    LessOrEqual: (a, b) => Number(a <= b),
  };
  it.each(Object.entries(statements))('%s of floats', (op, statement) => {
    for (const [left, right, shape] of shapes) {
      const [a, b] = [floats(left, edges), floats(right, edges)];
      expectAll(
        op,
        run(op, [a, b])[0],
        shape,
        [...indices(shape)].map((i) => statement(at(a, i), at(b, i))),
      );
    }
  });

  it.each([
    ['Max', largest],
    ['Min', least],
  ] as const)('%s of floats: NaN where either is', (op, statement) => {
    for (const [left, right, shape] of shapes) {
      const [a, b] = [floats(left, edges), floats(right, edges)];
      expectAll(
        op,
        run(op, [a, b])[0],
        shape,
        [...indices(shape)].map((i) => statement(at(a, i), at(b, i))),
        1e-300,
      );
    }
  });

  it('integers keep their width and wrap', () => {
    const statements: Record<string, (a: bigint, b: bigint) => bigint> = {
      Add: (a, b) => a + b,
      Sub: (a, b) => a - b,
      Mul: (a, b) => a * b,
    };
    const widths = { int8: [8, true], uint8: [8, false], int32: [32, true], uint32: [32, false] } as const;
    for (const [type, [bits, isSigned]] of Object.entries(widths)) {
      const wrap = (x: bigint) => Number(isSigned ? BigInt.asIntN(bits, x) : BigInt.asUintN(bits, x));
      const data = [...whole, 2 ** 31 - 1, -(2 ** 31), 123456789, 65537];
      for (const [op, statement] of Object.entries(statements)) {
        const [a, b] = [narrow(type as 'int8', [2, 8], data), narrow(type as 'int8', [8], data)];
        const wanted = [...indices([2, 8])].map((i) => wrap(statement(BigInt(at(a, i)), BigInt(at(b, i)))));
        expectAll(`${op} of ${type}`, run(op, [a, b])[0], [2, 8], wanted);
      }
    }
  });

  it('Div and Mod of integers: toward zero, and with the sign of the divisor (fmod: of the dividend); by zero refused', () => {
    for (const type of ['int32', 'int8'] as const) {
      const a = narrow(type, [3, 6]);
      const b = narrow(type, [6], [1, -1, 2, 3, -7]);
      const pairs = [...indices([3, 6])].map((i) => [at(a, i), at(b, i)]);
      const wrap = (x: number) => (type === 'int8' ? (x << 24) >> 24 : x);
      const same = (op: string, fmod: number, wanted: number[]) =>
        expectAll(op, run(op, [a, b], { fmod })[0], [3, 6], wanted);
      same(
        'Div',
        0,
        pairs.map(([p, q]) => wrap(Math.trunc(p / q) + 0)),
      );
      same(
        'Mod',
        1,
        pairs.map(([p, q]) => p - q * Math.trunc(p / q) + 0),
      );
      same(
        'Mod',
        0,
        pairs.map(([p, q]) => p - q * Math.floor(p / q) + 0),
      );
      const zero = narrow(type, [1], [0]);
      expect(() => run('Div', [a, zero])).toThrow(/not 0/);
      expect(() => run('Mod', [a, zero])).toThrow(/not 0/);
      expect(() => run('Mod', [a, zero], { fmod: 1 })).toThrow(/not 0/);
    }
    const [a, b] = [floats([18, 1], edges), floats([18], edges)];
    const wanted = [...indices([18, 18])].map((i) => at(a, i) % at(b, i));
    expectAll('Mod', run('Mod', [a, b], { fmod: 1 })[0], [18, 18], wanted);
  });

  it('logic, bits and shifts', () => {
    const [a, b] = [narrow('bool', [3, 2], [0, 1]), narrow('bool', [2], [0, 1])];
    const truth: Record<string, (p: number, q: number) => boolean> = {
      And: (p, q) => p === 1 && q === 1,
      Or: (p, q) => p === 1 || q === 1,
      Xor: (p, q) => p !== q,
    };
    for (const [op, statement] of Object.entries(truth))
      expectAll(
        op,
        run(op, [a, b])[0],
        [3, 2],
        [...indices([3, 2])].map((i) => Number(statement(at(a, i), at(b, i)))),
      );
    expectAll(
      'Not',
      run('Not', [a])[0],
      [3, 2],
      [...indices([3, 2])].map((i) => 1 - at(a, i)),
    );
    const digits = (x: number) => [...(x >>> 0).toString(2).padStart(32, '0').slice(-8)];
    const bits: Record<string, (p: string, q: string) => string> = {
      BitwiseAnd: (p, q) => (p === '1' && q === '1' ? '1' : '0'),
      BitwiseOr: (p, q) => (p === '1' || q === '1' ? '1' : '0'),
      BitwiseXor: (p, q) => (p === q ? '0' : '1'),
    };
    const [x, y] = [narrow('uint8', [4, 3], [0, 1, 85, 170, 255]), narrow('uint8', [3], [0, 15, 240, 255])];
    for (const [op, statement] of Object.entries(bits)) {
      const wanted = [...indices([4, 3])].map((i) => {
        const [p, q] = [digits(at(x, i)), digits(at(y, i))];
        return parseInt(p.map((digit, k) => statement(digit, q[k])).join(''), 2);
      });
      expectAll(op, run(op, [x, y])[0], [4, 3], wanted);
    }
    expectAll(
      'BitwiseNot',
      run('BitwiseNot', [x])[0],
      [4, 3],
      [...indices([4, 3])].map((i) => 255 - at(x, i)),
    );
    const by = narrow('uint8', [3], [0, 1, 5, 7]);
    for (const direction of ['LEFT', 'RIGHT']) {
      const wanted = [...indices([4, 3])].map((i) => {
        const zeros = '0'.repeat(at(by, i));
        const text = digits(at(x, i)).join('');
        return parseInt(direction === 'LEFT' ? (text + zeros).slice(-8) : (zeros + text).slice(0, 8), 2);
      });
      expectAll(`BitShift ${direction}`, run('BitShift', [x, by], { direction })[0], [4, 3], wanted);
    }
  });

  it('Where, Clip, PRelu and Pow', () => {
    const [c, a, b] = [narrow('bool', [3, 1], [0, 1]), floats([1, 18], edges), floats([18], edges)];
    const chosen = [...indices([3, 18])].map((i) => (at(c, i) === 1 ? at(a, i) : at(b, i)));
    expectAll('Where', run('Where', [c, a, b])[0], [3, 18], chosen);
    const x = listed([18], ...edges);
    const clipped = edges.map((v) => (v !== v ? v : v < -1 ? -1 : Math.min(v, 2)));
    expectAll('Clip', run('Clip', [x, listed([], -1), listed([], 2)])[0], [18], clipped);
    expectAll('Clip', run('Clip', [x])[0], [18], edges);
    // Bounds that cross: all that is a number is the upper one (numpy.clip).
    expectAll(
      'Clip',
      run('Clip', [x, listed([], 2), listed([], -1)])[0],
      [18],
      edges.map((v) => (v !== v ? v : -1)),
    );
    const slope = floats([18], edges);
    const sloped = edges.map((v, i) => (v < 0 ? v * Number(slope.data[i]) : v));
    expectAll('PRelu', run('PRelu', [x, slope])[0], [18], sloped);
    const raised = [...indices([18, 3])].map(([i, j]) => {
      const v = edges[i];
      return [v * v, v * v * v, v === -Infinity ? Infinity : Math.sqrt(v)][j];
    });
    expectAll('Pow', run('Pow', [listed([18, 1], ...edges), listed([3], 2, 3, 0.5)])[0], [18, 3], raised, 1e-15);
  });
});

describe('reductions', () => {
  const sum = (row: readonly number[]) => row.reduce((total, x) => total + x, 0);
  const statements: Record<string, (row: readonly number[]) => number> = {
    ReduceSum: sum,
    ReduceMean: (row) => sum(row) / row.length,
    ReduceMax: (row) => row.reduce((m, x) => (m !== m || x !== x ? NaN : Math.max(x, m)), -Infinity),
    ReduceMin: (row) => row.reduce((m, x) => (m !== m || x !== x ? NaN : Math.min(x, m)), Infinity),
    ReduceProd: (row) => row.reduce((total, x) => total * x, 1),
    ReduceL1: (row) => sum(row.map(Math.abs)),
    ReduceL2: (row) => Math.sqrt(sum(row.map((x) => x * x))),
    ReduceSumSquare: (row) => sum(row.map((x) => x * x)),
    ReduceLogSum: (row) => Math.log(sum(row)),
    ReduceLogSumExp: (row) => Math.log(sum(row.map(Math.exp))),
  };
  const reduced = (x: TypedTensor, axes: readonly number[], statement: (row: readonly number[]) => number) => {
    const own = axes.map((axis) => (axis + x.shape.length) % x.shape.length);
    const outer = x.shape.map((length, axis) => (own.includes(axis) ? 1 : length));
    const inner = x.shape.map((length, axis) => (own.includes(axis) ? length : 1));
    return [...indices(outer)].map((o) =>
      statement(
        [...indices(inner)].map((i) =>
          at(
            x,
            o.map((one, k) => one + i[k]),
          ),
        ),
      ),
    );
  };
  it.each(Object.entries(statements))(
    '%s, over axes from either end, kept or not, of empty tensors too',
    (op, statement) => {
      for (const axes of [[-1], [0], [1, -3], [0, 1, 2]]) {
        const x = floats([2, 3, 4]);
        const own = axes.map((axis) => (axis + 3) % 3);
        const wanted = reduced(x, axes, statement);
        const kept = x.shape.map((length, axis) => (own.includes(axis) ? 1 : length));
        expectAll(op, run(op, [x, int64([axes.length], ...axes)])[0], kept, wanted, 1e-13);
        const left = x.shape.filter((_, axis) => !own.includes(axis));
        expectAll(op, run(op, [x, int64([axes.length], ...axes)], { keepdims: 0 })[0], left, wanted, 1e-13);
      }
      const x = floats([2, 3]);
      expectAll(op, run(op, [x])[0], [1, 1], reduced(x, [0, 1], statement), 1e-13);
      expectAll(op, run(op, [x, int64([0])], { noop_with_empty_axes: 1 })[0], [2, 3], [...(x.data as Float64Array)]);
      expectAll(op, run(op, [floats([2, 0, 3]), int64([1], 1)])[0], [2, 1, 3], Array(6).fill(statement([])));
      expectAll(op, run(op, [floats([0, 3]), int64([1], -1)])[0], [0, 1], []);
    },
  );

  it.each(['ReduceSum', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceSumSquare'])(
    '%s with NaN and infinities among its numbers',
    (op) => {
      const x = floats([40, 3], [1, -2, NaN, Infinity, -Infinity, 0, 3, 4, 5, 6]);
      const wanted = reduced(x, [1], statements[op]);
      expectAll(op, run(op, [x, int64([1], 1)])[0], [40, 1], wanted);
    },
  );

  it.each([
    ['ArgMax', (a: number, b: number) => a > b],
    ['ArgMin', (a: number, b: number) => a < b],
  ] as const)('%s: the first of equals, or the last', (op, isBetter) => {
    const x = floats([5, 6], [1, 2, 3]);
    for (const [axis, last] of [
      [1, 0],
      [0, 1],
      [-1, 1],
      [-2, 0],
    ]) {
      const wanted = reduced(x, [axis], (row) =>
        row.reduce(
          (best, value, i) => (isBetter(value, row[best]) || (last === 1 && value === row[best]) ? i : best),
          0,
        ),
      );
      const kept = axis === 1 || axis === -1 ? [5, 1] : [1, 6];
      expectAll(op, run(op, [x], { axis, select_last_index: last })[0], kept, wanted);
    }
  });

  it('CumSum, exclusive and reversed', () => {
    const x = floats([2, 5], [1, 2, 3, -4]);
    for (const exclusive of [0, 1])
      for (const reverse of [0, 1]) {
        const wanted = [...indices([2, 5])].map(([i, j]) =>
          sum(
            [0, 1, 2, 3, 4]
              .filter((k) => (reverse ? k > j : k < j) || (k === j && !exclusive))
              .map((k) => at(x, [i, k])),
          ),
        );
        expectAll('CumSum', run('CumSum', [x, int64([], -1)], { exclusive, reverse })[0], [2, 5], wanted, 1e-14);
      }
  });
});
