export type { Account } from './account.ts';
export type { Lowered } from './twin.ts';
