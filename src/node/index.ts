/**
 * What needs Node: files from disk.
 *
 * @module
 */
export { embeddedModel } from './embeddedModel.ts';
export { openFile } from './openFile.ts';
export { type OpenedModel, openModel } from './openModel.ts';
