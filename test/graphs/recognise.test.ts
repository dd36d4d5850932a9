import { type Constant, constantOf, defineGraph, type Graph, type Node, recognise } from 'bittrue/graphs';
import { describe, expect, it } from 'vitest';

const scalar = (value: number) => constantOf({ type: 'float', shape: [], data: Float64Array.of(value) });
const row = (length: number) => constantOf({ type: 'float', shape: [length], data: new Float64Array(length).fill(1) });
const axis = (...axes: number[]) =>
  constantOf({ type: 'int64', shape: [axes.length], data: BigInt64Array.from(axes, BigInt) });

type Line = readonly [output: string, op: string, inputs: readonly string[], attributes?: Node['attributes']];

function graphOf(lines: readonly Line[], constants: Record<string, Constant>, outputs = [lines.at(-1)![0]]): Graph {
  const nodes = lines.map(([output, op, inputs, attributes = {}]) => ({
    name: output,
    op,
    inputs,
    outputs: [output],
    attributes,
  }));
  const inputs = ['x', 'query', 'k', 'value', 'mask'].map((name) => ({
    name,
    type: 'float' as const,
    shape: name === 'x' ? ['n', 4] : ['b', 2, 's', 8],
  }));
  return defineGraph({ name: 'g', inputs, nodes, constants, outputs });
}

const found = async (lines: readonly Line[], constants: Record<string, Constant>, outputs?: string[]) =>
  (await recognise(graphOf(lines, constants, outputs))).nodes.map(({ name, op, inputs, from }) => [
    name,
    op,
    inputs,
    from?.length,
  ]);

const layerNorm: Line[] = [
  ['m', 'ReduceMean', ['x', 'last']],
  ['d', 'Sub', ['x', 'm']],
  ['s', 'Pow', ['d', 'two']],
  ['v', 'ReduceMean', ['s', 'last']],
  ['e', 'Add', ['v', 'epsilon']],
  ['r', 'Sqrt', ['e']],
  ['n', 'Div', ['d', 'r']],
  ['t', 'Mul', ['n', 'gamma']],
  ['y', 'Add', ['beta', 't']],
];
const normConstants = { last: axis(-1), two: scalar(2), epsilon: scalar(1e-5), gamma: row(4), beta: row(4) };

describe('recognise', () => {
  it('finds LayerNorm with its arithmetic, and drops what only it read', async () => {
    const graph = await recognise(graphOf(layerNorm, normConstants));
    expect(graph.nodes).toEqual([
      {
        name: 'y',
        op: 'LayerNormalization',
        inputs: ['x', 'gamma', 'beta'],
        outputs: ['y'],
        attributes: { axis: -1, epsilon: 1e-5, stash_type: 1, square: 'Pow', reciprocalSqrt: 'sqrtThenDivide' },
        from: expect.arrayContaining(['m', 'd', 's', 'v', 'e', 'r', 'n', 't', 'y']),
      },
    ]);
    expect(Object.keys(graph.constants)).toEqual(['gamma', 'beta']);
  });

  it('finds it with two differences, the axis by its number, a square by Mul, a reciprocal', async () => {
    const lines: Line[] = [
      ['m', 'ReduceMean', ['x', 'last']],
      ['d', 'Sub', ['x', 'm']],
      ['d2', 'Sub', ['x', 'm']],
      ['s', 'Mul', ['d2', 'd2']],
      ['v', 'ReduceMean', ['s', 'last']],
      ['e', 'Add', ['epsilon', 'v']],
      ['r', 'Sqrt', ['e']],
      ['i', 'Reciprocal', ['r']],
      ['y', 'Mul', ['d', 'i']],
    ];
    const { nodes } = await recognise(graphOf(lines, { last: axis(1), epsilon: scalar(0) }));
    expect(nodes[0]).toMatchObject({
      op: 'LayerNormalization',
      inputs: ['x'],
      attributes: { square: 'Mul', reciprocalSqrt: 'sqrtThenReciprocal' },
    });
  });

  it('leaves a norm alone whose inner values others read, or whose axis is another', async () => {
    const constants = { ...normConstants };
    expect((await found(layerNorm, constants, ['y', 'v'])).length).toBe(9);
    expect((await found(layerNorm, { ...constants, last: axis(0) })).length).toBe(9);
    expect((await found(layerNorm, { ...constants, two: scalar(3) })).length).toBe(9);
    // γ of another length stays a product of its own.
    expect(await found(layerNorm, { ...constants, gamma: row(1) })).toEqual([
      ['n', 'LayerNormalization', ['x'], 7],
      ['t', 'Mul', ['n', 'gamma'], undefined],
      ['y', 'Add', ['beta', 't'], undefined],
    ]);
  });

  it('finds RMSNorm, γ included', async () => {
    const lines: Line[] = [
      ['s', 'Pow', ['x', 'two']],
      ['v', 'ReduceMean', ['s', 'last']],
      ['e', 'Add', ['v', 'epsilon']],
      ['r', 'Pow', ['e', 'power']],
      ['n', 'Mul', ['r', 'x']],
      ['y', 'Mul', ['gamma', 'n']],
    ];
    const { beta: _, ...constants } = normConstants;
    expect(await found(lines, { ...constants, power: scalar(-0.5) })).toEqual([
      ['y', 'RMSNormalization', ['x', 'gamma'], 6],
    ]);
  });

  it('finds GELU with its factors in any order, and by tanh', async () => {
    const constants = { half: scalar(0.5), one: scalar(1), root: scalar(Math.fround(Math.SQRT1_2)) };
    const erf: Line[] = [
      ['h', 'Mul', ['half', 'x']],
      ['i', 'Mul', ['x', 'root']],
      ['c', 'Erf', ['i']],
      ['g', 'Add', ['one', 'c']],
      ['y', 'Mul', ['g', 'h']],
    ];
    const { nodes } = await recognise(graphOf(erf, constants));
    expect(nodes[0]).toMatchObject({
      op: 'Gelu',
      inputs: ['x'],
      attributes: { approximate: 'none', innerScale: Math.fround(Math.SQRT1_2) },
    });
    const tanh: Line[] = [
      ['p', 'Pow', ['x', 'three']],
      ['a', 'Mul', ['p', 'small']],
      ['b', 'Add', ['x', 'a']],
      ['i', 'Mul', ['b', 'outer']],
      ['c', 'Tanh', ['i']],
      ['g', 'Add', ['c', 'one']],
      ['h', 'Mul', ['x', 'g']],
      ['y', 'Mul', ['h', 'half']],
    ];
    const others = {
      three: scalar(3),
      small: scalar(0.044715),
      outer: scalar(0.7978845608),
      half: scalar(0.5),
      one: scalar(1),
    };
    expect(await found(tanh, others)).toEqual([['y', 'Gelu', ['x'], 8]]);
    expect((await found(erf, { ...constants, half: scalar(0.4) })).length).toBe(5);
    expect((await found(erf, { ...constants, root: scalar(0.75) })).length).toBe(5);
  });

  it('finds softmax, and attention around it', async () => {
    const lines: Line[] = [
      ['kt', 'Transpose', ['k'], { perm: [0, 1, 3, 2] }],
      ['p', 'MatMul', ['query', 'kt']],
      ['s', 'Div', ['p', 'eight']],
      ['a', 'Add', ['s', 'mask']],
      ['t', 'ReduceMax', ['a', 'last']],
      ['d', 'Sub', ['a', 't']],
      ['e', 'Exp', ['d']],
      ['l', 'ReduceSum', ['e', 'last']],
      ['w', 'Div', ['e', 'l']],
      ['y', 'MatMul', ['w', 'value']],
    ];
    const constants = { eight: scalar(8), last: axis(-1) };
    const { nodes } = await recognise(graphOf(lines, constants));
    expect(nodes.map(({ op }) => op)).toEqual(['Transpose', 'Attention']);
    expect(nodes[1]).toMatchObject({
      inputs: ['query', 'k', 'value', 'mask'],
      attributes: { scale: 0.125, scaledOn: 'scoresDivided' },
    });
    expect(nodes[1].from?.length).toBe(9);
    const alone = await recognise(graphOf(lines, constants), ['softmax']);
    expect(alone.nodes.find(({ op }) => op === 'Softmax')).toMatchObject({
      name: 'w',
      inputs: ['a'],
      attributes: { axis: -1 },
    });
  });
});
