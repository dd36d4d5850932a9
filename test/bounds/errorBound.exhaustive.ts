import { expect, it } from 'vitest';
import { checkErrorBounds } from './errorBound.ts';

it('a million random kernels stay within their bounds', () => {
  const { outputs, infinite, eventFree, vacuous } = checkErrorBounds(1_000_000);
  console.log(`${outputs} outputs, ${infinite} infinite bounds, ${vacuous} of ${eventFree} without an event`);
  expect(vacuous / eventFree).toBeLessThan(0.08);
});
