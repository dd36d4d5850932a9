/**
 * Low-bit communication of captured linear layers: their products are shared out over devices, wherever the model ran.
 *
 * @module
 */
import {
  type Algorithm,
  createGroupCalibration,
  featureCount,
  observeGroup,
  partialSums,
} from '../../collectives/index.ts';
import { BittrueError, checkAs, checkInteger, checkObject } from '../../errors/index.ts';
import { SEMANTICS, VERSION } from '../../events/index.ts';
import type { Checkpoint } from '../../files/index.ts';
import type { CapturedInputsOptions } from '../../models/captured.ts';
import { capturedLayers } from '../captured/linearLayers.ts';
import { capturedKeys } from '../captured/options.ts';
import { exactSum, type SiteCalibration } from './calibration.ts';
import { codecNamed } from './codec.ts';
import { type CommunicateOptions, checkCommunication, communicateKeys } from './communicate.ts';
import { type CommunicationRun, Run } from './run.ts';

/** What to run: which layers of a capture, on how many devices. */
export interface CommunicateCapturedOptions extends CommunicateOptions, CapturedInputsOptions {
  /** 2 to 64. */
  readonly devices: number;
}

/** What low-bit communication costs captured layers, as plain data. */
export interface CapturedCommunication {
  readonly bittrue: string;
  readonly schema: 'captured-communication/1';
  readonly semantics: number;
  readonly devices: number;
  readonly algorithm: Algorithm;
  readonly symmetric: boolean;
  readonly seed: number;
  readonly arithmetic: string;
  /** The layers, their rows and outputs, and the features that `hybrid` and `random` send in BF16. */
  readonly layers: readonly {
    readonly name: string;
    readonly rows: number;
    readonly width: number;
    readonly k: number;
  }[];
  readonly runs: readonly Omit<CommunicationRun, 'perplexity'>[];
  /** Inputs of linear layers whose weights are nowhere. */
  readonly withoutWeights: readonly string[];
}

/** Layers that write to the residual stream, whose products devices add up, by the names that models have for them. */
const rowParallel =
  /(^|\.)(o_proj|down_proj|out_proj|c_proj|fc2|wo|w2|dense_4h_to_h|output\.dense|(self_)?attention\.dense)$/;

/**
 * Runs captured layers with tensor parallelism simulated, once a codec: errors, bytes, clipping. Ranges are those of the captured
 * rows themselves, and no perplexity is known. Layers are those that write to a residual stream by their names (`o_proj`, `fc2`,
 * `output.dense`, …), or those that `tensors` asks for.
 *
 * @throws {@link BittrueError} as `capturedInputs`, `partialSums` and `allReduce`; `name` where no layer is row-parallel
 * @example
 * import { memorySource, readSafetensors, writeSafetensors } from 'bittrue/files';
 * import { communicateCaptured } from 'bittrue/studies';
 * const x = { data: new Float32Array([1, 2, 3, 4]), shape: [1, 4] };
 * const weight = { data: new Float32Array([1, 1, 1, 1, 2, 0, 0, 0]), shape: [2, 4] };
 * const capture = readSafetensors(memorySource(writeSafetensors({ 'fc2.input': x, 'fc2.weight': weight })));
 * const { runs } = communicateCaptured(capture, { kernel: 'linear', devices: 2, codecs: ['bf16'], k: 1 });
 * runs[0].error.max; // 0
 */
export function communicateCaptured(capture: Checkpoint, options: CommunicateCapturedOptions): CapturedCommunication {
  checkObject('options', options, [...capturedKeys, ...communicateKeys, 'devices']);
  const devices = checkInteger('options.devices', options.devices, 2, 64);
  const { codecs, symmetric, seed, algorithm, arithmetic } = checkCommunication(options);
  const { target, unit, onProgress, tensors } = options;
  const { names, read, withoutWeights } = capturedLayers(capture, options);
  const chosen = tensors === undefined ? names.filter((name) => rowParallel.test(name)) : names;
  if (chosen.length === 0) {
    const wanted = 'layers that write to the residual stream (o_proj, down_proj, output.dense, …), or options.tensors';
    throw new BittrueError('name', capture.name, names.slice(0, 4).join(', '), wanted);
  }
  const split = { devices, ...(target === undefined ? {} : { target }), ...(unit === undefined ? {} : { unit }) };
  const runs = codecs.map((codec) => {
    const known: Map<string, ReturnType<typeof codecNamed>> = new Map();
    return { codec, known, run: new Run(codec, known, devices, options) };
  });
  const layers = chosen.map((name, l) => {
    const { x, weight } = read(name);
    const [width] = weight.shape;
    const [rows] = x.shape;
    return checkAs(
      (argument) => `${capture.name}: ${name}: ${argument}`,
      () => {
        const k = featureCount(options.k ?? '1/64', width);
        const { partials } = partialSums(x.data, weight, split);
        const site: SiteCalibration = {
          name,
          partials: observeGroup(createGroupCalibration({ devices, width }), partials),
          sum: observeGroup(createGroupCalibration({ devices: 1, width }), [exactSum(partials)]),
        };
        for (const { codec, known, run } of runs) {
          known.set(name, codecNamed(codec, site, { k, symmetric, seed: seed + l }));
          run.layer({ name, input: x.data, rows, weight });
        }
        onProgress?.({ phase: name, done: l + 1, total: chosen.length });
        return { name, rows, width, k };
      },
    );
  });
  return {
    bittrue: VERSION,
    schema: 'captured-communication/1',
    semantics: SEMANTICS,
    devices,
    algorithm,
    symmetric,
    seed,
    arithmetic,
    layers,
    runs: runs.map(({ run }) => run.finish(chosen)),
    withoutWeights,
  };
}
