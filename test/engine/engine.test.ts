import { describe, expect, it } from 'vitest';
import { allocate, createAllocator, emptyAllocator, release } from '../../src/engine/allocator.ts';
import { createEngine, createTensor, releaseTensor } from '../../src/engine/index.ts';
import { compile, instantiate } from '../../src/engine/module.ts';
import { BLOCK_BYTES, type Block, roundingBlock, writeBlock } from '../../src/engine/roundingBlock.ts';
import { pointerOf } from '../../src/engine/tensor.ts';
import { binary16, binary64, e8m0fnu } from '../../src/formats/index.ts';
import { cast, matmul } from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { fp16 } from '../../src/targets/index.ts';
import { failure } from '../testing/helpers.ts';

describe('the module', () => {
  it('runs on plain memory as on shared memory', () => {
    for (const shared of [false, true]) {
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared });
      const core = instantiate(compile(shared), memory);
      writeBlock(core, roundingBlock(roundTo(binary16), 4) as Block, 4096);
      const x = new Float32Array(memory.buffer, 4096 + BLOCK_BYTES, 4);
      x.set([1.0004, 65519, 65520, -1e-8]);
      core.call.castByConstant32(x.byteOffset, x.byteOffset, 4, 4096);
      expect(Array.from(x)).toEqual([1, 65504, Infinity, -0]);
    }
    expect(() =>
      instantiate(compile(false), new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true })),
    ).toThrow();
  });

  it('has no constants for steps that only the specification knows', () => {
    expect(roundingBlock(roundTo(e8m0fnu), 8)).toBeNull();
    expect(roundingBlock(roundTo(binary64), 8)).toBeNull();
    expect(roundingBlock(roundTo(binary16, { rounding: 'stochastic' }), 8)).toBeNull();
    expect(roundingBlock(roundTo(binary16, { rounding: 'toOdd' }), 4)).toBeNull();
    expect(roundingBlock(roundTo(binary16, { rounding: 'toOdd' }), 8)?.isGeneral).toBe(true);
  });
});

describe('memory', () => {
  it('joins what is freed, and hands it out again', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const allocator = createAllocator(memory, false);
    const [a, b, c] = [allocate(allocator, 100), allocate(allocator, 1000), allocate(allocator, 1)];
    expect([a % 64, b - a, c - b]).toEqual([0, 128, 1024]);
    release(allocator, a);
    release(allocator, b);
    expect(allocate(allocator, 1100)).toBe(a);
    release(allocator, a);
    release(allocator, c);
    release(allocator, c);
    expect([allocator.free, allocator.top]).toEqual([[], a]);
    expect(failure(() => allocate(allocator, 65_536))).toBe('range engine.memory');
  });

  it('leaves tensors valid when it grows', async () => {
    const engine = await createEngine();
    const early = createTensor(engine, 1000, 'binary32').fill(0.1);
    const late = createTensor(engine, 2 ** 20, 'binary64').fill(0.1);
    expect(late.buffer).not.toBe(early.buffer);
    const { report } = cast(early, { format: binary16, engine, out: createTensor(engine, 1000, 'binary32') });
    expect(report.totals.inexact).toBe(1000);
    early[0] = 5;
    expect(cast(early, { format: binary16, engine }).output[0]).toBe(5);
    releaseTensor(engine, late);
    expect(failure(() => releaseTensor(engine, late))).toBe('value data');
    expect(failure(() => releaseTensor(engine, new Float32Array(3)))).toBe('value data');
  });

  it('knows a tensor by itself: a stale handle frees nothing of others', async () => {
    const engine = await createEngine();
    const first = createTensor(engine, 1000, 'binary32');
    releaseTensor(engine, first);
    const second = createTensor(engine, 1000, 'binary32').fill(3);
    expect(second.byteOffset).toBe(first.byteOffset);
    expect(failure(() => releaseTensor(engine, first))).toBe('value data');
    expect(failure(() => releaseTensor(engine, second.subarray(0)))).toBe('value data');
    const other = await createEngine();
    expect(failure(() => releaseTensor(other, second))).toBe('value data');
    expect(createTensor(engine, 1000, 'binary32').byteOffset).not.toBe(second.byteOffset);
    expect(second[999]).toBe(3);
    releaseTensor(engine, second);
    expect(engine.allocator.used.size).toBe(1);
  });

  it('is given back though another has grown it in the meantime', async () => {
    const engine = await createEngine();
    engine.core.memory.grow(3);
    const x = createTensor(engine, 1000, 'binary32').fill(0.1);
    engine.core.memory.grow(3);
    expect(pointerOf(engine, x)).toBe(x.byteOffset);
    const out = createTensor(engine, 2 ** 19, 'binary64');
    expect(pointerOf(engine, out)).toBe(out.byteOffset);
    releaseTensor(engine, x);
    releaseTensor(engine, out);
    expect([engine.allocator.used.size, engine.allocator.free.length]).toEqual([0, 1]);
  });

  it('grows a little beyond the need, so that it rarely grows', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1024, shared: true });
    const grown: number[] = [];
    const allocator = emptyAllocator(memory, true, (_, bytes) => grown.push(bytes / 65_536));
    for (let i = 0; i < 100; i++) {
      allocate(allocator, 65_536);
      // Another takes a page in between: what one gets never follows what it had.
      memory.grow(1);
    }
    expect(grown.length).toBeLessThan(12);
    // Beyond what is left there is still the need alone.
    const left = 1024 - memory.grow(0);
    allocate(allocator, left * 65_536);
    expect(memory.grow(0)).toBe(1024);
  });

  it('is given back by every kernel', async () => {
    const engine = await createEngine();
    const x = Float32Array.from({ length: 600 }, (_, i) => i / 7);
    const used = (): number => engine.allocator.used.size;
    matmul(x, x, { m: 20, k: 30, n: 20, target: fp16, engine });
    cast(x, { format: binary16, engine });
    expect(used()).toBe(0);
  });

  it('refuses options that it does not know', async () => {
    await expect(createEngine({ memory: 1 })).rejects.toThrow('options.memory');
    await expect(createEngine({ workers: 0 })).rejects.toThrow('options.workers');
    await expect(createEngine({ threads: 2 } as never)).rejects.toThrow('options');
    const x = new Float32Array(4);
    expect(failure(() => cast(x, { format: binary16, out: x }))).toBe('value options.out');
    expect(failure(() => cast(x, { format: binary16, out: new Float32Array(3) }))).toBe('shape options.out');
    expect(failure(() => cast(x, { format: binary64, out: new Float32Array(4) }))).toBe('type options.out');
  });
});
