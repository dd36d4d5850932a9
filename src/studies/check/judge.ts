/**
 * Limits that a check is held against. They change nothing in it.
 *
 * @module
 */
import { BittrueError, checkFinite, checkList, checkName, checkObject, checkSchema } from '../../errors/index.ts';
import { lostSquares, type Report } from '../../events/index.ts';
import { shareOf } from '../../events/shareOf.ts';
import { type EventKind, eventKinds } from '../../rounding/index.ts';
import type { Headroom, ModelCheck } from './check.ts';
import type { GraphCheck } from './checkGraph.ts';
import type { RowsCheck } from './checkRows.ts';

/** What every norm, or a run of a kernel, must keep to. */
export interface CheckLimits {
  /** Least signal to noise, in dB. */
  readonly minSqnr?: number;
  /** Largest share of squares lost to underflow, 0–1, as `lostSquares` counts them. */
  readonly maxLost?: number;
  /** Largest error in ulps of the format that is stored; of a model's check it is not known. */
  readonly maxUlp?: number;
  /**
   * Largest share of additions that lose an addend, 0–1, of the stage with the most: absorptions over additions of two finite
   * numbers other than zero, which a run with `reference: true` counts; of another run, over as many as there can be. The
   * addition of ε is left out: a variance far above it swallows it, as it should.
   */
  readonly maxAbsorbed?: number;
  /** Least room, in bits, of the stage with the least. */
  readonly minHeadroom?: number;
  /** Kinds of events of which none may happen. */
  readonly failOn?: readonly EventKind[];
}

/** A limit that a norm or a run missed. */
export interface MissedLimit {
  /** The norm or the node, with its target where these are several; null where the check is of one. */
  readonly site: string | null;
  readonly limit: keyof CheckLimits;
  /** Of `failOn`: the kind that happened, where at most 0 events are wanted. */
  readonly kind?: EventKind;
  readonly wanted: number;
  /** Null: an output is not finite though the real one is. */
  readonly found: number | null;
}

/**
 * The limits that a run misses; of a check, those of the configuration asked for (the scaled run where there is one, else the
 * plain one), norm by norm; of a graph's check, node by node: `maxLost` holds its norms. A sum that stopped half way raises no failure: 4096 ones in binary16 are 2048, and `ok`.
 *
 * @throws {@link BittrueError} for limits out of range; for `minSqnr`, `maxUlp` and `minHeadroom` of a run without
 * `reference`, for `maxLost` of a kernel without squares, and for a run that counted nothing
 * @example
 * import { checkRows, judge } from 'bittrue/studies';
 * import { fp16 } from 'bittrue/targets';
 * const x = Float64Array.from({ length: 768 }, (_, i) => (i % 2 ? 1.8e-4 : -1.8e-4));
 * const check = checkRows(x, { rows: 1, width: 768, target: fp16, epsilon: 1e-12 });
 * check.ok; // true
 * judge(check, { minSqnr: 40 }).length; // 1
 * judge(check, { maxLost: 0.5 })[0]?.found; // 1
 * @example
 * import { sum } from 'bittrue/kernels';
 * import { judge } from 'bittrue/studies';
 * const { report } = sum(Array(4096).fill(1), { rows: 1, width: 4096, target: 'fp16', reference: true });
 * report.ok; // true
 * judge(report, { maxAbsorbed: 0.01 })[0]?.found; // 0.5001221001221001: 2048 of 4095
 */
export function judge(
  check: ModelCheck | RowsCheck | GraphCheck | Report,
  limits: CheckLimits,
): readonly MissedLimit[] {
  checkSchema('check', check, ['check/1', 'check-rows/1', 'graph-check/1', 'report/2']);
  const asked = checkLimits(limits);
  return figures(check, asked).flatMap((found) => missedOf(found, asked));
}

const shares = ['maxLost', 'maxAbsorbed'] as const;

function checkLimits(limits: CheckLimits): CheckLimits {
  const given = checkObject('limits', limits, [
    'minSqnr',
    'maxLost',
    'maxUlp',
    'maxAbsorbed',
    'minHeadroom',
    'failOn',
  ]) as CheckLimits;
  for (const key of ['minSqnr', 'minHeadroom'] as const) {
    if (given[key] !== undefined) checkFinite(`limits.${key}`, given[key]);
  }
  if (given.maxUlp !== undefined && checkFinite('limits.maxUlp', given.maxUlp) < 0) {
    throw new BittrueError('range', 'limits.maxUlp', given.maxUlp, 'a number of at least 0');
  }
  for (const key of shares) {
    const share = given[key];
    if (share !== undefined && !(checkFinite(`limits.${key}`, share) >= 0 && share <= 1)) {
      throw new BittrueError('range', `limits.${key}`, share, 'a share from 0 to 1');
    }
  }
  if (given.failOn !== undefined) {
    checkList('limits.failOn', given.failOn).forEach((kind, i) => {
      checkName(`limits.failOn[${i}]`, kind, eventKinds);
    });
  }
  return given;
}

/** What one norm or run shows. */
interface Figures {
  readonly site: string | null;
  readonly report: Omit<Report, 'rowFlags' | 'configuration'>;
  /** Undefined: the outputs are not this run's. */
  readonly sqnr: number | null | undefined;
  readonly lost: number | null;
  readonly ulp: number | null;
  readonly headroom: Headroom;
}

function missedOf({ site, report, sqnr, lost, ulp, headroom }: Figures, limits: CheckLimits): MissedLimit[] {
  if (Number.isNaN(report.totals.overflow)) {
    throw new BittrueError('unsupported', 'check', "a run with record: 'off'", 'one that counts its events');
  }
  const missed: MissedLimit[] = [];
  const atLeast = (limit: 'minSqnr' | 'minHeadroom', found: number | null): void => {
    const wanted = limits[limit];
    if (wanted !== undefined && !(found !== null && found >= wanted)) missed.push({ site, limit, wanted, found });
  };
  const atMost = (limit: 'maxLost' | 'maxUlp' | 'maxAbsorbed', found: number | null): void => {
    const wanted = limits[limit];
    if (wanted !== undefined && found !== null && !(found <= wanted)) missed.push({ site, limit, wanted, found });
  };
  if (sqnr !== undefined) atLeast('minSqnr', sqnr);
  atMost('maxLost', lost);
  atMost('maxUlp', ulp);
  atMost('maxAbsorbed', limits.maxAbsorbed === undefined ? null : absorbedShare(report));
  if (limits.minHeadroom !== undefined) {
    // A stage whose values are all zero has all the room there is.
    const bits = Object.values(headroom).filter((one) => one !== null);
    atLeast(
      'minHeadroom',
      bits.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY),
    );
  }
  for (const kind of limits.failOn ?? []) {
    const found = report.totals[kind];
    if (found > 0) missed.push({ site, limit: 'failOn', kind, wanted: 0, found });
  }
  return missed;
}

/** Of the stage that loses the largest share of its addends. */
function absorbedShare({
  counts,
  additions,
  rows,
  width,
}: Pick<Report, 'counts' | 'additions' | 'rows' | 'width'>): number {
  return Object.entries(counts).reduce((most, [stage, { absorption }]) => {
    if (stage === 'epsilon') return most;
    const all = additions?.[stage] ?? mostAdditions(stage, rows, width);
    return Math.max(most, Math.min(1, shareOf(absorption, all)));
  }, 0);
}

/** As many additions as a stage can have: a sum's first number meets +0, and some stages have one number a row. */
function mostAdditions(stage: string, rows: number, width: number): number {
  switch (stage) {
    case 'sum':
    case 'squareSum':
      return rows * (width - 1);
    case 'variance':
      return rows;
    case 'welford':
      return 4 * rows * width;
    default:
      return rows * width;
  }
}

function figures(check: ModelCheck | RowsCheck | GraphCheck | Report, limits: CheckLimits): Figures[] {
  const needs = (['minSqnr', 'maxUlp', 'minHeadroom'] as const).find((key) => limits[key] !== undefined);
  if (check.schema === 'graph-check/1') return nodeFigures(check, limits);
  if (check.schema !== 'check/1') {
    const report = check.schema === 'report/2' ? check : (check.scaled ?? check.plain);
    if (needs !== undefined && report.error === undefined) throw withoutReference(needs);
    if (limits.maxLost !== undefined && !sumsSquares(report)) throw withoutSquares(report.kernel);
    const { error, headroom = {} } = report;
    // Outputs that are not finite are left out of these figures; no limit holds for them.
    const sqnr = error === undefined || error.nonFinite === 0 ? (error?.sqnr ?? null) : null;
    return [{ site: null, report, sqnr, lost: lostSquares(report), ulp: ulpsOf(report), headroom }];
  }
  if (limits.maxUlp !== undefined) {
    throw new BittrueError('unsupported', 'limits.maxUlp', limits.maxUlp, 'a report, or a check of rows');
  }
  return check.norms.map(({ site, plain, scaled }) => {
    const run = scaled ?? plain;
    if (needs !== undefined && run.headroom === null) throw withoutReference(needs);
    const { report, sqnr, lostSquares: lost, headroom } = run;
    return { site, report, sqnr, lost, ulp: null, headroom: headroom ?? {} };
  });
}

/** Every node that ran, on every target. */
function nodeFigures({ runs, targetNames, kernels }: GraphCheck, limits: CheckLimits): Figures[] {
  if (limits.maxLost !== undefined && !runs.some(({ report }) => report !== null && sumsSquares(report)))
    throw withoutSquares(kernels.join(', '));
  return runs.flatMap(({ node, part, target, report, sqnr, overflows }) => {
    if (report === null) return [];
    const site = [...(targetNames.length > 1 ? [target] : []), node, ...(part === null ? [] : [part])].join(', ');
    const { headroom = {} } = report;
    const lost = sumsSquares(report) ? lostSquares(report as Report) : null;
    // Of a node that is several kernels the last one has the outputs.
    return [{ site, report, sqnr: overflows === null ? undefined : sqnr, lost, ulp: ulpsOf(report), headroom }];
  });
}

function sumsSquares({ stages }: Pick<Report, 'stages'>): boolean {
  return stages.includes('squareSum');
}

/** The largest error; Infinity where an output is not finite though the real one is, null where it is not known. */
function ulpsOf({ error }: Pick<Report, 'error'>): number | null {
  if (error === undefined) return null;
  return error.nonFinite === 0 ? error.maxUlp : Number.POSITIVE_INFINITY;
}

function withoutSquares(kernel: string): BittrueError {
  return new BittrueError('unsupported', 'limits.maxLost', kernel, 'a norm, which sums squares');
}

function withoutReference(limit: string): BittrueError {
  return new BittrueError('unsupported', `limits.${limit}`, 'a check without reference', 'one with reference: true');
}
