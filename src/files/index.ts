/**
 * Tensors from files, over a {@link ByteSource}: no file system here.
 *
 * @module
 */
export {
  type Checkpoint,
  type CodedTensor,
  readTensor,
  readTensorBytes,
  readTensorCodes,
  type TensorEntry,
} from './checkpoint.ts';
export { type NpyFile, openNpy, readNpy } from './npy.ts';
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
export {
  type StoredIntegers,
  type StoredTensor,
  type WriteSafetensorsOptions,
  writeSafetensors,
} from './writeSafetensors.ts';
