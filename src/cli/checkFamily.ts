/**
 * `bittrue check MODEL`: do the norms of a model overflow on a target? Without a model the demonstration.
 *
 * @module
 */
import type { Model } from '../models/index.ts';
import { embeddedModel } from '../node/index.ts';
import { toJson } from '../reports/data/json.ts';
import { formatCheck } from '../reports/text/check.ts';
import { wrap } from '../reports/text/layout.ts';
import type { Variant } from '../slanc/index.ts';
import { checkModel, type ModelCheck } from '../studies/check/check.ts';
import { type CheckLimits, judge, type MissedLimit } from '../studies/check/judge.ts';
import type { Target, VectorUnit } from '../targets/index.ts';
import { checkCures } from './checkCures.ts';
import { type CheckOrder, startCheck } from './checkThread.ts';
import { EVENTS } from './exit.ts';
import { baselineAsked, hasNoVerdict, isLimited, kindsAsked, statusOf } from './failOn.ts';
import { type Io, look, print } from './io.ts';
import { firstLayersAsked, openFamily } from './openModel.ts';
import { numberOption, refuse } from './options.ts';
import { progressLine } from './progress.ts';
import { readSequences } from './sequences.ts';
import { useThreads } from './threads.ts';
import { printUnit, unitData } from './units.ts';

/** The options of `check` that a model takes. */
export interface CheckFamilyOptions {
  readonly target?: readonly string[];
  readonly slanc?: Variant;
  readonly cures?: boolean;
  readonly powerOfTwo?: boolean;
  readonly residualScale?: string;
  readonly text?: string;
  readonly tokens?: string;
  readonly layers?: string;
  readonly sequences?: string;
  readonly allowNonFinite?: boolean;
  readonly failOn?: string;
  readonly baseline?: string;
  readonly json?: boolean;
}

/** The target of a check, and the text that named it. */
export interface CheckedTarget {
  readonly target: Target;
  readonly unit: VectorUnit;
  readonly named: string;
}

/** The embedded model as it is, and with Σx² as published large Llamas show it (about 680,000). */
const DEMONSTRATION = [1, 8];

const INTRODUCTION =
  'Demonstration on the embedded model, a small Llama; give a FILE to check your own. Residual scale 8 computes the same ' +
  'function on larger activations: square-sums as published large Llamas show them.';

/** Checks a model; the exit status. */
export function checkFamily(
  file: string | undefined,
  { target, unit, named }: CheckedTarget,
  options: CheckFamilyOptions,
  limits: CheckLimits,
  io: Io,
): number {
  const path = file ?? embeddedModel();
  const { model: whole } = openFamily(path, io);
  const model = firstLayersAsked(whole, options.layers);
  const sequences = readSequences(path, model.config, options);
  if (options.cures === true) {
    refuse(options, ofCureless, 'this option without --cures');
    return checkCures(model, sequences, { ...options, target, residualScales: scalesAsked(file, options) }, io);
  }
  const kinds = kindsAsked(options.failOn);
  const baseline = baselineAsked(options.baseline);
  const variant = options.slanc ?? (file === undefined ? 'frobenius' : 'none');
  const residualScales = scalesAsked(file, options);
  const checks: ModelCheck[] = [];
  const missed: (readonly MissedLimit[])[] = [];
  const isAsked = file !== undefined || options.target !== undefined;
  if (file === undefined && !options.json) print(io, `${wrap(INTRODUCTION, '', look(io)).join('\n')}\n`);
  const asked: CheckOrder['options'] = {
    variant,
    powerOfTwo: options.powerOfTwo ?? false,
    nonFiniteInputs: options.allowNonFinite === true ? 'allow' : 'deny',
  };
  // Several checks have a thread each, one has the processors to itself.
  if (residualScales.length === 1) useThreads();
  const threads = residualScales.map((residualScale, i) => {
    if (i === 0) return null;
    const { text, tokens, sequences, layers } = options;
    const from = { text, tokens, sequences };
    return startCheck({ path, target: named, from, layers, options: { ...asked, residualScale } });
  });
  try {
    residualScales.forEach((residualScale, i) => {
      const progress = progressLine(io, `residual scale ${residualScale}: `);
      const { onProgress } = progress;
      try {
        progress.begin('the model without rounding');
        const elsewhere = threads[i]?.take(onProgress) ?? null;
        const found =
          elsewhere === null
            ? checkModel(model, sequences, { ...asked, target, residualScale, onProgress })
            : { ...elsewhere, target };
        checks.push(found);
      } finally {
        progress.finish();
      }
      missed.push(judge(checks[i], limits));
      if (options.json) return;
      if (i > 0) print(io, '');
      print(io, formatCheck(checks[i], { ...look(io), missed: missed[i] }));
      if (checks.length < residualScales.length) return;
      if (model !== whole) print(io, cutLine(model, whole));
      if (isAsked) printUnit(io, target, unit);
    });
  } finally {
    for (const thread of threads) thread?.end();
  }
  if (options.json)
    print(
      io,
      toJson({ checks, unit: unitData(target, unit), ...(isLimited(limits) ? { limits, missed } : {}) }, 'checks/1'),
    );
  const reports = checks.flatMap(({ norms }) => norms.map(({ plain, scaled }) => (scaled ?? plain).report));
  const areMet = missed.every((one) => one.length === 0) && !reports.some(hasNoVerdict);
  const isOk = file === undefined || checks.every(({ ok }) => ok);
  const held = { limits, kinds, baseline };
  const status = statusOf(held, { schema: 'checks/1', checks }, reports, isOk, options.json ? null : io);
  return areMet ? status : EVENTS;
}

/** What a model of some layers says, and what it does not. */
function cutLine({ config: { layers } }: Model, { config }: Model): string {
  return `the first ${layers} of ${config.layers} layers: the last norm and the perplexities are of the model cut behind them`;
}

/** Options that a comparison of cures does not read. */
const ofCureless = ['slanc', 'powerOfTwo', 'failOn', 'baseline', 'allowNonFinite'] as const;

function scalesAsked(file: string | undefined, { residualScale }: CheckFamilyOptions): readonly number[] {
  if (residualScale !== undefined) return [numberOption('--residual-scale', residualScale)];
  return file === undefined ? DEMONSTRATION : [1];
}
