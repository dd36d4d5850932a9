import { evaluate, type How } from 'bittrue/evaluation';
import { bfloat16 } from 'bittrue/formats';
import { type Constant, constantOf, defineGraph, type Graph, type Node, type TypedTensor } from 'bittrue/graphs';
import { layerNorm, matmul, softmax, sum } from 'bittrue/kernels';
import { roundTo } from 'bittrue/rounding';
import { fp16, fp16Fp32Accumulate, h100, type VectorUnit } from 'bittrue/targets';
import { oracle } from 'bittrue/testing';
import { describe, expect, it } from 'vitest';
import { generator } from '../random.ts';

const random = generator('evaluate');
const floats = (shape: number[], data?: number[]): TypedTensor => {
  const count = shape.reduce((product, axis) => product * axis, 1);
  return { type: 'float', shape, data: Float64Array.from({ length: count }, (_, i) => data?.[i] ?? random() * 4 - 2) };
};

type Line = readonly [output: string, op: string, inputs: readonly string[], attributes?: Node['attributes']];

function graphOf(
  lines: readonly Line[],
  feeds: Record<string, TypedTensor>,
  constants: Record<string, Constant> = {},
): Graph {
  return defineGraph({
    name: 'g',
    inputs: Object.entries(feeds).map(([name, { type, shape }]) => ({
      name,
      type,
      shape: shape.map((_, i) => `${name}${i}`),
    })),
    nodes: lines.map(([output, op, inputs, attributes = {}]) => ({
      name: output,
      op,
      inputs,
      outputs: [output],
      attributes,
    })),
    outputs: [lines.at(-1)![0]],
    constants,
  });
}

const run = async (
  lines: readonly Line[],
  feeds: Record<string, TypedTensor>,
  on?: (node: Node) => How,
  constants?: Record<string, Constant>,
) => evaluate(graphOf(lines, feeds, constants), feeds, on === undefined ? {} : { on });

describe('evaluate', () => {
  it('computes node by node what plain loops compute: a convolution with padding, stride, dilation and groups', async () => {
    const [x, w, b] = [floats([2, 4, 6, 5]), floats([6, 2, 3, 2]), floats([6])];
    const attributes = { group: 2, pads: [1, 0, 2, 1], strides: [2, 1], dilations: [1, 2] };
    const { outputs } = await run([['y', 'Conv', ['x', 'w', 'b'], attributes]], { x, w, b });
    const [height, width] = [4, 4];
    const expected: number[] = [];
    for (let n = 0; n < 2; n++)
      for (let o = 0; o < 6; o++)
        for (let i = 0; i < height; i++)
          for (let j = 0; j < width; j++) {
            let sum = 0;
            for (let c = 0; c < 2; c++)
              for (let p = 0; p < 3; p++)
                for (let q = 0; q < 2; q++) {
                  const [row, column] = [i * 2 - 1 + p, j + q * 2];
                  if (row < 0 || row >= 6 || column >= 5) continue;
                  const channel = (o < 3 ? 0 : 2) + c;
                  sum +=
                    Number(w.data[((o * 2 + c) * 3 + p) * 2 + q]) *
                    Number(x.data[((n * 4 + channel) * 6 + row) * 5 + column]);
                }
            expected.push(sum + Number(b.data[o]));
          }
    expect(outputs.y.shape).toEqual([2, 6, height, width]);
    for (const [i, value] of expected.entries()) expect(outputs.y.data[i]).toBeCloseTo(value, 12);
  });

  it('computes LayerNorm, softmax and attention as the specification writes them', async () => {
    const [x, gamma, beta] = [floats([3, 4]), floats([4]), floats([4])];
    const norm = await run([['y', 'LayerNormalization', ['x', 'gamma', 'beta'], { epsilon: 0.01 }]], {
      x,
      gamma,
      beta,
    });
    for (let r = 0; r < 3; r++) {
      const row = Array.from(x.data as Float64Array).slice(4 * r, 4 * r + 4);
      const mean = row.reduce((sum, value) => sum + value, 0) / 4;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4;
      row.forEach((value, i) => {
        const wanted = ((value - mean) / Math.sqrt(variance + 0.01)) * Number(gamma.data[i]) + Number(beta.data[i]);
        expect(norm.outputs.y.data[4 * r + i]).toBeCloseTo(wanted, 12);
      });
    }
    const [q, k, v] = [floats([1, 1, 2, 3]), floats([1, 1, 4, 3]), floats([1, 1, 4, 2])];
    const { outputs } = await run([['y', 'Attention', ['q', 'k', 'v'], { scale: 0.7 }]], { q, k, v });
    for (let i = 0; i < 2; i++) {
      const scores = [0, 1, 2, 3].map(
        (j) => [0, 1, 2].reduce((sum, p) => sum + Number(q.data[3 * i + p]) * Number(k.data[3 * j + p]), 0) * 0.7,
      );
      const powers = scores.map((score) => Math.exp(score));
      const total = powers.reduce((sum, power) => sum + power, 0);
      for (let p = 0; p < 2; p++) {
        const wanted = powers.reduce((sum, power, j) => sum + (power / total) * Number(v.data[2 * j + p]), 0);
        expect(outputs.y.data[2 * i + p]).toBeCloseTo(wanted, 12);
      }
    }
  });

  it('leaves Casts between floats out and tells them; computes those to integers, and refuses what ONNX does not define', async () => {
    const x = floats([2], [65520.5, -2.75]);
    const kept = await run(
      [
        ['h', 'Cast', ['x'], { to: 10 }],
        ['y', 'Cast', ['h'], { to: 1 }],
      ],
      { x },
    );
    expect([...kept.outputs.y.data]).toEqual([65520.5, -2.75]);
    expect(kept.casts).toEqual(['h', 'y']);
    const whole = await run([['y', 'Cast', ['x'], { to: 6 }]], { x });
    expect(whole.outputs.y).toEqual({ type: 'int32', shape: [2], data: Int32Array.of(65520, -2) });
    expect(whole.casts).toEqual([]);
    await expect(run([['y', 'Cast', ['x'], { to: 3 }]], { x })).rejects.toThrow(/y: expected numbers that int8 has/);
    await expect(run([['y', 'Cast', ['x'], { to: 7 }]], { x: floats([1], [2 ** 63]) })).rejects.toThrow(/int64/);
  });

  it('keeps 64 bits of int64', async () => {
    const big = { type: 'int64' as const, shape: [1], data: BigInt64Array.of(2n ** 62n + 1n) };
    const { outputs } = await run([['y', 'Add', ['x', 'x']]], { x: big });
    expect(outputs.y.data[0]).toBe(-(2n ** 63n) + 2n);
  });

  it('quantizes by the real quotient, where the rounded one is a half', async () => {
    // 0.1 is the binary32 number; 4.5 · s lies a little off x on either side.
    const s = Math.fround(0.1);
    const x = [4.5 * s, 4.5 * s * (1 + 2 ** -52), 4.5 * s * (1 - 2 ** -52)];
    const scale = constantOf(floats([], [s]));
    const { outputs } = await run([['y', 'QuantizeLinear', ['x', 's']]], { x: floats([3], x) }, undefined, {
      s: scale,
    });
    expect([...outputs.y.data]).toEqual([4, 5, 4]);
  });

  it('runs norms, softmax and products of a target by its kernels', async () => {
    const [x, gamma, beta] = [floats([6, 8]), floats([8]), floats([8])];
    const on = { target: fp16, reference: true };
    const lines: Line[] = [
      ['n', 'LayerNormalization', ['x', 'gamma', 'beta'], { epsilon: 1e-5 }],
      ['y', 'Softmax', ['n']],
    ];
    const { outputs, nodes } = await run(lines, { x, gamma, beta }, () => on);
    const first = layerNorm(x.data as Float64Array, {
      rows: 6,
      width: 8,
      target: fp16,
      gamma: gamma.data as Float64Array,
      beta: beta.data as Float64Array,
    });
    const second = softmax(first.output, { rows: 6, width: 8, target: fp16 });
    expect([...outputs.y.data]).toEqual([...second.output]);
    expect(nodes[0].reports?.layerNorm.totals).toEqual(first.report.totals);
    expect(nodes.map(({ how }) => how)).toEqual(['target', 'target']);
    const [a, b] = [floats([2, 3, 16]), floats([16, 5])];
    const product = await run([['y', 'MatMul', ['a', 'b']]], { a, b }, () => ({ target: h100, unit: 'f16' }));
    const direct = matmul(a.data as Float64Array, b.data as Float64Array, {
      m: 6,
      k: 16,
      n: 5,
      target: h100,
      unit: 'f16',
    });
    expect([...product.outputs.y.data]).toEqual([...direct.output]);
  });

  it('divides as a recognised norm spells it out', async () => {
    const x = floats([4, 16]);
    const at = async (reciprocalSqrt: string) =>
      [
        ...(await run([['y', 'RMSNormalization', ['x'], { reciprocalSqrt }]], { x }, () => ({ target: fp16 }))).outputs
          .y.data,
      ].join();
    expect(await at('sqrtThenDivide')).not.toBe(await at('sqrtThenReciprocal'));
  });

  it('forms a mean in the accumulator and divides before it stores', async () => {
    const x = floats([1, 1, 300, 300], Array(90_000).fill(1));
    const mean = async (target: typeof fp16) =>
      (await run([['y', 'GlobalAveragePool', ['x']]], { x }, () => ({ target }))).nodes[0].reports!;
    const half = await mean(fp16);
    expect([half.sum.totals.absorption > 0, half.sum.totals.overflow]).toEqual([true, 0]);
    expect((await mean(fp16Fp32Accumulate)).sum.totals.absorption).toBe(0);
    const large = await run(
      [['y', 'GlobalAveragePool', ['x']]],
      { x: floats([1, 1, 300, 300], Array(90_000).fill(40)) },
      () => ({ target: fp16 }),
    );
    expect(large.nodes[0].reports!.sum.totals.overflow > 0).toBe(true);
  });

  it('forms a mean as the target states: by 1/n, or over n, each rounded once', async () => {
    const [rows, width] = [40, 49];
    const x = floats([rows, width]);
    const vector = fp16.vectorUnits.vector as VectorUnit;
    const target = (change: Partial<VectorUnit>) => ({ ...fp16, vectorUnits: { vector: { ...vector, ...change } } });
    // Statistics narrower than the accumulator: the sum enters the mean as the accumulator left it.
    for (const statistics of [vector.statistics, roundTo(bfloat16)]) {
      const { output: sums } = sum(x.data as Float64Array, {
        rows,
        width,
        target: target({ store: vector.accumulate }),
      });
      const means = { divide: [] as number[], reciprocal: [] as number[] };
      const n = oracle.operation('divide', statistics, [width, 1]).value;
      const share = oracle.operation('divide', statistics, [1, width]).value;
      for (const total of sums) {
        const stored = (value: number) => oracle.operation('multiply', vector.store, [value, 1]).value;
        means.divide.push(stored(oracle.operation('divide', statistics, [total, n]).value));
        means.reciprocal.push(stored(oracle.operation('multiply', statistics, [total, share]).value));
      }
      expect(means.divide).not.toEqual(means.reciprocal);
      for (const mean of ['divide', 'reciprocal'] as const) {
        const on = { target: target({ mean, statistics }), reference: true };
        const constants = { last: constantOf({ type: 'int64', shape: [1], data: BigInt64Array.of(-1n) }) };
        const { outputs, nodes } = await run([['y', 'ReduceMean', ['x', 'last']]], { x }, () => on, constants);
        expect([...outputs.y.data]).toEqual(means[mean]);
        const { mean: report } = nodes[0].reports!;
        expect([report.kernel, (report.counts.mean?.inexact ?? 0) > 0]).toEqual(['mean', true]);
        expect(report.headroom?.mean).toBeGreaterThan(10);
      }
    }
  });

  it('refuses all at once what it cannot compute, and takes functions and exact computation in its place', async () => {
    const x = floats([2, 2]);
    const lines: Line[] = [
      ['a', 'Strange', ['x']],
      ['b', 'Stranger', ['a']],
      ['c', 'Strange', ['b']],
      ['y', 'Tanh', ['c']],
    ];
    await expect(run(lines, { x })).rejects.toThrow(/received Strange \(a and 1 more\), Stranger \(b\)/);
    const { outputs, nodes } = await run(lines, { x }, ({ op }) =>
      op === 'Tanh' ? 'exact' : ({ inputs }) => [inputs[0]!],
    );
    expect([...outputs.y.data]).toEqual(Array.from(x.data as Float64Array, Math.tanh));
    expect(nodes.map(({ how }) => how)).toEqual(['function', 'function', 'function', 'exact']);
    await expect(run([['y', 'Tanh', ['x']]], { x }, () => ({ target: fp16 }))).rejects.toThrow(/Tanh on fp16/);
    const willing = await run(
      [
        ['t', 'Tanh', ['x']],
        ['y', 'Transpose', ['t']],
      ],
      { x },
      () => ({ target: fp16, otherwise: 'exact' }),
    );
    expect(willing.nodes.map(({ because }) => because)).toEqual(['no kernel', 'moves data']);
  });

  it('runs only what outputs need, keeps what is asked for, and frees the rest', async () => {
    const x = floats([2]);
    const graph = defineGraph({
      ...graphOf(
        [
          ['a', 'Neg', ['x']],
          ['idle', 'Strange', ['x']],
          ['y', 'Abs', ['a']],
        ],
        { x },
      ),
      outputs: ['y'],
    });
    const { outputs, nodes } = await evaluate(graph, { x }, { keep: ['a'] });
    expect(Object.keys(outputs)).toEqual(['y', 'a']);
    expect(nodes.map(({ name }) => name)).toEqual(['a', 'y']);
  });

  it('refuses feeds that do not fit, by name', async () => {
    const graph = defineGraph({
      ...graphOf([['y', 'Add', ['a', 'b']]], { a: floats([2]), b: floats([2]) }),
      inputs: ['a', 'b'].map((name) => ({ name, type: 'float' as const, shape: ['n', 3] })),
    });
    const fed = (a: unknown, b: unknown = floats([2, 3])) => evaluate(graph, { a, b } as never);
    await expect(fed(floats([2, 3]))).resolves.toBeTruthy();
    await expect(fed(undefined)).rejects.toThrow(/feeds.a/);
    await expect(fed(floats([2, 4]))).rejects.toThrow(/\[n, 3\]/);
    await expect(fed(floats([3, 3]))).rejects.toThrow(/feeds.b/);
    await expect(fed({ ...floats([2, 3]), type: 'double' })).rejects.toThrow(/expected float/);
    await expect(fed({ type: 'float', shape: [2, 3], data: new Float64Array(5) })).rejects.toThrow(/5 numbers/);
    await expect(evaluate(graph, { a: floats([2, 3]), b: floats([2, 3]), c: floats([1]) })).rejects.toThrow(/feeds.c/);
  });

  it('takes Elements from, and puts them at, places within the tensor alone', async () => {
    const x = floats([2, 2], [1, 2, 3, 4]);
    const places = (shape: number[]): TypedTensor => {
      const count = shape.reduce((product, axis) => product * axis, 1);
      return { type: 'int64', shape, data: BigInt64Array.from({ length: count }, (_, i) => BigInt(i % 2)) };
    };
    const gather = (indices: TypedTensor) => run([['y', 'GatherElements', ['x', 'i'], { axis: 1 }]], { x, i: indices });
    const scatter = (i: TypedTensor, u: TypedTensor) =>
      run([['y', 'ScatterElements', ['x', 'i', 'u'], { axis: 1 }]], { x, i, u });
    expect([...(await gather(places([2, 3]))).outputs.y.data]).toEqual([1, 2, 1, 4, 3, 4]);
    expect([...(await scatter(places([1, 2]), floats([1, 2], [8, 9]))).outputs.y.data]).toEqual([8, 9, 3, 4]);
    await expect(gather(places([3, 1]))).rejects.toThrow(/y: .*GatherElements.*\[2, 2\] and \[3, 1\]/);
    await expect(gather(places([2]))).rejects.toThrow(/\[2, 2\] and \[2\]/);
    await expect(scatter(places([3, 1]), floats([3, 1]))).rejects.toThrow(/\[2, 2\] and \[3, 1\]/);
    await expect(scatter(places([2, 1]), floats([1, 1]))).rejects.toThrow(/\[2, 1\] and \[1, 1\]/);
    await expect(scatter(places([2, 1]), floats([1, 2]))).rejects.toThrow(/\[2, 1\] and \[1, 2\]/);
  });

  it('gives Swish its limits at both infinities, for either sign of alpha', async () => {
    const x = floats([3], [Infinity, -Infinity, -1000]);
    const swish = async (alpha: number) => [...(await run([['y', 'Swish', ['x'], { alpha }]], { x })).outputs.y.data];
    expect(await swish(1)).toEqual([Infinity, -0, -0]);
    expect(await swish(-1)).toEqual([0, -Infinity, -1000]);
  });

  it('refuses what is no way to compute a node', async () => {
    const x = floats([2]);
    const on = (how: unknown) => run([['y', 'Softmax', ['x']]], { x }, () => how as How);
    for (const how of ['fp16', 5, null, undefined]) await expect(on(how)).rejects.toThrow(/^options\.on/);
    await expect(on({})).rejects.toThrow(/^options\.on\.target: expected a target/);
    await expect(on({ target: 'fp17' })).rejects.toThrow(/^options\.on\.target: .*fp16/);
    await expect(on({ target: fp16, otherwise: 'skip' })).rejects.toThrow(/^options\.on\.otherwise/);
    await expect(on({ target: fp16, unit: 5 })).rejects.toThrow(/^options\.on\.unit/);
    await expect(on({ target: fp16, units: 'f16' })).rejects.toThrow(/^options\.on\.units/);
    await expect(on({ target: fp16, reference: 1 })).rejects.toThrow(/^options\.on\.reference/);
  });
});
