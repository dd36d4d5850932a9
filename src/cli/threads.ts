/**
 * All processors for a command that computes for long.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startThreads } from '../engine/engine.ts';
import { availableWorkers } from '../engine/index.ts';

/**
 * Starts threads for the engine of kernels and graphs, one a processor; they join as they come, and nothing waits for them.
 * Results are the same without: where there is one processor, or no thread can be had.
 */
export function useThreads(): void {
  if (!existsSync(fileURLToPath(new URL('../kernels/threads/worker.js', import.meta.url)))) return;
  startThreads(availableWorkers()).catch(() => {});
}
