/** Units drawn at random from the algebra; `RANDOM_UNITS=0-100` takes some of them, `RANDOM_UNITS_SEED` others. */
import { describe, expect, it } from 'vitest';
import type { MatrixUnit } from '../../src/targets/index.ts';
import { drawUnit } from './randomUnits.ts';
import { sharded, type Trial, trials } from './trials.ts';

const seed = process.env.RANDOM_UNITS_SEED ?? '23';
const [from, to] = (process.env.RANDOM_UNITS ?? '0-300').split('-').map(Number) as [number, number];
console.log(`units ${from} to ${to} of seed ${seed}`);

describe('units drawn at random from the algebra, hidden behind a function of codes', () => {
  const measured = trials(`random-${seed}`);
  const numbers = sharded(Array.from({ length: to - from }, (_, i) => from + i));
  const all: Trial[] = [];

  it.each(numbers)('%i', (n) => {
    const { text, k, target } = drawUnit(seed, n);
    const trial = measured({ name: `${n} ${text}`, same: [], k, target, unit: target.matrixUnits.unit as MatrixUnit });
    all.push(trial);
    const { rows, differing, fresh, bound } = trial;
    expect(rows).toBeLessThanOrEqual(5000);
    // A target found must not deviate on more than its bound says.
    if (differing !== null) expect(differing / fresh).toBeLessThanOrEqual(bound as number);
  });

  it('at least 95 % are found', () => {
    const found = all.filter(({ differing }) => differing === 0).length;
    const unknown = all.filter(({ verdict }) => verdict === 'unknown').length;
    console.log({ found, unknown, deviating: all.length - found - unknown });
    expect(found).toBeGreaterThanOrEqual(0.95 * all.length);
  });
});
