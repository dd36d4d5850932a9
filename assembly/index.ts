/**
 * The engine's module: what it exports.
 *
 * @module
 */
export { boundedRow, magnitudes, reach } from './bounded';
export * from './cast';
export * from './codes';
export * from './dense';
export { exp32, exp64 } from './exponential';
export * from './integer';
export * from './layout';
export { nonFinite32, nonFinite64 } from './nonFinite';
export * from './panel32';
export * from './panel64';
export * from './product';
export { binades, intoEight, programRow } from './program';
export * from './softmax';
export * from './welford';
