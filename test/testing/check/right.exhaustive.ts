/**
 * Two hundred seeds: ten right converters, written in ten ways, and those of well-known libraries raise no alarm.
 */
import { describe, expect, it } from 'vitest';
import { type Check, checkQuantizer, checkRounding } from '../../../src/testing/check/index.ts';
import { checkLaws, roundingLaws } from '../../../src/testing/laws/index.ts';
import { right } from './converters.ts';
import { drawFormat, drawing } from './population.ts';
import { wellKnown, wellKnownQuantizers } from './wellKnown.ts';

const SEEDS = 200;

describe(`over ${SEEDS} seeds`, () => {
  it.each(right)('a right converter by $name', ({ make }) => {
    const draw = drawing(7);
    let [tried, alarms] = [0, 0];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const to = drawFormat(draw);
      const implementation = make(to);
      if (implementation === null) continue;
      tried += 1;
      const from = ['binary64', 'binary32', 'binary16'][seed % 3] as string;
      if (!checkRounding(implementation, { from, to, runs: 1000, seed }).ok) alarms += 1;
      if (!checkLaws(implementation, roundingLaws(to), { runs: 100, seed }).ok) alarms += 1;
    }
    expect(tried).toBeGreaterThan(SEEDS / 4);
    expect(alarms).toBe(0);
  });
});

describe(`as libraries write them, ${SEEDS} seeds`, () => {
  it.each(wellKnown)('a right converter that $name', ({ implementation, options }) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      expect((checkRounding(implementation, { ...options, runs: 1000, seed }) as Check).wrong).toBe(0);
    }
  });

  it.each(wellKnownQuantizers)('a right quantizer that $name', ({ implementation, options }) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      expect((checkQuantizer(implementation, { ...options, runs: 1000, seed }) as Check).wrong).toBe(0);
    }
  });
});
