/**
 * What needs Node: files on disk.
 *
 * `openFile` reads ranges of a file as a byte source, `openModel` a model folder, `openTensors` any file of named tensors, `openOnnx`
 * an .onnx file with its external data;
 * `embeddedModel` is where the small Llama lies that comes with the package.
 *
 * @module
 */
export { embeddedModel } from './embeddedModel.ts';
export { openFile } from './openFile.ts';
export { type OpenedModel, openModel } from './openModel.ts';
export { openNpz } from './openNpz.ts';
export { openOnnx } from './openOnnx.ts';
export { type OpenedQuantization, openQuantization } from './openQuantization.ts';
export { openTensors } from './openTensors.ts';
