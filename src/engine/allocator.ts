/**
 * Hands out parts of the engine's memory: first fit, freed neighbours joined.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { CodeArray, FloatArray } from '../tensors/tensor.ts';
import type { Pointer } from './module.ts';

const PAGE = 65_536;
/** Below lie the module's own constants: AssemblyScript puts them from 1024 on. */
const BASE = 4096;
/** Parts begin at whole cache lines. */
const ALIGNMENT = 64;
/** What an allocator may ask for beyond its need, so that it rarely asks: as much as it has, and no more than this. */
const SPARE = 2 ** 24;

/** Free and used parts of one memory. */
export interface Allocator {
  readonly memory: WebAssembly.Memory;
  /** Whether the memory may grow: only where it is shared, since growth detaches every view of a plain one. */
  readonly grows: boolean;
  /** [start, size] of the free parts, by start. */
  readonly free: [number, number][];
  readonly used: Map<Pointer, number>;
  /** Where the tensors lie that are not released, by the very arrays that their owners hold. */
  readonly tensors: WeakMap<FloatArray | CodeArray, Pointer>;
  /** Every buffer object over this memory that an array outside may have: growth, anyone's, makes a new one. */
  readonly buffers: WeakSet<ArrayBufferLike>;
  /** Tells of what was grown: threads leave a record, so that their memory outlives them. */
  readonly onGrowth: (start: Pointer, bytes: number) => void;
  /** The part that no one has used yet: where it starts, and ends. */
  top: number;
  end: number;
  /** Bytes that are this allocator's, used or not. */
  owned: number;
}

/** An allocator of all that a memory has. */
export function createAllocator(memory: WebAssembly.Memory, grows: boolean): Allocator {
  const end = memory.buffer.byteLength;
  return { ...emptyAllocator(memory, grows, () => {}), top: BASE, end, owned: end - BASE };
}

/** An allocator of nothing yet, on a memory that others use. */
export function emptyAllocator(memory: WebAssembly.Memory, grows: boolean, onGrowth: Allocator['onGrowth']): Allocator {
  const [tensors, buffers] = [new WeakMap(), new WeakSet()] as const;
  return { memory, grows, free: [], used: new Map(), tensors, buffers, onGrowth, top: 0, end: 0, owned: 0 };
}

/** The memory as an array outside may have it. Asked for anew for every such array, since threads too grow the memory. */
export function bufferOf({ memory, buffers }: Allocator): ArrayBuffer {
  const { buffer } = memory;
  buffers.add(buffer);
  return buffer;
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
  const { memory, owned } = allocator;
  if (!allocator.grows) throw outOfMemory(bytes, memory.buffer.byteLength);
  const least = Math.ceil((allocator.top + size - allocator.end) / PAGE);
  const most = Math.max(least, Math.floor(Math.min(owned, SPARE) / PAGE));
  const [start, pages] = growBy(memory, most) ?? growBy(memory, least) ?? [0, 0];
  if (pages === 0) throw outOfMemory(bytes, 65_536 * PAGE);
  allocator.onGrowth(start, pages * PAGE);
  if (start === allocator.end) allocator.owned += pages * PAGE;
  else adopt(allocator, start, pages * PAGE);
  allocator.end = start + pages * PAGE;
}

/** Where the memory grew, and by how many pages; null where it did not. */
function growBy(memory: WebAssembly.Memory, pages: number): [Pointer, number] | null {
  try {
    return [memory.grow(pages) * PAGE, pages];
  } catch {
    return null;
  }
}

/** Bytes that go on from another place: what was left where they end is free. */
function adopt(allocator: Allocator, start: Pointer, bytes: number): void {
  const { top: left, end } = allocator;
  allocator.top = start;
  allocator.owned += bytes;
  if (end > left) giveTo(allocator, left, end - left);
}

/** Gives an allocator memory that was another's. */
export function giveTo(allocator: Allocator, start: Pointer, bytes: number): void {
  allocator.used.set(start, bytes);
  release(allocator, start);
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
    at -= 1;
  }
  const [first, bytes] = free[at] as [number, number];
  if (first + bytes === allocator.top) {
    allocator.top = first;
    free.splice(at, 1);
  }
}
