/**
 * The two row-parallel layers of every block, calibrated for a group of devices.
 *
 * @module
 */

import {
  createGroupCalibration,
  type GroupCalibration,
  observeGroup,
  type PartialSumsOptions,
  parseGroupCalibration,
  partialSums,
} from '../../collectives/index.ts';
import { BittrueError, checkAs, checkInteger, checkName, checkObject, checkText } from '../../errors/index.ts';
import { SEMANTICS, VERSION } from '../../events/index.ts';
import type { Model, Tokens } from '../../models/index.ts';
import { streamWriters } from '../../models/walk.ts';
import { type LinearCall, onLinear } from '../linearCall.ts';
import { namingWeights } from '../namedWeights.ts';
import { logits } from '../perplexity/logits.ts';
import type { OnProgress } from '../progress.ts';

/** One row-parallel layer's ranges. */
export interface SiteCalibration {
  /** The weight's name in the checkpoint. */
  readonly name: string;
  /** Of every device's partial sums. */
  readonly partials: GroupCalibration;
  /** Of their sum, as a group of one: for codecs of sums. */
  readonly sum: GroupCalibration;
}

/** A model's ranges, as plain data. */
export interface ModelCalibration {
  readonly bittrue: string;
  readonly schema: 'model-calibration/1';
  readonly semantics: number;
  readonly devices: number;
  readonly sequences: number;
  readonly sites: readonly SiteCalibration[];
}

/** How a model is calibrated. */
export interface ModelCalibrationOptions extends PartialSumsOptions {
  /** Default `ema`. */
  readonly method?: 'ema' | 'static';
  /** Default 0.01. */
  readonly gamma?: number;
  readonly onProgress?: OnProgress;
}

/**
 * Runs sequences through a model, one after the other, and follows the ranges of every row-parallel layer. Nothing is
 * rounded but the partial sums where a target computes them.
 *
 * @throws {@link BittrueError} as `createGroupCalibration` and `partialSums`; `value` for sums that are not finite
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { calibrateCommunication } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadModel(config, checkpoint);
 * const { sites } = calibrateCommunication(model, [byteTokens('In the beginning')], { devices: 8 });
 * sites.map(({ name }) => name.split('.')[4]).slice(0, 2); // ['o_proj', 'down_proj']
 * sites[0].partials.ranges.length; // 8
 */
export function calibrateCommunication(
  model: Model,
  sequences: readonly Tokens[],
  options: ModelCalibrationOptions,
): ModelCalibration {
  const keys = ['devices', 'target', 'unit', 'method', 'gamma', 'onProgress'];
  const { method, gamma, onProgress, ...split } = checkObject('options', options, keys) as unknown as typeof options;
  checkInteger('options.devices', split.devices, 2, 64);
  if (!Array.isArray(sequences) || sequences.length === 0) {
    throw new BittrueError('shape', 'sequences', 'none', 'at least one sequence of tokens');
  }
  const ranges = { ...(method === undefined ? {} : { method }), ...(gamma === undefined ? {} : { gamma }) };
  const width = model.config.hidden;
  const sites = new Map<string, SiteCalibration>();
  const names = rowParallelNames(model);
  for (const name of names) {
    const partials = createGroupCalibration({ devices: split.devices, width, ...ranges });
    sites.set(name, { name, partials, sum: createGroupCalibration({ devices: 1, width, ...ranges }) });
  }
  sequences.forEach((sequence, s) => {
    const watch = ({ name, input, weight }: LinearCall): Float64Array => {
      const { partials } = partialSums(input, weight, split);
      const sum = exactSum(partials);
      const before = sites.get(name) as SiteCalibration;
      sites.set(name, {
        name,
        partials: observeGroup(before.partials, partials),
        sum: observeGroup(before.sum, [sum]),
      });
      return sum;
    };
    namingWeights(model, () => logits(model, [sequence], { on: onLinear(watch, names) }));
    onProgress?.({ phase: 'calibration', done: s + 1, total: sequences.length });
  });
  return {
    bittrue: VERSION,
    schema: 'model-calibration/1',
    semantics: SEMANTICS,
    devices: split.devices,
    sequences: sequences.length,
    sites: [...sites.values()],
  };
}

/**
 * A calibration read back from JSON, checked.
 *
 * @throws {@link BittrueError} for data that is no calibration, and `unsupported` for one of other semantics
 */
export function parseModelCalibration(value: unknown): ModelCalibration {
  const keys = ['bittrue', 'schema', 'semantics', 'devices', 'sequences', 'sites'];
  const given = checkObject('calibration', value, keys);
  checkName('calibration.schema', given.schema, ['model-calibration/1']);
  if (given.semantics !== SEMANTICS) {
    throw new BittrueError('unsupported', 'calibration.semantics', given.semantics, String(SEMANTICS));
  }
  const devices = checkInteger('calibration.devices', given.devices, 2, 64);
  const sequences = checkInteger('calibration.sequences', given.sequences, 1, Number.MAX_SAFE_INTEGER);
  if (!Array.isArray(given.sites)) throw new BittrueError('type', 'calibration.sites', given.sites, 'an array');
  const sites = given.sites.map((site: unknown, i): SiteCalibration => {
    const argument = `calibration.sites[${i}]`;
    const { name, partials, sum } = checkObject(argument, site, ['name', 'partials', 'sum']);
    const group = (key: string, ranges: unknown, size: number): GroupCalibration => {
      const found = checkAs(
        (path) => path.replace(/^calibration/, `${argument}.${key}`),
        () => parseGroupCalibration(ranges),
      );
      if (found.devices === size && found.sequences === sequences) return found;
      const wanted = `${size} and ${sequences}`;
      const received = `${found.devices} devices, ${found.sequences} sequences`;
      throw new BittrueError('shape', `${argument}.${key}`, received, wanted);
    };
    return {
      name: checkText(`${argument}.name`, name),
      partials: group('partials', partials, devices),
      sum: group('sum', sum, 1),
    };
  });
  return {
    bittrue: checkText('calibration.bittrue', given.bittrue),
    schema: 'model-calibration/1',
    semantics: SEMANTICS,
    devices,
    sequences,
    sites,
  };
}

/** The weights whose products are summed over devices, in the order of computation. */
export function rowParallelNames(model: Model): readonly string[] {
  return streamWriters(model).map(({ weight }) => weight);
}

/** Σ_i Y_i in binary64, in the order of devices. */
export function exactSum(partials: readonly Float64Array[]): Float64Array {
  const sum = Float64Array.from(partials[0]);
  for (const data of partials.slice(1)) for (let i = 0; i < sum.length; i++) sum[i] += data[i];
  return sum;
}
