/**
 * What a run tells, as plain data.
 *
 * @module
 */
import { checkMade, checkSchema } from '../errors/index.ts';
import { type EventKind, eventKinds, failureKinds } from '../rounding/flags.ts';
import type { FirstEvents, NumericEvent } from './event.ts';
import type { Magnitudes } from './magnitudes.ts';
import type { MaskableCounts } from './maskable.ts';
import { CONSTANTS, type Recorder } from './recorder.ts';
import { SEMANTICS, VERSION } from './version.ts';

/** How often each kind happened in one stage. */
export type Counts = Readonly<Record<EventKind, number>>;

/** Room to the formats' limits, stage by stage, from ideal values: the kernel without rounding, on loaded inputs. */
export interface Room<Stage extends string = string> {
  /** log2(max / largest magnitude), in bits; negative: overflow; null when all values are zero. */
  readonly headroom: Readonly<Record<Stage, number | null>>;
  /** log2(smallest non-zero magnitude / min normal), in bits; negative: subnormal; null when all values are zero. */
  readonly footroom: Readonly<Record<Stage, number | null>>;
  /** Share of the values other than zero that the stage's rounding turns into zero, 0–1. */
  readonly flushed: Readonly<Record<Stage, number>>;
  /** Additions of two finite numbers other than zero, in which an addend can be lost. */
  readonly additions: Readonly<Record<Stage, number>>;
}

/** The output against the real function of the given inputs. */
export interface OutputError {
  /** In units of the store format's last place at the ideal value. */
  readonly maxUlp: number;
  readonly meanUlp: number;
  /** Largest relative error where the ideal value is not zero. */
  readonly maxRelative: number;
  /** Signal to quantization noise, in dB; Infinity for an exact output, null where no output is finite. */
  readonly sqnr: number | null;
  /** Outputs that are not finite though the ideal value is; left out of the other figures. */
  readonly nonFinite: number;
}

/** What the reference pass finds. */
export interface Reference<Stage extends string = string> extends Room<Stage> {
  readonly error: OutputError;
}

/** What the inputs were: every array that the caller gave, those among the options too. */
export interface InputCounts {
  /** Numbers that are NaN or infinite; NaN with `record: 'off'`. */
  readonly nonFinite: number;
  /** Of these, how many stand in what all rows share: γ and β. */
  readonly nonFiniteConstants: number;
  /** Whether the caller said that they may be: `nonFiniteInputs: 'allow'`. */
  readonly allowed: boolean;
}

/**
 * Why the specification ran though a fast twin was wanted: no room in the engine's memory or no address space for one, or no
 * WebAssembly here. Bits, counts and events are the same; it takes longer.
 */
export type Fallback = 'memory' | 'webAssembly';

/**
 * The report of one run. The members of {@link Reference} are there with `reference: true`. A kernel's own report knows the
 * names of its stages; of those that the options leave out it holds nothing.
 */
export interface Report<Stage extends string = string> extends Partial<Reference<Stage>> {
  /** The package's version. */
  readonly bittrue: string;
  readonly schema: 'report/2';
  readonly semantics: number;
  readonly kernel: string;
  /** The resolved target and options, as data. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly rows: number;
  readonly width: number;
  /**
   * No event of a kind in `failureKinds`: overflow, invalid, saturation and their like; and no input that is not finite,
   * unless that is allowed.
   */
  readonly ok: boolean;
  readonly inputs: InputCounts;
  /** There only where the specification ran for lack of memory or of WebAssembly. */
  readonly fallback?: Fallback;
  /** The stages, in order. */
  readonly stages: readonly Stage[];
  /** `counts.squareSum.overflow` */
  readonly counts: Readonly<Record<Stage, Counts>>;
  /** All stages together. */
  readonly totals: Counts;
  /** Flags raised in each row. */
  readonly rowFlags: Uint16Array;
  /**
   * The first event of each kind outside the stage `constants`: smallest row, then stage, then index and step. A rounded ε
   * that is subnormal in binary16 hides no square that vanishes.
   */
  readonly first: FirstEvents<Stage>;
  /** The same for what a call rounds once: 1/d, ε, the scale, γ, β. */
  readonly constants: { readonly first: FirstEvents<Stage> };
  /** Rows that raised the kind though all their outputs are finite. */
  readonly maskedRows: Readonly<MaskableCounts>;
  /** With `magnitudes: true`: the results of every stage but `constants`, by their exponents. */
  readonly magnitudes?: Readonly<Record<Exclude<Stage, 'constants'>, Magnitudes>>;
  /** With `record: 'all'`: every event in order, up to the limit, and how many the limit dropped. */
  readonly events?: readonly NumericEvent<Stage>[];
  readonly dropped?: number;
}

/** What a report says beside the recorder's findings. */
export interface ReportHead {
  readonly kernel: string;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly rows: number;
  readonly width: number;
  readonly stages: readonly string[];
  readonly inputs: InputCounts;
  readonly fallback?: Fallback;
}

/** The report of a finished run. */
export function makeReport(head: ReportHead, recorder: Recorder, all: boolean, reference?: Reference): Report {
  checkMade('head', head, ['kernel', 'configuration', 'rows', 'width', 'stages', 'inputs'], 'the head of a report');
  checkMade('recorder', recorder, ['counts', 'rowFlags', 'firstEvents'], 'a Recorder');
  const { kernel, configuration, rows, width, stages, inputs, fallback } = head;
  const counts: Record<string, Counts> = {};
  const sums = new Array<number>(eventKinds.length).fill(0);
  for (let ordinal = 0; ordinal < stages.length; ordinal++) {
    const first = ordinal * eventKinds.length;
    counts[stages[ordinal] as string] = row(recorder.counts, first);
    for (let kind = 0; kind < sums.length; kind++) sums[kind]! += recorder.counts[first + kind] as number;
  }
  const totals = row(sums);
  const report: Report = {
    bittrue: VERSION,
    schema: 'report/2',
    semantics: SEMANTICS,
    kernel,
    configuration,
    rows,
    width,
    stages,
    inputs,
    ok: isOk(totals, inputs),
    counts,
    totals,
    rowFlags: recorder.rowFlags,
    first: recorder.firstEvents(),
    constants: { first: recorder.firstConstantEvents() },
    maskedRows: recorder.maskedRows,
  };
  // Members that most reports lack come last: to spread into an object and go on costs a microsecond.
  if (fallback !== undefined) Object.assign(report, { fallback });
  if (recorder.magnitudes !== null) {
    Object.assign(report, { magnitudes: recorder.magnitudes.told(stages, CONSTANTS) });
  }
  if (all) Object.assign(report, recorder.allEvents());
  return reference === undefined ? report : Object.assign(report, reference);
}

/** Counts of nothing: every report copies it many times, which is quicker than to make one anew. */
const none = /* @__PURE__ */ Object.fromEntries(eventKinds.map((kind) => [kind, 0])) as Record<EventKind, number>;

/** Likewise what `record: 'off'` says. */
const unknown = /* @__PURE__ */ Object.fromEntries(eventKinds.map((kind) => [kind, NaN])) as Record<EventKind, number>;

/** One count a kind, by name; `first`: where those of a stage begin. */
function row(counts: ArrayLike<number>, first = 0): Counts {
  if (Number.isNaN(counts[first])) return { ...unknown };
  const named = { ...none };
  for (let kind = 0; kind < eventKinds.length; kind++) {
    const count = counts[first + kind] as number;
    if (count !== 0) named[eventKinds[kind] as EventKind] = count;
  }
  return named;
}

/** Counts of several stages or runs together. */
export function total(rows: readonly Counts[]): Counts {
  return row(eventKinds.map((kind) => rows.reduce((sum, counts) => sum + counts[kind], 0)));
}

/** Whether it is known that nothing failed. */
export function hasNoFailure(totals: Counts): boolean {
  return failureKinds.every((kind) => totals[kind] === 0);
}

/** Likewise, and that what was computed proves it. */
export function isOk(totals: Counts, { nonFinite, allowed }: InputCounts): boolean {
  return hasNoFailure(totals) && (allowed || nonFinite === 0);
}

/**
 * Whether a run proves nothing: no failure is known, but no one counted, or inputs were not finite, which hides what finite
 * ones would raise.
 *
 * @example
 * import { hasNoVerdict } from 'bittrue/events';
 * import { rmsNorm } from 'bittrue/kernels';
 * import { fp16 } from 'bittrue/targets';
 * const options = { rows: 1, width: 2, target: fp16 };
 * hasNoVerdict(rmsNorm([3, NaN], options).report); // true
 * hasNoVerdict(rmsNorm([3, NaN], { ...options, nonFiniteInputs: 'allow' }).report); // false
 */
export function hasNoVerdict(report: Report): boolean {
  checkReport('report', report);
  return !report.ok && !hasFailed(report);
}

/**
 * Whether a run raised an event of a kind in `failureKinds`.
 *
 * @throws {@link BittrueError} for what is no report
 */
export function hasFailed(report: Report): boolean {
  checkReport('report', report);
  return failureKinds.some((kind) => report.totals[kind] > 0);
}

/** Refuses what no kernel reported. */
export function checkReport(argument: string, report: Report): void {
  checkSchema(argument, report, ['report/2']);
}
