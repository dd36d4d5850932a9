/**
 * Every cure of an overflowing norm on one model.
 *
 * @module
 */
import { BittrueError, checkList, checkObject, checkPositive } from '../../errors/index.ts';
import { SEMANTICS, VERSION } from '../../events/index.ts';
import { type Model, normSites, scaleResidualStream, type Tokens } from '../../models/index.ts';
import { checkMadeModel } from '../../models/model.ts';
import { checkMadeTarget } from '../../targets/check.ts';
import type { Target } from '../../targets/index.ts';
import { Noise } from '../check/noise.ts';
import { type NormFunction, onNormsSideBySide } from '../check/normCall.ts';
import { withNaNEvents } from '../check/withNaNEvents.ts';
import { perplexitiesSideBySide } from '../perplexity/perplexity.ts';
import type { OnProgress } from '../progress.ts';
import { scaleOfEach } from '../slanc/slancGraph.ts';
import { type Cure, cures } from './cures.ts';

/** What {@link compareCures} may be told. */
export interface CureOptions {
  readonly target: Target;
  /** c of `scaleResidualStream`: the same function with larger activations. Default 1. */
  readonly residualScale?: number;
  readonly onProgress?: OnProgress;
}

/** The model under one cure. */
export interface CureRun {
  readonly name: string;
  /** What it does, and what it costs a token and norm of width d. */
  readonly text: string;
  readonly cost: string;
  readonly perplexity: number;
  /** As `ModelRun`: no norm failed, and the perplexity is finite. */
  readonly ok: boolean;
  /** Over all norms and rows. */
  readonly overflows: number;
  readonly invalid: number;
  readonly underflows: number;
  /** Norms in which something overflowed. */
  readonly overflowing: number;
  /** Signal to noise of all norms' outputs in dB, each against the real function of the inputs that it had in this run. */
  readonly sqnr: number | null;
}

/** All cures on one model, as plain data. */
export interface CureComparison {
  readonly bittrue: string;
  readonly schema: 'cure-comparison/1';
  readonly semantics: number;
  readonly target: Target;
  readonly residualScale: number;
  readonly model: { readonly family: string; readonly layers: number; readonly hidden: number };
  readonly predictions: number;
  readonly float64: { readonly perplexity: number };
  readonly cures: readonly CureRun[];
}

/**
 * Runs a model under every cure: none, SLaNC by each variant and by powers of two, dynamic scaling by the largest magnitude, clipping,
 * statistics in binary32, and, of a model with RMSNorms alone, the LayerNorm of [x, −x]. Norms run on the target, all else in binary64.
 *
 * @param sequences - as `perplexity` takes them
 * @throws {@link BittrueError} as `checkModel`; `unsupported` for a target without a unit `vector`
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { compareCures } from 'bittrue/studies';
 * import { fp16 } from 'bittrue/targets';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const text = byteTokens('And God said, Let there be light');
 * const { cures } = compareCures(loadModel(config, checkpoint), [text], { target: fp16, residualScale: 8 });
 * cures.filter(({ ok }) => !ok).map(({ name }) => name); // ['none', '[x, −x]']
 */
export function compareCures(model: Model, sequences: readonly Tokens[], options: CureOptions): CureComparison {
  checkMadeModel(model);
  checkList('sequences', sequences);
  checkObject('options', options, ['target', 'residualScale', 'onProgress']);
  const target = checkMadeTarget('options.target', options.target);
  if (target.vectorUnits.vector === undefined) {
    throw new BittrueError('unsupported', 'options.target', target.name, 'a target with a unit named vector');
  }
  const { residualScale = 1, onProgress } = options;
  checkPositive('options.residualScale', residualScale);
  const grown = residualScale === 1 ? model : scaleResidualStream(model, residualScale);
  const telling = withNaNEvents(target);
  const sites = normSites(grown);
  const hasLayerNorms = sites.some(({ kind }) => kind === 'layer');
  const own = cures.filter(({ isForRms }) => isForRms !== true || !hasLayerNorms);
  const watched = own.map((cure, done) => {
    onProgress?.({ phase: cure.name, done, total: own.length });
    return under(cure, grown, telling);
  });
  let done = 0;
  const rows = sequences.reduce((sum: number, tokens: Tokens) => sum + Math.max(0, (tokens?.length ?? 0) - 1), 0);
  const exactly: NormFunction = (call) => {
    done += call.rows;
    onProgress?.({ phase: 'the model under all cures', done, total: sites.length * rows });
    return undefined;
  };
  const computes = [exactly, ...watched.map(({ compute }) => compute)];
  const names = sites.map(({ name }) => name);
  const { perplexities, predictions } = perplexitiesSideBySide(grown, sequences, computes, (some) =>
    onNormsSideBySide(names, some),
  );
  return {
    bittrue: VERSION,
    schema: 'cure-comparison/1',
    semantics: SEMANTICS,
    target,
    residualScale,
    model: { family: model.family.name, layers: model.config.layers, hidden: model.config.hidden },
    predictions,
    float64: { perplexity: perplexities[0] },
    cures: watched.map(({ found }, i) => found(perplexities[i + 1])),
  };
}

/** Norms under a cure, watched; what was found once the model has run. */
function under(
  cure: Cure,
  model: Model,
  target: Target,
): { readonly compute: NormFunction; readonly found: (perplexity: number) => CureRun } {
  const scales = cure.slanc === null ? null : scaleOfEach(model, cure.slanc).map(({ scale }) => scale);
  const totals = { overflow: 0, underflow: 0, invalid: 0 };
  const overflowing = new Set<number>();
  let ok = true;
  const noise = new Noise();
  const compute: NormFunction = (call) => {
    const { output, reports } = cure.norm(call, { target, nonFiniteInputs: 'deny', scales });
    for (const report of reports) {
      for (const kind of ['overflow', 'underflow', 'invalid'] as const) totals[kind] += report.totals[kind];
      if (report.totals.overflow > 0) overflowing.add(call.index);
      ok &&= report.ok;
    }
    noise.add(output, call.exact());
    return output;
  };
  const { name, text, cost } = cure;
  const found = (perplexity: number): CureRun => ({
    ...{ name, text, cost, perplexity },
    ok: ok && Number.isFinite(perplexity),
    overflows: totals.overflow,
    invalid: totals.invalid,
    underflows: totals.underflow,
    overflowing: overflowing.size,
    sqnr: noise.sqnr(),
  });
  return { compute, found };
}
