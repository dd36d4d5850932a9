import { e4m3fn } from 'bittrue/formats';
import { round } from 'bittrue/rounding';
import 'bittrue/testing/vitest';
import { expect, test } from 'vitest';

// Yours in its place: a number of binary32 becomes the nearest number of E4M3.
const toFloat8 = (x) => round(e4m3fn, x);

test('rounds to E4M3', () => {
  expect(toFloat8).toRoundAs('e4m3fn', { from: 'binary32' });
});
