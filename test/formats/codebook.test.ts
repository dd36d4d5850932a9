import { describe, expect, it } from 'vitest';
import {
  binary32,
  blockName,
  type CodebookParameters,
  codebookCatalogue,
  defineBlock,
  defineCodebook,
  e8m0fnu,
  hifloat8,
  iq4nl,
  nf4,
  parseBlock,
} from '../../src/formats/index.ts';
import { codebookSources } from '../../src/formats/sources.ts';
import { roundDecimal } from '../../src/rounding/index.ts';
import { failure } from '../quantization/helpers.ts';

/** HiFloat8 by its fields, written as text: the prefix, the exponent's bits, the fraction's (accelerator notes §9.6). */
function hifloat(code: number): number {
  const bits = (code & 127).toString(2).padStart(7, '0');
  if (code === 0x80) return Number.NaN;
  const sign = code >= 128 ? -1 : 1;
  if ((code & 127) === 0x6f) return sign * Infinity;
  for (const [prefix, exponentBits, fractionBits] of [
    ['11', 4, 1],
    ['10', 3, 2],
    ['01', 2, 3],
    ['001', 1, 3],
    ['0001', 0, 3],
  ] as const) {
    if (!bits.startsWith(prefix)) continue;
    const field = bits.slice(prefix.length, prefix.length + exponentBits);
    const fraction = Number.parseInt(bits.slice(prefix.length + exponentBits), 2) / 2 ** fractionBits;
    const magnitude = field === '' ? 0 : Number.parseInt(`1${field.slice(1)}`, 2);
    return sign * (1 + fraction) * 2 ** (field.startsWith('1') ? -magnitude : magnitude);
  }
  const denormal = Number.parseInt(bits.slice(4), 2);
  return denormal === 0 ? 0 : sign * 2 ** (denormal - 23);
}

describe('codebooks', () => {
  it('HiFloat8: every code by its fields, 253 finite numbers, 38 binades', () => {
    for (let code = 0; code < 256; code++) expect(hifloat8.values[code]).toBe(hifloat(code));
    const finite = hifloat8.values.filter(Number.isFinite);
    expect(finite).toHaveLength(253);
    expect(new Set(finite.filter((x) => x !== 0).map((x) => Math.floor(Math.log2(Math.abs(x)))))).toHaveProperty(
      'size',
      38,
    );
    expect([hifloat8.max, Math.min(...finite.filter((x) => x > 0))]).toEqual([2 ** 15, 2 ** -22]);
  });

  it('NF4: thresholds are the decimals of its source, rounded to binary32 once; four are not the midpoint so rounded', () => {
    const decimals = [
      '-0.8480964004993439',
      '-0.6106329262256622',
      '-0.4599952697753906',
      '-0.33967943489551544',
      '-0.23460740596055984',
      '-0.13791173323988914',
      '-0.045525018125772476',
      '0.03979014977812767',
      '0.1202552504837513',
      '0.2035212516784668',
      '0.2920137718319893',
      '0.3893125355243683',
      '0.5016634166240692',
      '0.6427869200706482',
      '0.8614784181118011',
    ];
    expect(nf4.thresholds).toEqual(decimals.map((decimal) => roundDecimal(binary32, decimal)));
    const midpoints = nf4.values.slice(1).map((upper, i) => Math.fround(((nf4.values[i] as number) + upper) / 2));
    expect(nf4.thresholds.filter((threshold, i) => threshold !== midpoints[i])).toHaveLength(4);
    expect(nf4.values.map(Math.fround)).toEqual(nf4.values);
  });

  it('every named one has a source, and is a frozen list in ascending order', () => {
    expect(Object.keys(codebookSources)).toEqual(Object.keys(codebookCatalogue));
    for (const { name, values, ascending, thresholds, ends, lowest, highest } of Object.values(codebookCatalogue)) {
      const numbers = ascending.map((code) => values[code] as number);
      expect([...numbers].sort((a, b) => a - b)).toEqual(numbers);
      thresholds.forEach((threshold, i) => {
        expect(threshold).toBeGreaterThan(numbers[i] as number);
        expect(threshold).toBeLessThan(numbers[i + 1] as number);
      });
      expect(ends[0]).toBeLessThan(lowest);
      expect(ends[1]).toBeGreaterThan(highest);
      expect(Object.isFrozen(values) && Object.isFrozen(thresholds)).toBe(true);
      expect(codebookCatalogue[name]?.name).toBe(name);
    }
    expect(iq4nl.ends).toEqual([-138.5, 125]);
  });

  it.each<[string, Partial<CodebookParameters>, string]>([
    ['a value twice', { values: [1, 2, 1] }, 'value values'],
    ['one value', { values: [1] }, 'range values.length'],
    ['no finite value', { values: [Infinity, Number.NaN] }, 'value values'],
    ['an infinity without thresholds', { values: [0, Infinity] }, 'value thresholds'],
    ['a midpoint of 54 bits', { values: [1, 1 + 2 ** -52] }, 'value values'],
    ['a threshold outside', { values: [0, 1], thresholds: [2] }, 'value thresholds[0]'],
    ['too few thresholds', { values: [0, 1, 2], thresholds: [1] }, 'shape thresholds'],
    ['another tie', { values: [0, 1], ties: 'odd' as 'even' }, 'name ties'],
    ['a text', { values: ['0', 1] as unknown as number[] }, 'type values[0]'],
    ['an unknown option', { values: [0, 1], bits: 4 } as Partial<CodebookParameters>, 'name parameters.bits'],
  ])('refuses %s', (_, parameters, told) => {
    expect(failure(() => defineCodebook({ name: 'mine', values: [], ...parameters }))).toBe(told);
  });

  it('both zeros may stand in it; three values take two bits', () => {
    const zeros = defineCodebook({ name: 'zeros', values: [0, -0, 1] });
    expect([zeros.bits, zeros.ascending, zeros.thresholds]).toEqual([2, [1, 0, 2], [0, 0.5]]);
  });
});

describe('blocks of a codebook', () => {
  it('are named, and read back', () => {
    const text = 'block:nf4;size=64;scale=binary32';
    const format = parseBlock(text);
    expect([format.bitsPerNumber, format.scaleRule, blockName(format)]).toEqual([4.5, 'amax', text]);
    expect(parseBlock('block:hifloat8;size=128;scale=binary32').element).toBe(hifloat8);
  });

  it('have no rule that rounds to fraction bits, and no product that binary64 does not hold', () => {
    const of = (scaleRule: 'even' | 'tosa' | 'rceil') => () =>
      defineBlock({ name: 'x', element: nf4, scale: e8m0fnu, size: 32, scaleRule });
    expect(failure(of('even'))).toBe('unsupported scaleRule');
    expect(failure(of('tosa'))).toBe('unsupported scaleRule');
    expect(of('rceil')().scaleRule).toBe('rceil');
    const long = defineCodebook({ name: 'long', values: [-1, 0.1, 1], thresholds: [0, 0.5] });
    expect(failure(() => defineBlock({ name: 'x', element: long, scale: binary32, size: 8 }))).toBe(
      'unsupported element',
    );
  });
});
