/**
 * The engine's module: what it exports.
 *
 * @module
 */
export { overflowFreeRow, magnitudeBound, magnitudes } from './products/overflowFree';
export * from './casts/cast';
export * from './casts/codes';
export * from './search/dense';
export { exp32, exp64 } from './rows/exponential';
export * from './products/binary64';
export * from './products/integer';
export * from './lanes/interleave';
export { countMagnitudes32, countMagnitudes64 } from './lanes/magnitudes';
export { nonFinite32, nonFinite64 } from './casts/nonFinite';
export * from './lanes/panel32';
export * from './lanes/panel64';
export * from './products/row';
export { narrow } from './program/narrow';
export { binades, intoEight, programRow } from './program/program';
export * from './rows/softmax';
export * from './rows/welford';
