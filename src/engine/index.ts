/**
 * The WebAssembly engine that runs most kernels: memory, tensors in it, threads.
 *
 * Kernels use a common engine by themselves. `createEngine({ workers })` makes one of your own that shares rows among threads,
 * `createTensor` keeps an array in its memory so that it is not copied. Bits, counts and first events are those of
 * `bittrue/specification`, whatever the number of threads.
 *
 * @module
 */
export { closeEngine, createEngine, type Engine, type EngineOptions, prepare, type ThreadOptions } from './engine.ts';
export { availableWorkers } from './host.ts';
export { createTensor, releaseTensor } from './tensor.ts';
