/**
 * The expected length of what a norm reads, squared: of each summand by the variant's formula, taken as uncorrelated.
 *
 * @module
 */
import { defaultEngine } from '../../engine/engine.ts';
import { frobeniusNorm, type SlancOptions, slancFactor, spectralNorm } from '../../slanc/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import type { Term, Weight } from './stream.ts';
import type { Reads, Weights } from './weights.ts';

/** What the square of a norm's input depends on, beside its terms. */
export type Own = Pick<SlancOptions, 'gqa' | 'skip'> & {
  readonly variant: NonNullable<SlancOptions['variant']>;
  readonly width: number;
  /** Whether the norm reads one block's output and nothing else. */
  readonly isAlone: boolean;
};

/** α² of the terms, taken as uncorrelated; a norm that feeds a block whose output is added to it counts within the block. */
export function* squareOf(
  terms: readonly Term[],
  own: Own,
  weights: Weights,
  known: Map<string, number>,
): Reads<number> {
  const fed = new Set(terms.map(({ made }) => ('fedBy' in made && made.kind !== 'norm' ? made.fedBy : null)));
  const isFirst = terms.every(({ made }) => made.kind === 'embedding');
  if (isFirst && own.variant !== 'residual') return 1;
  let square = 0;
  for (const term of terms) {
    const { made, factor } = term;
    const isSkip = made.kind === 'norm' && fed.has(made.fedBy);
    if (isSkip && own.variant !== 'residual' && terms.some((one) => takesSkip(one, made.fedBy))) continue;
    const hasSkip = 'fedBy' in made && terms.some((one) => one.made.kind === 'norm' && one.made.fedBy === made.fedBy);
    // All that was added before is added again by the next norm's `residual`.
    const found = known.get(term.node) ?? (yield* termSquare(term, { ...own, hasSkip }, weights));
    if (own.variant === 'residual' && made.kind !== 'linear') known.set(term.node, found);
    square += factor * factor * found;
  }
  return square;
}

function takesSkip({ made }: Term, norm: string): boolean {
  return ['attention', 'mlp', 'gatedMlp'].includes(made.kind) && 'fedBy' in made && made.fedBy === norm;
}

/** The expected length of a term, squared. */
function* termSquare(
  { made }: Term,
  { variant, gqa, skip, width, hasSkip, isAlone }: Own & { readonly hasSkip: boolean },
  weights: Weights,
): Reads<number> {
  if (made.kind === 'embedding') {
    const { data, shape } = yield* weights.read({ constant: made.table, isInOut: false, rows: null });
    let sum = 0;
    for (const x of data) sum += x * x;
    return sum / shape[0];
  }
  if (made.kind === 'unknown') return Number.NaN;
  const gamma = (yield* weights.gamma(made.fedBy)) as Tensor;
  const length = frobeniusNorm({ data: gamma.data, shape: [1, gamma.data.length] });
  if (made.kind === 'norm') return length ** 2;
  const engine = defaultEngine();
  if (made.kind === 'linear') {
    const matrix = yield* weights.read(made.weight);
    // A norm over each head reads as many rows as it is wide.
    return (frobeniusNorm(matrix, { gamma }) * Math.sqrt(width / matrix.shape[0])) ** 2;
  }
  const formula = variant === 'residual' ? 'frobenius' : variant;
  const asked = variant === 'residual' ? false : skip;
  const options = { variant: formula, engine, ...(gqa === undefined ? {} : { gqa }) };
  if (made.kind === 'attention') {
    const block = {
      position: 'attention',
      gamma,
      value: yield* weights.read(made.value),
      output: yield* weights.read(made.output),
      ...(made.heads ?? {}),
    } as const;
    // As published: each token attends to itself, wherever the block's output is added to something.
    const has = asked ?? !isAlone;
    return slancFactor(block, variant === 'dmx' ? options : { ...options, skip: has }).alpha ** 2;
  }
  const has = asked ?? (hasSkip && variant !== 'dmx');
  if (made.kind === 'mlp') {
    const how = variant === 'dmx' ? options : { ...options, skip: has };
    return (yield* mlpNorm(made, gamma, how, weights)) ** 2;
  }
  const product = yield* mlpNorm(made, gamma, { engine, skip: false }, weights);
  const branch = product * (yield* gateNorm(made.gate, gamma, formula, weights));
  return (has ? Math.hypot(branch, length) : branch) ** 2;
}

/** The factor of an MLP without its gate; apart, so that its matrices are given back before others are read. */
function* mlpNorm(
  made: { readonly up: Weight; readonly down: Weight },
  gamma: Tensor,
  options: SlancOptions,
  weights: Weights,
): Reads<number> {
  const [up, down] = [yield* weights.read(made.up), yield* weights.read(made.down)];
  return slancFactor({ position: 'mlp', gamma, up, down }, options).alpha;
}

/** ‖W_gate Γ‖ */
function* gateNorm(gate: Weight, gamma: Tensor, formula: string, weights: Weights): Reads<number> {
  const matrix = yield* weights.read(gate);
  if (formula === 'frobeniusGate') return frobeniusNorm(matrix, { gamma });
  return spectralNorm(matrix, { gamma, engine: defaultEngine() }).value;
}
