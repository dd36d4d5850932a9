import { describe, expect, it } from 'vitest';
import { defaultEngine } from '../../../src/engine/engine.ts';
import { type Constant, constantOf, defineGraph, type Graph, type Node } from '../../../src/graphs/index.ts';
import { type FeedingBlock, modelGraph, normSites } from '../../../src/models/index.ts';
import { slancFactors } from '../../../src/slanc/index.ts';
import { slancGraph, slancScales } from '../../../src/studies/index.ts';
import { generator } from '../../random.ts';
import { tinyLlama } from '../helpers.ts';

/** Weights by name, as rows of [out, in]. */
type Matrix = number[][];
const next = generator('slanc of graphs');
const random = (rows: number, columns: number): Matrix =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => next() - 0.5));
const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => (b[0] as number[]).map((_, j) => row.reduce((sum, x, k) => sum + x * (b[k] as number[])[j], 0)));
const plusOne = (a: Matrix): Matrix => a.map((row, i) => row.map((x, j) => x + (i === j ? 1 : 0)));
const scaled = (a: Matrix, gamma: readonly number[]): Matrix => a.map((row) => row.map((x, j) => x * gamma[j]));
const frobenius = (a: Matrix): number => Math.hypot(...a.flat());
/** The largest singular value, by a long power iteration. */
const spectral = (a: Matrix): number => {
  let v = a[0].map((_, j) => [1 / (j + 1)]);
  for (let i = 0; i < 3000; i++) {
    const w = product(
      a[0].map((_, j) => a.map((row) => row[j])),
      product(a, v),
    );
    const size = frobenius(w);
    v = w.map(([x]) => [x / size]);
  }
  return frobenius(product(a, v));
};

const D = 4;
const gamma = () => Array.from({ length: D }, () => 0.5 + next());
/** A graph of rows of four numbers from a list of nodes; weights are [in, out] for MatMul. */
function graphOf(
  weights: Readonly<Record<string, Matrix | number[]>>,
  nodes: readonly (readonly [string, string, string[], Node['attributes']?])[],
): Graph {
  const constants: Record<string, Constant> = {};
  for (const [name, rows] of Object.entries(weights)) {
    const isMatrix = Array.isArray(rows[0]);
    const shape = isMatrix ? [rows.length, (rows[0] as number[]).length] : rows.length === 1 ? [] : [rows.length];
    constants[name] = constantOf({ type: 'float', shape, data: Float64Array.from(rows.flat()) });
  }
  return defineGraph({
    name: 'small',
    inputs: [{ name: 'ids', type: 'int64', shape: ['n'] }],
    constants,
    nodes: nodes.map(([output, op, inputs, attributes = {}]) => ({
      name: output,
      op,
      inputs,
      outputs: output.startsWith('parts') ? [`${output}0`, `${output}1`, `${output}2`] : [output],
      attributes,
    })),
    outputs: [nodes[nodes.length - 1][0]],
  });
}
const turned = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]));

describe('slancGraph', () => {
  it('has the factors that the blocks of a Llama have, to the last digit, by every variant', async () => {
    const model = tinyLlama();
    const graph = modelGraph(model);
    const asked = [
      {},
      { powerOfTwo: true },
      { variant: 'frobeniusGate' },
      { variant: 'residual' },
      { variant: 'dmx', gqa: 'tile' },
    ] as const;
    for (const options of asked) {
      const { norms, unscaled } = await slancGraph(graph, options);
      expect(unscaled).toEqual([]);
      const sites = normSites(model);
      const factors = slancFactors(
        sites.map(({ block }) => block as FeedingBlock),
        { engine: defaultEngine(), ...options },
      );
      expect(norms.map(({ site, position, fedBy, alpha, scale }) => [site, position, fedBy, alpha, scale])).toEqual(
        factors.map(({ alpha, scale }, i) => [sites[i].name, sites[i].position, sites[i].fedBy, alpha, scale]),
      );
      expect(slancScales(model, options)).toEqual({ ...(await slancGraph(graph, options)) });
    }
  });

  it('walks post-norm blocks with their skips: attention in products of four axes, an MLP with biases', async () => {
    const [table, wv, wo, w1, w2] = [random(9, D), random(D, D), random(D, D), random(6, D), random(D, 6)];
    const [g0, g1, g2] = [gamma(), gamma(), gamma()];
    const norm = (name: string, x: string, g: string) =>
      [name, 'LayerNormalization', [x, g, 'beta'], { axis: -1, epsilon: 1e-5 }] as const;
    const nodes = [
      ['embedded', 'Gather', ['table', 'ids']],
      norm('n0', 'embedded', 'g0'),
      ['v', 'MatMul', ['n0', 'wv']],
      ['vb', 'Add', ['v', 'bias']],
      ['shares', 'Softmax', ['n0'], { axis: -1 }],
      ['mixed', 'MatMul', ['shares', 'vb']],
      ['o', 'MatMul', ['mixed', 'wo']],
      ['s1', 'Add', ['o', 'n0']],
      norm('n1', 's1', 'g1'),
      ['h', 'Gemm', ['n1', 'w1', 'bias6'], { transB: 1 }],
      ['act', 'Relu', ['h']],
      ['m', 'Gemm', ['act', 'w2'], { transB: 1 }],
      ['s2', 'Add', ['n1', 'm']],
      norm('n2', 's2', 'g2'),
    ] as unknown as Parameters<typeof graphOf>[1];
    const graph = graphOf(
      {
        table,
        wv: turned(wv),
        wo: turned(wo),
        w1,
        w2,
        g0,
        g1,
        g2,
        beta: gamma(),
        bias: gamma(),
        bias6: [1, 2, 3, 4, 5, 6],
      },
      nodes,
    );
    const { norms, unscaled } = await slancGraph(graph);
    expect(unscaled).toEqual([]);
    expect(norms.map(({ position }) => position)).toEqual(['first', 'attention', 'mlp']);
    expect(norms[1].alpha).toBeCloseTo(frobenius(scaled(plusOne(product(wo, wv)), g0)), 12);
    expect(norms[2].alpha).toBeCloseTo(frobenius(scaled(plusOne(product(w2, w1)), g1)), 12);
    const bare = await slancGraph(graph, { skip: false });
    expect(bare.norms[2].alpha).toBeCloseTo(frobenius(scaled(product(w2, w1), g1)), 12);
    const { norms: residual } = await slancGraph(graph, { variant: 'residual' });
    expect(residual[2].alpha).toBeCloseTo(Math.hypot(Math.hypot(...g1), frobenius(scaled(product(w2, w1), g1))), 12);
    expect(residual[0].alpha).toBeCloseTo(frobenius(table) / 3, 12);
    const dmx = await slancGraph(graph, { variant: 'dmx' });
    const mean = g1.reduce((sum, x) => sum + x, 0) / D;
    expect(dmx.norms[2].alpha).toBeCloseTo(mean * spectral(w1) * spectral(w2), 6);
  });

  it('adds parallel blocks, takes factors, norms behind blocks, 1 + γ, and parts of one matrix', async () => {
    const [table, qkv, wo, gate, up, down] = [
      random(9, D),
      random(3 * D, D),
      random(D, D),
      random(6, D),
      random(6, D),
      random(D, 6),
    ];
    const [g0, g1, g2, g3] = [gamma(), gamma(), gamma(), gamma()];
    const rms = (name: string, x: string, g: string) =>
      [name, 'RMSNormalization', [x, g], { axis: -1, epsilon: 1e-5 }] as const;
    const nodes = [
      ['rows', 'Gather', ['table', 'ids']],
      ['stream', 'Mul', ['rows', 'two']],
      ['g0one', 'Add', ['g0', 'one']],
      rms('n0', 'stream', 'g0one'),
      rms('p0', 'stream', 'g1'),
      ['all', 'Gemm', ['n0', 'qkv'], { transB: 1 }],
      ['parts', 'Split', ['all', 'sizes'], { axis: 1 }],
      ['shares', 'Softmax', ['parts0'], { axis: -1 }],
      ['mixed', 'MatMul', ['shares', 'parts2']],
      ['o', 'Gemm', ['mixed', 'wo'], { transB: 1 }],
      ['a', 'Gemm', ['p0', 'gate'], { transB: 1 }],
      ['sigmoid', 'Sigmoid', ['a']],
      ['silu', 'Mul', ['a', 'sigmoid']],
      ['b', 'Gemm', ['p0', 'up'], { transB: 1 }],
      ['inner', 'Mul', ['b', 'silu']],
      ['m', 'Gemm', ['inner', 'down'], { transB: 1 }],
      rms('after', 'm', 'g2'),
      ['s1', 'Add', ['stream', 'o']],
      ['s2', 'Add', ['s1', 'after']],
      rms('last', 's2', 'g3'),
    ] as unknown as Parameters<typeof graphOf>[1];
    const graph = graphOf(
      { table, qkv, wo, gate, up, down, g0, g1, g2, g3, two: [2], one: [1], sizes: [D, D, D] },
      nodes,
    );
    const { norms, unscaled } = await slancGraph(graph);
    expect(unscaled).toEqual([]);
    expect(norms.map(({ site, position }) => `${site} ${position}`)).toEqual([
      'n0 first',
      'p0 first',
      'after gatedMlp',
      'last attention',
    ]);
    const mlp = frobenius(scaled(product(down, up), g1)) * spectral(scaled(gate, g1));
    expect(norms[2].alpha).toBeCloseTo(mlp, 7);
    const attention = scaled(
      plusOne(product(wo, qkv.slice(2 * D))),
      g0.map((x) => x + 1),
    );
    expect(norms[3].alpha).toBeCloseTo(Math.hypot(frobenius(attention), Math.hypot(...g2)), 12);
    const { norms: residual } = await slancGraph(graph, { variant: 'residual' });
    const inside = scaled(
      product(wo, qkv.slice(2 * D)),
      g0.map((x) => x + 1),
    );
    expect(residual[3].alpha).toBeCloseTo(
      Math.hypot((2 * frobenius(table)) / 3, frobenius(inside), Math.hypot(...g2)),
      12,
    );
  });

  it('says which norms it cannot scale, and why, and never guesses', async () => {
    const nodes = [
      ['rows', 'Gather', ['table', 'ids']],
      ['n0', 'RMSNormalization', ['rows', 'g'], { axis: -1 }],
      ['strange', 'Sin', ['n0']],
      ['y', 'Gemm', ['strange', 'w'], { transB: 1 }],
      ['s', 'Add', ['rows', 'y']],
      ['n1', 'RMSNormalization', ['s', 'g'], { axis: -1 }],
      ['q', 'Gemm', ['n1', 'w'], { transB: 1 }],
      ['n2', 'RMSNormalization', ['q', 'g'], { axis: -1 }],
    ] as unknown as Parameters<typeof graphOf>[1];
    const w = random(D, D);
    const g = gamma();
    const { norms, unscaled } = await slancGraph(graphOf({ table: random(9, D), g, w }, nodes));
    expect(unscaled).toEqual([{ site: 'n1', reason: 'Sin (strange) stands in the block before it' }]);
    expect(norms.map(({ position }) => position)).toEqual(['first', 'linear']);
    expect(norms[1].alpha).toBeCloseTo(frobenius(scaled(w, g)), 12);
    const none = graphOf({ table: random(9, D) }, [['rows', 'Gather', ['table', 'ids']]]);
    await expect(slancGraph(none)).rejects.toThrow(/a graph with norms/);
    await expect(slancGraph(none, { variant: 'magic' as never })).rejects.toThrow(/options.variant/);
    await expect(slancGraph(none, { variant: 'residual', skip: true })).rejects.toThrow(/options.skip/);
  });
});
