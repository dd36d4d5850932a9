/**
 * Normalisations at random, and their reports as the oracle would write them.
 *
 * @module
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { FirstEvents, NumericEvent, Report } from '../../src/events/index.ts';
import {
  type LayerNormOptions,
  layerNorm,
  type Result,
  type RmsNormOptions,
  rmsNorm,
} from '../../src/kernels/index.ts';
import { findVectorUnit, type Target } from '../../src/targets/index.ts';
import { type RowsConstraints, reals, rows, targets } from '../../src/testing/arbitraries/index.ts';
import { type OracleEvent, oracleCounts, oracleFirsts, oracleRowFlags } from '../../src/testing/oracle/events.ts';
import { exact as exactNumbers } from '../../src/testing/oracle/index.ts';
import { oracleLayerNorm, oracleRmsNorm } from '../../src/testing/oracle/normalization.ts';
import type { OracleNorm } from '../../src/testing/oracle/normOptions.ts';
import { failure, outcome } from '../testing/helpers.ts';

const { compare, fromDecimal } = exactNumbers;

/** One call of a normalisation. */
export interface NormCase {
  readonly kernel: 'layerNorm' | 'rmsNorm';
  readonly x: Float64Array;
  readonly options: LayerNormOptions;
}

/** Calls with every option: any target, γ, β, residual, ε, scale, variant. */
export function normCases(
  target: fc.Arbitrary<Target> = targets({ maxBits: 24 }),
  constraints: RowsConstraints = {},
): fc.Arbitrary<NormCase> {
  return target.chain((chosen) =>
    rows(findVectorUnit(chosen).load.format, constraints).chain(({ x, rows: count, width }) => {
      const number = fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: -64, max: 64 }).map((n) => n / 32) },
        { weight: 1, arbitrary: reals(findVectorUnit(chosen).load.format) },
      );
      const numbers = (length: number): fc.Arbitrary<number[] | undefined> =>
        fc.option(fc.array(number, { minLength: length, maxLength: length }), { nil: undefined });
      const { reduction } = findVectorUnit(chosen);
      const sequential =
        reduction.kind === 'sequential' && reduction.accumulator.kind === 'float' && !reduction.accumulator.fused;
      const variances = ['twoPass', 'onePass', ...(sequential ? (['welford', 'welford'] as const) : [])] as const;
      return fc
        .record({
          kernel: fc.constantFrom('layerNorm' as const, 'rmsNorm' as const),
          gamma: numbers(width),
          beta: numbers(width),
          residual: numbers(count * width),
          epsilon: fc.oneof(fc.constantFrom(1e-5, 0, 1, 1e-12), fc.double({ min: 1e-30, max: 1e6, noNaN: true })),
          scale: fc.oneof(
            fc.constantFrom(1, 1 / 16, 2 ** -12, 3, 0.1),
            fc.double({ min: 1e-30, max: 1e30, noNaN: true }).filter((s) => s > 0),
          ),
          epsilonScaled: fc.boolean(),
          variance: fc.constantFrom(...variances),
          negativeVariance: fc.constantFrom('clamp' as const, 'keep' as const),
          affine: fc.constantFrom('separate' as const, 'fused' as const),
        })
        .map(({ kernel, gamma, beta, residual, variance, negativeVariance, affine, ...rest }) => {
          const layer = kernel === 'layerNorm';
          const both = gamma !== undefined && beta !== undefined;
          return {
            kernel,
            x,
            options: {
              rows: count,
              width,
              target: chosen,
              ...rest,
              ...(gamma ? { gamma } : {}),
              ...(residual ? { residual } : {}),
              ...(layer && variance === 'onePass' ? { negativeVariance } : {}),
              ...(layer ? { variance, ...(beta ? { beta } : {}), ...(both ? { affine } : {}) } : {}),
            },
          };
        });
    }),
  );
}

/** Runs the kernel under test. */
export function runKernel({ kernel, x, options }: NormCase): Result {
  return kernel === 'layerNorm' ? layerNorm(x, options) : rmsNorm(x, options as RmsNormOptions);
}

/** Runs the oracle. */
export function runOracle({ kernel, x, options }: NormCase): OracleNorm {
  const {
    target,
    rows: count,
    width,
    gamma,
    beta,
    residual,
    epsilon = 1e-5,
    scale,
    epsilonScaled,
    variance,
    negativeVariance,
    welford,
    affine,
  } = options;
  const shared = {
    rows: count,
    width,
    x,
    epsilon,
    unit: findVectorUnit(target),
    gamma: gamma ?? null,
    residual: residual ?? null,
  };
  const given = {
    ...shared,
    ...(scale === undefined ? {} : { scale }),
    ...(epsilonScaled === undefined ? {} : { epsilonScaled }),
  };
  if (kernel === 'rmsNorm') return oracleRmsNorm(given);
  return oracleLayerNorm({
    ...given,
    beta: beta ?? null,
    ...(variance === undefined ? {} : { variance }),
    ...(negativeVariance === undefined ? {} : { negativeVariance }),
    ...(welford === undefined ? {} : { welford }),
    ...(affine === undefined ? {} : { affine }),
  });
}

/** One operation with all its flags, as both sides can write it. */
interface Merged extends Omit<OracleEvent, 'operands'> {
  readonly operands: readonly number[];
}

/** The events of one operation have one list of operands between them, in order of kinds. */
export function mergeEvents(events: readonly NumericEvent[], kinds: readonly string[]): Merged[] {
  const merged: { -readonly [K in keyof Merged]: Merged[K] }[] = [];
  let last: readonly number[] | null = null;
  for (const { kind, row, stage, index, step, operands, result } of events) {
    const flag = 1 << kinds.indexOf(kind);
    const open = merged.at(-1);
    if (open !== undefined && operands === last && flag > open.flags) open.flags |= flag;
    else merged.push({ row, stage, index, step, flags: flag, operands, result });
    last = operands;
  }
  return merged;
}

/** The oracle's events in the order of reports. */
export function inReportOrder(stages: readonly string[], events: readonly OracleEvent[]): OracleEvent[] {
  const place = (e: OracleEvent): number[] => [e.row, stages.indexOf(e.stage), e.index ?? Infinity, e.step];
  return events.toSorted((a, b) => {
    const [p, q] = [place(a), place(b)];
    const at = p.findIndex((value, i) => value !== q[i]);
    return at < 0 ? 0 : (p[at] as number) - (q[at] as number);
  });
}

const maskable = ['overflow', 'invalid', 'divideByZero'] as const;

/** Holds a report against the oracle's list of events: stages, counts, row flags, firsts, masks, every event. */
export function expectReport(report: Report, wanted: OracleNorm, rowCount: number): void {
  const { output, events, stages } = wanted;
  const kinds = Object.keys(report.totals);
  expect(report.stages).toEqual(stages);
  expect(report.counts).toEqual(oracleCounts(stages, events));
  expect([...report.rowFlags]).toEqual(oracleRowFlags(rowCount, events));

  const sorted = inReportOrder(stages, events);
  const plain = sorted.map(({ row, stage, index, step, flags, operands, result }) => ({
    row,
    stage,
    index,
    step,
    flags,
    operands: [...operands],
    result,
  }));
  expect(mergeEvents(report.events ?? [], kinds)).toEqual(plain);

  const width = output.length / Math.max(1, rowCount);
  const isFiniteRow = (row: number): boolean => {
    const range = row < 0 ? output : output.slice(row * width, (row + 1) * width);
    return range.every(Number.isFinite);
  };
  const ofConstants = (event: OracleEvent): boolean => event.stage === 'constants';
  const expectFirsts = (found: FirstEvents, own: readonly OracleEvent[]): void => {
    const firsts = oracleFirsts(stages, own);
    expect(Object.keys(found).sort()).toEqual(Object.keys(firsts).sort());
    for (const [kind, first] of Object.entries(found)) {
      const { row, stage, index, step, operands, result } = firsts[kind as keyof typeof firsts] as OracleEvent;
      expect(first).toMatchObject({ kind, row, stage, index, step, operands: [...operands], result });
      expectExact(first, firsts[kind as keyof typeof firsts] as OracleEvent);
      const isMaskable = (maskable as readonly string[]).includes(kind);
      expect(first.masked).toBe(isMaskable ? isFiniteRow(row) : undefined);
    }
  };
  expectFirsts(
    report.first,
    sorted.filter((event) => !ofConstants(event)),
  );
  expectFirsts(report.constants.first, sorted.filter(ofConstants));
  for (const event of report.events ?? []) {
    if (event.masked !== undefined) expect(event.masked).toBe(isFiniteRow(event.row));
  }
  for (const kind of maskable) {
    const bit = 1 << kinds.indexOf(kind);
    const masked = [...report.rowFlags].filter((flags, row) => flags & bit && isFiniteRow(row)).length;
    expect(report.maskedRows[kind]).toBe(masked);
  }
}

/** The digits of a sum whose operands do not tell it. */
function expectExact({ exact }: NumericEvent, wanted: OracleEvent): void {
  if (wanted.exact === undefined) return;
  if (exact === null || wanted.exact.kind !== 'finite') expect([exact, wanted.exact.kind]).not.toContain('finite');
  else expect(compare(fromDecimal(exact), wanted.exact)).toBe(0);
}

/** The property: the kernel and the oracle agree on the bits and on every event, or both refuse. */
export function agree(given: NormCase): void {
  const wanted = outcome(() => runOracle(given));
  const found = outcome(() => runKernel({ ...given, options: { ...given.options, record: 'all', limit: 2 ** 32 } }));
  if (wanted === 'refused' || found === 'refused') {
    // The oracle wraps integers of any size; the kernel refuses where a sum needs more bits than it keeps.
    const isTooWide = found === 'refused' && failure(() => runKernel(given)) === 'range x';
    if (!isTooWide) expect(found).toEqual(wanted);
    return;
  }
  expect([...found.output]).toEqual(wanted.output);
  expectReport(found.report, wanted, given.options.rows);
}
