/**
 * Studies of captured layers, as tables: no model ran, so that there is no perplexity.
 *
 * @module
 */
import { checkSchema, printableData } from '../../errors/index.ts';
import type { CapturedCommunication, CapturedQuantization, CapturedScales } from '../../studies/index.ts';
import { brief, count, percent, size } from '../numbers.ts';
import { hopLines } from './communication.ts';
import { checkLook, columns, paint, type RenderOptions, table, wrap } from './layout.ts';

/** What was not run, a line. */
function without(withoutWeights: readonly string[], options: RenderOptions): string[] {
  if (withoutWeights.length === 0) return [];
  const told = `${count(withoutWeights.length, 'input')} of linear layers without weights, such as ${withoutWeights[0]}: not run; --model has them`;
  return ['', ...wrap(told, '  ', options)];
}

/**
 * A line a captured layer: its quantizers, and how far its output is off.
 *
 * @example
 * import { formatCapturedQuantization } from 'bittrue/reports';
 * const layer = { name: 'fc', rows: 2, weight: 'e2m1', activation: 'e2m1', largestShift: null, meanSquaredError: 1, relativeError: 0.5 };
 * const text = formatCapturedQuantization({
 *   bittrue: '0', schema: 'captured-quantization/1', semantics: 1, method: 'minMaxFloat', bits: { weight: 4, activation: 4 },
 *   calibrationRows: 128, meanRelativeError: 0.5, layers: [layer], withoutWeights: [],
 * });
 * text.split('\n')[0]; // 'minMaxFloat, bits W/A 4/4: 1 captured layer; mean layer error 5.00e-1'
 */
export function formatCapturedQuantization(report: CapturedQuantization, options: RenderOptions = {}): string {
  checkLook(options);
  checkSchema('report', report, ['captured-quantization/1']);
  const { method, bits, layers, meanRelativeError, calibrationRows, withoutWeights } = printableData(report);
  const widths = [bits.weight, bits.activation].map((one) => one ?? '-').join('/');
  const title = `${method}, bits W/A ${widths}: ${count(layers.length, 'captured layer')}; mean layer error ${meanRelativeError.toExponential(2)}`;
  return [
    ...wrap(paint('bold', title, options), '  ', options),
    '',
    ...table(
      columns(['layer', 'rows', 'weight', 'activation', 'max shift', 'mean error²', 'relative']),
      layers.map((layer) => [
        layer.name,
        String(layer.rows),
        layer.weight ?? '-',
        layer.activation ?? '-',
        layer.largestShift === null ? '-' : String(layer.largestShift),
        layer.meanSquaredError.toExponential(3),
        layer.relativeError === null ? '-' : layer.relativeError.toExponential(3),
      ]),
      options,
    ),
    '',
    ...wrap(
      `Errors are of each layer's output on all of its captured rows; a search fits to ${calibrationRows} of them at most. ` +
        'Relative: over the mean square of the output.',
      '  ',
      options,
    ),
    ...without(withoutWeights, options),
  ].join('\n');
}

/**
 * A line a codec, then a line a layer.
 *
 * @example
 * import { memorySource, readSafetensors, writeSafetensors } from 'bittrue/files';
 * import { formatCapturedCommunication } from 'bittrue/reports';
 * import { communicateCaptured } from 'bittrue/studies';
 * const x = { data: new Float32Array([1, 2, 3, 4]), shape: [1, 4] };
 * const weight = { data: new Float32Array([1, 1, 1, 1, 2, 0, 0, 0]), shape: [2, 4] };
 * const capture = readSafetensors(memorySource(writeSafetensors({ 'fc2.input': x, 'fc2.weight': weight })));
 * const study = communicateCaptured(capture, { kernel: 'linear', devices: 2, codecs: ['bf16'], k: 1 });
 * formatCapturedCommunication(study).split('\n')[0].slice(0, 20); // '2 devices, allGather'
 */
export function formatCapturedCommunication(study: CapturedCommunication, options: RenderOptions = {}): string {
  checkLook(options);
  checkSchema('study', study, ['captured-communication/1']);
  const { devices, algorithm, symmetric, arithmetic, layers, runs, withoutWeights } = printableData(study);
  const title =
    `${count(devices, 'device')}, ${algorithm}, ${symmetric ? 'symmetric' : 'asymmetric'} codes, partial sums in ${arithmetic}; ` +
    `${count(layers.length, 'captured layer')}`;
  const share = (value: number | null): string => (value === null ? '–' : percent(value));
  return [
    ...wrap(paint('bold', title, options), '  ', options),
    '',
    ...table(
      columns(['codec', 'bits', 'sent', 'rmse', 'relative', 'max', 'at limit', 'clipped', 'ok']),
      runs.map((run) => [
        run.codec,
        size(run.messageBits),
        size(run.trafficBits),
        brief(run.error.rmse),
        brief(run.meanRelativeError),
        brief(run.error.max),
        share(run.atLimit),
        share(run.clipped),
        run.ok ? 'yes' : 'no',
      ]),
      options,
    ),
    ...hopLines({ runs }, options),
    '',
    ...table(
      columns(['layer', 'rows', 'outputs', 'k', ...runs.map(({ codec }) => codec)]),
      layers.map(({ name, rows, width, k }, i) => [
        name,
        String(rows),
        String(width),
        String(k),
        ...runs.map(({ siteErrors }) => (siteErrors[i].relative === null ? '–' : brief(siteErrors[i].relative))),
      ]),
      options,
    ),
    '',
    ...wrap(
      'Ranges are those of the captured rows themselves. bits: of a value in a message; sent: bits that a device sends for every ' +
        'value of the sum; relative: rmse over the root mean square of the sums, of layers in the second table.',
      '  ',
      options,
    ),
    ...without(withoutWeights, options),
  ].join('\n');
}

/**
 * A line a captured norm: the length that its weights let expect, the one that was captured, overflows without and with the scale.
 *
 * @example
 * import { memorySource, readSafetensors, writeSafetensors } from 'bittrue/files';
 * import { loadModel, modelGraph } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { formatCapturedSlanc } from 'bittrue/reports';
 * import { slancCaptured, slancGraph } from 'bittrue/studies';
 * import { fp16 } from 'bittrue/targets';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const scales = await slancGraph(modelGraph(loadModel(config, checkpoint)));
 * const x = { data: new Float32Array(128).fill(795), shape: [1, 128] };
 * const capture = readSafetensors(memorySource(writeSafetensors({ 'model.norm.input': x })));
 * const found = slancCaptured(scales, capture, { target: fp16, kernel: 'rmsNorm' });
 * formatCapturedSlanc(found).split('\n')[0]; // 'SLaNC frobenius on fp16: 1 captured norm'
 */
export function formatCapturedSlanc(scales: CapturedScales, options: RenderOptions = {}): string {
  checkLook(options);
  checkSchema('scales', scales, ['captured-slanc/1']);
  const { variant, powerOfTwo, target, norms, notCaptured, withoutScale } = printableData(scales);
  const title = `SLaNC ${variant}${powerOfTwo ? ', powers of two' : ''} on ${target}: ${count(norms.length, 'captured norm')}`;
  const some = (names: readonly string[], what: string): string[] =>
    names.length === 0 ? [] : wrap(`${count(names.length, what)}, such as ${names[0]}`, '  ', options);
  return [
    ...wrap(paint('bold', title, options), '  ', options),
    '',
    ...table(
      columns(['norm', 'after', 'rows', 'alpha', 'length', 'Σ scaled', 'overflows', 'scaled'], 2),
      norms.map(({ site, position, rows, alpha, length, scaledSquareSum, overflows }) => [
        site,
        position,
        String(rows),
        brief(alpha),
        brief(length),
        brief(scaledSquareSum),
        String(overflows.plain),
        String(overflows.scaled),
      ]),
      options,
    ),
    '',
    ...wrap(
      'Alpha: the length that the weights let expect of the input; length: the largest captured; Σ scaled: the largest sum of ' +
        'squares of a row times its scale.',
      '  ',
      options,
    ),
    ...some(withoutScale, 'captured norm without a scale'),
    ...some(notCaptured, 'norm that was not captured'),
  ].join('\n');
}
