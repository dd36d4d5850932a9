export * from './allocate.ts';
export * from './checks.ts';
export * from './error.ts';
export { printable, printableData } from './printable.ts';
export { nearest } from './suggest.ts';
