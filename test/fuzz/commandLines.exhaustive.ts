import { expect, it } from 'vitest';
import { fuzzCommandLines } from './commandLines.ts';

it('hostile command lines, ten minutes of them, end with 0, 1 or 2', () => {
  const count = fuzzCommandLines(600);
  console.log(`${count} command lines`);
  expect(count).toBeGreaterThan(20);
});
