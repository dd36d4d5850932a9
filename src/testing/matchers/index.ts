export type { NumberMatchers } from './expectation.ts';
export { type Match, matchers } from './matchers.ts';
