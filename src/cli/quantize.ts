/**
 * `bittrue quantize`: a model's linear layers in low-precision formats, and what that costs.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { Command } from 'commander';
import { BittrueError, checkName } from '../errors/index.ts';
import { type Checkpoint, writeSafetensors } from '../files/index.ts';
import { embeddedModel } from '../node/index.ts';
import { checkFolder, writeFiles } from '../node/writeFiles.ts';
import { searchPresets, shiftReadings } from '../quantization/index.ts';
import { formatCapturedQuantization, formatQuantization, toJson } from '../reports/index.ts';
import {
  type LayerSearchOptions,
  type QuantizationMethod,
  type QuantizeOptions,
  quantizationMethods,
  quantizationReport,
  quantizationTensors,
  quantizeCaptured,
  quantizeModel,
} from '../studies/index.ts';
import { type CaptureFlags, captureAsked, capturedOptions, captureOptions } from './captured.ts';
import { EVENTS, OK } from './exit.ts';
import { type Io, look, print } from './io.ts';
import { openFamily } from './openModel.ts';
import { numberOption, refuse } from './options.ts';
import { progressLine } from './progress.ts';
import { type CalibrationFlags, calibrationOptions, readCalibration, readSequences } from './sequences.ts';
import { useThreads } from './threads.ts';

/** The options as commander gives them. */
interface Flags extends CalibrationFlags, CaptureFlags {
  readonly weights: string;
  readonly activations: string;
  readonly embedding?: string;
  readonly method: string;
  readonly preset?: string;
  readonly reading?: string;
  readonly rows: string;
  readonly intervals?: string;
  readonly rounds?: string;
  readonly text?: string;
  readonly tokens?: string;
  readonly sequences?: string;
  readonly output?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Sequences of calibration.txt that ranges come from, each of the context's length: those of docs/quantization.md. */
const CALIBRATION_SEQUENCES = 8;

const presets = Object.keys(searchPresets) as (keyof typeof searchPresets)[];

/** The files of `--output`, and what tells that this command wrote one. */
const CONFIG = 'config.json';
const TENSORS = 'quantized.safetensors';
const REPORT = 'report.json';
const marks = {
  [CONFIG]: { mark: '"_name_or_path": "bittrue quantize"' },
  [TENSORS]: { mark: '"schema":"quantization/' },
  [REPORT]: { mark: '"schema": "quantization-report/' },
};

/** Adds the command. */
export function addQuantize(program: Command, io: Io, exit: (status: number) => void): void {
  const command = program
    .command('quantize')
    .summary("a model's linear layers in low-precision formats: perplexity, layer errors, codes")
    .description(
      'Fits quantizers to every linear layer of a model (LLM-FP4 and MinMax), runs it quantized, and with --output writes ' +
        'a checkpoint that the other commands read: config.json, quantized.safetensors (codes, scales, integer biases, norms) and ' +
        'report.json. Operands are a number of bits (a search then chooses among all grids of that width), a grid such as ' +
        'e2m1, or int4, or none. Grids have bias 0: e2m1 goes up to 12, twice the e2m1fn of OCP. Exit status: 1 for a ' +
        'perplexity that is not finite.',
    )
    .argument(
      '[MODEL]',
      'model folder, .safetensors, .safetensors.index.json, .gguf, or captured layers (default: the embedded model)',
    )
    .option('--weights <FORMAT>', 'of weights, one scale an output', '4')
    .option('--activations <FORMAT>', 'of the inputs of linear layers, one scale a layer', '4')
    .option('--embedding <FORMAT>', 'of the embedding, one scale a row (default: as the weights)')
    .option('--method <NAME>', quantizationMethods.join(', '), 'fpq')
    .option(
      '--preset <NAME>',
      `of a search: ${presets.join(' or ')}, the procedure as printed or as published (default: ours)`,
    )
    .option(
      '--reading <NAME>',
      `of Eq. 15, with fpq: ${shiftReadings.join(' or ')} (default: the preset's, else rounded)`,
    )
    .option('--rows <n>', 'calibration rows on which errors are measured', '32')
    .option('--intervals <k>', 'of a search: candidates between 0.01 and 1.2 (default: 100)')
    .option('--rounds <n>', 'of a search (default: 3)')
    .option('--text <FILE>', 'evaluate on this text (default: validation.txt beside the weights)')
    .option('--tokens <FILE>', 'evaluate on the tokens of a JSON file')
    .option('--sequences <n>', 'evaluate on the first n sequences alone')
    .option(
      '--output <DIR>',
      'write config.json, quantized.safetensors and report.json, which names the SHA-256 of the tensors',
    )
    .option('--force', 'with --output: replace files that this command did not write')
    .option('--json', 'print data')
    .action((path: string | undefined, flags: Flags) => exit(quantize(path ?? embeddedModel(), flags, io)));
  calibrationOptions(command, "the model's context", CALIBRATION_SEQUENCES);
  captureOptions(command);
}

/** What captured layers have no use for: a model that is run, and files of one. */
const ofModels = [
  'embedding',
  'text',
  'tokens',
  'sequences',
  'output',
  'force',
  'calibrationText',
  'calibrationTokens',
  'calibrationSequences',
] as const;

/** Quantizes captured layers; the exit status. */
function quantizeLayers(capture: Checkpoint, flags: Flags, io: Io): number {
  refuse(flags, ofModels, 'this option with a model, which is run');
  const { embeddingBits: _, embeddingGrids: __, ...options } = optionsOf(flags);
  const progress = progressLine(io, '');
  try {
    const { onProgress } = progress;
    const report = quantizeCaptured(capture, { ...options, ...capturedOptions(flags), onProgress });
    progress.finish();
    print(io, flags.json ? toJson(report) : formatCapturedQuantization(report, look(io)));
    return Number.isFinite(report.meanRelativeError) ? OK : EVENTS;
  } finally {
    progress.finish();
  }
}

function quantize(path: string, flags: Flags, io: Io): number {
  const capture = captureAsked(path, flags, io);
  if (capture !== null) return quantizeLayers(capture, flags, io);
  const options = optionsOf(flags);
  const writing = { force: flags.force ?? false, argument: '--output' };
  if (flags.output !== undefined) checkFolder(flags.output, marks, writing);
  else if (flags.force) throw new BittrueError('unsupported', '--force', 'no --output', '--output DIR with it');
  const { config, model } = openFamily(path, io);
  const length = model.config.context;
  const calibration = readCalibration(path, model.config, flags, { length, count: CALIBRATION_SEQUENCES });
  const evaluation = readSequences(path, model.config, flags);
  const progress = progressLine(io, '');
  try {
    useThreads();
    progress.begin('calibration');
    const quantization = quantizeModel(model, calibration, { ...options, onProgress: progress.onProgress });
    progress.begin('perplexity');
    const report = quantizationReport(model, quantization, evaluation);
    progress.finish();
    try {
      if (flags.output !== undefined) {
        const { tensors, metadata } = quantizationTensors(model, quantization);
        const bytes = writeSafetensors(tensors, { metadata });
        const named = { file: TENSORS, sha256: createHash('sha256').update(bytes).digest('hex') };
        // The head has codes of its own.
        const { _name_or_path, ...fields } = config;
        const own = { _name_or_path: 'bittrue quantize', ...fields, tie_word_embeddings: false };
        const files = {
          [CONFIG]: { content: `${JSON.stringify(own, null, 2)}\n`, ...marks[CONFIG] },
          [TENSORS]: { content: bytes, ...marks[TENSORS] },
          [REPORT]: { content: `${toJson({ ...report, tensors: named })}\n`, ...marks[REPORT] },
        };
        writeFiles(flags.output, files, writing);
      }
    } finally {
      // The work is done, whatever became of the files.
      print(io, flags.json ? toJson(report) : formatQuantization(report, look(io)));
    }
    return Object.values(report.perplexity).every(Number.isFinite) ? OK : EVENTS;
  } finally {
    progress.finish();
  }
}

/** One operand, as the command line names it. */
interface Operand {
  readonly bits: number | null;
  /** A float's name; null for bits alone and for integers. */
  readonly grid: string | null;
}

function optionsOf(flags: Flags): QuantizeOptions {
  const method = checkName('--method', flags.method, quantizationMethods);
  const weights = operand('--weights', flags.weights, method);
  const activations = operand('--activations', flags.activations, method);
  const embedding = flags.embedding === undefined ? weights : operand('--embedding', flags.embedding, method);
  return {
    method,
    weightBits: weights.bits,
    activationBits: activations.bits,
    embeddingBits: embedding.bits,
    ...(embedding.grid === null ? {} : { embeddingGrids: [embedding.grid] }),
    calibrationRows: numberOption('--rows', flags.rows),
    search: {
      ...searchOf(method, flags),
      ...(weights.grid === null ? {} : { weightGrids: [weights.grid] }),
      ...(activations.grid === null ? {} : { activationGrids: [activations.grid] }),
    },
  };
}

/** What the options say of a search; with a method that has none they would do nothing. */
function searchOf(method: QuantizationMethod, { preset, reading, intervals, rounds }: Flags): LayerSearchOptions {
  const has = (flag: string, given: string | undefined, methods: readonly QuantizationMethod[]): boolean => {
    if (given === undefined) return false;
    if (methods.includes(method)) return true;
    throw new BittrueError('unsupported', flag, `${given} with ${method}`, `--method ${methods.join(' or ')}`);
  };
  const searches = ['fpqBaseline', 'fpq'] as const;
  return {
    ...(has('--preset', preset, searches) ? searchPresets[checkName('--preset', preset, presets)] : {}),
    ...(has('--reading', reading, ['fpq']) ? { preShift: checkName('--reading', reading, shiftReadings) } : {}),
    ...(has('--intervals', intervals, searches) ? { intervals: numberOption('--intervals', intervals as string) } : {}),
    ...(has('--rounds', rounds, searches) ? { rounds: numberOption('--rounds', rounds as string) } : {}),
  };
}

/** `e2m1`, `int4`, `4`, `none`. */
function operand(flag: string, text: string, method: QuantizationMethod): Operand {
  if (text === 'none') return { bits: null, grid: null };
  const float = /^e(\d)m(\d{1,2})$/.exec(text);
  const bits = /^(?:int)?(\d{1,2})$/.exec(text);
  const wanted = method === 'minMaxInteger' ? 'int4, a number of bits, or none' : 'e2m1, a number of bits, or none';
  if (float !== null && method !== 'minMaxInteger')
    return { bits: 1 + Number(float[1]) + Number(float[2]), grid: text };
  if (bits !== null && (method === 'minMaxInteger' || !text.startsWith('int')))
    return { bits: Number(bits[1]), grid: null };
  throw new BittrueError('name', flag, text, `${wanted} with ${method}`);
}
