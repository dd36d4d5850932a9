import { describe, expect, it } from 'vitest';
import { identify } from '../../src/identification/index.ts';
import type { MatrixUnit } from '../../src/targets/index.ts';
import { differences, freshRows, hidden, questionOf } from './helpers.ts';
import { drawUnit } from './randomUnits.ts';

const seed = process.env.RANDOM_UNITS_SEED ?? '23';
const [from, to] = (process.env.RANDOM_UNITS ?? '0-300').split('-').map(Number) as [number, number];
console.log(`units ${from} to ${to} of seed ${seed}`);

/** Fresh rows of each unit; a target found must not deviate on more than its bound says. */
const ROWS = 20_000;

describe('units drawn at random from the algebra, hidden behind a function of codes', () => {
  const tally = { found: 0, unknown: 0, wrong: 0 };
  it.each(Array.from({ length: to - from }, (_, i) => from + i))('%i', (n) => {
    const { text, k, target } = drawUnit(seed, n);
    const unit = target.matrixUnits.unit as MatrixUnit;
    const found = identify(hidden(target, unit), { ...questionOf(unit, k), agree: ROWS });
    const isFound = found.verdict === 'identified';
    const differing = isFound ? differences(target, found.target, unit, freshRows(unit, k, ROWS, `${n}`)).length : 0;
    const words = isFound ? found.arithmetic : found.reason;
    console.log(`| ${n} | ${text} | ${found.rows} | ${found.verdict} | ${differing} | ${words} |`);
    tally[isFound ? (differing === 0 ? 'found' : 'wrong') : 'unknown']++;
    expect(found.rows).toBeLessThanOrEqual(5000);
    if (isFound) expect(differing / ROWS).toBeLessThanOrEqual(found.bound);
  });

  it('at least 95 % are found', () => {
    console.log(tally);
    expect(tally.found).toBeGreaterThanOrEqual(0.95 * (to - from));
  });
});
