/**
 * Random numbers in [0, 1) from the fuzzers' seed and a purpose: the hash of both and of a counter.
 */
import { createHash } from 'node:crypto';
import { seedText } from './seed.ts';

export function randomFrom(purpose: string): () => number {
  let i = 0;
  return () => createHash('sha256').update(`${seedText} ${purpose} ${i++}`).digest().readUInt32LE(0) / 2 ** 32;
}
