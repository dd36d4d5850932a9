/**
 * What needs Node: files on disk.
 *
 * @module
 */
export { embeddedModel } from './embeddedModel.ts';
export { openFile } from './openFile.ts';
export { type OpenedModel, openModel } from './openModel.ts';
export { openNpz } from './openNpz.ts';
export { openOnnx } from './openOnnx.ts';
export { type OpenedQuantization, openQuantization } from './openQuantization.ts';
