import { describe, expect, it } from 'vitest';
import { binary32 } from '../../src/formats/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { type Target, targets, withModel } from '../../src/targets/index.ts';
import { altered, oracleRows, withoutRuns } from './vectors/made.ts';
import { code, cpuRows, gpuRows, mismatches, modelRows, present, type Rows } from './vectors/rows.ts';

const find = (name: string): Target => targets[name] as Target;

/** Recordings of MMA-Sim before its version 2 follow its rules of then; what the targets' own rules change is printed. */
function check(rows: Rows, isMmasim1: boolean): void {
  const own = find(rows.unit[0]);
  const wrong = mismatches(rows, isMmasim1 ? withModel(own, 'mmasim1') : own);
  const changed = isMmasim1 ? `, by the rule 'mmasim1'; ${mismatches(rows, own).length} others by the unit's own` : '';
  console.log(`${rows.name}: ${rows.rows} rows, ${wrong.length} mismatches (${rows.unit.join(' ')})${changed}`);
  expect(wrong.slice(0, 3).map((r) => `row ${r}: ${code(rows.output, rows.d[r] as number)}`)).toEqual([]);
}

const recordings = present ? modelRows() : [];
const recorded = present ? [...gpuRows(), ...recordings, cpuRows('x86_vdpbf16ps'), cpuRows('arm_bfdot_ebf0')] : [];
if (!present) console.log('no ../shared/vectors: only rows that the oracle makes are checked');

describe.skipIf(!present)('recorded rows (need ../shared/vectors)', () => {
  it.each(recorded.map((rows) => [rows.name, rows] as const))('%s', (_, rows) =>
    check(rows, recordings.includes(rows)),
  );

  it('the rules of zeros since then change few rows, all of them known as disputed', () => {
    const others = recordings.flatMap((rows) => {
      const wrong = mismatches(rows, find(rows.unit[0]));
      return wrong.filter((r) => !rows.disputed.includes(r)).map((r) => `${rows.name} ${r}`);
    });
    expect(others).toEqual([]);
  });

  it('are the 30 measured sets, the 34 recordings and the 2 processors', () => {
    expect(recorded.length).toBe(66);
    expect(recorded.slice(0, 30).reduce((sum, { rows }) => sum + rows, 0)).toBe(30_000);
  });
});

describe('rows that the oracle makes', () => {
  const units = Object.values(targets)
    .filter(({ sameAs }) => sameAs === undefined)
    .flatMap((target) => Object.values(target.matrixUnits).map((unit) => [target, unit] as const));
  it.each(units.map(([target, unit]) => [`${target.name} ${unit.name}`, target, unit] as const))(
    '%s',
    (_, target, unit) => {
      // Two and a half instructions, so that chaining and a short last block are in it.
      const width = Math.ceil(2.5 * unit.k);
      const rows = oracleRows(target, unit, 12, unit.scale === null ? width : 2 * unit.k);
      expect(mismatches(rows, target)).toEqual([]);
    },
  );
});

/** The oracle's rows for a unit. */
function made(chip: string, name: string): Rows {
  const target = find(chip);
  const unit = target.matrixUnits[name];
  if (unit === undefined) throw new Error(`${chip} has no ${name}`);
  return oracleRows(target, unit, 300);
}

/**
 * Native units whose result is a binary32, with rows: measured ones, or the oracle's. The sums of fp8 on the f16 cores
 * are nearly all exact in binary32: only their binary16 results tell the order of the halves.
 */
const binding = present
  ? recorded.slice(0, 30).filter(({ output, unit }) => output === binary32 && unit[1] !== 'fp8Mma')
  : (['v100 f16', 'a100 f16', 'a100 bf16', 'a100 tf32', 'h100 f16', 'h100 bf16'] as const).map((name) =>
      made(...(name.split(' ') as [string, string])),
    );
const emulated = present
  ? recorded.slice(0, 30).filter(({ unit }) => unit[1] === 'fp8MmaF16')
  : [made('h100', 'fp8MmaF16'), made('b200', 'fp8MmaF16')];

describe('the rows bind the model: a wrong one fails', () => {
  const fail = (how: string, rows: readonly Rows[], make: (target: Target) => Target): void => {
    const shares = rows.map((set) => {
      const wrong = mismatches(set, make(find(set.unit[0])));
      return [set.name, wrong.length / set.rows] as const;
    });
    console.log(`${how}: ${shares.map(([name, share]) => `${name} ${(100 * share).toFixed(1)} %`).join(', ')}`);
    for (const [name, share] of shares) expect(share, name).toBeGreaterThan(0.02);
  };

  it.each([-1, 1])('F off by %d', (by) => {
    fail(`F off by ${by}`, binding, (target) =>
      altered(target, (sum) => ({ ...sum, fractionBits: sum.fractionBits + by })),
    );
  });

  it('blocks of half the length', () => {
    // tf32 was measured with 4 terms only: on Hopper and Blackwell that is half a block.
    const long = binding.filter(({ width, unit }) => width > 4 || !['h100', 'b200'].includes(unit[0]));
    fail('half blocks', long, (target) =>
      altered(
        target,
        (sum) => sum,
        (size) => size / 2,
      ),
    );
  });

  it('ties to even instead of truncation', () => {
    fail('ties to even', binding, (target) =>
      altered(target, (sum) => ({ ...sum, output: roundTo(sum.output.format) })),
    );
  });

  it('fp8 on f16 cores with its halves interleaved otherwise', () => {
    fail('other halves', emulated, withoutRuns);
  });
});
