/**
 * Masks on a target: −∞ leaves entries out, and is no fault of the data.
 */
import { evaluate } from 'bittrue/evaluation';
import { e4m3fn } from 'bittrue/formats';
import { defineGraph, type Node, type TypedTensor } from 'bittrue/graphs';
import { softmax } from 'bittrue/kernels';
import { roundTo } from 'bittrue/rounding';
import { checkGraph } from 'bittrue/studies';
import { defineTarget, findTarget, type Target, type TargetName } from 'bittrue/targets';
import { describe, expect, it } from 'vitest';
import { generator } from '../random.ts';

const random = generator('masks');
const float = (shape: number[], data: ArrayLike<number>): TypedTensor => ({
  type: 'float',
  shape,
  data: Float64Array.from(data),
});
const normal = (...shape: number[]): TypedTensor =>
  float(
    shape,
    Array.from({ length: shape.reduce((product, axis) => product * axis, 1) }, () => 6 * random() - 3),
  );

async function on(
  op: string,
  feeds: Record<string, TypedTensor>,
  target: Target | TargetName = 'fp16',
  attributes: Node['attributes'] = {},
) {
  const names = Object.keys(feeds);
  const graph = defineGraph({
    name: 'g',
    inputs: names.map((name) => ({ name, type: feeds[name].type, shape: feeds[name].shape })),
    nodes: [{ name: 'y', op, inputs: names, outputs: ['y'], attributes }],
    outputs: ['y'],
    constants: {},
  });
  const { outputs, nodes } = await evaluate(graph, feeds, {
    on: () => ({ target: target as Target, reference: true }),
  });
  return { data: outputs.y.data as Float64Array, reports: nodes[0].reports ?? {} };
}

describe('softmax after a mask', () => {
  const width = 7;
  const rows = [
    [1, -Infinity, 2.5, -3, -Infinity, 0, 4],
    [-Infinity, -Infinity, -Infinity, 8, -Infinity, -Infinity, -12],
  ];

  it('has the bits of the kernel, no input that is not finite, and the room of what is left', async () => {
    const x = rows.flat();
    const { data, reports } = await on('Softmax', { x: float([2, width], x) });
    const kernel = softmax(x, { rows: 2, width, target: 'fp16', nonFiniteInputs: 'allow' });
    expect(data).toEqual(kernel.output);
    const { inputs, ok, headroom = {}, totals } = reports.softmax;
    expect([inputs.nonFinite, inputs.allowed, ok]).toEqual([0, false, true]);
    expect(totals).toEqual(kernel.report.totals);
    // Of the numbers that are left, the one farthest from its row's largest is 20 below it.
    expect(headroom.subtract).toBe(Math.log2(65504 / 20));
    const alone = rows.map((row) => {
      const kept = row.filter((score) => score > -Infinity);
      return softmax(kept, { rows: 1, width: kept.length, target: 'fp16', reference: true }).report.headroom ?? {};
    });
    for (const stage of ['exp', 'sum', 'store'] as const) {
      const least = Math.min(...alone.map((room) => (room as Record<string, number>)[stage]));
      expect(headroom[stage], stage).toBeCloseTo(least, 12);
    }
  });

  it('has the lowest number in its place where a format has no infinity', async () => {
    const plain = findTarget('fp16');
    const name = plain.defaults.vector as string;
    const load = roundTo(e4m3fn);
    const unit = { ...plain.vectorUnits[name], load };
    const target = defineTarget({ ...plain, name: 'narrow', vectorUnits: { ...plain.vectorUnits, [name]: unit } });
    const { data, reports } = await on('Softmax', { x: float([2, width], rows.flat()) }, target);
    const given = rows.flat().map((score) => (score === -Infinity ? -448 : score));
    expect(data).toEqual(softmax(given, { rows: 2, width, target }).output);
    const { ok, inputs, totals, headroom } = reports.softmax;
    expect([ok, inputs.nonFinite, totals.overflow, totals.invalid]).toEqual([true, 0, 0, 0]);
    expect(headroom?.subtract).toBe(Math.log2(65504 / 20));
  });

  it('tells NaN and +∞ as before, and a row that is left out as a whole', async () => {
    const strange = [
      [Number.NaN, 0, -Infinity],
      [Infinity, 1, -Infinity],
      [-Infinity, -Infinity, -Infinity],
    ];
    const { reports } = await on('Softmax', { x: float([3, 3], strange.flat()) });
    expect([reports.softmax.inputs.nonFinite, reports.softmax.ok]).toEqual([2, false]);
    const { data, reports: empty } = await on('Softmax', { x: float([1, 3], strange[2]) });
    expect([...data]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect([empty.softmax.ok, empty.softmax.totals.invalid > 0]).toEqual([false, true]);
  });
});

describe('attention under a mask', () => {
  const [q, k, v] = [normal(1, 2, 6, 4), normal(1, 2, 6, 4), normal(1, 2, 6, 3)];
  const infinite = float(
    [6, 6],
    Array.from({ length: 36 }, (_, at) => (at % 6 > Math.floor(at / 6) ? -Infinity : 0)),
  );

  it('is judged by its scores before the mask, causal or masked', async () => {
    const causal = await on('Attention', { q, k, v }, 'fp16', { is_causal: 1 });
    const masked = await on('Attention', { q, k, v, mask: infinite });
    const truth = {
      type: 'bool',
      shape: [6, 6],
      data: Uint8Array.from(infinite.data as Float64Array, (m) => +(m === 0)),
    } as const;
    const truths = await on('Attention', { q, k, v, mask: truth });
    for (const { data, reports } of [causal, masked, truths]) {
      expect(data).toEqual(causal.data);
      expect(data.every(Number.isFinite)).toBe(true);
      for (const report of Object.values(reports)) {
        expect([report.ok, report.inputs.nonFinite]).toEqual([true, 0]);
        for (const bits of Object.values(report.headroom ?? {})) if (bits !== null) expect(bits).toBeGreaterThan(0);
      }
    }
  });

  it('tells scores that are not finite before the mask, those that it leaves out too', async () => {
    const odd = float([1, 2, 6, 4], k.data as Float64Array);
    odd.data[20] = Number.NaN;
    const { reports } = await on('Attention', { q, k: odd, v }, 'fp16', { is_causal: 1 });
    expect(reports.softmax.ok).toBe(false);
    expect(reports.softmax.inputs.nonFinite).toBeGreaterThanOrEqual(6);
  });

  it('has a verdict in a check, as one node and in parts', async () => {
    const node = (name: string, op: string, inputs: string[], attributes: Node['attributes'] = {}): Node => ({
      name,
      op,
      inputs,
      outputs: [name],
      attributes,
    });
    const graph = defineGraph({
      name: 'g',
      inputs: [
        { name: 'q', type: 'float', shape: [1, 2, 6, 4] },
        { name: 'k', type: 'float', shape: [1, 2, 6, 4] },
        { name: 'v', type: 'float', shape: [1, 2, 6, 3] },
        { name: 's', type: 'float', shape: [6, 6] },
        { name: 'mask', type: 'float', shape: [6, 6] },
      ],
      nodes: [
        node('causal', 'Attention', ['q', 'k', 'v'], { is_causal: 1 }),
        node('added', 'Add', ['s', 'mask']),
        node('shares', 'Softmax', ['added']),
      ],
      outputs: ['causal', 'shares'],
      constants: {},
    });
    const feeds = { q, k, v, s: normal(6, 6), mask: infinite };
    const check = await checkGraph(graph, feeds, { targets: ['fp16', 'h100:f16'], kernels: ['all'] });
    expect(check.ok).toBe(true);
    expect(check.runs.map(({ report }) => [report?.ok, report?.inputs.nonFinite])).toEqual(
      check.runs.map(() => [true, 0]),
    );
    for (const { report, node: name } of check.runs) {
      for (const bits of Object.values(report?.headroom ?? {})) expect(bits, name).not.toBe(-Infinity);
    }
  });
});

describe('a mask that is added', () => {
  it('leaves entries out: no event, no room, −∞', async () => {
    const a = float([2, 3], [60000, 1, Number.NaN, 2, 3, Infinity]);
    const b = float([2, 3], [-Infinity, 2 ** -12, 0, -Infinity, 3, 1]);
    const { data, reports } = await on('Add', { a, b });
    expect([...data]).toEqual([-Infinity, 1, Number.NaN, -Infinity, 6, Infinity]);
    expect([reports.add.inputs.nonFinite, reports.add.totals.absorption]).toEqual([2, 1]);
    const clean = await on('Add', { a: float([1, 2], [60000, 3]), b: float([1, 2], [-Infinity, 3]) });
    expect([...clean.data]).toEqual([-Infinity, 6]);
    expect(clean.reports.add.headroom?.add).toBe(Math.log2(65504 / 6));
    expect(clean.reports.add.ok).toBe(true);
  });
});
