/**
 * `bittrue check`: does a norm overflow on this target, and does SLaNC cure it?
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { BittrueError } from '../errors/index.ts';
import type { Checkpoint } from '../files/index.ts';
import { capturedKernels, isCapture } from '../models/captured.ts';
import { graphKernels } from '../studies/check/graphKernels.ts';
import type { CheckLimits } from '../studies/check/judge.ts';
import { findTarget } from '../targets/index.ts';
import { listed, openCapture } from './captured.ts';
import { checkCapturedFile } from './checkCaptured.ts';
import { checkEncoder } from './checkEncoder.ts';
import { type CheckFamilyOptions, checkFamily } from './checkFamily.ts';
import { type CheckNpyOptions, checkNpy } from './checkNpy.ts';
import { checkOnnx } from './checkOnnx.ts';
import type { Io } from './io.ts';
import { encoderIn } from './openModel.ts';
import { flagOf, numberOption, refuse, targetOption, variantNames } from './options.ts';
import { vectorUnitNamed } from './units.ts';

/** The options as commander gives them. */
interface CheckOptions extends CheckFamilyOptions, CheckNpyOptions {
  readonly kernels?: string;
  readonly input?: readonly string[];
  readonly length?: readonly string[];
  readonly seed?: string;
  readonly unused?: string;
  readonly bisect?: string;
  readonly companion?: string;
  readonly csv?: boolean;
  readonly html?: string;
  readonly force?: boolean;
  readonly tensors?: readonly string[];
  readonly model?: string;
  readonly minSqnr?: string;
  readonly maxLost?: string;
  readonly maxUlp?: string;
  readonly maxAbsorbed?: string;
  readonly minHeadroom?: string;
}

/** Adds the command. */
export function addCheck(program: Command, io: Io, exit: (status: number | Promise<number>) => void): void {
  program
    .command('check')
    .summary('does a norm overflow on this target, and does SLaNC cure it?')
    .description(
      'Runs the norms of a model (or one norm over the rows of a tensor) on a target and reports every overflow. SLaNC ' +
        'divides the input of a norm by a constant that follows from the weights before it: squares stay in range.\n' +
        'Without FILE: a demonstration on the embedded model, with SLaNC frobenius, at residual scales 1 and 8.\n' +
        'Exit status: 0 no failure (and for the demonstration without limits), 1 failures found, a limit missed or no ' +
        'verdict, 2 wrong usage or input.',
    )
    .argument(
      '[FILE]',
      'model folder, .safetensors, .safetensors.index.json, .gguf, .onnx, or tensors: .npy, .npz, captured .safetensors',
    )
    .option(
      '--target <NAME>',
      'NAME[:UNIT] of `bittrue targets`, or a .json file; of .onnx and tensors several (default fp16)',
      listed,
    )
    .option('--slanc <VARIANT>', `compare with SLaNC: ${variantNames.join(', ')}`)
    .option('--cures', 'compare all cures of a norm that overflows: SLaNC, dynamic scaling, clipping, FP32, [x, −x]')
    .option('--power-of-two', 'round the scales down to powers of two')
    .option('--residual-scale <c>', 'multiply the residual stream by c: the same function, larger activations')
    .option(
      '--text <FILE>',
      'run on this text: by bytes or tokenizer.json beside the weights (default: validation.txt there)',
    )
    .option('--tokens <FILE>', 'run it on the tokens of a JSON file: { "sequences": [[1, 2, …], …] }')
    .option('--layers <N>', 'run the first N layers alone')
    .option('--sequences <N>', 'run on the first N sequences alone')
    .option(
      '--kernel <KERNEL>',
      `for tensors: what they go into, ${capturedKernels.join(', ')}; PATTERN=KERNEL for some (.npy: default layerNorm)`,
      listed,
    )
    .option('--tensors <PATTERN>', 'for tensors: only those, * any text', listed)
    .option('--model <FILE>', 'for tensors: where γ, β, ε and weights are, by their names')
    .option('--format <FORMAT>', 'for .npy and .npz: what bytes without a type, as ml_dtypes saves them, are codes of')
    .option('--scale <s>', 'for .npy: compare with the input times s')
    .option('--epsilon <e>', 'for tensors: added to the variance (default 1e-5)')
    .option('--allow-non-finite', 'NaN and infinities in the input leave a verdict; without this: none, exit 1')
    .option('--min-sqnr <dB>', 'exit 1 where the outputs of a norm or node have less signal to noise')
    .option('--max-lost <share>', 'exit 1 where underflow takes more of the squares of a norm: 0 to 1')
    .option('--max-absorbed <share>', 'exit 1 where more of the additions of a stage lose an addend: 0 to 1')
    .option('--max-ulp <n>', 'for .npy, .onnx: exit 1 where an output is farther off, in ulps of the stored format')
    .option('--min-headroom <bits>', 'exit 1 where a stage has less room')
    .option('--fail-on <KINDS>', 'exit 1 for these kinds of events alone, such as overflow,invalid')
    .option('--baseline <FILE>', 'exit 1 only for events that an earlier check has not, as its --json wrote it')
    .option('--kernels <LIST>', `for .onnx: ${graphKernels.join(', ')}, with commas (default norms)`)
    .option(
      '--input <NAME=FILE>',
      'for .onnx: an input as .npy, or inputs by their names as FILE.npz; others are made up',
      listed,
    )
    .option('--length <NAME=N>', 'for .onnx: the length of an axis that has a name', listed)
    .option('--seed <N>', 'for .onnx: of inputs that are made up (default 0)')
    .option('--unused <WHAT>', 'for .onnx: weights that no node reads: error (default), or keep and tell them')
    .option('--bisect <ERROR>', 'for .onnx: the smallest set of nodes that must stay in binary32 for this error')
    .option(
      '--companion <PACKAGE>',
      'for .onnx: onnxruntime-web or -node, installed here, for operators that are not evaluated',
    )
    .option('--magnitudes', 'for .onnx and tensors: count the results of every stage by their exponents')
    .option('--csv', 'for .onnx and tensors: print comma-separated values')
    .option('--html <FILE>', 'for .onnx and tensors: write a page')
    .option('--force', 'with --html: replace a file that this command did not write')
    .option('--json', 'print data')
    .allowExcessArguments()
    .action((file: string | undefined, options: CheckOptions, command: Command) => {
      if (file !== undefined) checkPlaces(file, command.args[1]);
      exit(check(file, options, io));
    });
}

/**
 * A file of captured activations: .npz; .safetensors that says so, or whose kernels are named; .npy where a table is asked for.
 * Null: another file.
 */
function captureIn(file: string | undefined, options: CheckOptions, io: Io): Checkpoint | null {
  if (file === undefined) return null;
  const { kernel = [], target = [], csv, html } = options;
  const wantsTable = [...ofCaptures].some((name) => options[name] !== undefined) || target.length > 1;
  const others = capturedKernels.filter((one) => !one.endsWith('Norm'));
  const isNorm = kernel.length < 2 && !kernel.some((one) => one.includes('=') || others.some((other) => other === one));
  if (/\.npy$/i.test(file)) {
    if (!wantsTable && isNorm && csv === undefined && html === undefined) return null;
    return openCapture(file, options, io);
  }
  if (/\.npz$/i.test(file)) return openCapture(file, options, io);
  if (!/\.safetensors(\.index\.json)?$/i.test(file)) return null;
  if (kernel.length > 0) return openCapture(file, options, io);
  const opened = openCapture(file, options, io);
  if (isCapture(opened)) return opened;
  if (existsSync(join(dirname(file), 'config.json'))) return null;
  const wanted = 'config.json beside the weights of a model, or --kernel for captured activations';
  throw new BittrueError('file', 'FILE', `${file} alone`, wanted);
}

/** The options of `.npy` files, of models with weights, and of graphs. */
const ofTensors = ['kernel', 'scale', 'epsilon', 'format'] as const;
const ofCaptures = ['tensors', 'model'] as const;
const ofModels = ['slanc', 'cures', 'powerOfTwo', 'residualScale', 'text', 'tokens', 'layers', 'sequences'] as const;
/** Those of them that encoders take, too. */
const ofTokens: ReadonlySet<string> = new Set(['text', 'tokens', 'sequences']);
const ofLimits = ['minSqnr', 'maxLost', 'maxUlp', 'maxAbsorbed', 'minHeadroom'] as const;
const ofGraphs = ['kernels', 'input', 'length', 'seed', 'unused', 'bisect', 'companion'] as const;
const ofTables = ['csv', 'html', 'force'] as const;

function check(file: string | undefined, options: CheckOptions, io: Io): number | Promise<number> {
  if (file?.endsWith('.onnx')) {
    refuse(
      options,
      [...ofTensors, ...ofCaptures, ...ofModels, 'allowNonFinite'],
      'this option with another file than .onnx',
    );
    return checkOnnx(file, options, limitsAsked(options), io);
  }
  const encoder = options.kernel === undefined && options.tensors === undefined ? encoderIn(file) : null;
  if (encoder !== null) {
    const without = [
      ...ofTensors,
      ...ofCaptures,
      ...ofModels.filter((name) => !ofTokens.has(name)),
      'allowNonFinite',
      'unused',
      'companion',
      'bisect',
    ] as const;
    refuse(options, without, `this option with another file: a ${encoder.family.title} says no next token`);
    return checkEncoder(file as string, encoder, options, limitsAsked(options), io);
  }
  refuse(options, ofGraphs, 'this option with an .onnx file, or with an encoder');
  const capture = captureIn(file, options, io);
  if (capture !== null) {
    const without = [...ofModels, 'scale', 'allowNonFinite'] as const;
    refuse(options, without, 'this option with a model, or with one .npy file and one target');
    const kernel = options.kernel ?? (/\.npy$/i.test(capture.name) ? ['layerNorm'] : []);
    return checkCapturedFile(capture, { ...options, kernel }, limitsAsked(options), io);
  }
  refuse(options, [...ofCaptures, ...ofTables], 'this option with captured tensors (.npy, .npz, .safetensors)');
  const [text = 'fp16', ...more] = options.target ?? [];
  if (more.length > 0)
    throw new BittrueError(
      'unsupported',
      '--target',
      more[0],
      'one target; several with an .onnx file, or with captured tensors',
    );
  const target = targetOption(text);
  const unit = vectorUnitNamed('--target', text, target, 'norms');
  if (file?.endsWith('.npy')) {
    refuse(options, ofModels, 'this option with a model, which has weights');
    return checkNpy(file, { target, unit }, options, limitsAsked(options), io);
  }
  refuse(options, [...ofTensors, 'maxUlp', 'magnitudes'], 'this option with a .npy file');
  if (options.powerOfTwo && options.slanc === undefined && file !== undefined) {
    throw new BittrueError('unsupported', '--power-of-two', 'no --slanc', '--slanc VARIANT with it');
  }
  if (options.cures === true) refuse(options, ofLimits, 'this option without --cures');
  return checkFamily(file, { target, unit, named: text }, options, limitsAsked(options), io);
}

/** The limits that were asked for. */
function limitsAsked(options: CheckOptions): CheckLimits {
  const limits: Record<string, number> = {};
  for (const name of ofLimits) {
    const [text, flag] = [options[name], flagOf(name)];
    if (text === undefined) continue;
    const wanted = numberOption(flag, text);
    const isShare = name === 'maxLost' || name === 'maxAbsorbed';
    if (isShare && !(wanted >= 0 && wanted <= 1)) throw new BittrueError('range', flag, wanted, 'a share from 0 to 1');
    limits[name] = wanted;
  }
  return limits;
}

/** A target in the place of a file: arguments that are swapped, or an option left out. */
function checkPlaces(file: string, more: string | undefined): void {
  for (const [one, other] of [
    [file, more],
    [more, file],
  ]) {
    if (one === undefined || !findsTarget(one)) continue;
    const wanted = `a file, and the target as an option: bittrue check ${other ?? 'FILE'} --target ${one}`;
    throw new BittrueError('name', 'FILE', one, wanted);
  }
  if (more !== undefined) throw new BittrueError('name', 'FILE', `${file} ${more}`, 'one file');
}

/** Whether a text is a target's, and no file's. */
function findsTarget(text: string): boolean {
  try {
    return !existsSync(text) && findTarget(text) !== undefined;
  } catch {
    return false;
  }
}
