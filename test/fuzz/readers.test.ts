import { describe, expect, it } from 'vitest';
import { corpora } from './corpus.ts';
import { fuzzReader } from './readers.ts';

describe('a mutated file is read or refused, in bounded time and memory', () => {
  it.each(Object.keys(corpora))('%s', (reader) => {
    const { read, refused } = fuzzReader(reader, 0.8);
    console.log(`${reader}: ${read} read, ${refused} refused`);
    expect(read).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  });
});
