/**
 * `bittrue check acts.safetensors`: which captured input overflows on a chip?
 *
 * @module
 */
import type { Checkpoint } from '../files/index.ts';
import { type CheckLimits, checkCaptured, type GraphCheck } from '../studies/index.ts';
import { type CaptureFlags, capturedOptions } from './captured.ts';
import { baselineAsked, kindsAsked } from './failOn.ts';
import { checkPage, type GraphOutput, tellGraphCheck } from './graphOutput.ts';
import type { Io } from './io.ts';
import { targetOrName } from './options.ts';
import { progressLine } from './progress.ts';

/** The options of `check` that captured activations take. */
export interface CheckCapturedOptions extends GraphOutput, CaptureFlags {
  readonly target?: readonly string[];
  readonly failOn?: string;
  readonly baseline?: string;
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
  const progress = progressLine(io, '');
  let check: GraphCheck;
  try {
    check = await checkCaptured(capture, {
      targets: (options.target ?? ['fp16']).map(targetOrName),
      ...capturedOptions(options),
      magnitudes: options.magnitudes ?? false,
      onProgress: progress.onProgress,
    });
  } finally {
    progress.finish();
  }
  return tellGraphCheck(check, options, { limits, kinds, baseline }, io);
}
