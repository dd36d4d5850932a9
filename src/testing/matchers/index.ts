export { type Match, matchers } from './matchers.ts';
