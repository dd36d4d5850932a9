export { packCodes, packedWidth, unpackCodes } from './packing.ts';
export * from './tensor.ts';
