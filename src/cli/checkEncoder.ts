/**
 * `bittrue check FOLDER` of an encoder: BERT, ViT, CLIP, Whisper's encoder. There is no next token to be right about: its graph is
 * checked node by node, as that of an ONNX file.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { TypedTensor } from '../graphs/index.ts';
import { type Encoder, encoderGraph } from '../models/index.ts';
import type { CheckLimits } from '../studies/index.ts';
import { type CheckOnnxOptions, checkGraphOf } from './checkOnnx.ts';
import { type Io, tell } from './io.ts';
import { readSequences, type SequenceOptions } from './sequences.ts';

/** Tokens that a text has where nobody says its length. */
const TOKENS = 64;

/** Checks an encoder's graph; the exit status. */
export function checkEncoder(
  path: string,
  encoder: Encoder,
  options: CheckOnnxOptions & SequenceOptions,
  limits: CheckLimits,
  io: Io,
): Promise<number> {
  const { config, family, leftOut } = encoder;
  if (leftOut.length > 0) {
    tell(io, `${family.title} alone: ${leftOut.length} tensors are left out, such as ${leftOut[0]}`);
  }
  const graph = encoderGraph(encoder);
  const feeds = tokensAsked(path, encoder, options);
  const given = new Set(Object.keys(feeds));
  for (const text of options.input ?? []) given.add(text.slice(0, Math.max(0, text.indexOf('='))));
  const made = graph.inputs.map(({ name }) => name).filter((name) => !given.has(name));
  const isAll = (options.input ?? []).some((text) => /\.npz$/i.test(text));
  if (made.length > 0 && !isAll) {
    const seed = options.seed ?? '0';
    tell(io, `made up from seed ${seed}: ${made.join(', ')}; --input NAME=FILE.npy gives them`);
  }
  const lengths = { sequences: 1, images: 1, sounds: 1, tokens: Math.min(TOKENS, config.context) };
  return checkGraphOf(() => graph, options, limits, io, { lengths, feeds });
}

/** The tokens of a text or of a file, as many a sequence, where the user gives either. */
function tokensAsked(
  path: string,
  { config, plan, family }: Encoder,
  options: SequenceOptions,
): Readonly<Record<string, TypedTensor>> {
  if (options.text === undefined && options.tokens === undefined) return {};
  if (!plan.towers.some(({ input }) => input.kind === 'tokens')) {
    const flag = options.text === undefined ? '--tokens' : '--text';
    throw new BittrueError(
      'unsupported',
      flag,
      options.text ?? options.tokens,
      `no tokens: a ${family.title} reads none`,
    );
  }
  const { context } = config;
  const defaults = { file: 'validation.txt', length: context, flag: '--', shortest: 1, longest: context };
  const sequences = readSequences(path, config, options, defaults);
  const length = sequences[0]?.length ?? 0;
  const other = sequences.findIndex((tokens) => tokens.length !== length);
  if (other > 0 || length === 0) {
    const received = length === 0 ? 'no sequence' : `${sequences[other].length} tokens in sequence ${other}`;
    throw new BittrueError(
      'shape',
      '--tokens',
      received,
      `${length || 'as many'} tokens in each: they run as one batch`,
    );
  }
  const data = BigInt64Array.from(sequences.flatMap((tokens) => Array.from(tokens, BigInt)));
  return { input_ids: { type: 'int64', shape: [sequences.length, length], data } };
}
