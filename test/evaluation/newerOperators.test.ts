/**
 * Operators and forms of them that onnxruntime-web does not have, against the words of the specification in plain loops
 * (docs/Operators.md of github.com/onnx/onnx, opsets 24 to 28), and what is refused.
 */
import { evaluate } from 'bittrue/evaluation';
import { memorySource, readOnnxModel } from 'bittrue/files';
import { e2m1fn, e4m3fn, e5m2, e8m0fnu } from 'bittrue/formats';
import { defineGraph, type Node, type TypedTensor } from 'bittrue/graphs';
import { onnxGraph } from 'bittrue/models';
import { round } from 'bittrue/rounding';
import { describe, expect, it } from 'vitest';
import { type DescribedNode, onnxFile } from '../models/onnxFile.ts';
import { expectAll, floats, int64, listed, narrow, run } from './plainLoops.ts';

describe('states and caches', () => {
  it('CausalConvWithState: each channel reads its past; its state is the end of what it read', () => {
    const [batch, channels, length, taps] = [2, 3, 5, 4];
    const [x, w, bias, past] = [
      floats([batch, channels, length]),
      floats([channels, 1, taps]),
      floats([channels]),
      floats([batch, channels, taps - 1]),
    ];
    for (const [b, p, activation] of [
      [undefined, undefined, 'none'],
      [bias, past, 'silu'],
      [bias, undefined, 'swish'],
    ] as const) {
      const wanted: number[] = [];
      const state: number[] = [];
      for (let n = 0; n < batch; n++) {
        for (let c = 0; c < channels; c++) {
          const at = (i: number) =>
            i >= 0
              ? Number(x.data[(n * channels + c) * length + i])
              : Number(p?.data[(n * channels + c) * (taps - 1) + taps - 1 + i] ?? 0);
          for (let i = 0; i < length; i++) {
            let sum = 0;
            for (let t = 0; t < taps; t++) sum += at(i - taps + 1 + t) * Number(w.data[c * taps + t]);
            sum += Number(b?.data[c] ?? 0);
            wanted.push(activation === 'none' ? sum : sum / (1 + Math.exp(-sum)));
          }
          for (let i = length - taps + 1; i < length; i++) state.push(at(i));
        }
      }
      const found = run('CausalConvWithState', [x, w, b, p], { activation }, 2);
      expectAll('CausalConvWithState', found[0], [batch, channels, length], wanted, 1e-14);
      expectAll('CausalConvWithState', found[1], [batch, channels, taps - 1], state);
    }
  });

  it('TensorScatter writes from each place on, round the end where it is circular', () => {
    const [past, update] = [floats([2, 3, 4, 2]), floats([2, 3, 2, 2])];
    for (const [starts, mode] of [
      [[1, 2], 'linear'],
      [[3, 2], 'circular'],
    ] as const) {
      const wanted = [...(past.data as Float64Array)];
      for (let b = 0; b < 2; b++)
        for (let h = 0; h < 3; h++)
          for (let s = 0; s < 2; s++)
            for (let d = 0; d < 2; d++)
              wanted[((b * 3 + h) * 4 + ((starts[b] + s) % 4)) * 2 + d] = Number(
                update.data[((b * 3 + h) * 2 + s) * 2 + d],
              );
      expectAll(
        'TensorScatter',
        run('TensorScatter', [past, update, int64([2], ...starts)], { mode })[0],
        past.shape,
        wanted,
      );
    }
    expect(() => run('TensorScatter', [past, update, int64([2], 3, 0)])).toThrow(/place 4/);
  });

  it('SwiGLU: Swish of a gate times a value', () => {
    const [a, b] = [floats([3, 4]), floats([3, 4])];
    const wanted = [...(a.data as Float64Array)].map((x, i) => (x / (1 + Math.exp(-1.5 * x))) * Number(b.data[i]));
    expectAll('SwiGLU', run('SwiGLU', [a, b], { alpha: 1.5 })[0], [3, 4], wanted, 1e-15);
    expect(() => run('SwiGLU', [a, floats([4])])).toThrow(/fit together/);
  });
});

describe('forms of older operators', () => {
  it('BitShift of signed integers, and by less than no bit or by all of them', () => {
    const x = narrow('int8', [6], []);
    const by = narrow('int8', [6], []);
    [-16, -16, 100, -16, 64, 3].forEach((value, i) => {
      x.data[i] = value;
    });
    [2, 8, 9, -1, 2, -3].forEach((value, i) => {
      by.data[i] = value;
    });
    expectAll('BitShift', run('BitShift', [x, by], { direction: 'RIGHT' })[0], [6], [-4, -1, 0, -1, 16, 0]);
    expectAll('BitShift', run('BitShift', [x, by], { direction: 'LEFT' })[0], [6], [-64, 0, 0, 0, 0, 0]);
    const wide = { type: 'int64', shape: [2], data: BigInt64Array.of(-5n, 1n) } as const;
    const far = { type: 'int64', shape: [2], data: BigInt64Array.of(64n, 63n) } as const;
    expectAll('BitShift', run('BitShift', [wide, far], { direction: 'RIGHT' })[0], [2], [-1, 0]);
    expectAll('BitShift', run('BitShift', [wide, far], { direction: 'LEFT' })[0], [2], [0, -(2 ** 63)]);
  });

  it('SpaceToDepth with channels before the blocks, which DepthToSpace undoes', () => {
    const x = floats([2, 3, 4, 6]);
    const wanted: number[] = [];
    for (let n = 0; n < 2; n++)
      for (let c = 0; c < 3; c++)
        for (let p = 0; p < 2; p++)
          for (let q = 0; q < 2; q++)
            for (let i = 0; i < 2; i++)
              for (let j = 0; j < 3; j++) wanted.push(Number(x.data[((n * 3 + c) * 4 + 2 * i + p) * 6 + 2 * j + q]));
    const [deep] = run('SpaceToDepth', [x], { blocksize: 2, mode: 'CRD' });
    expectAll('SpaceToDepth', deep, [2, 12, 2, 3], wanted);
    const [back] = run('DepthToSpace', [deep], { blocksize: 2, mode: 'CRD' });
    expectAll('DepthToSpace', back, x.shape, [...(x.data as Float64Array)]);
    expect(() => run('SpaceToDepth', [x], { blocksize: 2, mode: 'DRC' })).toThrow(/DCR or CRD/);
  });

  it('DFT of one side, back to real numbers', () => {
    for (const n of [6, 7]) {
      const x = floats([2, n, 1]);
      const [half] = run('DFT', [x], { onesided: 1 });
      expect(half.shape).toEqual([2, Math.floor(n / 2) + 1, 2]);
      const length = { type: 'int64', shape: [], data: BigInt64Array.of(BigInt(n)) } as const;
      const [back] = run('DFT', [half, length], { onesided: 1, inverse: 1 });
      expectAll('DFT', back, [2, n, 1], [...(x.data as Float64Array)], 1e-11);
    }
  });

  it('reductions of no integers give the ends of their type', () => {
    const none = (type: 'int8' | 'uint8' | 'int32'): TypedTensor => narrow(type, [2, 0, 3]);
    const of = (op: string, x: TypedTensor) => [...(run(op, [x, int64([1], 1)])[0].data as Int8Array)].slice(0, 1);
    expect(of('ReduceMax', none('int8'))).toEqual([-128]);
    expect(of('ReduceMin', none('int8'))).toEqual([127]);
    expect(of('ReduceMax', none('uint8'))).toEqual([0]);
    expect(of('ReduceMin', none('int32'))).toEqual([2 ** 31 - 1]);
    const wide = (op: string, type: 'int64' | 'uint64') =>
      run(op, [
        { type, shape: [0], data: type === 'int64' ? new BigInt64Array(0) : new BigUint64Array(0) },
        int64([1], 0),
      ])[0].data[0];
    expect(wide('ReduceMin', 'uint64')).toBe(2n ** 64n - 1n);
    expect(wide('ReduceMax', 'int64')).toBe(-(2n ** 63n));
  });

  it('MaxPool of integers keeps their type', () => {
    const x = narrow('int8', [1, 1, 4], [-3, -9, -1]);
    const [found] = run('MaxPool', [x], { kernel_shape: [2] });
    expect(found.data).toBeInstanceOf(Int8Array);
    const wanted = [0, 1, 2].map((i) => Math.max(Number(x.data[i]), Number(x.data[i + 1])));
    expectAll('MaxPool', found, [1, 1, 3], wanted);
  });
});

describe('a Cast to few bits', () => {
  const numbers = [0.48, -1.05, 3.5, 9, 1e6, -1e-7, Infinity, -Infinity, 449, -0.25, 57344.5];
  const x = listed([numbers.length], ...numbers);
  // Numbers of TensorProto.DataType.
  const types = { e4m3fn: [17, e4m3fn], e5m2: [19, e5m2], e2m1fn: [23, e2m1fn] } as const;

  it.each(Object.values(types))('to type %i quantizes, and saturates unless it is told not to', (to, format) => {
    const saturated = numbers.map((value) => round(format, value, { overflow: 'saturate' }));
    expectAll('Cast', run('Cast', [x], { to })[0], x.shape, saturated);
    const free = format === e2m1fn ? saturated : numbers.map((value) => round(format, value));
    expectAll('Cast', run('Cast', [x], { to, saturate: 0 })[0], x.shape, free);
  });

  it('to a scale rounds up, down, or to the nearest, halves up', () => {
    const y = listed([5], 1.2, 1.5, 1.75, 4, 0.3);
    const cast = (round_mode?: string) =>
      run('Cast', [y], round_mode === undefined ? { to: 24 } : { to: 24, round_mode })[0];
    expectAll('Cast', cast(), [5], [2, 2, 2, 4, 0.5]);
    expectAll('Cast', cast('down'), [5], [1, 1, 1, 4, 0.25]);
    expectAll('Cast', cast('nearest'), [5], [1, 2, 2, 4, 0.25]);
    expect(round(e8m0fnu, 1.2, { rounding: 'towardPositive' })).toBe(2);
    expect(() => cast('even')).toThrow(/up, down or nearest/);
  });

  it('is none of the casts that exact evaluation leaves out', async () => {
    const node = (name: string, to: number): Node => ({
      name,
      op: 'Cast',
      inputs: ['x'],
      outputs: [name],
      attributes: { to },
    });
    const graph = defineGraph({
      name: 'casts',
      inputs: [{ name: 'x', type: 'float', shape: [1] }],
      constants: {},
      nodes: [node('half', 10), node('eighth', 17)],
      outputs: ['half', 'eighth'],
    });
    const { outputs, casts } = await evaluate(graph, { x: listed([1], 0.48) });
    expect(casts).toEqual(['half']);
    expect([outputs.half.data[0], outputs.eighth.data[0]]).toEqual([0.48, 0.46875]);
  });
});

describe('what is not read is told', () => {
  const read = (node: DescribedNode, constants = {}) =>
    onnxGraph(
      readOnnxModel(memorySource(onnxFile({ inputs: [['x', 1, [3]]], nodes: [node], constants, outputs: ['y'] }))),
    );

  it('an attribute that an operator does not have', async () => {
    const graph = read({ op: 'Softmax', inputs: ['x'], outputs: ['y'], attributes: { axis: 0n, temperature: 2 } });
    await expect(evaluate(graph, { x: floats([3]) })).rejects.toThrow(/attribute temperature of Softmax \(y\)/);
  });

  it('a Dropout that trains, unless it drops nothing; the ratio of one that does not is no weight', async () => {
    const half = { type: 1, dims: [], bytes: new Uint8Array(Float32Array.of(0.5).buffer) };
    const truth = (value: number) => ({ type: 9, dims: [], bytes: Uint8Array.of(value) });
    const node = { op: 'Dropout', inputs: ['x', 'ratio', 'training'], outputs: ['y'] };
    const x = floats([3]);
    const inference = read(node, { ratio: half, training: truth(0) });
    expect((await evaluate(inference, { x })).outputs.y.data).toEqual(x.data);
    const training = read(node, { ratio: half, training: truth(1) });
    await expect(evaluate(training, { x })).rejects.toThrow(/training_mode true/);
  });
});
