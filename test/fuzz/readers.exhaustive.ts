import { expect, it } from 'vitest';
import { corpora } from './corpus.ts';
import { fuzzReader } from './readers.ts';

it.each(Object.keys(corpora))('mutated files, a minute of them: %s', (reader) => {
  const { read, refused } = fuzzReader(reader, 60, 2 ** 17);
  console.log(`${reader}: ${read} read, ${refused} refused`);
  expect(read).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(100);
});
