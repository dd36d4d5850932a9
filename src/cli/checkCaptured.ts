/**
 * `bittrue check acts.safetensors`: which captured input overflows on a chip?
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BittrueError } from '../errors/index.ts';
import type { Checkpoint } from '../files/index.ts';
import { readJsonObject } from '../files/json.ts';
import { capturedKernels } from '../models/captured.ts';
import type { CapturedKernel, CapturedRule } from '../models/index.ts';
import { openFile, openTensors } from '../node/index.ts';
import { isFolder } from '../node/paths.ts';
import { type CheckLimits, checkCaptured, type GraphCheck } from '../studies/index.ts';
import { baselineAsked, kindsAsked } from './failOn.ts';
import { checkPage, type GraphOutput, tellGraphCheck } from './graphOutput.ts';
import type { Io } from './io.ts';
import { formatOption, numberOption, targetOrName } from './options.ts';
import { progressLine } from './progress.ts';

/** The options of `check` that captured activations take. */
export interface CheckCapturedOptions extends GraphOutput {
  readonly target?: readonly string[];
  readonly kernel?: readonly string[];
  readonly tensors?: readonly string[];
  readonly model?: string;
  readonly epsilon?: string;
  readonly format?: string;
  readonly failOn?: string;
  readonly baseline?: string;
}

/** Opens a file of captured activations. */
export function openCapture(file: string, { format }: CheckCapturedOptions, io: Io): Checkpoint {
  return openTensors(file, format === undefined ? undefined : formatOption(io, format));
}

/** Checks a file of captured activations; the exit status. */
export async function checkCapturedFile(
  capture: Checkpoint,
  options: CheckCapturedOptions,
  limits: CheckLimits,
  io: Io,
): Promise<number> {
  const kinds = kindsAsked(options.failOn);
  const baseline = baselineAsked(options.baseline);
  checkPage(options);
  const { model, epsilon, tensors, kernel } = options;
  const progress = progressLine(io, '');
  let check: GraphCheck;
  try {
    check = await checkCaptured(capture, {
      targets: (options.target ?? ['fp16']).map(targetOrName),
      kernel: (kernel ?? []).map(kernelFrom),
      ...(tensors === undefined ? {} : { tensors }),
      ...(model === undefined ? {} : { model: openTensors(model), config: configOf(model) }),
      ...(epsilon === undefined ? {} : { epsilon: numberOption('--epsilon', epsilon) }),
      magnitudes: options.magnitudes ?? false,
      onProgress: progress.onProgress,
    });
  } finally {
    progress.finish();
  }
  return tellGraphCheck(check, options, { limits, kinds, baseline }, io);
}

/** `KERNEL` for all tensors, `PATTERN=KERNEL` for some. */
function kernelFrom(text: string): CapturedRule {
  const at = text.lastIndexOf('=');
  const kernel = text.slice(at + 1) as CapturedKernel;
  if (!capturedKernels.includes(kernel)) {
    throw new BittrueError(
      'name',
      '--kernel',
      kernel,
      `one of ${capturedKernels.join(', ')}, PATTERN= before it for some`,
    );
  }
  return { pattern: at < 0 ? '*' : text.slice(0, at), kernel };
}

/** The config.json beside a model's weights, where there is one. */
function configOf(model: string): Readonly<Record<string, unknown>> | null {
  const path = join(isFolder(model) ? model : dirname(model), 'config.json');
  return existsSync(path) ? readJsonObject(openFile(path)) : null;
}
