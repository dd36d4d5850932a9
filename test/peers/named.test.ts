/**
 * Converters of npm packages under `checkRounding`: what is wrong with them is found, and named.
 */
import { f16round } from '@petamoriken/float16';
import toFloat16 from '@stdlib/number-float64-base-to-float16';
import { getFloat16, setFloat16 } from 'fp16';
import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Check, checkQuantizer, checkRounding, describeCheck } from '../../src/testing/index.ts';
import { type DescribedNode, onnxFile } from '../models/onnxFile.ts';

const names = ({ diagnosis }: Check): string[] => diagnosis?.behaviours.map(({ name }) => name) ?? [];

describe('packages of binary16', () => {
  it.each([
    ['@petamoriken/float16', f16round],
    ['@stdlib/number-float64-base-to-float16', toFloat16],
  ])('%s is right', (_, implementation) => {
    expect(checkRounding(implementation, { from: 'binary64', to: 'binary16' })).toMatchObject({
      ok: true,
      cases: 20_000,
    });
  });

  it('fp16 rounds twice, first to binary32', () => {
    const two = new DataView(new ArrayBuffer(2));
    const implementation = (x: number): number => {
      setFloat16(two, 0, x);
      return getFloat16(two, 0);
    };
    const check = checkRounding(implementation, { from: 'binary64', to: 'binary16' });
    expect(names(check)).toEqual(['via binary32']);
    expect(check.diagnosis?.explained).toBe(check.wrong);
    expect(describeCheck(check)).toContain('rounds twice, first to binary32: explains all');
    // From binary32 the disease cannot be seen, and the check says so.
    const blind = checkRounding(implementation, { from: 'binary32', to: 'binary16' });
    expect(blind.ok).toBe(true);
    expect(blind.unseen.map(({ name }) => name)).toContain('via binary32');
  });
});

describe('onnxruntime-web', () => {
  beforeAll(() => {
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = 'fatal';
  });

  type Batch = (x: ArrayLike<number>) => Promise<Float32Array>;

  /** A model of nodes that lead from x to y, as a function of many numbers. */
  async function model(nodes: readonly DescribedNode[]): Promise<Batch> {
    const bytes = onnxFile({ inputs: [['x', 1, [null]]], outputs: [['y', 1, [null]]], nodes });
    const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: 'disabled' });
    return async (x) => {
      const tensor = new ort.Tensor('float32', Float32Array.from(x), [x.length]);
      return (await session.run({ x: tensor })).y?.data as Float32Array;
    };
  }

  /** Cast to a type of onnx.proto3, and back. */
  const cast = (to: number, saturate?: bigint): Promise<Batch> =>
    model([
      {
        op: 'Cast',
        inputs: ['x'],
        outputs: ['m'],
        attributes: { to: BigInt(to), ...(saturate === undefined ? {} : { saturate }) },
      },
      { op: 'Cast', inputs: ['m'], outputs: ['y'], attributes: { to: 1n } },
    ]);

  it.each([
    ['binary16', 10],
    ['bfloat16', 16],
  ] as const)('casts to %s as IEEE 754 rounds, ties to even', async (to, type) => {
    const check = await checkRounding(await cast(type), { from: 'binary32', to, batch: true });
    expect(check.ok).toBe(true);
    expect(check.classes.tie?.tried).toBeGreaterThan(100);
  });

  it.each([
    ['e4m3fn', 17],
    ['e5m2', 19],
    ['e4m3fnuz', 18],
    ['e5m2fnuz', 20],
  ] as const)('casts to %s and saturates: named, and right under that policy', async (to, type) => {
    const implementation = await cast(type, 1n);
    const check = await checkRounding(implementation, { from: 'binary32', to, batch: true });
    expect(names(check)[0]).toBe('saturate');
    expect(check.diagnosis?.explained).toBe(check.wrong);
    const policy = { overflow: 'saturate' } as const;
    const agreed = await checkRounding(implementation, { from: 'binary32', to, batch: true, policy });
    expect(agreed.ok, describeCheck(agreed)).toBe(true);
  });

  it('casts to int8 by truncating to an int32 that saturates, and keeps the low bits', async () => {
    const policy = { nanInput: 'zero' } as const;
    const check = await checkRounding(await cast(3), { from: 'binary32', to: 'int8', batch: true, policy });
    expect(names(check)).toEqual(['towardZero', 'wrap', 'int32Saturates']);
    expect(check.diagnosis?.explained).toBe(check.wrong);
    expect(check.diagnosis?.sentence).toMatch(/truncates: rounds toward zero, and wraps: keeps the low bits/);
  });

  it('quantizes ties to even, through a binary32 quotient', async () => {
    const bytes = (type: number, data: Uint8Array) => ({ type, dims: [], bytes: data });
    const constants = {
      scale: bytes(1, new Uint8Array(Float32Array.of(0.3).buffer)),
      zero: bytes(3, Uint8Array.of(3)),
    };
    const nodes: DescribedNode[] = [
      { op: 'QuantizeLinear', inputs: ['x', 'scale', 'zero'], outputs: ['q'] },
      { op: 'Cast', inputs: ['q'], outputs: ['y'], attributes: { to: 1n } },
    ];
    const file = onnxFile({ inputs: [['x', 1, [null]]], outputs: [['y', 1, [null]]], nodes, constants });
    const session = await ort.InferenceSession.create(file, { graphOptimizationLevel: 'disabled' });
    const quantize: Batch = async (x) =>
      (await session.run({ x: new ort.Tensor('float32', Float32Array.from(x), [x.length]) })).y?.data as Float32Array;
    const options = { to: 'int8', scale: Math.fround(0.3), zeroPoint: 3, batch: true } as const;
    const check = await checkQuantizer(quantize as never, { ...options, quotient: 'binary32' });
    expect((check as Check).ok, describeCheck(check as Check)).toBe(true);
    expect((check as Check).classes.tie?.tried).toBeGreaterThan(10);
  });
});
