import { describe, expect, it } from 'vitest';
import { checkErrorBounds, rowCases, sumCases } from './errorBound.ts';

const PIECES = 20;

describe.each([
  ['sums and products', sumCases],
  ['norms and softmaxes', rowCases],
] as const)('a million random kernels stay within their bounds: %s', (name, cases) => {
  it.each(Array.from({ length: PIECES }, (_, piece) => piece))('piece %i', (piece) => {
    const { outputs, infinite, eventFree, vacuous } = checkErrorBounds(1_000_000 / PIECES, 1, cases(), 1000 + piece);
    console.log(
      `${name}: ${outputs} outputs, ${infinite} infinite bounds, ${vacuous} of ${eventFree} without an event`,
    );
    expect(vacuous / eventFree).toBeLessThan(0.05);
  });
});
