/**
 * Hands out parts of the engine's memory: first fit, freed neighbours joined.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { Pointer } from './module.ts';

const PAGE = 65_536;
/** Below lie the module's own constants: AssemblyScript puts them from 1024 on. */
const BASE = 4096;
/** Parts begin at whole cache lines. */
const ALIGNMENT = 64;

/** Free and used parts of one memory. */
export interface Allocator {
  readonly memory: WebAssembly.Memory;
  /** Whether the memory may grow: only where it is shared, since growth detaches every view of a plain one. */
  readonly grows: boolean;
  /** [start, size] of the free parts, by start. */
  readonly free: [number, number][];
  readonly used: Map<Pointer, number>;
  /** Every buffer object that this memory has had: growth makes a new one over the same bytes. */
  readonly buffers: WeakSet<ArrayBufferLike>;
  /** The part that no one has used yet: where it starts, and ends. */
  top: number;
  end: number;
}

export function createAllocator(memory: WebAssembly.Memory, grows: boolean): Allocator {
  return {
    memory,
    grows,
    free: [],
    used: new Map(),
    buffers: new WeakSet([memory.buffer]),
    top: BASE,
    end: memory.buffer.byteLength,
  };
}

/** A part of so many bytes, aligned to 64; its content is what was there. */
export function allocate(allocator: Allocator, bytes: number): Pointer {
  const size = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
  const { free, used } = allocator;
  const found = free.findIndex(([, room]) => room >= size);
  if (found >= 0) {
    const part = free[found] as [number, number];
    const start = part[0];
    if (part[1] === size) free.splice(found, 1);
    else free[found] = [start + size, part[1] - size];
    used.set(start, size);
    return start;
  }
  while (allocator.top + size > allocator.end) grow(allocator, bytes, size);
  const start = allocator.top;
  allocator.top += size;
  used.set(start, size);
  return start;
}

/** Grows the memory. Threads do so at the same time, each for its own use: what one gets may not follow what it had. */
function grow(allocator: Allocator, bytes: number, size: number): void {
  const { memory, buffers } = allocator;
  if (!allocator.grows) throw outOfMemory(bytes, memory.buffer.byteLength);
  const pages = Math.ceil((allocator.top + size - allocator.end) / PAGE);
  let start: number;
  try {
    start = memory.grow(pages) * PAGE;
  } catch {
    throw outOfMemory(bytes, 65_536 * PAGE);
  }
  buffers.add(memory.buffer);
  if (start !== allocator.end) {
    const rest = allocator.end - allocator.top;
    const left = allocator.top;
    allocator.top = start;
    if (rest > 0) {
      allocator.used.set(left, rest);
      release(allocator, left);
    }
  }
  allocator.end = start + pages * PAGE;
}

function outOfMemory(bytes: number, capacity: number): BittrueError {
  return new BittrueError(
    'range',
    'engine.memory',
    bytes,
    `at most what is left of ${capacity} bytes; createEngine({ memory }) sets it where memory is not shared`,
  );
}

/** Gives a part back. */
export function release(allocator: Allocator, start: Pointer): void {
  const { free, used } = allocator;
  const size = used.get(start);
  if (size === undefined) return;
  used.delete(start);
  let at = free.findIndex(([other]) => other > start);
  if (at < 0) at = free.length;
  free.splice(at, 0, [start, size]);
  const next = free[at + 1];
  const here = free[at] as [number, number];
  if (next !== undefined && here[0] + here[1] === next[0]) {
    here[1] += next[1];
    free.splice(at + 1, 1);
  }
  const before = free[at - 1];
  if (before !== undefined && before[0] + before[1] === here[0]) {
    before[1] += here[1];
    free.splice(at, 1);
  }
  const last = free.at(-1);
  if (last !== undefined && last[0] + last[1] === allocator.top) {
    allocator.top = last[0];
    free.pop();
  }
}
