/**
 * SLaNC's scales on captured activations: what a model's weights promise of its norms, beside what went into them.
 *
 * @module
 */
import { BittrueError, checkFunction, checkObject, checkSchema } from '../../errors/index.ts';
import { SEMANTICS, VERSION } from '../../events/index.ts';
import { checkCheckpoint } from '../../files/checkpoint.ts';
import { type Checkpoint, readTensor } from '../../files/index.ts';
import { type CapturedInput, type CapturedInputsOptions, callsByLayer, capturedInputs } from '../../models/captured.ts';
import type { Target } from '../../targets/index.ts';
import { capturedKeys } from '../captured/options.ts';
import { checkRows } from '../check/checkRows.ts';
import type { OnProgress } from '../progress.ts';
import type { NormScale, SlancScales } from './scales.ts';

/** What to check scales with. */
export interface SlancCapturedOptions extends CapturedInputsOptions {
  /** Where the norms run. */
  readonly target: Target;
  readonly onProgress?: OnProgress;
}

/** A norm's scale on its captured rows. */
export interface CapturedScale extends NormScale {
  /** The captured tensors, one a call. */
  readonly inputs: readonly string[];
  readonly rows: number;
  /** The largest length of a row, ‖x‖; `alpha` is the length that the weights let expect. */
  readonly length: number;
  /** The largest Σ(x · scale)² of a row: typically near 1, in the linear case at most d. */
  readonly scaledSquareSum: number;
  /** Overflows without and with the scale. */
  readonly overflows: { readonly plain: number; readonly scaled: number };
  /** Whether the norm with its scale raised no failure. */
  readonly ok: boolean;
}

/** Scales on captured rows, as plain data. */
export interface CapturedScales {
  readonly bittrue: string;
  readonly schema: 'captured-slanc/1';
  readonly semantics: number;
  readonly variant: SlancScales['variant'];
  readonly powerOfTwo: boolean;
  readonly target: string;
  readonly norms: readonly CapturedScale[];
  /** Scales of norms that the capture does not have, and captured norms that have no scale. */
  readonly notCaptured: readonly string[];
  readonly withoutScale: readonly string[];
}

/**
 * Runs captured inputs of norms on a target, without and with the scales that `slancGraph` made of the model's weights. Names fit
 * where they are the same, or one is the other behind words of a wrapper (`bert.encoder.…`).
 *
 * @throws {@link BittrueError} `name` where no captured norm has a scale, `shape` for rows of another width; as `capturedInputs`
 * @example
 * import { memorySource, readSafetensors, writeSafetensors } from 'bittrue/files';
 * import { loadModel, modelGraph } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { slancCaptured, slancGraph } from 'bittrue/studies';
 * import { fp16 } from 'bittrue/targets';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const scales = await slancGraph(modelGraph(loadModel(config, checkpoint)));
 * const x = { data: Float32Array.from({ length: 128 }, (_, i) => (i % 2 ? 795 : -795)), shape: [1, 128] };
 * const capture = readSafetensors(memorySource(writeSafetensors({ 'model.norm.input': x })));
 * const [norm] = slancCaptured(scales, capture, { target: fp16, kernel: 'rmsNorm' }).norms;
 * norm.overflows.plain > 0; // true
 */
export function slancCaptured(scales: SlancScales, capture: Checkpoint, options: SlancCapturedOptions): CapturedScales {
  checkSchema('scales', scales, ['slanc/1']);
  checkCheckpoint(capture);
  checkObject('options', options, [...capturedKeys, 'target', 'onProgress']);
  const { target, onProgress } = options;
  if (onProgress !== undefined) checkFunction('options.onProgress', onProgress);
  const { inputs: all } = capturedInputs(capture, options);
  const calls = callsByLayer(all.filter(({ kernel }) => kernel.endsWith('Norm')));
  const found = [...calls].map(([layer, inputs]) => ({ layer, inputs, scale: scaleNamed(scales.norms, layer) }));
  if (!found.some(({ scale }) => scale !== null)) {
    const names = [...calls.keys()].slice(0, 3).join(', ');
    const wanted = `inputs of norms by the model's names: ${scales.norms
      .slice(0, 3)
      .map(({ site }) => site)
      .join(', ')}, …`;
    throw new BittrueError('name', capture.name, names === '' ? 'no norm' : names, wanted);
  }
  const norms = found.flatMap(({ inputs, scale }, i): CapturedScale[] => {
    onProgress?.({ phase: inputs[0].name, done: i, total: found.length });
    return scale === null ? [] : [onRows(capture, inputs, scale, scale.width ?? scales.width, target)];
  });
  const has = new Set(norms.map(({ site }) => site));
  return {
    bittrue: VERSION,
    schema: 'captured-slanc/1',
    semantics: SEMANTICS,
    variant: scales.variant,
    powerOfTwo: scales.powerOfTwo,
    target: target.name,
    norms,
    notCaptured: scales.norms.map(({ site }) => site).filter((site) => !has.has(site)),
    withoutScale: found.filter(({ scale }) => scale === null).map(({ layer }) => layer),
  };
}

/** The scale of a captured layer: of the same name, or of the longest that stands behind a wrapper's words, which have no numbers. */
function scaleNamed(norms: readonly NormScale[], layer: string): NormScale | null {
  const fits = ({ site }: NormScale): boolean =>
    layer === site || (layer.endsWith(`.${site}`) && !/\d/.test(layer.slice(0, -site.length)));
  return norms
    .filter(fits)
    .reduce<NormScale | null>((best, one) => (best !== null && best.site.length > one.site.length ? best : one), null);
}

function onRows(
  capture: Checkpoint,
  inputs: readonly CapturedInput[],
  scale: NormScale,
  width: number,
  target: Target,
): CapturedScale {
  const seen = { rows: 0, square: 0, plain: 0, scaled: 0, ok: true };
  for (const { name, kernel, epsilon } of inputs) {
    const { data, shape } = readTensor(capture, name);
    if (shape[shape.length - 1] !== width || data.length === 0) {
      throw new BittrueError(
        'shape',
        `${capture.name}: ${name}`,
        `[${shape.join(', ')}]`,
        `rows of ${width}, as ${scale.site} is wide`,
      );
    }
    const rows = data.length / width;
    const how = { rows, width, target, kernel: kernel as 'rmsNorm', scale: scale.scale, epsilon: epsilon as number };
    const { plain, scaled, ok } = checkRows(data, how);
    seen.rows += rows;
    seen.plain += plain.totals.overflow;
    seen.scaled += scaled?.totals.overflow ?? 0;
    seen.ok &&= ok;
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      for (let i = r * width; i < (r + 1) * width; i++) sum += data[i] * data[i];
      if (!(sum <= seen.square)) seen.square = sum;
    }
  }
  return {
    ...scale,
    inputs: inputs.map(({ name }) => name),
    rows: seen.rows,
    length: Math.sqrt(seen.square),
    scaledSquareSum: seen.square * scale.scale ** 2,
    overflows: { plain: seen.plain, scaled: seen.scaled },
    ok: seen.ok,
  };
}
