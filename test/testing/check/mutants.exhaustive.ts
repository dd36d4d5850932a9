/**
 * Two hundred seeds: how often a check of a hundred runs catches each mutant in a format drawn at random, and names it; beside
 * it plain `fc.double()` against the exact answer, and the laws alone. Right converters: `right.exhaustive.ts`.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { round } from '../../../src/rounding/index.ts';
import { checkLaws, roundingLaws } from '../../../src/testing/laws/index.ts';
import { convert, mutants } from './mutants.ts';
import { drawFormat, drawing, fateOf } from './population.ts';

const SEEDS = 200;
const share = (n: number, of: number): string => `${((100 * n) / of).toFixed(1)} %`.padStart(8);

describe(`over ${SEEDS} seeds`, () => {
  it.each(mutants)('a mutant that $name', (mutant) => {
    const draw = drawing(mutants.indexOf(mutant) + 1);
    let [seen, caught, named, byDoubles, byLaws] = [0, 0, 0, 0, 0];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const format = drawFormat(draw);
      const fate = fateOf(mutant, seed, format);
      if (fate === null) continue;
      seen += 1;
      if (fate.caught) caught += 1;
      if (fate.named) named += 1;
      if (fate.caught) expect(fate.elements).toBe(1);
      const implementation = (x: number): number => convert(format, x, mutant.disease);
      const doubles = fc.sample(fc.double(), { numRuns: 100, seed });
      const differs = (x: number): boolean =>
        (x === x || format.nan !== 'none') && !Object.is(implementation(x), round(format, x));
      if (doubles.some(differs)) byDoubles += 1;
      if (!checkLaws(implementation, roundingLaws(format), { runs: 100, seed }).ok) byLaws += 1;
    }
    console.log(
      `${mutant.name.padEnd(36)} ${String(seen).padStart(4)} ${share(caught, seen)} ${share(named, seen)} ${share(byDoubles, seen)} ${share(byLaws, seen)}`,
    );
    expect(seen).toBeGreaterThan(SEEDS / 4);
    expect(caught / seen).toBeGreaterThanOrEqual(0.97);
    expect(named / seen).toBeGreaterThanOrEqual(0.9);
  });
});
