/**
 * Limits that a check is held against. They change nothing in it.
 *
 * @module
 */
import { BittrueError, checkFinite, checkObject, checkSchema } from '../../errors/index.ts';
import { lostSquares } from '../../events/index.ts';
import type { ModelCheck } from './check.ts';
import type { RowsCheck } from './checkRows.ts';

/** What every norm must keep to. */
export interface CheckLimits {
  /** Least signal to noise, in dB. */
  readonly minSqnr?: number;
  /** Largest share of squares lost to underflow, 0–1, as `lostSquares` counts them. */
  readonly maxLost?: number;
}

/** A limit that a norm missed. */
export interface MissedLimit {
  /** The norm; null where the check is of one. */
  readonly site: string | null;
  readonly limit: 'minSqnr' | 'maxLost';
  readonly wanted: number;
  /** Null: no output is finite. */
  readonly found: number | null;
}

/**
 * The limits that the configuration asked for misses (the scaled run where there is one, else the plain one), norm by norm.
 *
 * @throws {@link BittrueError} for limits out of range, and for `minSqnr` of a check without `reference`
 * @example
 * import { checkRows, judge } from 'bittrue/studies';
 * import { fp16 } from 'bittrue/targets';
 * const x = Float64Array.from({ length: 768 }, (_, i) => (i % 2 ? 1.8e-4 : -1.8e-4));
 * const check = checkRows(x, { rows: 1, width: 768, target: fp16, epsilon: 1e-12 });
 * check.ok; // true
 * judge(check, { minSqnr: 40 }).length; // 1
 * judge(check, { maxLost: 0.5 })[0]?.found; // 1
 */
export function judge(check: ModelCheck | RowsCheck, limits: CheckLimits): readonly MissedLimit[] {
  checkSchema('check', check, ['check/1', 'check-rows/1']);
  const { minSqnr, maxLost } = checkLimits(limits);
  const missed: MissedLimit[] = [];
  for (const { site, sqnr, lost } of figures(check, minSqnr !== undefined)) {
    if (minSqnr !== undefined && !(sqnr !== null && sqnr >= minSqnr)) {
      missed.push({ site, limit: 'minSqnr', wanted: minSqnr, found: sqnr });
    }
    if (maxLost !== undefined && lost !== null && lost > maxLost) {
      missed.push({ site, limit: 'maxLost', wanted: maxLost, found: lost });
    }
  }
  return missed;
}

function checkLimits(limits: CheckLimits): CheckLimits {
  const { minSqnr, maxLost } = checkObject('limits', limits, ['minSqnr', 'maxLost']) as CheckLimits;
  if (minSqnr !== undefined) checkFinite('limits.minSqnr', minSqnr);
  if (maxLost !== undefined && !(checkFinite('limits.maxLost', maxLost) >= 0 && maxLost <= 1)) {
    throw new BittrueError('range', 'limits.maxLost', maxLost, 'a share from 0 to 1');
  }
  return limits;
}

interface Figures {
  readonly site: string | null;
  readonly sqnr: number | null;
  readonly lost: number | null;
}

function figures(check: ModelCheck | RowsCheck, needsSqnr: boolean): Figures[] {
  if (check.schema === 'check-rows/1') {
    const report = check.scaled ?? check.plain;
    return [{ site: null, sqnr: report.error?.sqnr ?? null, lost: lostSquares(report) }];
  }
  return check.norms.map(({ site, plain, scaled }) => {
    const run = scaled ?? plain;
    if (needsSqnr && run.headroom === null) {
      throw new BittrueError('unsupported', 'limits.minSqnr', 'a check without reference', 'one with reference: true');
    }
    return { site, sqnr: run.sqnr, lost: run.lostSquares };
  });
}
