import { describe, expect, it } from 'vitest';
import { binary16, binary32, e4m3fn } from '../../src/formats/index.ts';
import { resolvePolicy } from '../../src/rounding/index.ts';
import { defineTarget, findTarget, fp16, targets } from '../../src/targets/index.ts';
import { failure } from '../testing/helpers.ts';

const half = { format: 'binary16', policy: { subnormals: 'flushBoth' } };
const vector = {
  load: half,
  compute: half,
  accumulate: half,
  statistics: half,
  store: half,
  reduction: { kind: 'pairwise', accumulator: { kind: 'float', rounding: half } },
};

const vectorUnits = { vector };

/** A reduction of so many levels, whose parts are shared. */
function nested(levels: number, both = false): object {
  let reduction: object = { kind: 'sequential', accumulator: { kind: 'float', rounding: half } };
  for (let i = 1; i < levels; i++) {
    reduction = { kind: 'tiled', size: 2, within: reduction, across: both ? reduction : 'chain' };
  }
  return reduction;
}

describe('defineTarget', () => {
  it('gives back what it made, every target of the catalogue among it', () => {
    for (const target of Object.values(targets)) expect(defineTarget(target)).toBe(target);
    expect(defineTarget({ ...fp16 })).toEqual(fp16);
    expect(defineTarget({ ...fp16 })).not.toBe(fp16);
  });

  it('takes 8 reductions within each other, and refuses more, at once: shared, nested or circular', () => {
    const define = (reduction: object) =>
      defineTarget({ name: 'deep', vectorUnits: { vector: { ...vector, reduction } } });
    const path = `target.vectorUnits.vector.reduction${'.within'.repeat(8)}`;
    expect(define(nested(8, true)).vectorUnits.vector?.reduction.kind).toBe('tiled');
    expect(failure(() => define(nested(9)))).toBe(`range ${path}`);
    expect(failure(() => define(nested(24, true)))).toBe(`range ${path}`);
    expect(failure(() => define(nested(100_000)))).toBe(`range ${path}`);
    const circular: Record<string, unknown> = { kind: 'tiled', size: 2, across: 'chain' };
    circular.within = circular;
    expect(failure(() => define(circular))).toBe(`range ${path}`);
  });

  it('completes and freezes plain data', () => {
    const made = defineTarget({ name: 'mine', vectorUnits });
    expect(made).toMatchObject({ name: 'mine', summary: '', source: '', verified: 'definition' });
    expect(made.vectorUnits.vector).toMatchObject({ mean: 'reciprocal', reciprocalSqrt: { kind: 'correctlyRounded' } });
    expect(made.vectorUnits.vector?.load).toEqual({
      format: binary16,
      policy: resolvePolicy(binary16, { subnormals: 'flushBoth' }),
    });
    expect(
      Object.isFrozen(made) &&
        Object.isFrozen(made.vectorUnits.vector) &&
        Object.isFrozen(made.vectorUnits.vector?.reduction),
    ).toBe(true);
  });

  it('reads back what it wrote, as JSON', () => {
    for (const target of [...Object.values(targets), defineTarget({ name: 'mine', vectorUnits })]) {
      expect(defineTarget(JSON.parse(JSON.stringify(target)))).toEqual(target);
    }
  });

  const without = (change: object) => ({ name: 'mine', vectorUnits: { vector: { ...vector, ...change } } });
  const bad: [given: unknown, expected: string][] = [
    [undefined, 'type target'],
    [[], 'type target'],
    [{ vectorUnits }, 'type target.name'],
    [{ name: 'mine', vectorUnits, speed: 3 }, 'name target.speed'],
    [{ name: 'mine', vectorUnits, verified: 'surely' }, 'name target.verified'],
    [{ name: 'mine', vectorUnits, source: 3 }, 'type target.source'],
    [without({ load: undefined }), 'type target.vectorUnits.vector.load'],
    [without({ load: 'binary16' }), 'type target.vectorUnits.vector.load'],
    [without({ load: { format: 'quarter' } }), 'name target.vectorUnits.vector.load.format'],
    [
      without({ load: { format: 'binary16', policy: { overflow: 'wrap' } } }),
      'name target.vectorUnits.vector.load.policy.overflow',
    ],
    [without({ fused: true }), 'name target.vectorUnits.vector.fused'],
    [without({ mean: 'median' }), 'name target.vectorUnits.vector.mean'],
    [without({ reciprocalSqrt: 'newton' }), 'type target.vectorUnits.vector.reciprocalSqrt'],
    [without({ reciprocalSqrt: { kind: 'guess' } }), 'name target.vectorUnits.vector.reciprocalSqrt.kind'],
    [
      without({ statistics: { format: 'binary64' }, reciprocalSqrt: { kind: 'newton', magic: 1, steps: 1 } }),
      'unsupported target.vectorUnits.vector.reciprocalSqrt.kind',
    ],
    [without({ reciprocalSqrt: { kind: 'newton' } }), 'type target.vectorUnits.vector.reciprocalSqrt.magic'],
    [
      without({ reciprocalSqrt: { kind: 'newton', magic: -1, steps: 1 } }),
      'range target.vectorUnits.vector.reciprocalSqrt.magic',
    ],
    [
      without({ reciprocalSqrt: { kind: 'newton', magic: 1, steps: Number.NaN } }),
      'range target.vectorUnits.vector.reciprocalSqrt.steps',
    ],
    [
      without({ reciprocalSqrt: { kind: 'correctlyRounded', magic: 1 } }),
      'name target.vectorUnits.vector.reciprocalSqrt.magic',
    ],
    [without({ reduction: { kind: 'random' } }), 'name target.vectorUnits.vector.reduction.kind'],
  ];
  it.each(bad)('refuses %j', (given, expected) => {
    expect(failure(() => defineTarget(given))).toBe(expected);
  });
});

describe('the generic targets', () => {
  it('are pinned in one table', () => {
    const steps = (name: string) => {
      const unit = targets[name]?.vectorUnits.vector;
      return [unit?.load, unit?.compute, unit?.accumulate, unit?.statistics, unit?.store].map(
        (rounding) => rounding?.format.bits,
      );
    };
    expect(steps('fp16')).toEqual([16, 16, 16, 16, 16]);
    expect(steps('fp16Fp32Accumulate')).toEqual([16, 16, 32, 32, 16]);
    expect(steps('fp16Fp32Compute')).toEqual([16, 32, 32, 32, 16]);
    expect(steps('bf16')).toEqual([16, 16, 16, 16, 16]);
    expect(steps('bf16Fp32Accumulate')).toEqual([16, 16, 32, 32, 16]);
    expect(steps('bf16Fp32Compute')).toEqual([16, 32, 32, 32, 16]);
    expect(steps('fp32')).toEqual([32, 32, 32, 32, 32]);
    expect(steps('e4m3fnFp16')).toEqual([8, 16, 16, 16, 8]);
    expect(steps('e5m2Fp16')).toEqual([8, 16, 16, 16, 8]);
    expect(steps('e4m3fnFp32')).toEqual([8, 32, 32, 32, 8]);
    expect(steps('fp16Tile64')).toEqual([16, 16, 16, 16, 16]);
    expect(targets.fp16Fp32Accumulate?.vectorUnits.vector?.statistics.format).toBe(binary32);
    expect(targets.e4m3fnFp32?.vectorUnits.vector?.load.format).toBe(e4m3fn);
    expect(targets.fp16Tile64?.vectorUnits.vector?.reduction).toMatchObject({
      kind: 'tiled',
      size: 64,
      within: { kind: 'sequential' },
      across: { kind: 'butterfly' },
    });
  });

  it('copy and freeze what a description nests: an own load.stochastic stays the caller’s', () => {
    const stochastic = { bits: 7, seed: 3 };
    const load = { rounding: 'stochastic' as const, stochastic };
    const { f16 } = JSON.parse(JSON.stringify(targets.a100?.matrixUnits));
    const made = defineTarget({ name: 'own', matrixUnits: { f16: { ...f16, load } } });
    const kept = made.matrixUnits.f16?.load.stochastic;
    expect([kept, kept === stochastic, Object.isFrozen(kept)]).toEqual([{ ...kept, ...stochastic }, false, true]);
    stochastic.seed = 4;
    expect([made.matrixUnits.f16?.load.stochastic?.seed, Object.isFrozen(stochastic)]).toEqual([3, false]);
  });

  it('are frozen whole, and the same again from their JSON', () => {
    const expectFrozen = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      expect(Object.isFrozen(value)).toBe(true);
      Object.values(value).forEach(expectFrozen);
    };
    for (const target of Object.values(targets)) {
      expectFrozen(target);
      const again = defineTarget(JSON.parse(JSON.stringify(target)));
      expect(again).toEqual(target);
      expectFrozen(again);
    }
  });

  it('follow the defaults', () => {
    for (const name of ['fp16', 'bf16', 'fp32', 'e4m3fnFp16', 'fp16Tile64']) {
      const unit = targets[name]?.vectorUnits.vector;
      expect(unit).toMatchObject({ mean: 'reciprocal', reciprocalSqrt: { kind: 'correctlyRounded' } });
      expect(unit?.load.policy).toEqual(resolvePolicy(unit?.load.format as never));
    }
    expect(fp16.vectorUnits.vector.reduction).toMatchObject({
      kind: 'sequential',
      accumulator: { kind: 'float', fused: false },
    });
  });
});

describe('findTarget', () => {
  it('finds by name', () => {
    expect(findTarget('fp16')).toBe(fp16);
    for (const [name, target] of Object.entries(targets)) {
      expect(target.name).toBe(name);
      expect(findTarget(name)).toBe(target);
    }
  });

  it.each(['fp17', '', 'constructor', '__proto__', 7])('refuses %j', (name) => {
    expect(failure(() => findTarget(name as string))).toBe('name target');
  });
});
