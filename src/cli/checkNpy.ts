/**
 * `bittrue check x.npy`: one norm over the rows of a tensor.
 *
 * @module
 */
import { BittrueError, nearest } from '../errors/index.ts';
import { compareReports } from '../events/index.ts';
import { toJson } from '../reports/data/json.ts';
import { missedLines } from '../reports/text/limits.ts';
import { formatReport } from '../reports/text/report.ts';
import { checkRows, type OutputCounts, type RowsCheckOptions } from '../studies/check/checkRows.ts';
import { graphKernels } from '../studies/check/graphKernels.ts';
import { type CheckLimits, judge } from '../studies/check/judge.ts';
import type { Target, VectorUnit } from '../targets/index.ts';
import { EVENTS } from './exit.ts';
import { baselineAsked, hasNoVerdict, isLimited, kindsAsked, statusOf } from './failOn.ts';
import { type Io, look, print } from './io.ts';
import { formatOption, numberOption } from './options.ts';
import { withProgress } from './progress.ts';
import { readRows } from './rows.ts';
import { printUnit, unitData } from './units.ts';

/** The options of `check` that a tensor takes. */
export interface CheckNpyOptions {
  readonly kernel?: readonly string[];
  readonly format?: string;
  readonly scale?: string;
  readonly epsilon?: string;
  readonly allowNonFinite?: boolean;
  readonly magnitudes?: boolean;
  readonly failOn?: string;
  readonly baseline?: string;
  readonly json?: boolean;
}

/** Outputs that are zero, NaN or infinite, and rows that are nothing else. */
function outputLines({ count, zeros, nan, infinite, ...rows }: OutputCounts): string[] {
  const { zeroRows, firstZeroRow, nanRows, firstNaNRow } = rows;
  const whole = (n: number, first: number | null): string => {
    if (n === 0) return '';
    return n === 1 ? `, all of row ${first}` : `, all of ${n} rows, the first is row ${first}`;
  };
  return [
    ...(zeros > 0 ? [`outputs: ${zeros} of ${count} are zero${whole(zeroRows, firstZeroRow)}`] : []),
    ...(nan > 0 ? [`outputs: ${nan} of ${count} are NaN${whole(nanRows, firstNaNRow)}`] : []),
    ...(infinite > 0 ? [`outputs: ${infinite} of ${count} are infinite`] : []),
  ];
}

/** `layerNorm` in any case. */
function kernelAsked(text: string): 'layerNorm' | 'rmsNorm' {
  const found = (['layerNorm', 'rmsNorm'] as const).find((one) => one.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  const other = graphKernels.find((one) => one.toLowerCase() === text.toLowerCase());
  const way = other === undefined ? '' : `; ${other}: bittrue check model.onnx --kernels ${other}`;
  throw new BittrueError(
    'name',
    '--kernel',
    text,
    `layerNorm or rmsNorm${way}`,
    nearest(text, ['layerNorm', 'rmsNorm']),
  );
}

/** Checks a norm over the rows of a tensor; the exit status. */
export function checkNpy(
  file: string,
  { target, unit }: { readonly target: Target; readonly unit: VectorUnit },
  options: CheckNpyOptions,
  limits: CheckLimits,
  io: Io,
): number {
  const { format, scale, epsilon } = options;
  const kernel = options.kernel?.[0];
  const { data, rows, width } = readRows(file, format === undefined ? undefined : formatOption(io, format));
  const kinds = kindsAsked(options.failOn);
  const baseline = baselineAsked(options.baseline);
  const rowsOptions: RowsCheckOptions = {
    rows,
    width,
    target,
    nonFiniteInputs: options.allowNonFinite === true ? 'allow' : 'deny',
    magnitudes: options.magnitudes ?? false,
    ...(kernel === undefined ? {} : { kernel: kernelAsked(kernel) }),
    ...(scale === undefined ? {} : { scale: numberOption('--scale', scale) }),
    ...(epsilon === undefined ? {} : { epsilon: numberOption('--epsilon', epsilon) }),
  };
  const found = withProgress(io, `${rows} rows`, () => checkRows(data, rowsOptions));
  const { plain, scaled, ok } = found;
  const missed = judge(found, limits);
  if (options.json)
    print(io, toJson({ ...found, unit: unitData(target, unit), ...(isLimited(limits) ? { limits, missed } : {}) }));
  else {
    print(io, formatReport(scaled ? compareReports(plain, scaled) : plain, look(io)));
    for (const line of outputLines(found.outputs)) print(io, line);
    for (const line of missedLines(missed, look(io))) print(io, line);
    printUnit(io, target, unit);
  }
  const areMet = missed.length === 0 && !hasNoVerdict(scaled ?? plain);
  const status = statusOf({ limits, kinds, baseline }, found, [scaled ?? plain], ok, options.json ? null : io);
  return areMet ? status : EVENTS;
}
