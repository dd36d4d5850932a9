export type { Counters } from './counters.ts';
export type { Twin } from './twin.ts';
