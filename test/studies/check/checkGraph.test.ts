import { memorySource, readOnnxModel } from 'bittrue/files';
import { constantOf, defineGraph, type Graph, type Node, type TypedTensor } from 'bittrue/graphs';
import { layerNorm } from 'bittrue/kernels';
import { onnxGraph } from 'bittrue/models';
import { formatGraphCheck, formatGraphCheckCsv } from 'bittrue/reports';
import { checkGraph, seededFeeds } from 'bittrue/studies';
import { fp16 } from 'bittrue/targets';
import { describe, expect, it } from 'vitest';
import { float32, int64, onnxFile } from '../../models/onnxFile.ts';

/** A LayerNorm as PyTorch exported it before operator set 17. */
const decomposed = (): Graph =>
  onnxGraph(
    readOnnxModel(
      memorySource(
        onnxFile(
          {
            inputs: [['x', 1, ['n', 768]]],
            nodes: [
              { op: 'ReduceMean', name: 'mean', inputs: ['x'], outputs: ['m'], attributes: { axes: [-1n] } },
              { op: 'Sub', name: 'sub', inputs: ['x', 'm'], outputs: ['d'] },
              { op: 'Pow', name: 'pow', inputs: ['d', 'two'], outputs: ['s'] },
              { op: 'ReduceMean', name: 'var', inputs: ['s'], outputs: ['v'], attributes: { axes: [-1n] } },
              { op: 'Add', name: 'eps', inputs: ['v', 'epsilon'], outputs: ['e'] },
              { op: 'Sqrt', name: 'sqrt', inputs: ['e'], outputs: ['r'] },
              { op: 'Div', name: 'encoder/norm', inputs: ['d', 'r'], outputs: ['n'] },
              { op: 'Clip', name: 'cure', inputs: ['n', 'low', 'high'], outputs: ['y'] },
            ],
            constants: {
              two: float32([], [2]),
              epsilon: float32([], [1e-5]),
              low: float32([], [-65504]),
              high: float32([], [65504]),
            },
            outputs: ['y'],
          },
          13,
        ),
        'whisper.onnx',
      ),
    ),
  );

const x: TypedTensor = {
  type: 'float',
  shape: [1, 768],
  data: Float64Array.from({ length: 768 }, (_, i) => (i % 2 ? 795 : -795)),
};

describe('checkGraph', () => {
  it('finds the node of a decomposed norm whose square overflows, masked, as the kernel alone does', async () => {
    const check = await checkGraph(decomposed(), { x }, { targets: [fp16, 'fp32'] });
    const alone = layerNorm(x.data as Float64Array, {
      rows: 1,
      width: 768,
      epsilon: Math.fround(1e-5),
      target: {
        ...fp16,
        vectorUnits: { vector: { ...fp16.vectorUnits.vector, reciprocalSqrt: { kind: 'sqrtThenDivide' } } },
      },
      reference: true,
    });
    const [half, single] = check.runs;
    expect([half.node, half.op, half.from.length]).toEqual(['encoder/norm', 'LayerNormalization', 7]);
    expect(half.report?.totals).toEqual(alone.report.totals);
    expect(half.first).toMatchObject({ kind: 'overflow', stage: 'square', exact: '632025', masked: true });
    expect(half.headroom).toEqual({
      stage: expect.any(String),
      bits: Math.min(...Object.values(alone.report.headroom!).filter((bits) => bits !== null)),
    });
    expect([half.underflows, half.overflows]).toEqual([1, 0]);
    expect(single.report?.ok).toBe(true);
    expect(check.ok).toBe(false);
    expect(check.clips).toEqual([{ node: 'cure', low: -65504, high: 65504 }]);
    const text = formatGraphCheck(check);
    expect(text).toContain('encoder/norm: row 0, square');
    expect(text).toContain('verdict: fp16 fails in 1 of 1 node, first in encoder/norm; fp32 is fine.');
    expect(text.split('\n').every((line) => line.length <= 100)).toBe(true);
    const csv = formatGraphCheckCsv(check).trim().split('\n');
    expect(csv.length).toBe(3);
    expect(csv[1].startsWith('encoder/norm,LayerNormalization,,fp16,false,')).toBe(true);
  });

  /** A mean over an image, the sum of which grows with its size (onnxruntime: detection returns zeros above 2,048 pixels). */
  const pooled = (side: number) => {
    const graph = onnxGraph(
      readOnnxModel(
        memorySource(
          onnxFile({
            inputs: [['image', 1, [1, 2, 'h', 'w']]],
            nodes: [
              { op: 'Relu', name: 'relu', inputs: ['image'], outputs: ['r'] },
              { op: 'ReduceMean', name: 'backbone/se/pool', inputs: ['r', 'axes'], outputs: ['p'] },
              { op: 'Mul', name: 'scale', inputs: ['r', 'p'], outputs: ['y'] },
            ],
            constants: { axes: int64([2], [2, 3]) },
            outputs: ['y'],
          }),
        ),
      ),
    );
    const image: TypedTensor = {
      type: 'float',
      shape: [1, 2, side, side],
      data: new Float64Array(2 * side * side).fill(4),
    };
    return checkGraph(graph, { image }, { targets: ['fp16Tile64', 'fp16Fp32Accumulate'], kernels: ['sums'] });
  };

  it('locates a ReduceMean that overflows in binary16 above a size of the image', async () => {
    const small = await pooled(64);
    expect(small.runs.map(({ report }) => report?.totals.overflow)).toEqual([0, 0, 0, 0]);
    const large = await pooled(160);
    const failed = large.runs.filter(({ first }) => first !== null);
    expect(failed.map(({ node, part, target, first }) => [node, part, target, first?.kind])).toEqual([
      ['backbone/se/pool', 'sum', 'fp16Tile64', 'overflow'],
    ]);
    expect(large.runs.find(({ part, target }) => part === 'mean' && target === 'fp16Tile64')?.overflows).toBe(1);
    expect(large.ok).toBe(false);
  });

  it('checks products on a matrix unit, attention in parts, and tells where a target has no kernel', async () => {
    const node = (name: string, op: string, inputs: string[], attributes: Node['attributes'] = {}): Node => ({
      name,
      op,
      inputs,
      outputs: [name],
      attributes,
    });
    const graph = defineGraph({
      name: 'g',
      inputs: ['q', 'k', 'v'].map((name) => ({ name, type: 'float' as const, shape: [1, 2, 's', 8] })),
      nodes: [node('attention', 'Attention', ['q', 'k', 'v']), node('out', 'MatMul', ['attention', 'w'])],
      outputs: ['out'],
      constants: { w: constantOf({ type: 'float', shape: [8, 4], data: new Float64Array(32).fill(40_000) }) },
    });
    const feeds = seededFeeds(graph, { lengths: { s: 4 } });
    const check = await checkGraph(graph, feeds, { targets: ['h100:f16', 'fp16'], kernels: ['all'] });
    expect(check.runs.map(({ node: name, part, target }) => `${name} ${part} ${target}`)).toEqual([
      'attention scores h100:f16',
      'attention softmax h100:f16',
      'attention values h100:f16',
      'attention scores fp16',
      'attention softmax fp16',
      'attention values fp16',
      'out null h100:f16',
      'out null fp16',
    ]);
    await expect(checkGraph(graph, feeds, { targets: ['fp16'] })).rejects.toThrow(/no norms among Attention, MatMul/);
    await expect(checkGraph(graph, feeds, { targets: [] })).rejects.toThrow(/at least one target/);
    await expect(checkGraph(graph, feeds, { targets: ['fp16'], kernels: [] })).rejects.toThrow(
      /^options.kernels: expected at least one of norms/,
    );
    await expect(checkGraph(graph, feeds, { targets: ['fp16'], kernels: ['norm' as 'norms'] })).rejects.toThrow(
      /options.kernels/,
    );
  });

  it('runs attention by its kernel where it is named, with windows, masks and queries that see nothing', async () => {
    const [heads, positions, width] = [2, 5, 8];
    const inputs = ['q', 'k', 'v'].map((name) => ({
      name,
      type: 'float' as const,
      shape: [1, heads, positions, width],
    }));
    const mask = Float64Array.from({ length: positions ** 2 }, (_, i) => (i < positions ? -Infinity : (i % 3) - 1));
    const graphOf = (attributes: Node['attributes'], more: string[] = []) =>
      defineGraph({
        name: 'g',
        inputs,
        nodes: [{ name: 'y', op: 'Attention', inputs: ['q', 'k', 'v', ...more], outputs: ['y'], attributes }],
        outputs: ['y'],
        constants: more.length === 0 ? {} : { mask: constantOf({ type: 'float', shape: [5, 5], data: mask }) },
      });
    for (const graph of [
      graphOf({}),
      graphOf({ is_causal: 1 }),
      graphOf({ left_window_size: 1, right_window_size: 0 }),
      graphOf({ is_causal: 1 }, ['mask']),
    ]) {
      const feeds = seededFeeds(graph, {});
      const { runs } = await checkGraph(graph, feeds, { targets: ['h100:f16', 'fp16'], kernels: ['attention'] });
      expect(runs.map(({ part, report }) => [part, report?.kernel])).toEqual([
        [null, 'attention'],
        [null, 'attention'],
      ]);
      // Binary16 keeps eleven bits of what binary64 gives.
      expect(runs.every(({ sqnr, report }) => report?.ok && (sqnr as number) > 50)).toBe(true);
    }
    const large = await checkGraph(
      graphOf({}),
      Object.fromEntries(
        inputs.map(({ name, shape }) => [name, { type: 'float', shape, data: new Float64Array(80).fill(100) }]),
      ),
      { targets: ['fp16'], kernels: ['attention'] },
    );
    expect(large.runs[0]).toMatchObject({ first: { kind: 'overflow', stage: 'score' }, overflows: 1 });
  });

  it('runs attention by its kernel where a file spells it out', async () => {
    const shape = [1, 2, 5, 8];
    const graph = onnxGraph(
      readOnnxModel(
        memorySource(
          onnxFile(
            {
              inputs: ['q', 'k', 'v'].map((name) => [name, 1, shape]),
              nodes: [
                {
                  op: 'Transpose',
                  name: 'turn',
                  inputs: ['k'],
                  outputs: ['kt'],
                  attributes: { perm: [0n, 1n, 3n, 2n] },
                },
                { op: 'MatMul', name: 'scores', inputs: ['q', 'kt'], outputs: ['p'] },
                { op: 'Mul', name: 'scale', inputs: ['p', 'c'], outputs: ['s'] },
                { op: 'Softmax', name: 'softmax', inputs: ['s'], outputs: ['w'], attributes: { axis: -1n } },
                { op: 'MatMul', name: 'values', inputs: ['w', 'v'], outputs: ['y'] },
              ],
              constants: { c: float32([], [0.25]) },
              outputs: ['y'],
            },
            17,
          ),
          'attention.onnx',
        ),
      ),
    );
    const feeds = (x: number) =>
      Object.fromEntries(
        ['q', 'k', 'v'].map((name) => [name, { type: 'float', shape, data: new Float64Array(80).fill(x) } as const]),
      );
    const targets = ['fp16', 'h100:f16'];
    const small = await checkGraph(graph, feeds(1), { targets, kernels: ['attention'] });
    expect(small.runs.map(({ node, report }) => [node, report?.kernel, report?.ok])).toEqual([
      ['values', 'attention', true],
      ['values', 'attention', true],
    ]);
    const large = await checkGraph(graph, feeds(120), { targets, kernels: ['attention'] });
    // 8 · 120² is 115,200: the vector unit's own sum passes binary16, and so do the scores of the matrix unit as they are stored.
    expect(large.runs.map(({ first }) => [first?.kind, first?.stage])).toEqual([
      ['overflow', 'score'],
      ['overflow', 'scores'],
    ]);
  });

  it('calls units of one chip by their names, each once, and sets them side by side', async () => {
    const graph = defineGraph({
      name: 'g',
      inputs: [{ name: 'x', type: 'float', shape: [1, 4] }],
      nodes: [{ name: 'y', op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'], attributes: {} }],
      outputs: ['y'],
      constants: { w: constantOf({ type: 'float', shape: [4, 1], data: Float64Array.of(70_000, 1, 1, 1) }) },
    });
    const feeds = { x: { type: 'float', shape: [1, 4], data: Float64Array.of(1, 2, 3, 4) } } as const;
    const targets = ['h100:f16', 'h100:bf16'];
    const check = await checkGraph(graph, feeds, { targets, kernels: ['matmul'] });
    expect(check.targetNames).toEqual(targets);
    expect(check.runs.map(({ target, first }) => [target, first?.kind ?? null])).toEqual([
      ['h100:f16', 'overflow'],
      ['h100:bf16', null],
    ]);
    const text = formatGraphCheck(check).split('\n');
    expect(text.find((line) => /^node +h100:f16 +h100:bf16$/.test(line))).toBeDefined();
    expect(text.at(-1)).toMatch(/^verdict: h100:f16 fails in 1 of 1 node, first in y; h100:bf16 is fine\.$/);
    const twice = checkGraph(graph, feeds, { targets: ['h100:f16', 'h100:f16'], kernels: ['matmul'] });
    await expect(twice).rejects.toThrow(/options.targets\[1\]: expected every target once, received 'h100:f16'/);
  });

  it('tells weights that no node reads and nodes that no output needs', async () => {
    const node = (name: string, op: string, inputs: string[]): Node => ({
      name,
      op,
      inputs,
      outputs: [name],
      attributes: {},
    });
    const one = constantOf({ type: 'float', shape: [1], data: Float64Array.of(1) });
    const graph = defineGraph(
      {
        name: 'g',
        inputs: [{ name: 'x', type: 'float', shape: [1, 4] }],
        nodes: [node('y', 'Softmax', ['x']), node('aside', 'Softmax', ['x'])],
        outputs: ['y'],
        constants: { 'head.bias': one, position_ids: one },
      },
      { unused: 'keep' },
    );
    const feeds = { x: { type: 'float', shape: [1, 4], data: Float64Array.of(1, 2, 3, 4) } } as const;
    const check = await checkGraph(graph, feeds, { targets: ['fp16'], kernels: ['softmax'] });
    expect([check.unread, check.idle, check.nodes]).toEqual([['head.bias'], ['aside'], 1]);
    const text = formatGraphCheck(check);
    expect(text).toContain('Weights that no node reads (1): head.bias');
    expect(text).toContain('Nodes that no output needs, and that did not run (1): aside');
  });

  it('makes inputs up the same for the same seed, and refuses lengths that are not known', () => {
    const graph = defineGraph({
      name: 'g',
      inputs: [
        { name: 'ids', type: 'int64', shape: ['n', 3] },
        { name: 'attention_mask', type: 'int64', shape: ['n', 3] },
        { name: 'position_ids', type: 'int64', shape: [1, 3] },
        { name: 'x', type: 'float', shape: ['n', 2] },
      ],
      nodes: [
        {
          name: 'y',
          op: 'Test',
          inputs: ['ids', 'attention_mask', 'position_ids', 'x'],
          outputs: ['y'],
          attributes: {},
        },
      ],
      outputs: ['y'],
      constants: {},
    });
    const feeds = seededFeeds(graph, { lengths: { n: 2 }, seed: 7 });
    expect(seededFeeds(graph, { lengths: { n: 2 }, seed: 7 })).toEqual(feeds);
    expect(seededFeeds(graph, { lengths: { n: 2 }, seed: 8 }).x).not.toEqual(feeds.x);
    expect([...feeds.attention_mask.data]).toEqual([1n, 1n, 1n, 1n, 1n, 1n]);
    expect([...feeds.position_ids.data]).toEqual([0n, 1n, 2n]);
    expect(() => seededFeeds(graph)).toThrow(/no length of n/);
    expect(() => seededFeeds(graph, { lengths: { m: 2 } })).toThrow(/an axis: n/);
  });
});
