/** Every matrix unit of the catalogue; those that are the same data once. `SHARD=1/2` takes every other one. */
import { describe, expect, it } from 'vitest';
import { type MatrixUnit, type Target, targets } from '../../src/targets/index.ts';
import { lengthOf } from './helpers.ts';
import { type Case, sharded, trials } from './trials.ts';

function cases(): Case[] {
  const found = new Map<string, { target: Target; unit: MatrixUnit; names: string[] }>();
  for (const target of Object.values(targets).filter(({ sameAs }) => sameAs === undefined)) {
    for (const unit of Object.values(target.matrixUnits)) {
      const { name, source: _source, confidence: _confidence, disputed: _disputed, ...data } = unit;
      const key = JSON.stringify(data);
      const own = found.get(key) ?? { target, unit, names: [] };
      own.names.push(`${target.name}:${name}`);
      found.set(key, own);
    }
  }
  return [...found.values()].map(({ target, unit, names: [name, ...same] }) => ({
    ...{ name: name as string, same, k: Math.min(192, lengthOf(unit)), target, unit },
  }));
}

describe('every matrix unit of the catalogue, hidden behind a function of codes', () => {
  const measured = trials('catalogue');
  it.each(sharded(cases()).map((one) => [one.name, one] as const))('%s', (_, one) => {
    const { verdict, rows, differing } = measured(one);
    expect(verdict).toBe('identified');
    expect(rows).toBeLessThanOrEqual(5000);
    expect(differing).toBe(0);
  });
});
