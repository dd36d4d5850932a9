import { memorySource, readOnnxModel } from 'bittrue/files';
import type { TypedTensor } from 'bittrue/graphs';
import { onnxCompanion, onnxGraph } from 'bittrue/models';
import { checkGraph, seededFeeds } from 'bittrue/studies';
import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { float32, int32, onnxFile } from './onnxFile.ts';

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'fatal';
});

/** An operator that is not evaluated here stands before a norm, which an older set spells out, and a product. */
const bytes = onnxFile(
  {
    inputs: [['x', 1, ['n', 2, 4, 4]]],
    nodes: [
      { op: 'Abs', name: 'size', inputs: ['x'], outputs: ['p'] },
      {
        op: 'CropAndResize',
        domain: 'com.microsoft',
        name: 'crop',
        inputs: ['p', 'rois', 'images', 'extent'],
        outputs: ['r'],
      },
      { op: 'Softmax', name: 'shares', inputs: ['r'], outputs: ['s'], attributes: { axis: 1n } },
      { op: 'MatMul', name: 'linear', inputs: ['s', 'w'], outputs: ['y'] },
    ],
    constants: {
      rois: float32([2, 4], [0, 0, 1, 1, 0, 0, 1, 1]),
      images: int32([0, 1]),
      extent: int32([4, 4]),
      w: float32([4, 2], [1, -2, 3, -4, 5, -6, 7, 70_000]),
    },
    outputs: [['y', 1, ['n', 2, 4, 2]]],
  },
  12,
);

describe('onnxCompanion', () => {
  const graph = onnxGraph(readOnnxModel(memorySource(bytes, 'm.onnx')));
  const feeds = seededFeeds(graph, { lengths: { n: 2 } });
  const options = { targets: ['fp16'], kernels: ['softmax', 'matmul'] } as const;

  it('gives checked nodes the operands that the runtime computed, past an operator that is not evaluated', async () => {
    await expect(checkGraph(graph, feeds, options)).rejects.toThrow(/CropAndResize \(crop\)/);
    const companion = onnxCompanion(ort as never, bytes);
    expect([...companion.names]).toEqual(['p', 'r', 's', 'y']);
    const check = await checkGraph(graph, feeds, { ...options, companion });
    expect(check.runs.map(({ node, op }) => `${node} ${op}`)).toEqual(['shares Softmax', 'linear MatMul']);
    expect(check.runs[1].first).toMatchObject({ kind: 'overflow', stage: 'load' });
    // Softmax of set 12 over the axes from 1 on: rows of 32, which the graph alone has.
    const { values } = companion;
    const told = await values(feeds, ['r', 's']);
    const [r, s] = ['r', 's'].map((name) => told.get(name) as TypedTensor);
    expect([r.shape, s.shape]).toEqual([
      [2, 2, 4, 4],
      [2, 2, 4, 4],
    ]);
    const row = [...(r.data as Float64Array)].slice(0, 32);
    const sum = row.reduce((total, one) => total + Math.exp(one), 0);
    (s.data as Float64Array).slice(0, 32).forEach((share, i) => {
      expect(share).toBeCloseTo(Math.exp(row[i]) / sum, 6);
    });
    expect(check.runs[0].report?.rows).toBe(2);
  });

  it('refuses junk, values that no node makes, and inputs that the file has no place for', async () => {
    const companion = onnxCompanion(ort as never, bytes);
    expect(() => onnxCompanion(ort as never, new Uint8Array(3))).toThrow(/bytes/);
    await expect(companion.values(feeds, ['w'])).rejects.toThrow(/names.*'w'/);
    const wide = { x: { ...feeds.x, data: Float64Array.from(feeds.x.data as Float64Array, (one) => one + 1e-12) } };
    await expect(companion.values(wide, ['r'])).rejects.toThrow(/feeds.x/);
    await expect(checkGraph(graph, feeds, { ...options, companion: {} as never })).rejects.toThrow(/options.companion/);
  });
});
