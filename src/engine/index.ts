export { createEngine, type Engine, type EngineOptions, prepare } from './engine.ts';
export { createTensor, releaseTensor } from './tensor.ts';
