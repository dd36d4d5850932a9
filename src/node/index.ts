/**
 * What needs Node: files on disk.
 *
 * @module
 */
export { embeddedModel } from './embeddedModel.ts';
export { openFile } from './openFile.ts';
export { type OpenedModel, openModel } from './openModel.ts';
export { checkFolder, writeFiles } from './writeFiles.ts';
