/**
 * Arrays that live in an engine's memory: kernels read and write them in place.
 *
 * @module
 */
import { BittrueError, checkInteger, checkName } from '../errors/index.ts';
import type { CodeArray, FloatArray } from '../tensors/tensor.ts';
import { allocate, bufferOf, release } from './allocator.ts';
import { checkEngine, type Engine } from './engine.ts';
import type { Pointer } from './module.ts';

const arrays = {
  binary32: Float32Array,
  binary64: Float64Array,
  codes8: Uint8Array,
  codes16: Uint16Array,
  codes32: Uint32Array,
} as const;

/**
 * An array of zeros in an engine's memory. Kernels given the same engine take it as input, or as `out`, without a copy.
 * It stays valid whatever else the engine does: shared memory grows under it, plain memory never grows.
 *
 * @param type - `binary32` gives a Float32Array, `binary64` a Float64Array, `codes8` … `codes32` a Uint8Array, Uint16Array
 *   or Uint32Array
 * @throws {@link BittrueError} when the memory has no such room
 * @example
 * import { createEngine, createTensor, releaseTensor } from 'bittrue/engine';
 * import { e4m3fn } from 'bittrue/formats';
 * import { cast } from 'bittrue/kernels';
 * const engine = await createEngine();
 * const x = createTensor(engine, 1000, 'binary32');
 * const out = createTensor(engine, 1000, 'binary32');
 * x.fill(0.3);
 * cast(x, { format: e4m3fn, engine, out }).report.totals.inexact; // 1000
 * out[999]; // 0.3125
 * releaseTensor(engine, x);
 */
export function createTensor(engine: Engine, length: number, type: 'binary32'): Float32Array;
export function createTensor(engine: Engine, length: number, type: 'binary64'): Float64Array;
export function createTensor(engine: Engine, length: number, type: 'codes8'): Uint8Array;
export function createTensor(engine: Engine, length: number, type: 'codes16'): Uint16Array;
export function createTensor(engine: Engine, length: number, type: 'codes32'): Uint32Array;
export function createTensor(engine: Engine, length: number, type: keyof typeof arrays): FloatArray | CodeArray {
  checkEngine('engine', engine);
  checkInteger('length', length, 0, 2 ** 30);
  const Type = arrays[checkName('type', type, Object.keys(arrays) as (keyof typeof arrays)[])];
  // Whole vectors, so that loops may run past the last number.
  const start = allocate(engine.allocator, length * Type.BYTES_PER_ELEMENT + 64);
  const data = new Type(bufferOf(engine.allocator), start, length);
  data.fill(0);
  engine.allocator.tensors.set(data, start);
  return data;
}

/**
 * Gives a tensor's memory back. The array itself must not be used any more.
 *
 * @param data - the array that `createTensor` gave, not another view of its memory
 * @throws {@link BittrueError} for an array that is no tensor of this engine, or that was released before
 */
export function releaseTensor(engine: Engine, data: FloatArray | CodeArray): void {
  const { allocator } = checkEngine('engine', engine);
  const at = allocator.tensors.get(data);
  if (at === undefined) throw new BittrueError('value', 'data', data, 'a tensor of this engine, not yet released');
  allocator.tensors.delete(data);
  release(allocator, at);
}

/** Where an array lies in the engine's memory; null for any other array. */
export function pointerOf({ allocator }: Engine, data: FloatArray | CodeArray): Pointer | null {
  return allocator.buffers.has(data.buffer) ? data.byteOffset : null;
}
