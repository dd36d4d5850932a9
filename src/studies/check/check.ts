/**
 * Does this model's normalisation survive on this target, and does SLaNC cure it?
 *
 * @module
 */

import { BittrueError, checkBoolean, checkList, checkName, checkObject, checkPositive } from '../../errors/index.ts';
import { lostSquares, mergeReports, type Report, SEMANTICS, VERSION } from '../../events/index.ts';
import { type Model, type NormSite, normSites, scaleResidualStream, type Tokens } from '../../models/index.ts';
import { checkMadeModel } from '../../models/model.ts';
import type { GroupedQueries, Variant } from '../../slanc/index.ts';
import { checkMadeTarget } from '../../targets/check.ts';
import type { Target } from '../../targets/index.ts';
import { perplexitiesSideBySide } from '../perplexity/perplexity.ts';
import type { OnProgress } from '../progress.ts';
import { scaleOfEach } from '../slanc/slancGraph.ts';
import { Noise } from './noise.ts';
import { type NormCall, type NormFunction, onNormsSideBySide, runNorm } from './normCall.ts';
import { withNaNEvents } from './withNaNEvents.ts';

/** What {@link checkModel} may be told. */
export interface ModelCheckOptions {
  readonly target: Target;
  /** How SLaNC's factors are made; `none` (default) leaves the scaled run out. */
  readonly variant?: Variant | 'none';
  /** Scales rounded down to powers of two. Default false. */
  readonly powerOfTwo?: boolean;
  /** For `dmx` only, as `SlancOptions`. */
  readonly gqa?: GroupedQueries;
  /** c of `scaleResidualStream`: the same function with larger activations. Default 1. */
  readonly residualScale?: number;
  /** Whether to find the headroom of every norm, which about doubles the time. Default true. */
  readonly reference?: boolean;
  /** Whether NaN and infinities in the model and what it computes leave a run `ok`; default `deny`. */
  readonly nonFiniteInputs?: 'deny' | 'allow';
  readonly onProgress?: OnProgress;
}

/** Bits to a stage's limit; null where all its values are zero. */
export type Headroom = Readonly<Record<string, number | null>>;

/** One norm in one run of the model. */
export interface NormRun {
  /** Over all rows of all sequences: the norm as the run before it left its input. */
  readonly report: Report;
  /**
   * log2(max / largest magnitude) of each stage, without rounding, on the input that the model has in binary64: what
   * the model asks of the target, whatever earlier norms did. Null when not asked for.
   */
  readonly headroom: Headroom | null;
  /**
   * Signal to noise of the outputs in dB, against the real function of the same inputs as for `headroom`: Infinity without
   * noise. Null when not asked for, and where no output is finite.
   */
  readonly sqnr: number | null;
  /** Share of the squares that underflow took in this run, as `lostSquares` counts them; null where there are none. */
  readonly lostSquares: number | null;
}

/** One norm, without and with SLaNC. */
export interface NormCheck {
  /** `layers.0.input_layernorm` … `norm` */
  readonly site: string;
  /** What stands before it. */
  readonly position: NormSite['position'];
  /** The largest Σx² of a row in binary64. */
  readonly largestSquareSum: number;
  /** SLaNC's divisor and the scale made of it; null without SLaNC. */
  readonly alpha: number | null;
  readonly scale: number | null;
  readonly plain: NormRun;
  /** Null without SLaNC. */
  readonly scaled: NormRun | null;
}

/** A run of the whole model. */
export interface ModelRun {
  readonly perplexity: number;
  /**
   * No norm raised overflow, invalid, divideByZero, saturation or wrap; and, unless the options allow it, no norm had an
   * input that is not finite, and the perplexity is finite.
   */
  readonly ok: boolean;
}

/** What {@link checkModel} finds, as plain data. */
export interface ModelCheck {
  readonly bittrue: string;
  readonly schema: 'check/1';
  readonly semantics: number;
  readonly target: Target;
  readonly variant: Variant | 'none';
  readonly powerOfTwo: boolean;
  readonly residualScale: number;
  readonly model: { readonly family: string; readonly layers: number; readonly hidden: number };
  readonly sequences: number;
  /** Tokens predicted; every norm saw as many rows. */
  readonly predictions: number;
  /** Of the configuration asked for: with SLaNC where there is one, else plain. */
  readonly ok: boolean;
  /** The model without rounding. */
  readonly float64: { readonly perplexity: number };
  /** Every norm on the target, all else in binary64. */
  readonly plain: ModelRun;
  /** Likewise with SLaNC's scales; null without. */
  readonly scaled: ModelRun | null;
  readonly norms: readonly NormCheck[];
}

const keys = [
  'target',
  'variant',
  'powerOfTwo',
  'gqa',
  'residualScale',
  'reference',
  'nonFiniteInputs',
  'onProgress',
] as const;

/**
 * Runs a model over token sequences three times: in binary64; with every norm on the target; and again with SLaNC's
 * scales. A NaN that reaches a register without NaN is an event, `invalid`, and zero there. Linear layers, attention and activations stay in binary64, so what differs is the norms' doing.
 *
 * @param sequences - as `perplexity` takes them: 2 … context + 1 tokens each
 * @throws {@link BittrueError} for options out of range or unknown, and for tokens that do not fit the model
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { checkModel } from 'bittrue/studies';
 * import { fp16 } from 'bittrue/targets';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const text = byteTokens('And God said, Let there be light: and there was light.');
 * const check = checkModel(loadModel(config, checkpoint), [text], { target: fp16, variant: 'frobenius', residualScale: 8 });
 * check.plain.ok; // false
 * check.scaled?.ok; // true
 * check.norms[8].plain.report.first.overflow?.stage; // 'squareSum'
 */
export function checkModel(model: Model, sequences: readonly Tokens[], options: ModelCheckOptions): ModelCheck {
  checkMadeModel(model);
  checkObject('options', options, keys);
  const { variant = 'none', powerOfTwo = false, gqa } = options;
  const target = checkMadeTarget('options.target', options.target);
  checkName('options.variant', variant, ['none', 'frobenius', 'frobeniusGate', 'dmx', 'residual']);
  checkBoolean('options.powerOfTwo', powerOfTwo);
  const reference = checkBoolean('options.reference', options.reference ?? true);
  const { nonFiniteInputs = 'deny' } = options;
  checkName('options.nonFiniteInputs', nonFiniteInputs, ['deny', 'allow']);
  const residualScale = checkPositive('options.residualScale', options.residualScale ?? 1);
  if (gqa !== undefined && variant !== 'dmx') {
    throw new BittrueError('unsupported', 'options.gqa', `${gqa} with ${variant}`, 'gqa with dmx only');
  }
  checkList('sequences', sequences);
  const { onProgress } = options;
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new BittrueError('type', 'options.onProgress', onProgress, 'a function');
  }
  const grown = residualScale === 1 ? model : scaleResidualStream(model, residualScale);
  const sites = normSites(grown);
  const scales =
    variant === 'none' ? null : scaleOfEach(grown, { variant, powerOfTwo, ...(gqa === undefined ? {} : { gqa }) });

  const factors = scales?.map(({ scale }) => scale) ?? null;
  const ones = sites.map(() => 1);
  // A NaN in one norm is to be told, not to end the run of all of them.
  const common = { target: withNaNEvents(target), nonFiniteInputs };
  const truth = watching(sites.length, common.target, reference ? [ones, ...(factors ? [factors] : [])] : []);
  const runs = [running(ones, common), ...(factors ? [running(factors, common)] : [])];
  const phases = ['float64', target.name, `${target.name} + SLaNC`];
  const rows = sequences.reduce((sum: number, tokens: Tokens) => sum + Math.max(0, (tokens?.length ?? 0) - 1), 0);
  const count = counter(sites.length * rows * (1 + runs.length), onProgress);
  const computes = [truth.compute, ...runs.map(({ compute }) => compute)].map((compute, run) => (call: NormCall) => {
    const output = compute(call);
    count(phases[run], call.rows);
    return output;
  });
  const names = sites.map(({ name }) => name);
  const { perplexities, predictions } = perplexitiesSideBySide(grown, sequences, computes, (some) =>
    onNormsSideBySide(names, some),
  );
  const [plain, scaled = null] = runs.map(({ reports }, i) => {
    const merged = reports.map(mergeReports);
    const value = perplexities[i + 1];
    const isTold = nonFiniteInputs === 'allow' || Number.isFinite(value);
    return { run: { perplexity: value, ok: isTold && merged.every(({ ok }) => ok) }, reports: merged };
  });
  const norms = sites.map(
    ({ name, position }, i): NormCheck => ({
      site: name,
      position,
      largestSquareSum: truth.squareSums[i],
      alpha: scales?.[i].alpha ?? null,
      scale: scales?.[i].scale ?? null,
      plain: normRun(plain.reports[i], truth, 0, i),
      scaled: scaled && normRun(scaled.reports[i], truth, 1, i),
    }),
  );
  return {
    bittrue: VERSION,
    schema: 'check/1',
    semantics: SEMANTICS,
    target,
    variant,
    powerOfTwo,
    residualScale,
    model: { family: model.family.name, layers: model.config.layers, hidden: model.config.hidden },
    sequences: sequences.length,
    predictions,
    ok: (scaled ?? plain).run.ok,
    float64: { perplexity: perplexities[0] },
    plain: plain.run,
    scaled: scaled?.run ?? null,
    norms,
  };
}

/** What is told of one norm in one run; `set`: which of the sets of scales it is. */
function normRun(report: Report, { headrooms, noises }: Truth, set: number, index: number): NormRun {
  return {
    report,
    headroom: headrooms[set]?.[index] ?? null,
    sqnr: noises[set]?.[index]?.sqnr() ?? null,
    lostSquares: lostSquares(report),
  };
}

type Count = (phase: string, rows: number) => void;

function counter(total: number, onProgress: OnProgress | undefined): Count {
  let done = 0;
  return (phase, rows) => {
    done += rows;
    onProgress?.({ phase, done, total });
  };
}

/** The model in binary64, watched: the largest Σx² before each norm, and what the target makes of the same rows. */
interface Truth {
  readonly compute: NormFunction;
  readonly squareSums: readonly number[];
  /** One entry a set of scales: the headroom of every norm. */
  readonly headrooms: readonly (readonly Headroom[])[];
  /** Likewise how far its outputs are off. */
  readonly noises: readonly (readonly Noise[])[];
}

function watching(norms: number, target: Target, scaleSets: readonly (readonly number[])[]): Truth {
  const squareSums = Array<number>(norms).fill(0);
  const headrooms = scaleSets.map(() => Array.from({ length: norms }, (): Headroom => ({})));
  const noises = scaleSets.map(() => Array.from({ length: norms }, () => new Noise()));
  const compute = (call: NormCall): Float64Array => {
    const { index } = call;
    const exact = call.exact();
    squareSums[index] = Math.max(squareSums[index], largestSquareSum(call));
    scaleSets.forEach((scales, set) => {
      const { output, report } = runNorm(call, {
        ...normOptions(call, { target }, scales),
        reference: true,
        record: 'off',
      });
      headrooms[set][index] = lesser(headrooms[set][index], report.headroom ?? {});
      noises[set][index].add(output, exact);
    });
    return exact;
  };
  return { compute, squareSums, headrooms, noises };
}

/** The model with its norms on the target; reports of every norm, batch by batch. */
function running(
  scales: readonly number[],
  common: NormCommon,
): { readonly compute: NormFunction; readonly reports: Report[][] } {
  const reports: Report[][] = scales.map(() => []);
  const compute = (call: NormCall): Float64Array => {
    const { output, report } = runNorm(call, normOptions(call, common, scales));
    reports[call.index].push(report);
    return output;
  };
  return { compute, reports };
}

function largestSquareSum({ x, rows, width }: NormCall): number {
  let largest = 0;
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let i = r * width; i < (r + 1) * width; i++) sum += x[i] * x[i];
    largest = Math.max(largest, sum);
  }
  return largest;
}

/** The headroom of two batches together: the largest magnitude of both. */
function lesser(a: Headroom, b: Headroom): Headroom {
  const merged: Record<string, number | null> = { ...a };
  for (const [stage, bits] of Object.entries(b)) {
    const known = merged[stage] ?? null;
    merged[stage] = known === null ? bits : bits === null ? known : Math.min(known, bits);
  }
  return merged;
}

type NormCommon = Pick<ModelCheckOptions, 'target' | 'nonFiniteInputs'>;

function normOptions({ rows, width, gamma, epsilon, index }: NormCall, common: NormCommon, scales: readonly number[]) {
  return { rows, width, gamma, epsilon, scale: scales[index], ...common };
}
