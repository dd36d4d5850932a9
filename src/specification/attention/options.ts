/**
 * What attention takes, and the stages that it may have.
 *
 * @module
 */
import type { Rounding } from '../../rounding/roundTo.ts';
import type { Target } from '../../targets/target.ts';
import type { RecordOptions } from '../contract.ts';
import type { Numbers } from '../operands.ts';
import type { ProductOptions } from '../products/plan.ts';
import type { UnaryMethod } from '../unary/plan.ts';

/** How one of the two products runs. */
export type AttentionProduct = Pick<ProductOptions, 'unit' | 'a' | 'b' | 'splitK' | 'promoteEvery' | 'partial'>;

/**
 * How softmax and the second product follow each other.
 * - `unfused`: all scores of a query first; their shares are divided by the sum `before` the product with V (default), or its
 *   outputs `after` it.
 * - `flash`: tiles of keys, with a running maximum, sum and output (online softmax). `threshold`: where the maximum grows by no
 *   more, the old one stays (FlashAttention-4: ln 256); default 0. One tile equals `unfused` with `divide: 'after'`.
 */
export type AttentionMethod =
  | { readonly kind: 'unfused'; readonly divide?: 'before' | 'after' }
  | { readonly kind: 'flash'; readonly tile: number; readonly threshold?: number };

/** Where numbers between the units are rounded. */
export interface AttentionRoundings {
  /** Scores as the vector unit reads them; default its load. */
  readonly scores?: Rounding;
  /** Shares before the second product reads them; default the vector unit's store. */
  readonly probabilities?: Rounding;
  /** The running sum, and what a row has one of; default the vector unit's statistics. */
  readonly sum?: Rounding;
  /** The running maximum; default the vector unit's compute. */
  readonly maximum?: Rounding;
}

/** Options of `attention`. */
export interface AttentionOptions extends RecordOptions {
  /** Heads of queries; a batch is so many more of them. */
  readonly heads: number;
  /** Heads of keys and values, which divide the others: queries share them in groups. Default as many. */
  readonly sharedHeads?: number;
  readonly queries: number;
  readonly keys: number;
  /** Numbers of a query, and of a key. */
  readonly width: number;
  /** Numbers of a value; default `width`. */
  readonly valueWidth?: number;
  /** Its matrix unit forms the products, its vector unit the rest. */
  readonly target: Target;
  /** The vector unit; default the target's own default. */
  readonly vectorUnit?: string;
  /** The unit of both products; default as `matmul` chooses. */
  readonly unit?: string;
  /** What differs for the product of queries and keys. */
  readonly scores?: AttentionProduct;
  /** What differs for the product of shares and values. */
  readonly values?: AttentionProduct;
  readonly roundings?: AttentionRoundings;
  /** What scores are multiplied by; default 1/√width. 1: no stage `scale`. */
  readonly scale?: number;
  /** cap · tanh(score / cap), behind the scale. Default none. */
  readonly softcap?: number;
  /** How a soft cap is formed; default correctly rounded. */
  readonly softcapMethod?: UnaryMethod;
  /** What is added to the scores, behind scale and cap: queries · keys numbers, or heads times as many. −∞ leaves a key out. */
  readonly mask?: Numbers;
  /** Whether query i sees keys up to i + keys − queries alone. Default false. */
  readonly causal?: boolean;
  /** How many keys a query sees, its own and those just before it (of query i, up to i + keys − queries). Default all. */
  readonly window?: number;
  /** A score a head that takes part in the maximum and the sum, and has no value. */
  readonly sinks?: Numbers;
  /** Default `unfused`. */
  readonly method?: AttentionMethod;
  /** e^x, or 2^x of scores that are scaled by log2 e more. Default `exp`. */
  readonly exponential?: 'exp' | 'exp2';
  /** How the exponential is formed; default correctly rounded. */
  readonly exponentialMethod?: UnaryMethod;
  /** What is added to the maximum that is subtracted: ln 8 keeps shares below 1/8 (llama.cpp). Default 0. */
  readonly maximumOffset?: number;
  /** What the sum adds up: shares as they are computed (default), or as the second product reads them. */
  readonly sumOf?: 'computed' | 'rounded';
  /** Each number over the sum (default), or times the rounded reciprocal of it. */
  readonly normalize?: 'divide' | 'reciprocal';
  /** What a query that sees no key gives. Default NaN. */
  readonly emptyRow?: 'nan' | 'zero';
  /** Where maximum + ln(sum) of every query goes: heads · queries numbers. Default nowhere. */
  readonly logSumExp?: Float64Array;
}

/** Every stage, in the order of reports. */
export const attentionStages = [
  'constants',
  'load',
  'scoreProduct',
  'score',
  'scoreStore',
  'scores',
  'scale',
  'softcap',
  'mask',
  'max',
  'subtract',
  'exp',
  'sum',
  'rescale',
  'rescaleSum',
  'rescaleOutput',
  'reciprocal',
  'share',
  'probabilities',
  'loadProbabilities',
  'valueProduct',
  'value',
  'valueStore',
  'normalize',
  'logSumExp',
  'store',
] as const;
/** The name of one of them. */
export type AttentionStage = (typeof attentionStages)[number];
