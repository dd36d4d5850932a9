import { describe, expect, it } from 'vitest';
import { generator } from '../random.ts';
import { seedText } from './seed.ts';
import { killWriters, meetWriters } from './writers.ts';

describe('files are of one run', () => {
  it('whenever their writer is killed', async () => {
    const { pairs, none } = await killWriters(6, generator(`${seedText} kills`));
    expect(pairs + none).toBe(6);
    expect(pairs).toBeGreaterThan(0);
  });

  it('whoever else writes', async () => {
    await meetWriters(3);
  });
});
