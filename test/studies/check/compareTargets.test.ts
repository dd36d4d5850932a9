import { describe, expect, it } from 'vitest';
import { bfloat16, e4m3fn, e5m2 } from '../../../src/formats/index.ts';
import { dot } from '../../../src/kernels/index.ts';
import { compareTargets, randomOperands } from '../../../src/studies/index.ts';
import { a100, ada, b200, bf16, fp16, h100, ipu, mi300, tpu } from '../../../src/targets/index.ts';
import { failure } from '../../testing/helpers.ts';

const rows = 200;
const width = 32;
const x = randomOperands(1, 0, rows * width);
const y = randomOperands(1, 1, rows * width);
const shape = { rows, width };

describe('compareTargets', () => {
  it('finds exactly the rows whose results differ', () => {
    const contenders = [
      { target: a100, unit: 'bf16' },
      { target: h100, unit: 'bf16' },
    ] as const;
    const found = compareTargets(x, y, { ...shape, contenders, limit: 1000 });
    const [left, right] = contenders.map(({ target, unit }) => dot(x, y, { ...shape, target, unit }).output);
    const wanted = Array.from({ length: rows }, (_, r) => r).filter((r) => left?.[r] !== right?.[r]);
    expect(wanted.length).toBeGreaterThan(10);
    expect(found.different).toBe(wanted.length);
    expect(found.first.map(({ row }) => row)).toEqual(wanted);
    expect(found.maxRelative).toBeGreaterThan(0);
    expect(compareTargets(x, y, { ...shape, contenders, limit: 2 }).first.length).toBe(2);
  });

  it('is silent about chips that share their arithmetic', () => {
    const contenders = [
      { target: h100, unit: 'f16' },
      { target: b200, unit: 'f16' },
    ] as const;
    expect(compareTargets(x, y, { ...shape, contenders })).toMatchObject({ different: 0, maxRelative: 0, first: [] });
  });

  it('takes the format that both have, and gives both sides the numbers of the first', () => {
    const contenders = [
      { target: ada, unit: 'fp8' },
      { target: mi300, unit: 'fp8' },
    ] as const;
    const { targets } = compareTargets(x, y, { ...shape, contenders });
    expect(targets.map(({ a, output }) => [a, output])).toEqual([
      ['e4m3fn', 'binary32'],
      ['e4m3fnuz', 'binary32'],
    ]);
    expect(targets.map(({ rounded }) => rounded)).toEqual([0, 0]);
    const mixed = [{ target: ada, unit: 'fp8' }, contenders[0]] as const;
    const chosen = compareTargets(x, y, { ...shape, contenders: mixed, a: e5m2, b: e4m3fn }).targets[0];
    expect([chosen.a, chosen.b]).toEqual(['e5m2', 'e4m3fn']);
    const other = compareTargets(x, y, { ...shape, contenders: [{ target: fp16 }, { target: tpu }] });
    expect(other.targets[1]).toMatchObject({ unit: 'bf16', rounded: expect.toSatisfy((n: number) => n > 1000) });
  });

  it('compares vector units too', () => {
    const found = compareTargets(x, y, { ...shape, contenders: [{ target: bf16 }, { target: tpu }], a: bfloat16 });
    expect(found.different).toBe(rows);
    expect(found.targets.map(({ unit }) => unit)).toEqual(['vector', 'bf16']);
  });

  it('refuses what it cannot compare', () => {
    const refused = (contender: object) =>
      failure(() => compareTargets(x, y, { ...shape, contenders: [{ target: tpu }, contender as never] }));
    expect(refused({ target: h100 })).toBe('name options.contenders[1].unit');
    expect(refused({ target: b200, unit: 'mxfp8' })).toBe('unsupported options.contenders[1].unit');
    expect(refused({ target: ipu, unit: 'vector' })).toBe('unsupported options.contenders[1].unit');
    expect(
      failure(() =>
        compareTargets(x, [1], {
          ...shape,
          contenders: [{ target: tpu }, { target: tpu }],
        }),
      ),
    ).toBe('shape b');
  });
});
