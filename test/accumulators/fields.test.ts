import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defineReduction, reductionFields } from '../../src/accumulators/define.ts';
import { accumulatorFields, defineAccumulator } from '../../src/accumulators/defineAccumulator.ts';
import { binary16 } from '../../src/formats/index.ts';
import { defineRounding, roundTo } from '../../src/rounding/roundTo.ts';

const page = readFileSync(new URL('../../docs/your-chip-json.md', import.meta.url), 'utf8');

/** The kinds and fields of the table below a heading. */
function tableOf(heading: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  let kind = '';
  const text = page.slice(page.indexOf(`## ${heading}`)).split(/\n## /)[0] as string;
  for (const [, one, field] of text.matchAll(/^\| (?:`(\w+)` )?\| `(\w+)` \|/gm)) {
    kind = one ?? kind;
    found[kind] = [...(found[kind] ?? []), field as string];
  }
  return found;
}

const message = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
};

describe('docs/your-chip-json.md', () => {
  it('has every field of every kind', () => {
    expect(tableOf('Reductions')).toEqual(reductionFields);
    expect(tableOf('Accumulators')).toEqual(accumulatorFields);
  });

  const half = { format: 'binary16' };
  it.each([
    ['float', { rounding: half }, { fused: false }],
    ['integer', { bits: 2, overflow: 'wrap' }, { when: 'everyStep' }],
    ['integer', { bits: 1024, overflow: 'wrap' }, { when: 'everyStep' }],
    ['exact', { output: half, productExponent: -256 }, {}],
    [
      'aligned',
      { fractionBits: 48, lost: 'odd', output: half },
      {
        ...{ leastExponent: null, zeroRule: 'out', zeroGroups: 'out', zeroSign: 'positive', addend: 'together' },
        ...{ lanes: 1, group: 1, productOverflow: 'exact' },
      },
    ],
  ])('%s has the defaults that it tells', (kind, given, defaults) => {
    expect(defineAccumulator({ kind, ...given })).toMatchObject(defaults);
  });

  it.each([
    { kind: 'integer', bits: 1025, overflow: 'wrap' },
    { kind: 'integer', bits: 1, overflow: 'wrap' },
    { kind: 'exact', output: half, productExponent: 257 },
    { kind: 'aligned', fractionBits: 49, lost: 'odd', output: half },
    { kind: 'aligned', fractionBits: 4, lost: 'odd', output: half, leastExponent: 801 },
    { kind: 'aligned', fractionBits: 4, lost: 'odd', output: half, group: 1025 },
  ])('has the ranges that it tells: %j', (given) => {
    expect(message(() => defineAccumulator(given))).toMatch(/expected an integer in/);
  });
});

describe('an accumulator, a reduction, a rounding that is wrong', () => {
  it('is told the fields of its own kind alone', () => {
    const integer = message(() => defineAccumulator({ kind: 'integer', bits: 8, overflow: 'wrap', lost: 'odd' }));
    expect(integer).toContain('expected one of kind, bits, overflow, when, nonFinite');
    expect(integer).not.toContain('fractionBits');
    const accumulator = { kind: 'float', rounding: { format: 'binary16' } };
    const chain = message(() => defineReduction({ kind: 'sequential', accumulator, lanes: 2 }));
    expect(chain).toBe("reduction.lanes: expected one of kind, accumulator, order, start, received 'lanes'");
  });

  it('is shown an example', () => {
    expect(message(() => defineRounding(null))).toContain('a rounding such as { "format": "binary16" }');
    expect(message(() => defineAccumulator(undefined))).toContain('{ "kind": "integer", "bits": 32');
    expect(message(() => defineReduction(3))).toContain('{ "kind": "sequential", "accumulator"');
  });

  it('is asked whether it meant our word for a mode', () => {
    const asked = (rounding: string) =>
      /did you mean (.*)\?/.exec(message(() => roundTo(binary16, { rounding } as never)))?.[1];
    expect(asked('truncate')).toBe('towardZero');
    expect(asked('RNE')).toBe('tiesToEven');
    expect(asked('nearest-even')).toBe('tiesToEven');
    expect(asked('floor')).toBe('towardNegative');
    expect(asked('tiesToEve')).toBe('tiesToEven');
  });
});
