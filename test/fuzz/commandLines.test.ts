import { expect, it } from 'vitest';
import { fuzzCommandLines } from './commandLines.ts';

it('hostile command lines end with 0, 1 or 2', () => {
  const count = fuzzCommandLines(3);
  console.log(`${count} command lines`);
  expect(count).toBeGreaterThan(20);
});
