export { closeEngine, createEngine, type Engine, type EngineOptions, prepare } from './engine.ts';
export { availableWorkers } from './host.ts';
export { createTensor, releaseTensor } from './tensor.ts';
