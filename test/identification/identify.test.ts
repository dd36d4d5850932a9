import { describe, expect, it } from 'vitest';
import { binary16, binary32 } from '../../src/formats/index.ts';
import { type CodeRows, identify } from '../../src/identification/index.ts';
import { findTarget, type MatrixUnit } from '../../src/targets/index.ts';
import { differences, freshRows, hidden, lengthOf, questionOf } from './helpers.ts';

const unitOf = (name: string): MatrixUnit => findTarget(name).matrixUnits[name.split(':')[1] as string] as MatrixUnit;

/** Few rows to agree on: the exhaustive tests take more. */
const quick = { agree: 300 };

describe('units of the catalogue, hidden behind a function', () => {
  it.each(['avx512Vnni:vpdpbusds'])('%s', (name) => {
    const [target, unit] = [findTarget(name), unitOf(name)];
    const k = lengthOf(unit);
    const found = identify(hidden(target, unit), { ...questionOf(unit, k), ...quick });
    expect(found.verdict).toBe('identified');
    if (found.verdict !== 'identified') return;
    expect(found.rows).toBeLessThanOrEqual(5000);
    expect(found.bound).toBeLessThan(0.003);
    expect(differences(target, found.target, unit, freshRows(unit, k, 2000, name))).toEqual([]);
  });

  it('v100:f16, by promises or at once, each parameter resting on rows', async () => {
    const [target, unit] = [findTarget('v100:f16'), unitOf('v100:f16')];
    const ask = hidden(target, unit);
    const options = { ...questionOf(unit, 8), agree: 100 };
    const found = identify(ask, options);
    expect(await identify(async (rows: CodeRows) => ask(rows), options)).toEqual(found);
    if (found.verdict !== 'identified') throw new Error(found.reason);
    expect(found.arithmetic).toContain('fused blocks of 4, 23 bits cut');
    const binding = found.bindings.find(({ parameter }) => parameter === 'fractionBits');
    expect(binding?.value).toBe('23');
    expect(binding?.rows).toBeGreaterThan(20);
  });
});

describe('what no hypothesis explains ends in unknown', () => {
  const [target, unit] = [findTarget('v100:f16'), unitOf('v100:f16')];
  const ask = hidden(target, unit);
  const options = { ...questionOf(unit, 8), agree: 100 };

  it('answers that differ on repetition', () => {
    let calls = 0;
    const found = identify((rows) => ask(rows).map((code) => (++calls % 5 === 0 ? Number(code) ^ 1 : code)), options);
    expect(found.verdict).toBe('unknown');
  });
});

describe('junk', () => {
  it.each([
    ['too few answers', () => [1]],
    ['no codes', ({ rows }: CodeRows) => new Array(rows).fill(0.5)],
    ['codes of another format', ({ rows }: CodeRows) => new Array(rows).fill(2 ** 33)],
  ])('%s', (_, ask) => {
    expect(() => identify(ask, { k: 4, a: binary16, output: binary32 })).toThrow(/ask/);
  });

  it('options out of range', () => {
    expect(() => identify(() => [], { k: 0, a: binary16, output: binary32 })).toThrow(/options.k/);
    expect(() => identify(() => [], { k: 4, a: 'f17', output: binary32 })).toThrow(/options.a/);
  });
});
