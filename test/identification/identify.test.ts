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
    // Words, not data.
    for (const { value, nearest } of found.bindings) expect(`${value} ${nearest}`).not.toContain('{');
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

describe('orders of sums in binary32', () => {
  const f = Math.fround;
  /** The first product, then sums of four, then the products that are left over. */
  const summed = (products: readonly number[]): number => {
    const head = products.length - ((products.length - 1) % 4);
    let sum = products[0] as number;
    for (let i = 1; i < head; i += 4) {
      sum = f(sum + products.slice(i + 1, i + 4).reduce((four, p) => f(four + p), products[i] as number));
    }
    return products.slice(head).reduce((total, p) => f(total + p), sum);
  };
  const ask = ({ rows, k, a, b }: CodeRows): Uint32Array => {
    const [x, y] = [a, b].map((codes) => new Float32Array(Uint32Array.from(codes, Number).buffer)) as [
      Float32Array,
      Float32Array,
    ];
    const products = x.map((one, i) => one * (y[i] as number));
    return new Uint32Array(
      Float32Array.from({ length: rows }, (_, r) => summed([...products.subarray(r * k, (r + 1) * k)])).buffer,
    );
  };

  it('tiles with a short first one are found', () => {
    const found = identify(ask, { k: 5, a: binary32, output: binary32, addend: null, agree: 100 });
    expect(found).toMatchObject({ verdict: 'identified' });
    expect(found.verdict === 'identified' && found.arithmetic).toMatch(/^4 at a time, the remainder first/);
  });

  it('an order that the algebra does not have is told as such, with rows', () => {
    const found = identify(ask, { k: 7, a: binary32, output: binary32, addend: null, agree: 100 });
    expect(found.verdict).toBe('unknown');
    if (found.verdict !== 'unknown') return;
    expect(found.reason).toMatch(/^no order of the algebra explains/);
    expect(found.open.length).toBeGreaterThan(0);
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
