/**
 * Tensor-parallel inference with low-bit communication: a model whose row-parallel layers are summed over devices by a
 * collective and a codec (arXiv 2411.07942), against the model without rounding.
 *
 * @module
 */

import {
  type Algorithm,
  aggregatedRanges,
  featureCount,
  type OutlierStatistics,
  outlierStatistics,
  selectFeatures,
} from '../../collectives/index.ts';
import { BittrueError, checkBoolean, checkInteger, checkObject, checkSchema } from '../../errors/index.ts';
import { SEMANTICS, VERSION } from '../../events/index.ts';
import type { Model, Tokens } from '../../models/index.ts';
import { checkMadeModel } from '../../models/model.ts';
import { onLinear } from '../linearCall.ts';
import { perplexity } from '../perplexity/perplexity.ts';
import type { OnProgress } from '../progress.ts';
import { type ModelCalibration, rowParallelNames } from './calibration.ts';
import { checkCodecText, codecNamed } from './codec.ts';
import { type CommunicationRun, type GroupArithmetic, Run } from './run.ts';

/**
 * What to run. Sums: default `allGather`, in the order of devices and in binary32, left as the accumulator has them.
 */
export interface CommunicateOptions extends GroupArithmetic {
  /** Codecs to compare: `codecNames`, block formats and group codecs as text; default bf16, int4, random, hybrid. */
  readonly codecs?: readonly string[];
  /** Features that `hybrid` and `random` send in BF16: a share or a number; default `1/64`. */
  readonly k?: string | number;
  /** Of integer codes; default true. */
  readonly symmetric?: boolean;
  /** For `random`; default 0. */
  readonly seed?: number;
  readonly onProgress?: OnProgress;
}

/** One row-parallel layer: what its ranges promise. */
export interface CommunicationSite {
  /** The weight's name in the checkpoint. */
  readonly name: string;
  /** Of the aggregated ranges, with the features that `hybrid` keeps. */
  readonly outliers: OutlierStatistics;
  readonly selected: readonly number[];
}

/** What a study of communication finds. */
export interface Communication {
  readonly bittrue: string;
  readonly schema: 'communication-study/1';
  readonly semantics: number;
  readonly devices: number;
  readonly algorithm: Algorithm;
  readonly symmetric: boolean;
  readonly width: number;
  readonly k: number;
  readonly seed: number;
  /** Where partial sums are computed: a target's name, or `binary64`. */
  readonly arithmetic: string;
  readonly calibrationSequences: number;
  readonly predictions: number;
  /** Of the model without devices and without rounding. */
  readonly perplexity: number;
  readonly sites: readonly CommunicationSite[];
  readonly runs: readonly CommunicationRun[];
}

/** Keys of {@link CommunicateOptions}. */
export const communicateKeys = [
  'target',
  'unit',
  'codecs',
  'k',
  'symmetric',
  'seed',
  'algorithm',
  'reduction',
  'output',
  'onProgress',
] as const;

/**
 * Runs a model with tensor parallelism simulated at o_proj and down_proj, once a codec.
 *
 * @param calibration - ranges from `calibrateCommunication`, which also say how many devices there are
 * @param evaluation - token sequences, as `perplexity` takes them
 * @throws {@link BittrueError} `shape` for a calibration of another model, and as `allReduce`
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { calibrateCommunication, communicateModel } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadModel(config, checkpoint);
 * const text = [byteTokens('And God said, Let there be light.')];
 * const calibration = calibrateCommunication(model, text, { devices: 2 });
 * const { runs } = communicateModel(model, calibration, text, { codecs: ['hybrid'] });
 * runs[0].messageBits; // 4.1875
 * runs[0].trafficBits; // 4.1875
 */
export function communicateModel(
  model: Model,
  calibration: ModelCalibration,
  evaluation: readonly Tokens[],
  options: CommunicateOptions = {},
): Communication {
  checkMadeModel(model);
  checkSchema('calibration', calibration, ['model-calibration/1']);
  checkObject('options', options, communicateKeys);
  const width = model.config.hidden;
  const { codecs: names, symmetric, seed, algorithm, arithmetic } = checkCommunication(options);
  const k = featureCount(options.k ?? '1/64', width);
  const { devices } = calibration;
  checkSites(model, calibration);
  const { onProgress } = options;
  const steps = names.length + 1;
  const reference = perplexity(model, evaluation);
  onProgress?.({ phase: 'without rounding', done: 1, total: steps });
  const rowParallel = rowParallelNames(model);
  const runs = names.map((codec, i): CommunicationRun => {
    const codecs = new Map(
      calibration.sites.map((site, s) => [site.name, codecNamed(codec, site, { k, symmetric, seed: seed + s })]),
    );
    const run = new Run(codec, codecs, devices, options);
    const on = onLinear((call) => run.layer(call), rowParallel);
    const { perplexity: found } = perplexity(model, evaluation, { on });
    onProgress?.({ phase: codec, done: i + 2, total: steps });
    const { codec: own, ...seen } = run.finish(rowParallel);
    return { codec: own, perplexity: found, ...seen, ok: seen.ok && Number.isFinite(found) };
  });
  return {
    bittrue: VERSION,
    schema: 'communication-study/1',
    semantics: SEMANTICS,
    devices,
    algorithm,
    symmetric,
    width,
    k,
    seed,
    arithmetic,
    calibrationSequences: calibration.sequences,
    predictions: reference.predictions,
    perplexity: reference.perplexity,
    sites: calibration.sites.map(({ name, partials }) => {
      const ranges = aggregatedRanges(partials, symmetric);
      const selected = selectFeatures(ranges, k);
      return { name, selected, outliers: outlierStatistics(ranges, selected) };
    }),
    runs,
  };
}

/** What is sent, and how it is summed: the options' own values, or those by default. */
export function checkCommunication(options: CommunicateOptions) {
  const { target, unit, algorithm = 'allGather' } = options;
  return {
    codecs: (options.codecs ?? (['bf16', 'int4', 'random', 'hybrid'] as const)).map((name, i) =>
      checkCodecText(`options.codecs[${i}]`, name),
    ),
    symmetric: checkBoolean('options.symmetric', options.symmetric ?? true),
    seed: checkInteger('options.seed', options.seed ?? 0, 0, Number.MAX_SAFE_INTEGER),
    algorithm,
    arithmetic: target === undefined ? 'binary64' : unit === undefined ? target.name : `${target.name} ${unit}`,
  };
}

function checkSites(model: Model, calibration: ModelCalibration): void {
  if (calibration?.schema !== 'model-calibration/1') {
    throw new BittrueError('type', 'calibration', calibration, 'a calibration, as calibrateCommunication gives it');
  }
  const wanted = rowParallelNames(model);
  const found = calibration.sites.map(({ name }) => name);
  if (found.join() !== wanted.join() || calibration.sites[0].partials.width !== model.config.hidden) {
    throw new BittrueError('shape', 'calibration', `${found.length} layers`, `this model's ${wanted.length}`);
  }
}
