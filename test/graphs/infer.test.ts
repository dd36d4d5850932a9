import { constantOf, defineGraph, inferShapes, type Node, type Value } from 'bittrue/graphs';
import { describe, expect, it } from 'vitest';

const integers = (...values: number[]) =>
  constantOf({ type: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });
const floats = (shape: number[]) =>
  constantOf({ type: 'float', shape, data: new Float64Array(shape.reduce((product, axis) => product * axis, 1)) });

const x: Value = { name: 'x', type: 'float', shape: ['n', 3, 8, 8] };

async function shapesOf(
  nodes: readonly (readonly [
    op: string,
    inputs: readonly string[],
    attributes?: Node['attributes'],
    outputs?: number,
  ])[],
  constants: Record<string, ReturnType<typeof constantOf>> = {},
  inputs: readonly Value[] = [x],
) {
  const made = nodes.map(([op, names, attributes = {}, outputs = 1], i) => ({
    name: `v${i}`,
    op,
    inputs: names,
    outputs: Array.from({ length: outputs }, (_, k) => (k === 0 ? `v${i}` : `v${i}.${k}`)),
    attributes,
  }));
  const graph = defineGraph({ name: 'g', inputs, nodes: made, outputs: [`v${nodes.length - 1}`], constants });
  const known = await inferShapes(graph);
  return made.map(({ name }) => known.get(name)?.shape);
}

describe('inferShapes', () => {
  it.each<[string, Parameters<typeof shapesOf>, unknown]>([
    [
      'Conv',
      [[['Conv', ['x', 'w'], { pads: [1, 1, 1, 1], strides: [2, 2] }]], { w: floats([16, 3, 3, 3]) }],
      ['n', 16, 4, 4],
    ],
    [
      'Conv, SAME',
      [[['Conv', ['x', 'w'], { auto_pad: 'SAME_UPPER', strides: [3, 3] }]], { w: floats([5, 3, 2, 2]) }],
      ['n', 5, 3, 3],
    ],
    [
      'ConvTranspose',
      [[['ConvTranspose', ['x', 'w'], { strides: [2, 2] }]], { w: floats([3, 7, 2, 2]) }],
      ['n', 7, 16, 16],
    ],
    ['MaxPool', [[['MaxPool', ['x'], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }]]], ['n', 3, 4, 4]],
    ['GlobalAveragePool', [[['GlobalAveragePool', ['x']]]], ['n', 3, 1, 1]],
    ['Flatten', [[['Flatten', ['x'], { axis: 2 }]]], [null, 64]],
    ['Transpose', [[['Transpose', ['x'], { perm: [0, 2, 3, 1] }]]], ['n', 8, 8, 3]],
    ['ReduceMean', [[['ReduceMean', ['x', 'a'], { keepdims: 0 }]], { a: integers(-1, 1) }], ['n', 8]],
    ['Unsqueeze', [[['Unsqueeze', ['x', 'a']]], { a: integers(0, -1) }], [1, 'n', 3, 8, 8, 1]],
    [
      'Slice',
      [[['Slice', ['x', 's', 'e', 'a', 'p']]], { s: integers(-1), e: integers(-100), a: integers(3), p: integers(-3) }],
      ['n', 3, 8, 3],
    ],
    ['Split', [[['Split', ['x', 'p'], { axis: 1 }, 2]], { p: integers(1, 2) }], ['n', 1, 8, 8]],
    ['Concat', [[['Concat', ['x', 'x'], { axis: 1 }]]], ['n', 6, 8, 8]],
    ['Gather', [[['Gather', ['x', 'i'], { axis: 1 }]], { i: integers(0, 1) }], ['n', 2, 8, 8]],
    ['MatMul', [[['MatMul', ['x', 'w']]], { w: floats([8, 5]) }], ['n', 3, 8, 5]],
    ['Pad', [[['Pad', ['x', 'p']]], { p: integers(0, 0, 1, 2, 0, 0, 3, 4) }], ['n', 3, 12, 14]],
    ['Tile', [[['Tile', ['x', 'r']]], { r: integers(1, 2, 1, 3) }], ['n', 6, 8, 24]],
    ['Expand', [[['Expand', ['x', 's']]], { s: integers(5, 1, 1, 1, 1) }], [5, 'n', 3, 8, 8]],
    ['Add', [[['Add', ['x', 'w']]], { w: floats([2, 1, 1, 1, 8]) }], [2, 'n', 3, 8, 8]],
    ['Einsum', [[['Einsum', ['x', 'x'], { equation: 'abij,acij->abc' }]]], ['n', 3, 3]],
    ['ArgMax', [[['ArgMax', ['x'], { axis: -1, keepdims: 0 }]]], ['n', 3, 8]],
    ['Resize', [[['Resize', ['x', '', '', 's']]], { s: integers(1, 3, 16, 32) }], [1, 3, 16, 32]],
  ])('knows the shape of %s', async (_, given, shape) => {
    expect((await shapesOf(...given)).at(-1)).toEqual(shape);
  });

  it('follows lengths through Shape, Gather, Unsqueeze, Concat and Reshape', async () => {
    const shapes = await shapesOf(
      [
        ['Shape', ['x']],
        ['Gather', ['v0', 'zero']],
        ['Unsqueeze', ['v1', 'axes']],
        ['Concat', ['v2', 'rest'], { axis: 0 }],
        ['Reshape', ['x', 'v3']],
      ],
      {
        zero: constantOf({ type: 'int64', shape: [], data: BigInt64Array.of(0n) }),
        axes: integers(0),
        rest: integers(3, 64),
      },
    );
    expect(shapes.at(-1)).toEqual(['n', 3, 64]);
  });

  it('says nothing of an operator that it does not know, and goes on', async () => {
    expect(
      await shapesOf([
        ['Strange', ['x']],
        ['Relu', ['v0']],
        ['Add', ['v1', 'x']],
      ]),
    ).toEqual([null, null, null]);
  });
});
