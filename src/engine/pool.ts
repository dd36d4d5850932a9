/**
 * Threads that share an engine's work over shared memory.
 *
 * @module
 */
import type { Allocator } from './allocator.ts';
import type { Core } from './module.ts';

/** Threads beside the caller's. */
export interface Pool {
  close(): void;
}

export async function startPool(_core: Core, _allocator: Allocator, _workers: number): Promise<Pool> {
  return { close() {} };
}
