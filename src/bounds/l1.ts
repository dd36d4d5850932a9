/**
 * The published bounds on an integer register's width: by the data types, and by the ℓ1 norm of the weights.
 *
 * A2Q (arXiv 2301.13376, §3): with β = log2 ‖w‖₁ + N − 𝟙signed(x), P ≥ log2(2^β + 1) + 1; by data types alone the same
 * with ‖w‖₁ ≤ K · 2^(M−1). A2Q+ (arXiv 2401.10432, §3): the positive and the negative weights of a zero-centred channel
 * add up to the same, so unsigned inputs reach half of it: ‖w‖₁ ≤ (2^P − 2) / (2^N − 1).
 *
 * They hold for every partial sum in every order, since every input may be zero. `bounds` is exact where they are not:
 * it knows the inputs' own ranges, and the order.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkFinite, checkInteger, checkObject } from '../errors/index.ts';
import { type Numbers, numbers, widen } from '../specification/operands.ts';
import { finite } from './inputSet.ts';
import { up } from './outward.ts';

/** Inputs of a dot product, by their type. */
export interface L1Options {
  /** N: bits of an input. */
  readonly inputBits: number;
  /** Whether inputs are signed; default true. */
  readonly signed?: boolean;
  /** A2Q+: whether the weights add up to zero, for unsigned inputs; default false. */
  readonly zeroCentered?: boolean;
}

/**
 * The width that A2Q's ℓ1 bound asks of a two's-complement register, for one channel of integer weights.
 *
 * @param weights - integers, or their ℓ1 norm as one number
 * @throws {@link BittrueError} for weights that are no integers, and for `zeroCentered` where they do not add up to zero
 * or inputs are signed
 * @example
 * import { l1Bits } from 'bittrue/bounds';
 * l1Bits([100, -100, 27], { inputBits: 8, signed: false }); // 17
 * l1Bits([100, -100], { inputBits: 8, signed: false }); // 17
 * l1Bits([100, -100], { inputBits: 8, signed: false, zeroCentered: true }); // 16
 */
export function l1Bits(weights: Numbers | number, options: L1Options): number {
  const {
    inputBits,
    signed = true,
    zeroCentered = false,
  } = checkObject('options', options, ['inputBits', 'signed', 'zeroCentered']) as unknown as L1Options;
  checkInteger('options.inputBits', inputBits, 1, 53);
  checkBoolean('options.signed', signed);
  checkBoolean('options.zeroCentered', zeroCentered);
  const { norm, sum } = normOf(weights);
  if (zeroCentered && (signed || sum !== 0)) {
    const found = signed ? 'signed inputs' : `weights that add up to ${sum}`;
    throw new BittrueError(
      'unsupported',
      'options.zeroCentered',
      found,
      'unsigned inputs, and weights that add up to 0',
    );
  }
  const most = zeroCentered ? (norm / 2) * (2 ** inputBits - 1) : norm * 2 ** (inputBits - (signed ? 1 : 0));
  return widthFor(most);
}

/**
 * The width that the data types alone ask for: K products of N-bit inputs and signed M-bit weights.
 *
 * @example
 * import { dataTypeBits } from 'bittrue/bounds';
 * dataTypeBits({ width: 128, inputBits: 8, signed: false, weightBits: 8 }); // 24
 */
export function dataTypeBits(options: {
  readonly width: number;
  readonly inputBits: number;
  readonly signed?: boolean;
  readonly weightBits: number;
}): number {
  const { width, inputBits, signed, weightBits } = checkObject('options', options, [
    'width',
    'inputBits',
    'signed',
    'weightBits',
  ]) as unknown as typeof options;
  checkInteger('options.width', width, 0, 2 ** 31);
  checkInteger('options.weightBits', weightBits, 1, 53);
  return l1Bits(width * 2 ** (weightBits - 1), { inputBits, ...(signed === undefined ? {} : { signed }) });
}

/** The least P of at least 2 with 2^(P−1) − 1 ≥ most. */
function widthFor(most: number): number {
  let bits = 2;
  while (2 ** (bits - 1) - 1 < most) bits += 1;
  return bits;
}

function normOf(weights: Numbers | number): { norm: number; sum: number } {
  if (typeof weights === 'number') {
    const norm = checkFinite('weights', weights);
    if (norm < 0) throw new BittrueError('range', 'weights', norm, 'a norm of at least 0');
    return { norm, sum: Number.NaN };
  }
  const values = finite('weights', widen(numbers('weights', weights, (weights as ArrayLike<number>)?.length ?? 0)));
  let norm = 0;
  let sum = 0;
  for (const [k, w] of values.entries()) {
    if (!Number.isInteger(w)) throw new BittrueError('value', `weights[${k}]`, w, 'an integer');
    norm += Math.abs(w);
    sum += w;
  }
  return { norm: Number.isSafeInteger(norm) ? norm : up(norm), sum };
}
