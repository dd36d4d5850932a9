/**
 * Tensors from files: safetensors, .npy and .npz, ONNX, GGUF, over a {@link ByteSource}. No file system here.
 *
 * A byte source says how long it is and reads a range, so the same readers work on a file of a disk (`openFile` of
 * `bittrue/node`), a browser's Blob read before, or bytes in memory. Readers check sizes against what is there before they
 * allocate.
 *
 * @module
 */
export {
  type Checkpoint,
  type CodedTensor,
  readTensor,
  readTensorBytes,
  readTensorCodes,
  type TensorCodesOptions,
  type TensorEntry,
} from './checkpoint.ts';
export { readGguf } from './gguf.ts';
export { type NpyFile, type NpyOptions, openNpy, readNpy } from './npy.ts';
export { type Inflate, readNpz } from './npz.ts';
export type { OpenFile } from './onnx/external.ts';
export {
  type OnnxAttribute,
  type OnnxFunction,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
  readOnnxModel,
} from './onnx/model.ts';
export { readOnnx } from './onnx.ts';
export { readSafetensors } from './safetensors.ts';
export { readShardedSafetensors } from './shards.ts';
export { type ByteSource, memorySource } from './source.ts';
export type { StoredIntegers, StoredTensor } from './stored.ts';
export { writeNpy } from './writeNpy.ts';
export { writeNpz } from './writeNpz.ts';
export { type WriteSafetensorsOptions, writeSafetensors } from './writeSafetensors.ts';
