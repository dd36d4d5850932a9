import { describe, expect, it } from 'vitest';
import { bfloat16, binary16 } from '../../src/formats/index.ts';
import { defineGraph, type Node, type TypedTensor } from '../../src/graphs/index.ts';
import { type Epilogue, type GemmWithEpilogue, gemm } from '../../src/kernels/index.ts';
import { byteTokens, firstLayers, loadModel } from '../../src/models/index.ts';
import { embeddedModel, openModel } from '../../src/node/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { simulate, simulateGraph } from '../../src/studies/index.ts';
import { openSimulation } from '../../src/studies/simulate/simulate.ts';
import { transposed } from '../../src/tensors/transposed.ts';
import { generator } from '../random.ts';
import { failure } from '../testing/helpers.ts';

const random = generator(5);
const draw = (n: number) => Float64Array.from({ length: n }, () => Math.fround((random() - 0.5) * 4));
const [m, k, n] = [3, 40, 5];
const [x, w, b] = [draw(m * k), draw(n * k), draw(n)];
const tensor = (data: Float64Array, ...shape: number[]): TypedTensor => ({ type: 'float', shape, data });
const constant = (data: Float64Array, ...shape: number[]) => ({
  type: 'float' as const,
  shape,
  read: async () => Float32Array.from(data),
});
const graph = defineGraph({
  name: 'layer',
  inputs: [{ name: 'x', type: 'float', shape: [m, k] }],
  constants: { w: constant(w, n, k), b: constant(b, n) },
  nodes: [
    { name: 'fc', op: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['h'], attributes: { transB: 1 } },
    { name: 'act', op: 'Gelu', inputs: ['h'], outputs: ['y'], attributes: {} },
  ],
  outputs: ['y'],
});
const half = roundTo(binary16);
const planOf = (epilogue: Epilogue, target = 'h100:f16'): GemmWithEpilogue => ({ name: 'plan', target, epilogue });

/** Both nodes on a chip, and the whole plan by `gemm`. */
function both(plan: GemmWithEpilogue) {
  const [chip] = openSimulation({ targets: [plan] }, graph).chips;
  const [fc, act] = graph.nodes as [Node, Node];
  const layer = chip!.run(fc, [tensor(x, m, k), tensor(w, n, k), tensor(b, n)]);
  if (typeof layer === 'string') throw new Error(layer);
  const after = chip!.run(act, layer.outputs);
  if (typeof after === 'string') throw new Error(after);
  const { epilogue } = plan;
  const addend = epilogue?.bias === undefined ? {} : { bias: b };
  const rows = Float64Array.from({ length: m * n }, (_, i) => b[i % n] as number);
  const c = epilogue?.beta === undefined ? {} : { c: rows };
  const whole = gemm(x, transposed(w, n, k), { plan, m, n, k, ...addend, ...c });
  return { layer, after, whole };
}

describe('a GEMM plan with an epilogue in a simulation', () => {
  it('gives the bits and events of the plan by gemm, over the nodes of the graph', () => {
    for (const epilogue of [
      { bias: 'columns', activation: { function: 'gelu' }, output: half },
      { alpha: 1, beta: 1, activation: { function: 'gelu' }, output: half, roundings: { scale: roundTo(bfloat16) } },
      { alpha: 1, beta: 1, fused: true, load: half, activation: { function: 'gelu' }, rounding: roundTo(bfloat16) },
    ] as const) {
      const { layer, after, whole } = both(planOf(epilogue));
      expect([...(after.outputs[0]!.data as Float64Array)]).toEqual([...whole.output]);
      const totals = [...Object.values(layer.reports), ...Object.values(after.reports)];
      const inexact = totals.reduce((sum, { totals: own }) => sum + own.inexact, 0);
      expect(inexact).toBe(whole.sums.totals.inexact + (whole.epilogue?.totals.inexact ?? 0));
      expect(Object.keys(layer.reports)).toEqual(['matmul', 'epilogue']);
      expect(Object.keys(after.reports)).toEqual(['epilogue']);
    }
  });

  it('leaves a function that does not stand behind a layer to the vector unit, and writes before it', () => {
    const { layer, after, whole } = both(planOf({ bias: 'columns', activation: { function: 'silu' }, output: half }));
    const plain = gemm(x, transposed(w, n, k), {
      ...{ plan: planOf({ bias: 'columns', output: half }), m, n, k, bias: b },
    });
    expect([...(layer.outputs[0]!.data as Float64Array)]).toEqual([...plain.output]);
    expect(Object.keys(after.reports)).toEqual(['gelu']);
    expect([...whole.output]).not.toEqual([...plain.output]);
  });

  it('runs attention and all else on the chip below the plan', () => {
    const { config, checkpoint } = openModel(embeddedModel());
    const model = firstLayers(loadModel(config, checkpoint), 1);
    const text = byteTokens('And God');
    const plan = { name: 'promoted', target: 'h100:fp8Wgmma', promoteEvery: 32, epilogue: { output: half } } as const;
    const { targets } = simulate(model, [text], { targets: [plan, 'h100:fp8Wgmma'] });
    const [own, usual] = targets;
    expect([own!.name, own!.unit, own!.attentionUnit, usual!.attentionUnit]).toEqual([
      'promoted',
      'gemm',
      'f16',
      'f16',
    ]);
    expect(own!.epilogue).toEqual({ output: half });
    expect(own!.nodes.find(({ op }) => op === 'Gemm')!.kernels).toEqual(['matmul', 'epilogue']);
  });

  it('is a chip of a graph like any other', async () => {
    const plan = planOf({ bias: 'columns', activation: { function: 'gelu' }, output: half });
    const { targets } = await simulateGraph(graph, { x: tensor(x, m, k) }, { targets: [plan] });
    expect(targets[0]!.nodes.map(({ kernels }) => kernels)).toEqual([['matmul', 'epilogue'], ['epilogue']]);
    expect(targets[0]!.nodes.every(({ sqnr }) => sqnr! > 50)).toBe(true);
    const narrow = { ...plan, name: 'narrow', epilogue: { ...plan.epilogue, roundings: { bias: half } } };
    const big = tensor(
      x.map((one) => one * 2 ** 14),
      m,
      k,
    );
    const found = await simulateGraph(graph, { x: big }, { targets: [narrow] });
    expect(found.targets[0]!.first).toMatchObject({ node: 'fc', event: { kind: 'overflow', stage: 'bias' } });
  });

  it('refuses what no layer means', () => {
    const by = (more: object) => failure(() => openSimulation({ targets: [{ ...planOf({ output: half }), ...more }] }));
    expect(by({ epilogue: { alpha: 2 } })).toBe('unsupported options.targets[0].epilogue.alpha');
    expect(by({ epilogue: { beta: 0.5 } })).toBe('unsupported options.targets[0].epilogue.beta');
    expect(by({ epilogue: { bias: 'rows' } })).toBe('unsupported options.targets[0].epilogue.bias');
    expect(by({ epilogue: { bias: 'columns', beta: 1 } })).toBe('unsupported options.targets[0].epilogue.bias');
    expect(by({ epilogue: { bais: 'columns' } })).toBe('name options.targets[0].epilogue.bais');
    expect(by({ epilogue: {} })).toBe('unsupported options.targets[0].epilogue');
    expect(by({ output: half })).toBe('unsupported options.targets[0].output');
    expect(by({ residue: 'first' })).toBe('unsupported options.targets[0].residue');
    expect(by({ target: 'h100' })).toBe('name options.targets[0].target');
  });
});
