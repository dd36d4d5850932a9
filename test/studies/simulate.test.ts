import { describe, expect, it } from 'vitest';
import { evaluateInMemory } from '../../src/evaluation/evaluate.ts';
import { runOnTarget } from '../../src/evaluation/onTarget.ts';
import { bfloat16, e4m3fn, mxfp8e4m3, nvfp4 } from '../../src/formats/index.ts';
import { byteTokens, loadModel, modelGraph, scaleResidualStream } from '../../src/models/index.ts';
import { embeddedModel, openModel } from '../../src/node/index.ts';
import { dequantizeBlocks, quantizeBlocks } from '../../src/quantization/index.ts';
import { formatSimulation, formatSimulationCsv } from '../../src/reports/index.ts';
import { round, roundTo } from '../../src/rounding/index.ts';
import { type SimulateOptions, simulate } from '../../src/studies/index.ts';
import { linearOn } from '../../src/studies/simulate/operands.ts';
import { defineTarget, findTarget } from '../../src/targets/index.ts';
import { generator } from '../random.ts';
import { failure } from '../testing/helpers.ts';

const { config, checkpoint } = openModel(embeddedModel());
const model = loadModel(config, checkpoint);
const text = byteTokens('And God said, Let there be light');
const run = (options: SimulateOptions, of = model, tokens = text) => simulate(of, [tokens], options);

describe('simulate', () => {
  it('runs every kind of node by its kernel, and names what is exact', () => {
    const { targets, float64, exact } = run({ targets: ['h100:f16', 'avx512Vnni:vpdpbusd'] });
    const [gpu, cpu] = targets;
    expect(gpu!.nodes.every(({ because }) => because === null)).toBe(true);
    expect(new Set(gpu!.nodes.flatMap(({ kernels }) => kernels))).toEqual(
      new Set(['rmsNorm', 'matmul', 'attention', 'add', 'silu', 'multiply']),
    );
    expect(gpu!.ok).toBe(true);
    expect(Math.abs(gpu!.perplexity / float64.perplexity - 1)).toBeLessThan(0.002);
    expect(exact).toContain('RotaryEmbedding');
    expect(cpu!.attentionUnit).toBeNull();
    const left = cpu!.nodes.filter(({ because }) => because === 'the chip has no vector unit');
    expect(new Set(left.map(({ op }) => op))).toEqual(
      new Set(['RMSNormalization', 'Attention', 'Add', 'Mul', 'Swish']),
    );
    // The logits of int8 are worse, and errors grow with the depth.
    const end = (target: typeof gpu, node: string) => target!.nodes.find((one) => one.node === node)!.sqnr!;
    expect(end(cpu, 'lm_head')).toBeLessThan(end(gpu, 'lm_head') - 10);
    expect(end(gpu, 'layers.3/mlp/sum')).toBeLessThan(end(gpu, 'layers.0/mlp/sum') - 2);
  });

  it('gives a chip the same bits whoever stands beside it', () => {
    const alone = run({ targets: ['a100:bf16'] });
    const beside = run({ targets: ['h100:fp8Wgmma', 'a100:bf16'] });
    expect(beside.targets[1]).toEqual(alone.targets[0]);
  });

  it('takes sequences of several lengths', () => {
    const parts = [text.slice(0, 9), text.slice(9, 20), text.slice(20, 31), text.slice(3, 8)];
    const { targets, predictions } = simulate(model, parts, { targets: ['fp16'] });
    expect(predictions).toBe(8 + 10 + 10 + 4);
    expect(targets[0]!.ok).toBe(true);
  });

  it('equals the graph run node by node on the chip', () => {
    const target = findTarget('fp16');
    const tokens = BigInt64Array.from(text.slice(0, -1), BigInt);
    const graph = modelGraph(model, { positions: tokens.length, batched: true });
    const feeds = { input_ids: { type: 'int64', shape: [1, tokens.length], data: tokens } } as const;
    const seen: number[] = [];
    // All but attention and the activation, which have kernels of their own here, is what evaluation runs.
    const on = new Set(['Gemm', 'RMSNormalization', 'Add', 'Mul']);
    evaluateInMemory(graph, feeds, {
      on: (node) =>
        on.has(node.op)
          ? ({ inputs }) => {
              const { outputs, reports } = runOnTarget(node, inputs, { target });
              if (seen.length === 0) seen.push(...Object.values(reports).map(({ totals }) => totals.inexact));
              return outputs;
            }
          : 'exact',
    });
    expect(run({ targets: ['fp16'] }).targets[0]!.nodes[0]!.totals.inexact).toBe(seen[0]);
  });

  it('names the first failure, and a vector unit that cures it', () => {
    const grown = scaleResidualStream(model, 8);
    const { targets } = run({ targets: ['h100:f16'] }, grown);
    expect(targets[0]!.ok).toBe(false);
    expect(targets[0]!.first?.node).toMatch(/norm/);
    expect(targets[0]!.first?.event).toMatchObject({ kind: 'overflow' });
    expect(formatSimulation(run({ targets: ['h100:f16'] }, grown))).toContain('first failure at');
    expect(run({ targets: ['h100:f16'], vectorUnit: 'vectorF32' }, grown).targets[0]!.ok).toBe(true);
  });

  it('takes weights in a recipe, a cache in a format, tiles of keys', () => {
    const plain = run({ targets: ['h100:f16'] });
    const stored = run({ targets: ['h100:f16'], weights: 'mxfp4' });
    expect(stored.weights).toBe('mxfp4');
    const last = ({ targets: [chip] }: typeof stored) => chip!.nodes[chip!.nodes.length - 1]!.sqnr!;
    expect(last(stored)).toBeLessThan(last(plain) - 20);
    const cached = run({ targets: ['h100:f16'], cache: 'e4m3fn', attentionMethod: { kind: 'flash', tile: 16 } });
    const attention = cached.targets[0]!.nodes.find(({ op }) => op === 'Attention')!;
    expect(attention.kernels).toEqual(['keys', 'values', 'attention']);
    expect(attention.sqnr!).toBeLessThan(plain.targets[0]!.nodes.find(({ op }) => op === 'Attention')!.sqnr! - 10);
  });

  it('refuses a chip of several units without one, and unknown options', () => {
    expect(failure(() => run({ targets: ['h100'] }))).toBe('name options.targets');
    expect(failure(() => run({ targets: [] }))).toBe('shape options.targets');
    expect(failure(() => run({ targets: ['fp16'], weigths: 'mxfp4' } as never))).toBe('name options.weigths');
    expect(failure(() => run({ targets: ['h100:f16'], vectorUnit: 'x' }))).toBe('name options.vectorUnit');
    expect(failure(() => run({ targets: ['h100:f16'], weights: 'zzz' }))).not.toBe('no error');
  });

  it('tells errors that lean to one side', () => {
    const gpu = findTarget('h100');
    const writing = (rounding: 'tiesToEven' | 'towardZero' | 'towardPositive') => {
      const unit = { ...gpu.matrixUnits.bf16!, output: roundTo(bfloat16, { rounding }) };
      const defaults = { ...gpu.defaults, matrix: 'bf16', vector: 'vectorF32' };
      return defineTarget({ ...gpu, name: rounding, matrixUnits: { bf16: unit }, defaults });
    };
    const { targets } = run({ targets: [writing('tiesToEven'), writing('towardZero'), writing('towardPositive')] });
    const [nearest, cut, up] = targets.map(({ nodes }) => nodes.find(({ op }) => op === 'Gemm')!.bias!);
    expect(Math.abs(nearest!.outward)).toBeLessThan(10);
    expect(cut!.outward).toBeLessThan(-15);
    expect(Math.abs(cut!.signed)).toBeLessThan(10);
    expect(up!.signed).toBeGreaterThan(15);
    expect(Math.abs(up!.outward)).toBeLessThan(10);
  });

  it('is a table, and a line a node and chip', () => {
    const found = run({ targets: ['fp16', 'bf16'] });
    const lines = formatSimulationCsv(found).trim().split('\n');
    expect(lines).toHaveLength(1 + 2 * found.targets[0]!.nodes.length);
    expect(new Set(lines.map((line) => line.split(',').length)).size).toBe(1);
    expect(formatSimulation(found)).toContain('layers.3');
  });
});

describe('operands of a linear layer', () => {
  const random = generator(11);
  const draw = (n: number) => Float64Array.from({ length: n }, () => (random() - 0.5) * 4);
  const [rows, inputs, outputs] = [3, 40, 5];
  const [x, w] = [draw(rows * inputs), draw(outputs * inputs)];
  const bias = draw(outputs);
  const layer = { x, rows, weight: { data: w, shape: [outputs, inputs] }, bias };
  const amax = (from: ArrayLike<number>, row: number) =>
    Math.max(
      ...Array.from(from)
        .slice(row * inputs, (row + 1) * inputs)
        .map(Math.abs),
    );

  it('are int8 codes of rows, moved by 128 for an unsigned operand', () => {
    const {
      output,
      reports: { matmul: report },
    } = linearOn(findTarget('avx512Vnni:vpdpbusd'), 'vpdpbusd', null)('w', layer);
    const nearest = (a: number) => (a % 1 === 0.5 || a % 1 === -0.5 ? 2 * Math.round(a / 2) : Math.round(a));
    for (let r = 0; r < rows; r++) {
      for (let o = 0; o < outputs; o++) {
        const [sx, sw] = [Math.fround(amax(x, r) / 127), Math.fround(amax(w, o) / 127)];
        let sum = 0;
        for (let i = 0; i < inputs; i++) {
          sum += nearest(x[r * inputs + i]! / sx) * nearest(w[o * inputs + i]! / sw);
        }
        const scaled = Math.fround(Math.fround(sum * sx) * sw);
        expect(output[r * outputs + o]).toBe(Math.fround(scaled + Math.fround(bias[o]!)));
      }
    }
    expect(report.ok).toBe(true);
  });

  it('are elements of e4m3fn under scales of rows', () => {
    const target = findTarget('h100:fp8Wgmma');
    const { output } = linearOn(target, 'fp8Wgmma', null)('w', { ...layer, bias: null });
    for (let r = 0; r < rows; r++) {
      for (let o = 0; o < outputs; o++) {
        const [sx, sw] = [Math.fround(amax(x, r) / 448), Math.fround(amax(w, o) / 448)];
        let sum = 0;
        for (let i = 0; i < inputs; i++) {
          sum += round(e4m3fn, x[r * inputs + i]! / sx) * round(e4m3fn, w[o * inputs + i]! / sw);
        }
        // The unit keeps 13 bits below the largest product of 32.
        expect(Math.abs(output[r * outputs + o]! - sum * sx * sw)).toBeLessThan(2 ** -6 * amax(x, r) * amax(w, o));
      }
    }
  });

  it('are blocks of units with block scales', () => {
    for (const [unit, format] of [
      ['mxfp8', mxfp8e4m3],
      ['nvfp4', nvfp4],
    ] as const) {
      const { output } = linearOn(findTarget(`b200:${unit}`), unit, null)('w', { ...layer, bias: null });
      const [a, b] = [
        { data: x, shape: [rows, inputs] },
        { data: w, shape: [outputs, inputs] },
      ].map((tensor) => dequantizeBlocks(quantizeBlocks(tensor, format)));
      for (let i = 0; i < rows * outputs; i++) {
        let [sum, size] = [0, 0];
        for (let k = 0; k < inputs; k++) {
          const product = a![Math.floor(i / outputs) * inputs + k]! * b![(i % outputs) * inputs + k]!;
          sum += product;
          size += Math.abs(product);
        }
        expect(Math.abs(output[i]! - sum)).toBeLessThan(size * 2 ** -18);
      }
    }
  });
});
