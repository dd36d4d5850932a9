/**
 * Captured activations as arguments of commands: the file, and what its tensors go into.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { BittrueError } from '../errors/index.ts';
import type { Checkpoint } from '../files/index.ts';
import { readJsonObject } from '../files/json.ts';
import { capturedKernels, isCapture } from '../models/captured.ts';
import type { CapturedInputsOptions, CapturedKernel, CapturedRule } from '../models/index.ts';
import { openFile, openModel, openTensors } from '../node/index.ts';
import { isFolder } from '../node/paths.ts';
import type { Io } from './io.ts';
import { formatOption, numberOption } from './options.ts';

/** What commands may be told of a capture. */
export interface CaptureFlags {
  readonly kernel?: readonly string[];
  readonly tensors?: readonly string[];
  readonly model?: string;
  readonly epsilon?: string;
  readonly format?: string;
}

/** Names of {@link CaptureFlags}. */
export const captureFlags = ['kernel', 'tensors', 'model', 'epsilon', 'format'] as const;

/** An option that may be given several times. */
export function listed(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

/** The options of a command that takes captured layers beside models. */
export function captureOptions(command: Command): Command {
  return command
    .option('--model <FILE>', 'of captured tensors: where their weights are, by name')
    .option('--kernel <KERNEL>', `of captured tensors: ${capturedKernels.join(', ')}; PATTERN=KERNEL for some`, listed)
    .option('--tensors <PATTERN>', 'of captured tensors: only those, * any text', listed)
    .option('--epsilon <e>', 'of captured tensors: added to the variance of norms')
    .option('--format <FORMAT>', 'of captured tensors: what bytes without a type are codes of');
}

/** Opens a file of captured activations. */
export function openCapture(file: string, { format }: CaptureFlags, io: Io): Checkpoint {
  return openTensors(file, format === undefined ? undefined : formatOption(io, format));
}

/** The capture that a path is: .npz, .npy, or a .safetensors file that says so, or whose kernels are named; null: another file. */
export function captureAsked(path: string | undefined, flags: CaptureFlags, io: Io): Checkpoint | null {
  if (path !== undefined && /\.np[yz]$/i.test(path)) return openCapture(path, flags, io);
  if (path !== undefined && /\.safetensors$/i.test(path)) {
    const opened = openCapture(path, flags, io);
    if (flags.kernel !== undefined || isCapture(opened)) return opened;
  }
  for (const name of captureFlags) {
    if (flags[name] !== undefined) {
      throw new BittrueError('unsupported', `--${name}`, String(flags[name]), 'this option with captured tensors');
    }
  }
  return null;
}

/** What the flags say of a capture. */
export function capturedOptions({ kernel, tensors, model, epsilon }: CaptureFlags): CapturedInputsOptions {
  return {
    kernel: (kernel ?? []).map(kernelFrom),
    ...(tensors === undefined ? {} : { tensors }),
    ...(model === undefined ? {} : weightsOf(model)),
    ...(epsilon === undefined ? {} : { epsilon: numberOption('--epsilon', epsilon) }),
  };
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

/** A model's tensors by the names of its checkpoint, and its config. */
function weightsOf(path: string): Pick<CapturedInputsOptions, 'model' | 'config'> {
  if (!/\.gguf$/i.test(path)) return { model: openTensors(path), config: configOf(path) };
  const { config, checkpoint } = openModel(path);
  return { model: checkpoint, config };
}

/** The config.json beside a model's weights, where there is one. */
function configOf(model: string): Readonly<Record<string, unknown>> | null {
  const path = join(isFolder(model) ? model : dirname(model), 'config.json');
  return existsSync(path) ? readJsonObject(openFile(path)) : null;
}
