import { describe, expect, it } from 'vitest';
import { identify } from '../../src/identification/index.ts';
import { targets } from '../../src/targets/index.ts';
import { differences, freshRows, hidden, lengthOf, questionOf } from './helpers.ts';

const units = Object.values(targets)
  .filter(({ sameAs }) => sameAs === undefined)
  .flatMap((target) =>
    Object.values(target.matrixUnits).map((unit) => [`${target.name}:${unit.name}`, target, unit] as const),
  );

describe('every matrix unit of the catalogue, hidden behind a function of codes', () => {
  it.each(units)('%s', (name, target, unit) => {
    const k = Math.min(192, lengthOf(unit));
    const started = process.cpuUsage().user;
    const found = identify(hidden(target, unit), { ...questionOf(unit, k), agree: 20_000 });
    const seconds = (process.cpuUsage().user - started) / 1e6;
    const text = found.verdict === 'identified' ? found.arithmetic : found.reason;
    console.log(`| ${name} | ${k} | ${found.rows} | ${seconds.toFixed(1)} s | ${found.verdict} | ${text} |`);
    expect(found.verdict).toBe('identified');
    if (found.verdict !== 'identified') return;
    expect(found.rows).toBeLessThanOrEqual(5000);
    expect(differences(target, found.target, unit, freshRows(unit, k, 20_000, name))).toEqual([]);
  });
});
