/**
 * False alarms of the test for stochastic rounding, as often as they come: right ones, many seeds, bounds that are large enough
 * to be seen.
 */
import { expect, it } from 'vitest';
import { parseFormat } from '../../../src/formats/index.ts';
import { round } from '../../../src/rounding/index.ts';
import { checkStochasticRounding } from '../../../src/testing/check/index.ts';

const SEEDS = 500;

it.each(['int8', 'e2m1fn', 'e4m3fn'])('%s', (to) => {
  const format = parseFormat(to);
  const right = (x: number, u: number): number => {
    const low = round(format, x, { rounding: 'towardNegative' });
    const high = round(format, x, { rounding: 'towardPositive' });
    return low !== high && u < (x - low) / (high - low) ? high : low;
  };
  for (const falseAlarm of [0.5, 0.1, 0.01]) {
    let alarms = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      if (!checkStochasticRounding(right, { to, draws: 100, seed, falseAlarm }).ok) alarms += 1;
    }
    console.log(`${to}: ${alarms} false alarms in ${SEEDS} seeds where at most ${falseAlarm * SEEDS} were asked for`);
    // Three standard deviations above what was asked for.
    expect(alarms).toBeLessThanOrEqual(falseAlarm * SEEDS + 3 * Math.sqrt(falseAlarm * (1 - falseAlarm) * SEEDS));
  }
});
