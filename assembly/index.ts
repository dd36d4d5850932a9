/**
 * The engine's module: what it exports.
 *
 * @module
 */
export * from './cast';
export * from './layout';
export * from './panel32';
export * from './panel64';
export * from './product';
