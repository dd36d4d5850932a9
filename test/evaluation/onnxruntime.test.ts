/**
 * Every operator beside onnxruntime-web: a model of one node, written as a file, read as a graph, evaluated exactly here and
 * in binary32 there.
 */
import { evaluate, operators } from 'bittrue/evaluation';
import { memorySource, readOnnxModel } from 'bittrue/files';
import type { OnnxElementType, TypedTensor } from 'bittrue/graphs';
import { onnxGraph } from 'bittrue/models';
import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { elementKind } from '../../src/graphs/elementTypes.ts';
import { type DescribedNode, onnxFile, type Stored } from '../models/onnxFile.ts';
import { generator } from '../random.ts';

const codes: Partial<Record<OnnxElementType, number>> = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9 };

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'fatal';
});

const random = generator('operators');
const size = (shape: readonly number[]) => shape.reduce((product, axis) => product * axis, 1);

/** Floats in −2…2, many of them whole. */
function floats(...shape: number[]): TypedTensor {
  const data = Float64Array.from({ length: size(shape) }, () =>
    Math.fround(random() < 0.2 ? Math.round(random() * 4 - 2) : random() * 4 - 2),
  );
  return { type: 'float', shape, data };
}
const mapped = (shape: readonly number[], change: (x: number) => number): TypedTensor => {
  const { data } = floats(...shape);
  return { type: 'float', shape, data: Float64Array.from(data as Float64Array, (x) => Math.fround(change(x))) };
};
const positive = (...shape: number[]) => mapped(shape, (x) => Math.abs(x) + 0.25);
const small = (...shape: number[]) => mapped(shape, (x) => x * 0.45);
const values = (shape: number[], ...data: number[]): TypedTensor => ({
  type: 'float',
  shape,
  data: Float64Array.from(data, Math.fround),
});
const int64 = (...data: number[]): TypedTensor => ({
  type: 'int64',
  shape: [data.length],
  data: BigInt64Array.from(data, BigInt),
});
const scalar64 = (value: number): TypedTensor => ({ ...int64(value), shape: [] });
const int64s = (shape: number[], ...data: number[]): TypedTensor => ({ ...int64(...data), shape });
const int32 = (shape: number[], ...data: number[]): TypedTensor => ({
  type: 'int32',
  shape,
  data: Int32Array.from(data),
});
const bool = (...shape: number[]): TypedTensor => ({
  type: 'bool',
  shape,
  data: Uint8Array.from({ length: size(shape) }, () => Number(random() < 0.5)),
});
const bytes = (type: 'uint8' | 'int8', shape: number[]): TypedTensor => {
  const data = Array.from({ length: size(shape) }, () => Math.floor(random() * 256) - (type === 'int8' ? 128 : 0));
  return { type, shape, data: type === 'int8' ? Int8Array.from(data) : Uint8Array.from(data) };
};

const uint8 = (value: number): TypedTensor => ({ type: 'uint8', shape: [], data: Uint8Array.of(value) });
/** A scale, or one for each channel, with as many zero points. */
const scaleAndPoint = (type: 'uint8' | 'int8', scales: readonly number[], point: number): TypedTensor[] => {
  const shape = scales.length === 1 ? [] : [scales.length];
  const points = scales.map(() => point);
  const data = type === 'int8' ? Int8Array.from(points) : Uint8Array.from(points);
  return [values(shape, ...scales), { type, shape, data }];
};
const quantized = (x: TypedTensor, scales: readonly number[], point: number): TypedTensor[] => [
  x,
  ...scaleAndPoint(x.type as 'uint8', scales, point),
];
/** Boxes by two corners in any order, many of which overlap. */
const bricks: TypedTensor = values(
  [2, 6, 4],
  ...Array.from({ length: 12 }, (_, i) => [0.1 * (i % 5), 0.2, 0.1 * (i % 5) + 1, 1.2 + 0.07 * i]).flatMap((box, i) =>
    i % 2 === 0 ? box : [box[2], box[3], box[0], box[1]],
  ),
);

type Case = readonly [
  op: string,
  inputs: readonly (TypedTensor | null)[],
  attributes?: DescribedNode['attributes'],
  outputs?: number,
  opset?: number,
];

/** Inputs that operators want to know before the run are as constants there too: all but the first. */
function stored({ type, shape, data }: TypedTensor): Stored {
  const raw = type === 'float' ? Float32Array.from(data as Float64Array) : data;
  return {
    type: codes[type] as number,
    dims: shape,
    bytes: new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength),
  };
}

async function both([op, inputs, attributes = {}, outputs = 1, opset = 21]: Case): Promise<
  readonly [TypedTensor[], ort.Tensor[]]
> {
  const names = inputs.map((input, i) => (input === null ? '' : `i${i}`));
  const results = Array.from({ length: outputs }, (_, i) => `o${i}`);
  const isFed = (i: number) => i === 0 || elementKind((inputs[i] as TypedTensor).type) === 'float';
  const given = inputs.flatMap((input, i) => (input === null ? [] : [{ input, i, name: names[i] }]));
  const fileOf = (types: readonly number[]) =>
    onnxFile(
      {
        nodes: [{ op, inputs: names, outputs: results, attributes }],
        inputs: given
          .filter(({ i }) => isFed(i))
          .map(({ input, name }) => [name, codes[input.type] as number, input.shape] as const),
        constants: Object.fromEntries(
          given.filter(({ i }) => !isFed(i)).map(({ input, name }) => [name, stored(input)]),
        ),
        outputs: results.map((name, k) => [name, types[k], null] as const),
      },
      opset,
    );
  const graph = onnxGraph(readOnnxModel(memorySource(fileOf(results.map(() => 1)))));
  const feeds = Object.fromEntries(given.filter(({ i }) => isFed(i)).map(({ input, name }) => [name, input]));
  const ours = await evaluate(graph, feeds);
  // The runtime wants the types of outputs declared as they are.
  const file = fileOf(results.map((name) => codes[ours.outputs[name].type] as number));
  const session = await ort.InferenceSession.create(file, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'disabled',
  });
  const theirs = await session.run(
    Object.fromEntries(
      Object.entries(feeds).map(([name, { type, shape, data }]) => [
        name,
        type === 'float'
          ? new ort.Tensor('float32', Float32Array.from(data as Float64Array), shape)
          : new ort.Tensor(type as 'int64', data as BigInt64Array, shape),
      ]),
    ),
  );
  await session.release();
  return [results.map((name) => ours.outputs[name]), results.map((name) => theirs[name])];
}

const unary =
  'Abs Neg Sign Ceil Floor Round Exp Sin Cos Tan Atan Sinh Cosh Tanh Asinh Relu Sigmoid HardSigmoid HardSwish LeakyRelu Elu Selu Celu ThresholdedRelu Softplus Softsign Mish Erf Shrink Identity IsNaN IsInf';

const cases: Case[] = [
  ...unary.split(' ').map((op): Case => [op, [floats(3, 5)]]),
  ...'Sqrt Log Reciprocal'.split(' ').map((op): Case => [op, [positive(3, 5)]]),
  ...'Asin Acos Atanh'.split(' ').map((op): Case => [op, [small(3, 5)]]),
  ['Acosh', [values([3], 1, 1.5, 4)]],
  ['LeakyRelu', [floats(7)], { alpha: 0.3 }],
  ['HardSigmoid', [floats(7)], { alpha: 0.3, beta: 0.4 }],
  ['Gelu', [floats(9)]],
  ['Gelu', [floats(9)], { approximate: 'tanh' }],
  ...'Add Sub Mul PRelu'.split(' ').map((op): Case => [op, [floats(2, 3, 4), floats(3, 1)]]),
  ['Add', [floats(2, 1, 4), floats(3, 1)]],
  ['Div', [floats(2, 3), positive(3)]],
  ['Pow', [positive(2, 3), floats(3)]],
  ['Pow', [floats(4), scalar64(2)]],
  ['Mod', [floats(5), positive(5)], { fmod: 1n }],
  ['Mod', [int64(7, -7, 7, -7), int64(3, 3, -3, -3)]],
  ['Div', [int64(7, -7, 7, -7), int64(2, 2, -2, -2)]],
  ['Mul', [int32([2], 2 ** 30, -7), int32([2], 6, 3)]],
  ...'Max Min Sum Mean'.split(' ').map((op): Case => [op, [floats(2, 3), floats(3), floats(2, 1)]]),
  ...'Equal Greater GreaterOrEqual Less LessOrEqual'.split(' ').map((op): Case => [op, [floats(4, 5), floats(5)]]),
  ...'And Or Xor'.split(' ').map((op): Case => [op, [bool(3, 4), bool(4)]]),
  ['Not', [bool(5)]],
  ['Where', [bool(2, 3), floats(3), floats(2, 1)]],
  ['Clip', [floats(8), values([], -0.5), values([], 0.75)]],
  ['BitwiseAnd', [int32([3], 12, -7, 5), int32([3], 10, 6, 3)]],
  ['BitwiseOr', [int32([3], 12, -7, 5), int32([3], 10, 6, 3)]],
  ['BitwiseXor', [int32([3], 12, -7, 5), int32([3], 10, 6, 3)]],
  ['BitwiseNot', [int32([3], 12, -7, 5)]],
  ...'ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSumExp'
    .split(' ')
    .flatMap((op): Case[] => [
      [op, [floats(2, 3, 4), int64(1)]],
      [op, [floats(2, 3, 4), int64(-1, 0)], { keepdims: 0n }],
      [op, [floats(2, 3)]],
    ]),
  ['ReduceLogSum', [positive(2, 3), int64(1)]],
  ['ReduceMean', [floats(2, 3, 4)], { axes: [-1n] }, 1, 13],
  ['ReduceSum', [floats(2, 3)], { noop_with_empty_axes: 1n }],
  ['ArgMax', [floats(3, 4)], { axis: 1n }],
  ['ArgMin', [floats(3, 4)], { axis: 0n, keepdims: 0n }],
  ['ArgMax', [values([4], 1, 2, 2, 0)], { select_last_index: 1n }],
  ['CumSum', [floats(2, 4), scalar64(1)]],
  ['CumSum', [floats(2, 4), scalar64(0)], { exclusive: 1n, reverse: 1n }],
  ['LSTM', [floats(3, 2, 4), small(1, 20, 4), small(1, 20, 5)], { hidden_size: 5n }, 3],
  [
    'LSTM',
    [
      floats(3, 2, 4),
      small(2, 20, 4),
      small(2, 20, 5),
      small(2, 40),
      null,
      floats(2, 2, 5),
      floats(2, 2, 5),
      small(2, 15),
    ],
    { hidden_size: 5n, direction: 'bidirectional' },
    3,
  ],
  [
    'GRU',
    [floats(3, 2, 4), small(1, 15, 4), small(1, 15, 5), small(1, 30)],
    { hidden_size: 5n, direction: 'reverse' },
    2,
  ],
  [
    'GRU',
    [floats(3, 2, 4), small(2, 15, 4), small(2, 15, 5), small(2, 30)],
    { hidden_size: 5n, direction: 'bidirectional', linear_before_reset: 1n },
    2,
  ],
  ['RNN', [floats(3, 2, 4), small(1, 5, 4), small(1, 5, 5), small(1, 10)], { hidden_size: 5n }, 2],
  ['GridSample', [floats(2, 2, 3, 4), floats(2, 3, 5, 2)], {}],
  ['GridSample', [floats(2, 2, 3, 4), floats(2, 3, 5, 2)], { mode: 'cubic', padding_mode: 'border' }],
  ['GridSample', [floats(2, 2, 3, 4), floats(2, 3, 5, 2)], { padding_mode: 'reflection', align_corners: 1n }],
  ['GridSample', [floats(2, 2, 3, 4), floats(2, 3, 5, 2)], { mode: 'nearest', padding_mode: 'reflection' }],
  ['Reshape', [floats(2, 3, 4), int64(0, -1)]],
  ['Transpose', [floats(2, 3, 4)]],
  ['Transpose', [floats(2, 3, 4, 5)], { perm: [0n, 3n, 1n, 2n] }],
  ['Concat', [floats(2, 3), floats(2, 1), floats(2, 4)], { axis: -1n }],
  ['Split', [floats(2, 7)], { axis: 1n, num_outputs: 3n }, 3],
  ['Split', [floats(2, 7), int64(2, 5)], { axis: 1n }, 2],
  ['Slice', [floats(5, 6), int64(-1, 1), int64(-100, 100), int64(0, 1), int64(-2, 2)]],
  ['Slice', [floats(5, 6), int64(1), int64(3)]],
  ['Squeeze', [floats(1, 3, 1), int64(0)]],
  ['Squeeze', [floats(1, 3, 1)]],
  ['Unsqueeze', [floats(3), int64(0, -1)]],
  ['Flatten', [floats(2, 3, 4)], { axis: -1n }],
  ['Gather', [floats(4, 3), int64s([2, 2], 0, -1, 3, 1)]],
  ['Gather', [floats(4, 3), int64(2, 0)], { axis: 1n }],
  ['GatherElements', [floats(3, 3), int64s([2, 3], 0, 1, 2, 2, -1, 0)], { axis: 0n }],
  ['GatherND', [floats(2, 3, 4), int64s([2, 2], 0, 1, 1, 2)]],
  ['GatherND', [floats(2, 3, 4), int64s([2, 1], 1, 2)], { batch_dims: 1n }],
  ['ScatterElements', [floats(3, 3), int64s([1, 3], 2, 0, 1), floats(1, 3)]],
  ['ScatterElements', [floats(3, 3), int64s([2, 2], 0, 1, 1, 1), floats(2, 2)], { axis: 1n, reduction: 'add' }],
  ['ScatterND', [floats(4, 3), int64s([2, 1], 3, 1), floats(2, 3)]],
  ['Expand', [floats(3, 1), int64(2, 1, 4)]],
  ['Tile', [floats(2, 3), int64(2, 1)]],
  ['Pad', [floats(2, 3), int64(1, 0, 0, 2), values([], 7)]],
  ['Pad', [floats(4, 3), int64(2, 1, 1, 2)], { mode: 'reflect' }],
  ['Pad', [floats(2, 3), int64(2, 1, 1, 2)], { mode: 'edge' }],
  ['Pad', [floats(3, 4), int64(1, 2, 2, 1)], { mode: 'wrap' }],
  ['Pad', [floats(3, 4), int64(-1, 0, 0, -2)]],
  ['Shape', [floats(2, 3, 4)], { start: -2n }],
  ['Size', [floats(2, 3, 4)]],
  [
    'ConstantOfShape',
    [int64(2, 3)],
    { value: { type: 1, dims: [1], bytes: new Uint8Array(Float32Array.of(3).buffer) } },
  ],
  ['Range', [scalar64(3), scalar64(-4), scalar64(-2)]],
  ['OneHot', [int64(1, -1, 7), scalar64(3), values([2], 0.5, 2)], { axis: 0n }],
  ['NonZero', [values([2, 3], 1, 0, 2, 0, 0, 3)]],
  ['TopK', [floats(2, 6), int64(3)], {}, 2],
  ['TopK', [floats(6, 2), int64(2)], { axis: 0n, largest: 0n }, 2],
  ['Trilu', [floats(2, 4, 4), scalar64(-1)], { upper: 0n }],
  ['Trilu', [floats(4, 5), scalar64(1)]],
  ['DepthToSpace', [floats(1, 8, 2, 3)], { blocksize: 2n }],
  ['DepthToSpace', [floats(1, 8, 2, 3)], { blocksize: 2n, mode: 'CRD' }],
  ['SpaceToDepth', [floats(1, 2, 4, 6)], { blocksize: 2n }],
  ['MatMul', [floats(2, 1, 3, 4), floats(3, 4, 5)]],
  ['MatMul', [floats(4), floats(2, 4, 3)]],
  ['MatMul', [floats(3, 4), floats(4)]],
  ['Gemm', [floats(4, 3), floats(5, 4), floats(5)], { transA: 1n, transB: 1n, alpha: 0.5, beta: 2 }],
  ['Einsum', [floats(2, 3, 4), floats(2, 5, 4)], { equation: 'bij,bkj->bik' }],
  ['Einsum', [floats(3, 3)], { equation: 'ii' }],
  ['MatMulInteger', [bytes('uint8', [2, 3]), bytes('int8', [3, 4])]],
  [
    'Conv',
    [floats(2, 4, 7, 6), floats(6, 2, 3, 2), floats(6)],
    { group: 2n, pads: [1n, 0n, 2n, 1n], strides: [2n, 1n], dilations: [1n, 2n] },
  ],
  ['Conv', [floats(1, 3, 9), floats(2, 3, 4)], { auto_pad: 'SAME_LOWER', strides: [2n] }],
  ['Conv', [floats(1, 4, 3, 3), floats(5, 4, 1, 1)]],
  ['Conv', [floats(1, 2, 3, 4, 3), floats(2, 2, 2, 2, 2)], { strides: [1n, 2n, 1n], pads: [1n, 0n, 0n, 0n, 1n, 1n] }],
  [
    'ConvTranspose',
    [floats(1, 4, 3, 2), floats(4, 2, 3, 3), floats(4)],
    { group: 2n, strides: [2n, 3n], pads: [1n, 0n, 0n, 1n], output_padding: [1n, 0n] },
  ],
  ['ConvTranspose', [floats(1, 2, 3, 3), floats(2, 3, 2, 2)], { dilations: [2n, 1n], strides: [1n, 2n] }],
  ['ConvTranspose', [floats(1, 2, 3, 3), floats(2, 3, 2, 2)], { strides: [2n, 2n], output_shape: [7n, 5n] }],
  ['MaxPool', [floats(1, 2, 7, 7)], { kernel_shape: [3n, 2n], strides: [2n, 2n], pads: [1n, 0n, 1n, 1n] }],
  ['MaxPool', [floats(1, 2, 7, 6)], { kernel_shape: [3n, 3n], strides: [2n, 2n], ceil_mode: 1n, dilations: [1n, 2n] }],
  ['AveragePool', [floats(1, 2, 6, 5)], { kernel_shape: [3n, 2n], strides: [2n, 2n], pads: [1n, 0n, 1n, 1n] }],
  [
    'AveragePool',
    [floats(1, 2, 6, 5)],
    { kernel_shape: [3n, 2n], strides: [2n, 2n], pads: [1n, 0n, 1n, 1n], count_include_pad: 1n },
  ],
  ['AveragePool', [floats(1, 2, 7, 7)], { kernel_shape: [3n, 3n], strides: [3n, 3n], auto_pad: 'SAME_UPPER' }],
  ['GlobalAveragePool', [floats(2, 3, 4, 5)]],
  ['GlobalMaxPool', [floats(2, 3, 4, 5)]],
  ...['asymmetric', 'half_pixel', 'align_corners', 'pytorch_half_pixel'].flatMap((mode): Case[] => [
    [
      'Resize',
      [floats(1, 2, 3, 4), null, values([4], 1, 1, 2, 1.5)],
      { mode: 'linear', coordinate_transformation_mode: mode },
    ],
    [
      'Resize',
      [floats(1, 2, 3, 4), null, null, int64(1, 2, 5, 7)],
      { mode: 'nearest', coordinate_transformation_mode: mode, nearest_mode: 'floor' },
    ],
    [
      'Resize',
      [floats(1, 1, 4, 5), null, values([4], 1, 1, 2, 1.6)],
      { mode: 'cubic', coordinate_transformation_mode: mode },
    ],
  ]),
  [
    'Resize',
    [floats(1, 1, 4, 5), null, values([4], 1, 1, 0.5, 0.6)],
    { mode: 'nearest', nearest_mode: 'round_prefer_ceil' },
  ],
  [
    'Resize',
    [floats(1, 1, 4, 5), null, values([4], 1, 1, 2, 2)],
    { mode: 'cubic', exclude_outside: 1n, cubic_coeff_a: -0.5 },
  ],
  ['Resize', [floats(1, 1, 8, 9), null, values([4], 1, 1, 0.5, 0.6)], { mode: 'linear', antialias: 1n }],
  ['LayerNormalization', [floats(2, 3, 8), floats(8), floats(8)], { epsilon: 1e-3 }],
  ['LayerNormalization', [floats(2, 3, 4), floats(3, 4)], { axis: 1n }],
  ['RMSNormalization', [floats(2, 3, 8), floats(8)], { epsilon: 1e-3 }, 1, 23],
  ['BatchNormalization', [floats(2, 3, 4), floats(3), floats(3), floats(3), positive(3)], { epsilon: 1e-3 }],
  ['InstanceNormalization', [floats(2, 3, 4, 2), floats(3), floats(3)]],
  ['GroupNormalization', [floats(2, 4, 3), floats(4), floats(4)], { num_groups: 2n }],
  ['GroupNormalization', [floats(2, 4, 3), floats(2), floats(2)], { num_groups: 2n }, 1, 18],
  ['LpNormalization', [floats(3, 4)], { axis: 1n }],
  ['Softmax', [floats(2, 3, 4)], { axis: 1n }],
  ['Softmax', [floats(2, 3, 4)], { axis: 1n }, 1, 11],
  ['LogSoftmax', [floats(2, 3, 4)]],
  ['Hardmax', [floats(2, 5)]],
  ['EyeLike', [floats(3, 5)], { k: 1n }],
  ['EyeLike', [floats(4, 2)], { k: -1n, dtype: 7n }],
  ['ReverseSequence', [floats(4, 3, 2), int64(1, 4, 2)]],
  ['ReverseSequence', [floats(3, 4), int64(2, 3, 1)], { time_axis: 1n, batch_axis: 0n }],
  ['Compress', [floats(3, 4), bool(3)], { axis: 1n }],
  ['Compress', [floats(3, 4), bool(9)]],
  ['LRN', [floats(2, 6, 3, 2)], { size: 3n, alpha: 0.3, beta: 0.6, bias: 1.2 }],
  ['LRN', [floats(1, 5, 2, 2)], { size: 7n }],
  ['LpPool', [floats(1, 2, 6, 5)], { kernel_shape: [3n, 2n], strides: [2n, 1n], pads: [1n, 0n, 1n, 1n] }],
  ['LpPool', [floats(1, 2, 7)], { kernel_shape: [3n], p: 1n }],
  ['LpPool', [floats(2, 1, 7)], { kernel_shape: [2n], p: 3n, dilations: [2n] }, 1, 18],
  ['GlobalLpPool', [floats(2, 3, 4, 2)]],
  ['GlobalLpPool', [floats(2, 3, 4)], { p: 3n }],
  ['MeanVarianceNormalization', [floats(3, 2, 4, 2)]],
  ['MeanVarianceNormalization', [floats(3, 4)], { axes: [1n] }],
  ['Cast', [floats(6)], { to: 7n }],
  ['Cast', [int64(300, -1)], { to: 2n }],
  ['Cast', [bool(4)], { to: 1n }],
  ['Cast', [floats(4)], { to: 9n }],
  ['QuantizeLinear', [floats(3, 4), values([], 0.013), { type: 'uint8', shape: [], data: Uint8Array.of(128) }]],
  [
    'QuantizeLinear',
    [floats(3, 4), positive(4), { type: 'int8', shape: [4], data: Int8Array.of(1, -2, 3, 0) }],
    { axis: 1n },
  ],
  [
    'DequantizeLinear',
    [bytes('uint8', [3, 4]), values([], 0.02), { type: 'uint8', shape: [], data: Uint8Array.of(100) }],
  ],
  ['DequantizeLinear', [bytes('int8', [3, 4]), positive(3)], { axis: 0n }],
  ['DynamicQuantizeLinear', [floats(3, 4)], {}, 3],
  ['Attention', [floats(2, 4, 3, 8), floats(2, 2, 5, 8), floats(2, 2, 5, 6), floats(3, 5)], { softcap: 2 }, 1, 23],
  [
    'Attention',
    [floats(1, 3, 8), floats(1, 3, 4), floats(1, 3, 4)],
    { q_num_heads: 4n, kv_num_heads: 2n, is_causal: 1n },
    1,
    23,
  ],
  [
    'RotaryEmbedding',
    [floats(2, 3, 4, 8), small(5, 4), small(5, 4), int64s([2, 4], 0, 1, 4, 2, 2, 0, 3, 1)],
    {},
    1,
    23,
  ],
  [
    'RotaryEmbedding',
    [floats(1, 3, 8), small(5, 2), small(5, 2), int64s([1, 3], 0, 1, 4)],
    { num_heads: 2n, interleaved: 1n },
    1,
    23,
  ],
  ['Swish', [floats(6)], { alpha: 1.5 }, 1, 24],
  ['Einsum', [floats(2, 3, 4), floats(4, 5)], { equation: '...ij,jk->...ik' }],
  ['Einsum', [floats(2, 3, 3)], { equation: '...ii->...i' }],
  ['MaxPool', [floats(2, 2, 7, 6)], { kernel_shape: [3n, 2n], strides: [2n, 2n], pads: [1n, 0n, 1n, 1n] }, 2],
  ['MaxPool', [floats(2, 2, 5, 6)], { kernel_shape: [2n, 3n], storage_order: 1n }, 2],
  ['MaxUnpool', [floats(1, 1, 2, 2), int64s([1, 1, 2, 2], 1, 3, 8, 15)], { kernel_shape: [2n, 2n], strides: [2n, 2n] }],
  ...['not_larger', 'not_smaller'].map(
    (policy): Case => [
      'Resize',
      [floats(1, 1, 4, 5), null, null, int64(7, 8)],
      { mode: 'linear', keep_aspect_ratio_policy: policy, axes: [2n, 3n] },
    ],
  ),
  [
    'Resize',
    [floats(1, 1, 4, 5), values([8], 0, 0, 0.2, -0.3, 1, 1, 0.9, 1.4), null, int64(1, 1, 3, 6)],
    { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize', extrapolation_value: 9.5 },
  ],
  ['Dropout', [floats(3, 4)], {}, 2],
  ['ConvInteger', [bytes('uint8', [1, 2, 5, 4]), bytes('uint8', [3, 2, 2, 3]), uint8(130)], { pads: [1n, 0n, 0n, 1n] }],
  [
    'QLinearConv',
    [
      ...quantized(bytes('uint8', [1, 4, 5, 4]), [0.02], 120),
      ...quantized(bytes('int8', [6, 2, 2, 3]), [0.01, 0.02, 0.015, 0.01, 0.03, 0.02], 0),
      ...scaleAndPoint('uint8', [0.9], 100),
      int32([6], 90, -1200, 3, 0, 44, 500),
    ],
    { group: 2n, strides: [2n, 1n] },
  ],
  [
    'QLinearMatMul',
    [
      ...quantized(bytes('uint8', [2, 3, 4]), [0.02], 120),
      ...quantized(bytes('uint8', [2, 4, 5]), [0.015], 131),
      ...scaleAndPoint('uint8', [0.11], 100),
    ],
  ],
  ['DFT', [floats(2, 6, 2)], {}, 1, 17],
  ['DFT', [floats(2, 5, 1)], { onesided: 1n }, 1, 17],
  ['DFT', [floats(2, 6, 3, 2), scalar64(8), scalar64(1)], { inverse: 1n }, 1, 20],
  ['STFT', [floats(2, 16, 1), scalar64(3), positive(6)], {}],
  ['STFT', [floats(1, 12, 1), scalar64(4), null, scalar64(5)], { onesided: 0n }],
  ...['HannWindow', 'HammingWindow', 'BlackmanWindow'].flatMap((op): Case[] => [
    [op, [scalar64(7)]],
    [op, [scalar64(8)], { periodic: 0n }],
  ]),
  ['MelWeightMatrix', [scalar64(8), scalar64(64), scalar64(8000), values([], 125), values([], 3500)]],
  ['NonMaxSuppression', [bricks, positive(2, 2, 6), scalar64(3), values([], 0.4), values([], 0.6)]],
  ['NonMaxSuppression', [positive(1, 6, 4), positive(1, 1, 6), scalar64(4), values([], 0.3)], { center_point_box: 1n }],
  ...['avg', 'max'].map(
    (mode): Case => [
      'RoiAlign',
      [floats(2, 3, 6, 7), values([3, 4], 0, 0, 8, 6, 2, 1, 5.5, 9, 3, 3, 3.5, 3.25), int64(0, 1, 1)],
      { mode, output_height: 2n, output_width: 3n, sampling_ratio: 2n, spatial_scale: 0.75 },
    ],
  ),
  [
    'RoiAlign',
    [floats(1, 1, 6, 7), values([1, 4], 1, 0, 6, 5), int64(0)],
    { output_height: 2n, output_width: 2n },
    1,
    10,
  ],
  ['Unique', [values([6], 2, 1, 1, 3, 4, 3)], {}, 4, 11],
  ['Unique', [values([6], 2, 1, 1, 3, 4, 3)], { sorted: 0n }, 4, 11],
  ['Unique', [values([4, 2], 1, 0, 1, -1, 1, 0, 0, 5)], { axis: 0n }, 4, 11],
  ['AffineGrid', [floats(2, 2, 3), int64(2, 3, 4, 5)], {}, 1, 20],
  ['AffineGrid', [floats(1, 3, 4), int64(1, 2, 2, 3, 4)], { align_corners: 1n }, 1, 20],
  ['Col2Im', [floats(1, 12, 12), int64(4, 5), int64(2, 3)], { pads: [0n, 1n, 0n, 0n] }],
  ['CenterCropPad', [floats(5, 4, 3), int64(2, 7)], { axes: [0n, 1n] }],
];

/** What older operator sets have otherwise: attributes that became inputs, other defaults, other names. */
const olderSets: readonly Case[] = [
  ['Clip', [floats(3, 4)], { min: -0.5, max: 0.7 }, 1, 10],
  ['Clip', [floats(3, 4)], { max: 0.7 }, 1, 7],
  ['Clip', [floats(3, 4), values([], -0.5), values([], 0.7)], {}, 1, 11],
  ['Clip', [floats(3, 4), null, values([], 0.7)], {}, 1, 12],
  ['Pad', [floats(2, 3)], { pads: [1n, 0n, 0n, 2n], mode: 'reflect' }, 1, 10],
  ['Pad', [floats(2, 3)], { pads: [0n, 1n, 1n, 0n], value: 2.5 }, 1, 7],
  ['Pad', [floats(2, 3), int64(1, 0, 0, 2), values([], 1.5)], {}, 1, 11],
  ['Pad', [floats(2, 3), int64(1, 2, 0, 2)], { mode: 'edge' }, 1, 13],
  ['Pad', [floats(2, 3), int64(1, 2), values([], 1.5), int64(-1)], {}, 1, 18],
  ['Pad', [floats(2, 3), int64(1, 2, 0, 2)], { mode: 'wrap' }, 1, 19],
  ['Slice', [floats(5, 4)], { starts: [1n, -3n], ends: [100n, -1n], axes: [0n, 1n] }, 1, 9],
  ['Slice', [floats(5, 4), int64(-1), int64(-100), int64(0), int64(-2)], {}, 1, 10],
  ['Squeeze', [floats(1, 3, 1)], { axes: [0n, 2n] }, 1, 11],
  ['Squeeze', [floats(1, 3, 1)], {}, 1, 12],
  ['Unsqueeze', [floats(3, 2)], { axes: [0n, -1n] }, 1, 11],
  ['ReduceSum', [floats(3, 4, 2)], { axes: [-1n, 0n], keepdims: 0n }, 1, 11],
  ['ReduceMax', [floats(3, 4, 2)], { axes: [1n] }, 1, 12],
  ['ReduceMean', [floats(3, 4, 2)], { axes: [-2n], keepdims: 0n }, 1, 17],
  ['ReduceMean', [floats(3, 4, 2)], {}, 1, 13],
  ['ReduceL2', [floats(3, 4, 2)], { axes: [1n] }, 1, 13],
  ['ReduceLogSumExp', [floats(3, 4, 2)], { axes: [2n] }, 1, 13],
  ['Softmax', [floats(2, 3, 4)], {}, 1, 11],
  ['Softmax', [floats(2, 3, 4)], { axis: 0n }, 1, 9],
  ['Softmax', [floats(2, 3, 4)], { axis: -1n }, 1, 12],
  ['Softmax', [floats(2, 3, 4)], { axis: 1n }, 1, 13],
  ['LogSoftmax', [floats(2, 3, 4)], { axis: 1n }, 1, 11],
  ['Hardmax', [floats(2, 3, 4)], { axis: 1n }, 1, 11],
  ['Resize', [floats(1, 1, 3, 4), values([4], 1, 1, 2, 2)], { mode: 'nearest' }, 1, 10],
  ['Resize', [floats(1, 1, 3, 4), values([4], 1, 1, 2, 1.5)], { mode: 'linear' }, 1, 10],
  [
    'Resize',
    [floats(1, 1, 3, 4), values([0]), values([4], 1, 1, 2, 2)],
    { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    1,
    11,
  ],
  [
    'Resize',
    [floats(1, 1, 3, 4), null, values([4], 1, 1, 2, 2)],
    { mode: 'linear', coordinate_transformation_mode: 'align_corners' },
    1,
    13,
  ],
  [
    'Resize',
    [floats(1, 1, 3, 4), null, null, int64(1, 1, 5, 7)],
    { mode: 'linear', coordinate_transformation_mode: 'pytorch_half_pixel' },
    1,
    13,
  ],
  ['Resize', [floats(1, 1, 4, 4), null, null, int64(1, 1, 7, 6)], { mode: 'cubic', cubic_coeff_a: -0.5 }, 1, 18],
  ['Resize', [floats(1, 1, 4, 4), null, null, int64(1, 1, 2, 3)], { mode: 'nearest', nearest_mode: 'ceil' }, 1, 19],
  ['Upsample', [floats(1, 1, 3, 4), values([4], 1, 1, 2, 2)], { mode: 'nearest' }, 1, 9],
  ['Upsample', [floats(1, 1, 3, 4)], { mode: 'nearest', scales: [1, 1, 2, 3] }, 1, 7],
  ['TopK', [floats(3, 5), int64(2)], { axis: 1n }, 2, 10],
  ['TopK', [floats(3, 5), int64(2)], { axis: 0n, largest: 0n }, 2, 11],
  ['BatchNormalization', [floats(2, 3, 4), floats(3), floats(3), floats(3), positive(3)], {}, 1, 7],
  ['BatchNormalization', [floats(2, 3, 4), floats(3), floats(3), floats(3), positive(3)], { epsilon: 0.1 }, 1, 9],
  ['BatchNormalization', [floats(2, 3, 4), floats(3), floats(3), floats(3), positive(3)], {}, 1, 14],
  ['Dropout', [floats(3, 4)], { ratio: 0.5 }, 1, 7],
  ['Dropout', [floats(3, 4)], { ratio: 0.5 }, 1, 10],
  ['Dropout', [floats(3, 4), values([], 0.3)], {}, 1, 12],
  ['Dropout', [floats(3, 4)], {}, 1, 13],
  ['Split', [floats(6, 2)], { axis: 0n, split: [2n, 4n] }, 2, 11],
  ['Split', [floats(6, 2)], { axis: 0n }, 3, 11],
  ['Split', [floats(6, 2)], { axis: 0n }, 3, 13],
  ['Split', [floats(7, 2)], { axis: 0n, num_outputs: 3n }, 3, 18],
  ['Gemm', [floats(3, 4), floats(4, 2), floats(2)], { alpha: 0.5 }, 1, 7],
  ['Gemm', [floats(3, 4), floats(2, 4)], { transB: 1n }, 1, 11],
  ['AveragePool', [floats(1, 2, 5, 5)], { kernel_shape: [3n, 3n], strides: [2n, 2n], auto_pad: 'SAME_UPPER' }, 1, 7],
  [
    'AveragePool',
    [floats(1, 2, 5, 5)],
    { kernel_shape: [3n, 2n], strides: [2n, 2n], pads: [1n, 0n, 1n, 0n], ceil_mode: 1n },
    1,
    10,
  ],
  [
    'AveragePool',
    [floats(1, 2, 6, 6)],
    { kernel_shape: [2n, 2n], dilations: [2n, 2n], count_include_pad: 1n, pads: [1n, 1n, 1n, 1n] },
    1,
    19,
  ],
  ['MaxPool', [floats(1, 2, 6, 5)], { kernel_shape: [3n, 3n], strides: [2n, 2n], auto_pad: 'SAME_LOWER' }, 1, 8],
  [
    'MaxPool',
    [floats(1, 2, 7, 7)],
    { kernel_shape: [3n, 3n], dilations: [2n, 2n], strides: [2n, 2n], ceil_mode: 1n },
    1,
    12,
  ],
  ['DepthToSpace', [floats(1, 8, 2, 2)], { blocksize: 2n }, 1, 7],
  ['DepthToSpace', [floats(1, 8, 2, 2)], { blocksize: 2n, mode: 'CRD' }, 1, 11],
  ['Scatter', [floats(3, 3), int64s([1, 3], 0, 2, 1), floats(1, 3)], { axis: 0n }, 1, 9],
  ['ScatterElements', [floats(3, 3), int64s([1, 3], 0, 2, -1), floats(1, 3)], { axis: 0n }, 1, 11],
  [
    'ScatterElements',
    [floats(3, 3), int64s([2, 3], 0, 2, -1, 0, 1, 1), floats(2, 3)],
    { axis: 0n, reduction: 'add' },
    1,
    16,
  ],
  [
    'ScatterElements',
    [floats(3, 3), int64s([2, 3], 0, 2, -1, 0, 1, 1), floats(2, 3)],
    { axis: 0n, reduction: 'max' },
    1,
    18,
  ],
  ['ScatterND', [floats(3, 3), int64s([2, 1], 0, 2), floats(2, 3)], {}, 1, 11],
  ['GatherND', [floats(2, 3, 4), int64s([2, 1], 1, 2)], { batch_dims: 1n }, 1, 12],
  ['GroupNormalization', [floats(2, 4, 3), floats(2), floats(2)], { num_groups: 2n }, 1, 18],
  ['GroupNormalization', [floats(2, 4, 3), floats(4), floats(4)], { num_groups: 2n }, 1, 21],
  ['CumSum', [floats(2, 4), scalar64(1)], { exclusive: 1n }, 1, 11],
  ['ArgMax', [floats(3, 4)], { axis: -1n, keepdims: 0n }, 1, 11],
  ['ArgMin', [values([2, 3], 1, 1, 2, 0, 0, 0)], { axis: 1n, select_last_index: 1n }, 1, 13],
  ['Flatten', [floats(2, 3, 4)], { axis: -1n }, 1, 11],
  ['Flatten', [floats(2, 3, 4)], { axis: 2n }, 1, 9],
  ['Transpose', [floats(2, 3, 4)], {}, 1, 25],
  ['LayerNormalization', [floats(2, 3, 4), floats(4), floats(4)], {}, 1, 17],
  ['InstanceNormalization', [floats(2, 3, 4), floats(3), floats(3)], {}, 1, 22],
  ['Gelu', [floats(5)], {}, 1, 20],
  ['QuantizeLinear', [floats(2, 3), values([], 0.05), { type: 'uint8', shape: [], data: Uint8Array.of(7) }], {}, 1, 10],
  [
    'QuantizeLinear',
    [floats(2, 3), values([2], 0.05, 0.1), { type: 'int8', shape: [2], data: Int8Array.of(7, -3) }],
    { axis: 0n },
    1,
    13,
  ],
  ['DequantizeLinear', [bytes('int8', [2, 3]), values([3], 0.5, 0.25, 2)], { axis: -1n }, 1, 13],
  ['DynamicQuantizeLinear', [floats(3, 4)], {}, 3, 11],
  ['Conv', [floats(1, 2, 7), floats(3, 2, 3)], { auto_pad: 'SAME_LOWER', strides: [2n] }, 1, 11],
  [
    'Conv',
    [floats(1, 4, 5, 5), floats(4, 2, 3, 3), floats(4)],
    { group: 2n, dilations: [2n, 1n], pads: [2n, 1n, 2n, 1n] },
    1,
    22,
  ],
  ['ConvTranspose', [floats(1, 2, 3, 3), floats(2, 2, 3, 3)], { strides: [2n, 2n], output_shape: [6n, 7n] }, 1, 11],
  [
    'ConvTranspose',
    [floats(1, 4, 3), floats(4, 1, 3), floats(2)],
    { group: 2n, strides: [2n], auto_pad: 'SAME_UPPER' },
    1,
    11,
  ],
  ['Sum', [floats(2, 3), floats(3), floats(2, 1)], {}, 1, 8],
  ['Mean', [floats(2, 3), floats(3)], {}, 1, 13],
  ['Pow', [positive(2, 3), floats(3)], {}, 1, 7],
  ['Mod', [floats(2, 3), positive(3)], { fmod: 1n }, 1, 10],
  ['Expand', [floats(3, 1), int64(2, 1, 4)], {}, 1, 8],
  ['Tile', [floats(2, 3), int64(2, 2)], {}, 1, 13],
  ['OneHot', [int64(0, 2, -1), scalar64(4), values([2], 1, 5)], { axis: 0n }, 1, 9],
  ['LpNormalization', [floats(3, 4)], { axis: 0n, p: 1n }, 1, 22],
  ['Einsum', [floats(2, 3), floats(3, 4)], { equation: 'ij,jk' }, 1, 12],
  ['Trilu', [floats(4, 4), scalar64(1)], { upper: 0n }, 1, 14],
  ['Selu', [floats(6)], {}, 1, 7],
  ['HardSigmoid', [floats(6)], {}, 1, 22],
  ['ThresholdedRelu', [floats(6)], { alpha: 0.4 }, 1, 10],
  ['GatherElements', [floats(3, 2), int64s([1, 2], -1, 0)], { axis: 0n }, 1, 11],
  ['CastLike', [floats(3), int64(0)], {}, 1, 15],
  ['Size', [floats(3, 2)], {}, 1, 13],
  ['IsInf', [values([3], Infinity, -Infinity, 1)], { detect_negative: 0n }, 1, 10],
  ['NonZero', [floats(3, 2)], {}, 1, 9],
  ['ReduceSumSquare', [floats(3, 2), int64(0)], {}, 1, 18],
  ['ReduceMin', [floats(3, 2), int64(-1)], { keepdims: 0n }, 1, 20],
  // The newest set that it loads.
  ['Add', [floats(2, 3), floats(3)], {}, 1, 26],
  ['MatMul', [floats(2, 3), floats(3, 4)], {}, 1, 26],
  ['Conv', [floats(1, 2, 7), floats(3, 2, 3)], {}, 1, 26],
  ['Softmax', [floats(2, 3)], { axis: 0n }, 1, 26],
  ['LayerNormalization', [floats(2, 8), floats(8)], {}, 1, 26],
  ['RMSNormalization', [floats(2, 8), floats(8)], {}, 1, 26],
  ['Attention', [floats(1, 2, 3, 8), floats(1, 2, 5, 8), floats(1, 2, 5, 6)], {}, 1, 26],
  ['ReduceMean', [floats(3, 2), int64(-1)], {}, 1, 26],
  ['Reshape', [floats(3, 2), int64(2, -1)], {}, 1, 26],
  ['Gather', [floats(3, 2), int64(2, -1)], {}, 1, 26],
];

const named = [...cases, ...olderSets].map((one, i) => [`${one[0]} ${i}`, one] as const);

describe('operators beside onnxruntime-web', () => {
  it.each(named)('%s', async (_, one) => {
    const [ours, theirs] = await both(one);
    ours.forEach((tensor, k) => {
      const other = theirs[k];
      expect([...tensor.shape], 'shape').toEqual([...other.dims]);
      const [a, b] = [Array.from(tensor.data, Number), Array.from(other.data as Float32Array, Number)];
      const largest = b.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 1e-30);
      const tolerance = tensor.type === 'float' ? 1e-5 * largest : 0;
      a.forEach((x, i) => {
        if (Object.is(x, b[i]) || x === b[i]) return;
        expect(Math.abs(x - b[i]), `element ${i}: ${x}, there ${b[i]}`).toBeLessThanOrEqual(tolerance);
      });
    });
  });

  it('are all there, but those that onnxruntime-web does not have or has otherwise', () => {
    const tested = new Set([...cases, ...olderSets].map(([op]) => op));
    expect([...operators.keys()].filter((op) => !tested.has(op) && op !== 'If').sort()).toEqual([
      'BitShift',
      'CausalConvWithState',
      'CumProd',
      'SwiGLU',
      'TensorScatter',
    ]);
  });
});
