import { expect, it } from 'vitest';
import { generator } from '../random.ts';
import { seedText } from './seed.ts';
import { killWriters, meetWriters } from './writers.ts';

it('files are of one run after 300 kills', async () => {
  const found = await killWriters(300, generator(`${seedText} kills`));
  console.log(found);
  expect(found.pairs).toBeGreaterThan(0);
});

it('files are of one run after 100 pairs of writers at once', () => meetWriters(100));
