import { memorySource, readOnnxModel } from 'bittrue/files';
import { constantOf, defineGraph, type Graph, type Node, type TypedTensor } from 'bittrue/graphs';
import { onnxGraph } from 'bittrue/models';
import { formatBisection } from 'bittrue/reports';
import { bisectGraph } from 'bittrue/studies';
import { describe, expect, it } from 'vitest';
import { float32, int64, onnxFile } from '../../models/onnxFile.ts';

/**
 * The shape of onnxruntime's issue 29130: a detector in FP16 gives zeros for images above a size, since one ReduceMean over
 * the image overflows; its neighbours, which multiply and add what it gives, do not fail by themselves.
 */
function detector(side: number): { graph: Graph; feeds: Record<string, TypedTensor> } {
  const graph = onnxGraph(
    readOnnxModel(
      memorySource(
        onnxFile({
          inputs: [['image', 1, [1, 2, 'h', 'w']]],
          nodes: [
            { op: 'Mul', name: 'backbone/scale', inputs: ['image', 'half'], outputs: ['s'] },
            { op: 'Relu', name: 'backbone/relu', inputs: ['s'], outputs: ['r'] },
            { op: 'ReduceMean', name: 'backbone/se/pool', inputs: ['r', 'axes'], outputs: ['p'] },
            { op: 'Mul', name: 'backbone/se/gate', inputs: ['r', 'p'], outputs: ['g'] },
            { op: 'Add', name: 'head/bias', inputs: ['g', 'half'], outputs: ['b'] },
            { op: 'Mul', name: 'head/scale', inputs: ['b', 'half'], outputs: ['y'] },
          ],
          constants: { axes: int64([2], [2, 3]), half: float32([], [0.5]) },
          outputs: ['y'],
        }),
        'detector.onnx',
      ),
    ),
  );
  const data = new Float64Array(2 * side * side).fill(8);
  return { graph, feeds: { image: { type: 'float', shape: [1, 2, side, side], data } } };
}

const bisected = (side: number) => {
  const { graph, feeds } = detector(side);
  return bisectGraph(graph, feeds, { target: 'fp16Tile64', tolerance: 1e-2 });
};

describe('bisectGraph', () => {
  it('names the ReduceMean that overflows in FP16 above a size of the image, and no other node', async () => {
    const small = await bisected(64);
    expect([small.verdict, small.stay, small.candidates]).toEqual(['nothing', [], 5]);
    const large = await bisected(160);
    expect(large).toMatchObject({ verdict: 'smallest', errors: { target: Infinity }, exact: ['backbone/relu'] });
    expect(large.stay.map(({ node, op, first }) => [node, op, first?.kind])).toEqual([
      ['backbone/se/pool', 'ReduceMean', 'overflow'],
    ]);
    expect(large.errors.stay).toBeLessThan(1e-2);
    const text = formatBisection(large);
    expect(text).toContain('    backbone/se/pool (ReduceMean): overflow, row 0, sum');
    expect(text).toContain('verdict: 1 node must stay on fp32: no smaller set will do (');
  });

  const node = (name: string, op: string, inputs: string[]): Node => ({
    name,
    op,
    inputs,
    outputs: [name],
    attributes: {},
  });

  /** Three sums in a row of which two overflow, far apart; the other is harmless. */
  const sums = (big: readonly number[]): { graph: Graph; feeds: Record<string, TypedTensor> } => {
    const one = (value: number) => constantOf({ type: 'float', shape: [1, 1], data: Float64Array.of(value) });
    const nodes = big.flatMap((_, i) => [
      node(`up${i}`, 'Mul', [i === 0 ? 'x' : `down${i - 1}`, `big${i}`]),
      node(`down${i}`, 'MatMul', [`up${i}`, `small${i}`]),
    ]);
    const constants = Object.fromEntries(
      big.flatMap((value, i) => [
        [`big${i}`, one(value)],
        [`small${i}`, one(1 / value)],
      ]),
    );
    return {
      graph: defineGraph({
        name: 'sums',
        inputs: [{ name: 'x', type: 'float', shape: [1, 1] }],
        nodes,
        outputs: [`down${big.length - 1}`],
        constants,
      }),
      feeds: { x: { type: 'float', shape: [1, 1], data: Float64Array.of(3) } },
    };
  };

  it('finds the smallest set where single nodes will not do: both ends of two overflows', async () => {
    const { graph, feeds } = sums([2 ** 15, 1, 2 ** 15]);
    const found = await bisectGraph(graph, feeds, { target: 'fp16', tolerance: 1e-2 });
    // What stays must also be read by a node that can hold it: 3 · 2^15 is beyond binary16.
    expect([found.verdict, found.stay.map(({ node: name }) => name)]).toEqual([
      'smallest',
      ['up0', 'down0', 'up2', 'down2'],
    ]);
    expect(found.errors.stay).toBe(0);
    const hasty = await bisectGraph(graph, feeds, { target: 'fp16', tolerance: 1e-2, limit: 0 });
    expect([hasty.verdict, hasty.stay]).toEqual(['irreducible', found.stay]);
    expect(hasty.runs).toBeLessThan(found.runs);
  });

  it('says so where no set will do, and refuses graphs without a node in question or without finite outputs', async () => {
    const { graph } = sums([3]);
    const feeds = { x: { type: 'float', shape: [1, 1], data: Float64Array.of(0.1) } } as const;
    const none = await bisectGraph(graph, feeds, { target: 'fp16', instead: 'bf16', tolerance: 1e-9 });
    expect([none.verdict, none.stay]).toEqual(['none', []]);
    expect(formatBisection(none)).toContain('no set will do: on bf16 itself the error is too large');
    await expect(bisectGraph(graph, feeds, { target: 'fp16', tolerance: 0 })).rejects.toThrow(/options.tolerance/);
    await expect(bisectGraph(graph, feeds, { target: 'fp16', tolerance: 1, kernels: ['norms'] })).rejects.toThrow(
      /no norms among/,
    );
    const x: TypedTensor = { type: 'float', shape: [1, 1], data: Float64Array.of(Number.NaN) };
    await expect(bisectGraph(graph, { x }, { target: 'fp16', tolerance: 1 })).rejects.toThrow(/finite outputs/);
  });
});
