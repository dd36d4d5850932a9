import { describe, expect, it } from 'vitest';
import { checkErrorBounds, rowCases, sumCases } from './errorBound.ts';

const PIECES = 40;

describe.each([
  ['sums and products', sumCases(16), 16],
  ['norms and softmaxes', rowCases(), 1],
] as const)('a million random kernels stay within their bounds: %s', (name, cases, many) => {
  it.each(Array.from({ length: PIECES }, (_, piece) => piece))('piece %i', (piece) => {
    const { kernels, shuffled, outputs, infinite, eventFree, vacuous } = checkErrorBounds(
      1_000_000 / PIECES,
      1,
      cases,
      1000 + 1000 * piece,
      many,
    );
    console.log(
      `${name}: ${kernels} kernels, ${shuffled} of them shuffled, ${outputs} outputs, ${infinite} infinite bounds, ${vacuous} of ${eventFree} without an event`,
    );
    expect(kernels).toBe(1_000_000 / PIECES);
    expect(vacuous / eventFree).toBeLessThan(0.05);
  });
});
