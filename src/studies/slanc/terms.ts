/**
 * The expected length of what a norm reads, squared: of each summand by the variant's formula, taken as uncorrelated.
 *
 * @module
 */
import { defaultEngine } from '../../engine/engine.ts';
import { frobeniusNorm, type SlancOptions, slancFactor, spectralNorm } from '../../slanc/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import { type Feed, normOf, type Term, type Weight } from './stream.ts';
import type { Reads, Weights } from './weights.ts';

/** What the square of a norm's input depends on, beside its terms. */
export type Own = Pick<SlancOptions, 'gqa' | 'skip'> & {
  readonly variant: NonNullable<SlancOptions['variant']>;
  readonly width: number;
  /** Whether the norm reads one block's output and nothing else. */
  readonly isAlone: boolean;
};

/** Squares that are known, by their nodes: of terms that every later norm reads again, and of what streams feed to blocks. */
export interface Known {
  readonly terms: Map<string, number>;
  readonly streams: Map<string, number>;
}

/**
 * α² of the terms, taken as uncorrelated; a norm that feeds a block whose output is added to it counts within the block. Of experts
 * of one router the longest counts: their shares add up to at most 1.
 */
export function* squareOf(terms: readonly Term[], own: Own, weights: Weights, known: Known): Reads<number> {
  const fed = new Set(terms.map(({ made }) => (made.kind === 'norm' ? null : normOf(made))));
  const isFirst = terms.every(({ made }) => made.kind === 'embedding');
  if (isFirst && own.variant !== 'residual') return 1;
  let square = 0;
  const longest = new Map<string, number>();
  for (const term of terms) {
    const { made, factor, router } = term;
    const norm = normOf(made);
    const isSkip = made.kind === 'norm' && fed.has(norm);
    if (isSkip && own.variant !== 'residual' && terms.some((one) => takesSkip(one, made.norm))) continue;
    const hasSkip = norm !== null && terms.some((one) => one.made.kind === 'norm' && one.made.norm === norm);
    // All that was added before is added again by the next norm's `residual`.
    const found = known.terms.get(term.node) ?? (yield* termSquare(term, { ...own, hasSkip }, weights, known));
    if (own.variant === 'residual' && made.kind !== 'linear') known.terms.set(term.node, found);
    const weighted = factor * factor * found;
    if (router === null) square += weighted;
    else longest.set(router, Math.max(longest.get(router) ?? 0, weighted));
  }
  for (const weighted of longest.values()) square += weighted;
  return square;
}

function takesSkip({ made }: Term, norm: string): boolean {
  return ['attention', 'mlp', 'gatedMlp'].includes(made.kind) && normOf(made) === norm;
}

/** How a block sees what feeds it: a normalised row times γ, or a row of a stream, which is as long as `gain` normalised ones. */
interface Fed {
  readonly gamma: Tensor | null;
  readonly gain: number;
}

function* fedBy(feed: Feed, width: number, own: Own, weights: Weights, { streams }: Known): Reads<Fed> {
  if ('norm' in feed) return { gamma: yield* weights.gamma(feed.norm), gain: 1 };
  const whole = { ...own, variant: 'residual', isAlone: false } as const;
  const square = yield* squareOf(feed.stream, whole, weights, { terms: streams, streams });
  return { gamma: { data: new Float64Array(width).fill(1), shape: [width] }, gain: Math.sqrt(square / width) };
}

/** The expected length of a term, squared. */
function* termSquare(
  { made }: Term,
  own: Own & { readonly hasSkip: boolean },
  weights: Weights,
  known: Known,
): Reads<number> {
  const { variant, gqa, skip, width, hasSkip, isAlone } = own;
  if (made.kind === 'embedding') {
    const { data, shape } = yield* weights.read({ constant: made.table, isInOut: false, rows: null });
    let sum = 0;
    for (const x of data) sum += x * x;
    return sum / shape[0];
  }
  if (made.kind === 'unknown') return Number.NaN;
  if (made.kind === 'norm') return frobeniusNorm(rowOf((yield* weights.gamma(made.norm)) as Tensor)) ** 2;
  const first = made.kind === 'linear' ? made.weight : made.kind === 'attention' ? made.value : made.up;
  const fed = yield* fedBy(made.fedBy, weights.inputs(first), own, weights, known);
  const gamma = fed.gamma as Tensor;
  const engine = defaultEngine();
  if (made.kind === 'linear') {
    const matrix = yield* weights.read(made.weight);
    // A norm over each head reads as many rows as it is wide.
    return (fed.gain * frobeniusNorm(matrix, { gamma }) * Math.sqrt(width / matrix.shape[0])) ** 2;
  }
  // Where a stream feeds the block, what it carries beside the block's output is a term of its own, and no formula was published.
  const isPublished = variant !== 'residual' && 'norm' in made.fedBy;
  const formula = isPublished ? variant : 'frobenius';
  const asked = isPublished ? skip : false;
  const options = { variant: formula, engine, ...(gqa === undefined || !isPublished ? {} : { gqa }) };
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
    return (fed.gain * slancFactor(block, formula === 'dmx' ? options : { ...options, skip: has }).alpha) ** 2;
  }
  const has = asked ?? (hasSkip && formula !== 'dmx');
  if (made.kind === 'mlp') {
    const how = formula === 'dmx' ? options : { ...options, skip: has };
    return (fed.gain * (yield* mlpNorm(made, gamma, how, weights))) ** 2;
  }
  const product = fed.gain * (yield* mlpNorm(made, gamma, { engine, skip: false }, weights));
  const branch = product * fed.gain * (yield* gateNorm(made.gate, gamma, formula, weights));
  return (has ? Math.hypot(branch, frobeniusNorm(rowOf(gamma))) : branch) ** 2;
}

function rowOf({ data }: Tensor): Tensor {
  return { data, shape: [1, data.length] };
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
