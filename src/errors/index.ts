export * from './checks.ts';
export * from './error.ts';
