/**
 * `bittrue quantize`: a model's linear layers in low-precision formats, and what that costs.
 *
 * @module
 */
import type { Command } from 'commander';
import { BittrueError } from '../errors/index.ts';
import { writeSafetensors } from '../files/index.ts';
import { loadLlama } from '../models/index.ts';
import { checkFolder, embeddedModel, openModel, writeFiles } from '../node/index.ts';
import { formatQuantization, toJson } from '../reports/index.ts';
import {
  type QuantizationMethod,
  type QuantizeOptions,
  quantizationMethods,
  quantizationReport,
  quantizationTensors,
  quantizeModel,
} from '../studies/index.ts';
import { EVENTS, OK } from './exit.ts';
import { type Io, print } from './io.ts';
import { numberOption } from './options.ts';
import { progressLine } from './progress.ts';
import { readSequences } from './sequences.ts';

/** The options as commander gives them. */
interface Flags {
  readonly weights: string;
  readonly activations: string;
  readonly embedding?: string;
  readonly method: string;
  readonly rows: string;
  readonly intervals: string;
  readonly rounds: string;
  readonly calibrationText?: string;
  readonly calibrationTokens?: string;
  readonly text?: string;
  readonly tokens?: string;
  readonly output?: string;
  readonly json?: boolean;
}

/** Adds the command. */
export function addQuantize(program: Command, io: Io, exit: (status: number) => void): void {
  program
    .command('quantize')
    .summary("a model's linear layers in low-precision formats: perplexity, layer errors, codes")
    .description(
      'Fits quantizers to every linear layer of a model (LLM-FP4 and MinMax), runs it quantized, and with --output writes ' +
        'report.json and quantized.safetensors: codes, scales and integer biases. Operands are a grid such as e2m1 or int4, ' +
        'a number of bits (a search then chooses among all grids of that width), or none. Exit status: 1 for a perplexity that is ' +
        'not finite.',
    )
    .argument('[MODEL]', 'model folder, .safetensors or .safetensors.index.json (default: the embedded model)')
    .option('--weights <FORMAT>', 'of weights, one scale an output', 'e2m1')
    .option('--activations <FORMAT>', 'of the inputs of linear layers, one scale a layer', 'e2m1')
    .option('--embedding <FORMAT>', 'of the embedding, one scale a row (default: as the weights)')
    .option('--method <NAME>', quantizationMethods.join(', '), 'fpq')
    .option('--rows <n>', 'calibration rows on which errors are measured', '32')
    .option('--intervals <k>', 'of a search: candidates between 0.01 and 1.2', '100')
    .option('--rounds <n>', 'of a search', '3')
    .option('--calibration-text <FILE>', 'calibrate on this text (default: calibration.txt beside the weights)')
    .option('--calibration-tokens <FILE>', 'calibrate on the tokens of a JSON file: { "sequences": [[1, 2, …], …] }')
    .option('--text <FILE>', 'evaluate on this text (default: validation.txt beside the weights)')
    .option('--tokens <FILE>', 'evaluate on the tokens of a JSON file')
    .option('--output <DIR>', 'write report.json and quantized.safetensors')
    .option('--json', 'print data')
    .action((path: string | undefined, flags: Flags) => exit(quantize(path ?? embeddedModel(), flags, io)));
}

function quantize(path: string, flags: Flags, io: Io): number {
  const options = optionsOf(flags);
  if (flags.output !== undefined) checkFolder(flags.output);
  const { config, checkpoint } = openModel(path);
  const model = loadLlama(config, checkpoint);
  const { context } = model.config;
  const calibration = readSequences(
    path,
    model.config,
    {
      ...(flags.calibrationText === undefined ? {} : { text: flags.calibrationText }),
      ...(flags.calibrationTokens === undefined ? {} : { tokens: flags.calibrationTokens }),
    },
    { file: 'calibration.txt', length: context, flag: '--calibration-' },
  );
  const evaluation = readSequences(path, model.config, flags);
  const progress = progressLine(io, '');
  try {
    const quantization = quantizeModel(model, calibration, { ...options, onProgress: progress.onProgress });
    const report = quantizationReport(model, quantization, evaluation);
    progress.finish();
    if (flags.output !== undefined) {
      const { tensors, metadata } = quantizationTensors(model, quantization);
      writeFiles(flags.output, {
        'report.json': `${toJson(report)}\n`,
        'quantized.safetensors': writeSafetensors(tensors, { metadata }),
      });
    }
    print(io, flags.json ? toJson(report) : formatQuantization(report));
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
  if (!(quantizationMethods as readonly string[]).includes(flags.method)) {
    throw new BittrueError('name', '--method', flags.method, quantizationMethods.join(', '));
  }
  const method = flags.method as QuantizationMethod;
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
      intervals: numberOption('--intervals', flags.intervals),
      rounds: numberOption('--rounds', flags.rounds),
      ...(weights.grid === null ? {} : { weightGrids: [weights.grid] }),
      ...(activations.grid === null ? {} : { activationGrids: [activations.grid] }),
    },
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
