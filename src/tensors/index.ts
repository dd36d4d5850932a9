/**
 * Shapes and typed arrays: what a tensor is here, and checks of it.
 *
 * A tensor is `{ data, shape }`, row-major, its data any typed array or ordinary array of numbers.
 *
 * @module
 */
export { packCodes, packedWidth, unpackCodes } from './packing.ts';
export * from './tensor.ts';
