import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/evaluation/index.ts';
import { constantOf } from '../../src/graphs/graph.ts';
import { defineGraph, type TypedTensor } from '../../src/graphs/index.ts';
import { attention, matmul } from '../../src/kernels/index.ts';
import { formatGraphSimulation, formatSimulationCsv } from '../../src/reports/index.ts';
import { simulateGraph } from '../../src/studies/index.ts';
import { openSimulation } from '../../src/studies/simulate/simulate.ts';
import { runGraphNode } from '../../src/studies/simulate/simulateGraph.ts';
import { generator } from '../random.ts';

/** The error of a promise, as `failure` tells one. */
const rejection = (call: () => Promise<unknown>): Promise<unknown> =>
  call().then(
    () => 'no error',
    ({ code, argument }: { code: string; argument: string }) => `${code} ${argument}`,
  );

const random = generator(7);
const tensor = (shape: readonly number[], scale = 1): TypedTensor => ({
  type: 'float',
  shape,
  data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.fround((random() * 2 - 1) * scale)),
});
const w = tensor([8, 8]);
const graph = (scale: number) =>
  defineGraph({
    name: 'block',
    inputs: [{ name: 'x', type: 'float', shape: [1, 'n', 8] }],
    constants: {
      w: constantOf(w),
      gamma: constantOf({ type: 'float', shape: [8], data: new Float64Array(8).fill(scale) }),
    },
    nodes: [
      { name: 'norm', op: 'RMSNormalization', inputs: ['x', 'gamma'], outputs: ['z'], attributes: { axis: -1 } },
      { name: 'linear', op: 'MatMul', inputs: ['z', 'w'], outputs: ['q'], attributes: {} },
      {
        name: 'attention',
        op: 'Attention',
        inputs: ['q', 'z', 'x'],
        outputs: ['mixed'],
        attributes: { q_num_heads: 2, kv_num_heads: 2, is_causal: 1 },
      },
      { name: 'sum', op: 'Add', inputs: ['mixed', 'x'], outputs: ['y'], attributes: {} },
      { name: 'negative', op: 'Neg', inputs: ['y'], outputs: ['out'], attributes: {} },
    ],
    outputs: ['out', 'q', 'z', 'mixed'],
  });

describe('simulateGraph', () => {
  const x = tensor([1, 5, 8], 4);

  it('runs products by the matrix unit and attention by its kernel, on what came before on the chip', async () => {
    const found = await simulateGraph(graph(1), { x }, { targets: ['h100:f16', 'b200:mxfp8'], headroom: true });
    expect(found.exact).toEqual(['Neg']);
    const [plain, blocks] = found.targets;
    expect(plain!.nodes.map(({ node, kernels }) => [node, ...kernels])).toEqual([
      ['norm', 'rmsNorm'],
      ['linear', 'matmul'],
      ['attention', 'attention'],
      ['sum', 'add'],
    ]);
    expect(plain!.ok).toBe(true);
    expect(plain!.nodes.every(({ headroom }) => headroom !== null && headroom.bits > 5)).toBe(true);
    expect(plain!.outputs.map(({ name }) => name)).toEqual(['out', 'q', 'z', 'mixed']);
    expect(plain!.outputs[0]!.sqnr!).toBeGreaterThan(50);
    expect(blocks!.outputs[1]!.sqnr!).toBeLessThan(plain!.outputs[1]!.sqnr! - 15);
    expect(formatGraphSimulation(found)).toMatch(/^block on 2 chips, inputs x \[1, 5, 8\]/);
    expect(formatSimulationCsv(found as never).split('\n')).toHaveLength(1 + 2 * 4 + 1);
  });

  it('gives the bits of the kernels', async () => {
    const outputs: Record<string, Float64Array> = {};
    const [chip] = openSimulation({ targets: ['h100:f16'] }).chips;
    await evaluate(
      graph(1),
      { x },
      {
        on: ({ op }) =>
          op === 'Neg'
            ? 'exact'
            : ({ node, inputs }) => {
                const run = runGraphNode(chip!, node, inputs, false);
                if (typeof run === 'string') throw new Error(run);
                outputs[node.name] = run.outputs[0]!.data as Float64Array;
                return run.outputs;
              },
      },
    );
    const z = outputs.norm!;
    const q = matmul(z, w.data as Float64Array, { m: 5, n: 8, k: 8, target: 'h100', unit: 'f16' }).output;
    expect(outputs.linear).toEqual(q);
    const heads = (rows: Float64Array) =>
      Float64Array.from(
        { length: 40 },
        (_, i) => rows[(Math.floor(i / 4) % 5) * 8 + Math.floor(i / 20) * 4 + (i % 4)]!,
      );
    const sizes = { heads: 2, queries: 5, keys: 5, width: 4, causal: true, target: 'h100:f16' } as const;
    const mixed = attention(heads(q), heads(z), heads(x.data as Float64Array), sizes).output;
    expect(heads(outputs.attention!)).toEqual(mixed);
  });

  it('names the first failure', async () => {
    const { targets } = await simulateGraph(graph(30_000), { x }, { targets: ['h100:f16'] });
    expect(targets[0]!.ok).toBe(false);
    expect(targets[0]!.first?.node).toMatch(/norm|linear|attention/);
  });

  it('refuses what it does not know', async () => {
    expect(await rejection(() => simulateGraph(graph(1), { x }, { targets: ['h100'] }))).toBe('name options.targets');
    expect(await rejection(() => simulateGraph(graph(1), { x }, { targets: ['fp16'], text: 1 } as never))).toBe(
      'name options.text',
    );
  });
});
