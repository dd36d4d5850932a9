export { defineTarget } from './define.ts';
export * from './generic.ts';
export { findTarget, targets } from './table.ts';
export type * from './target.ts';
