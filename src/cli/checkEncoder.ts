/**
 * `bittrue check FOLDER` of an encoder: BERT, ViT, CLIP, Whisper's encoder. There is no next token to be right about: its graph is
 * checked node by node, as that of an ONNX file.
 *
 * @module
 */
import { type Encoder, encoderGraph } from '../models/index.ts';
import type { CheckLimits } from '../studies/index.ts';
import { type CheckOnnxOptions, checkGraphOf } from './checkOnnx.ts';
import { type Io, tell } from './io.ts';

/** Tokens that a text has where nobody says its length. */
const TOKENS = 64;

/** Checks an encoder's graph; the exit status. */
export function checkEncoder(
  encoder: Encoder,
  options: CheckOnnxOptions,
  limits: CheckLimits,
  io: Io,
): Promise<number> {
  const { config, family, leftOut } = encoder;
  if (leftOut.length > 0) {
    tell(io, `${family.title} alone: ${leftOut.length} tensors are left out, such as ${leftOut[0]}`);
  }
  const graph = encoderGraph(encoder);
  const given = new Set((options.input ?? []).map((text) => text.slice(0, Math.max(0, text.indexOf('=')))));
  const made = graph.inputs.map(({ name }) => name).filter((name) => !given.has(name));
  const isAll = (options.input ?? []).some((text) => /\.npz$/i.test(text));
  if (made.length > 0 && !isAll) {
    const seed = options.seed ?? '0';
    tell(io, `made up from seed ${seed}: ${made.join(', ')}; --input NAME=FILE.npy gives them`);
  }
  const lengths = { sequences: 1, images: 1, sounds: 1, tokens: Math.min(TOKENS, config.context) };
  return checkGraphOf(() => graph, options, limits, io, lengths);
}
