/**
 * A product whose sums a GEMM plan's epilogue ends.
 *
 * @module
 */
import type { Engine } from '../engine/engine.ts';
import { outputError } from '../events/outputError.ts';
import type { OutputError, Report } from '../events/report.ts';
import { binary64 } from '../formats/binary64.ts';
import { epilogue, epilogueKernel } from '../kernels/epilogue.ts';
import type { Epilogue } from '../specification/epilogue/plan.ts';
import { realEpilogue } from '../specification/epilogue/reference.ts';
import type { Held } from './operands.ts';

/** What ran of a cell. */
export interface Run {
  /** Of the kernel, and of a plan's epilogue behind it; their rows are the same. */
  readonly reports: readonly Report[];
  readonly output: ArrayLike<number>;
  readonly headroom: Readonly<Record<string, number | null>>;
  readonly error: OutputError;
  /** Of two numbers other than zero. */
  readonly additions: number;
}

/**
 * The epilogue behind sums: a row of its report is an output, as a row of theirs is. The error is that of the whole, against the
 * epilogue of the real sums; room is that of its operations on the sums as they were formed.
 */
export function endedRun(
  given: Epilogue,
  sums: Run,
  real: Float64Array,
  { channels, bias, c }: Held,
  on: { readonly engine?: Engine | null; readonly magnitudes: boolean },
): Run {
  const rows = real.length;
  // One output a row, so that its bias is that of a row.
  const own: Epilogue = given.bias === undefined ? given : { ...given, bias: 'rows' };
  const added = {
    ...(given.bias === undefined || bias === undefined
      ? {}
      : { bias: Float64Array.from(real, (_, i) => bias[i % channels] as number) }),
    ...(given.beta === undefined || c === undefined ? {} : { c }),
  };
  const options = { rows, width: 1, epilogue: own, ...added };
  const { output, report } = epilogue(Float64Array.from(sums.output), { ...options, ...on, reference: true });
  const plan = epilogueKernel.plan(options);
  const ideal = realEpilogue(plan, { x: real, c: added.c ?? null, bias: added.bias ?? null });
  return {
    reports: [...sums.reports, report],
    output,
    headroom: { ...sums.headroom, ...ofEpilogue(report.headroom ?? {}) },
    error: outputError(plan.outputFormat ?? binary64, output, ideal),
    additions: sums.additions + sumOf(report.additions ?? {}),
  };
}

/** Figures of an epilogue's stages, whose names say so. */
function ofEpilogue<T>(figures: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(figures).map(([stage, value]) => [`epilogue.${stage}`, value]));
}

/** The magnitudes of all stages. */
export function magnitudesOf([first, second]: readonly Report[]): NonNullable<Report['magnitudes']> {
  return { ...first?.magnitudes, ...ofEpilogue(second?.magnitudes ?? {}) };
}

/** All stages together. */
export function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
