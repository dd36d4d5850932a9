/**
 * How narrow may the accumulator be? By proof from the weights, and by what the data in hand needs, side by side.
 *
 * @module
 */
import type { Accumulator, Reduction } from '../accumulators/reduction.ts';
import { leaves, mapAccumulators } from '../accumulators/walk.ts';
import { BittrueError, checkFinite, checkInteger, checkList, checkObject } from '../errors/index.ts';
import { shareOf } from '../events/shareOf.ts';
import { SEMANTICS, VERSION } from '../events/version.ts';
import type { Format } from '../formats/format.ts';
import { formatName } from '../formats/formatName.ts';
import { matmul } from '../kernels/matmul.ts';
import { madeOptions } from '../kernels/named.ts';
import { OVERFLOW, SATURATION } from '../rounding/flags.ts';
import { defineFormat, roundTo } from '../rounding/roundTo.ts';
import { type Numbers, numbers, widen } from '../specification/operands.ts';
import { type DotOptions, dotSpecification } from '../specification/products/dot.ts';
import { defineTarget } from '../targets/define.ts';
import type { Target, TargetName } from '../targets/target.ts';
import { bounds } from './bounds.ts';
import { defineInputs, finite, type InputSet } from './inputSet.ts';
import { loaded, type OperandFit, operandFit } from './operandFit.ts';
import type { Verdict } from './verdict.ts';

/** What to ask about. */
export interface MinimalAccumulatorOptions {
  /** A layer's weights, k by n, row-major: each column is a channel. */
  readonly weights: Numbers;
  readonly n: number;
  /** What the rows that meet the weights may be. */
  readonly inputs: InputSet;
  /** Its unit gives the operands' formats and the order of additions. */
  readonly target: Target | TargetName;
  readonly unit?: string;
  readonly a?: Format | string;
  readonly b?: Format | string;
  /** Rows in hand, one after the other: what they need is measured. */
  readonly data?: Numbers;
  /** Float formats to try as accumulators: by bits, then by exponent bits. */
  readonly floats?: readonly (Format | string)[];
  /** Least SQNR of the outputs on the data, in dB, for a float format to do. */
  readonly minSqnr?: number;
  /** Largest share of additions that lose their addend, on the data. */
  readonly maxAbsorbed?: number;
}

/** Widths of one kind of evidence. */
export interface Widths {
  /** Bits that every channel has enough with. */
  readonly layer: number;
  readonly channels: readonly number[];
}

/** One float format as the accumulator. */
export interface FloatCandidate {
  readonly format: string;
  readonly bits: number;
  readonly verdict: Verdict;
  /** On the data; null without. */
  readonly overflows: number | null;
  readonly sqnr: number | null;
  readonly absorbed: number | null;
  /** Whether the data keeps `minSqnr` and `maxAbsorbed`; null where neither is asked. */
  readonly isKept: boolean | null;
}

/** The answer. */
export interface MinimalAccumulator {
  readonly bittrue: string;
  readonly schema: 'minimal-accumulator/1';
  readonly semantics: number;
  readonly width: number;
  /** The unit, and how the operands fit its formats: what follows is about them as it reads them. */
  readonly operands: OperandFit;
  /** Saturating two's-complement registers, in the unit's order; null where operands are no integers. */
  readonly integer: {
    /** Proved for every input of the set. */
    readonly proved: Widths;
    /** What no row of the data overflows; null without data. */
    readonly measured: Widths | null;
    /** Bits of the unit's own narrowest register; null where it has none. */
    readonly present: number | null;
  } | null;
  readonly float: {
    /** The first format that is proved free of events, and keeps what is asked; null: none of the list. */
    readonly proved: string | null;
    /** The first that no row of the data overflows, and keeps what is asked. */
    readonly measured: string | null;
    readonly candidates: readonly FloatCandidate[];
  };
}

const keys = ['weights', 'n', 'inputs', 'target', 'unit', 'a', 'b', 'data', 'floats', 'minSqnr', 'maxAbsorbed'];

/** Wider than any sum of 2^31 products of 53-bit integers. */
const WIDEST = 140;

/**
 * The narrowest accumulator of a layer: integer widths by proof and by measurement, per channel and for the layer; and the
 * first of a list of float formats that overflows for no input and keeps the SQNR, or the addends, that are asked.
 *
 * @throws {@link BittrueError} as `bounds` does, for data of other widths, and for thresholds without data
 * @example
 * import { minimalAccumulator } from 'bittrue/bounds';
 * import { avx512Vnni } from 'bittrue/targets';
 * const found = minimalAccumulator({
 *   weights: Array(128).fill(1),
 *   n: 1,
 *   inputs: { kind: 'format', format: 'uint8' },
 *   target: avx512Vnni,
 *   unit: 'vpdpbusd',
 *   data: Array(128).fill(10),
 * });
 * found.integer?.proved.layer; // 16
 * found.integer?.measured?.layer; // 12
 */
export function minimalAccumulator(options: MinimalAccumulatorOptions): MinimalAccumulator {
  checkObject('options', options, keys);
  const { weights, inputs, data, floats = [], minSqnr, maxAbsorbed } = options;
  const n = checkInteger('options.n', options.n, 1, 2 ** 31);
  const width = Math.floor(((weights as ArrayLike<number> | undefined)?.length ?? 0) / n);
  if (data === undefined) {
    for (const name of ['minSqnr', 'maxAbsorbed'] as const) {
      if (options[name] === undefined) continue;
      throw new BittrueError('unsupported', `options.${name}`, options[name], 'data with it: it is measured');
    }
  }
  if (minSqnr !== undefined) checkFinite('options.minSqnr', minSqnr);
  if (maxAbsorbed !== undefined) checkFinite('options.maxAbsorbed', maxAbsorbed);
  const rows = data === undefined ? 0 : Math.floor(data.length / Math.max(width, 1));
  if (data !== undefined && data.length !== rows * width) {
    throw new BittrueError('shape', 'options.data', data, `rows of ${width} numbers`);
  }
  const plan = planOf(options, width);
  const { a, b, product } = plan;
  const region = defineInputs(inputs, width);
  const operands = operandFit(
    plan,
    finite('options.weights', widen(numbers('options.weights', weights, n * width))),
    region,
    data,
  );
  const isInteger =
    [a, b].every(({ format }) => format.kind === 'integer' && format.fractionBits === 0) && product === null;
  // A register holds sums of what the unit reads; that it is not what was given, `operands` tells.
  const layer: Layer = { ...options, ...(isInteger ? asRead(options, plan, operands) : {}), width, rows, plan };
  const candidates = checkList('options.floats', floats)
    .map((format, i) => defineFormat(format, `options.floats[${i}]`))
    .sort((p, q) => p.bits - q.bits || exponentBits(p) - exponentBits(q))
    .map((format) => tryFloat(layer, format));
  const kept = candidates.filter(({ isKept }) => isKept !== false);
  return Object.freeze({
    bittrue: VERSION,
    schema: 'minimal-accumulator/1',
    semantics: SEMANTICS,
    width,
    operands,
    integer: isInteger
      ? {
          proved: provedWidths(layer, layer.inputs),
          measured: data === undefined ? null : measuredWidths(layer),
          present: presentBits(layer),
        }
      : null,
    float: {
      proved: kept.find(({ verdict }) => verdict === 'proved')?.format ?? null,
      measured: data === undefined ? null : (kept.find(({ overflows }) => overflows === 0)?.format ?? null),
      candidates,
    },
  });
}

interface Layer extends MinimalAccumulatorOptions {
  readonly width: number;
  readonly rows: number;
  readonly plan: ReturnType<typeof planOf>;
}

function planOf({ target, unit, a, b }: MinimalAccumulatorOptions, width: number) {
  const chosen = { target, ...(unit === undefined ? {} : { unit }), ...(a && { a }), ...(b && { b }) };
  return dotSpecification.plan(madeOptions<DotOptions>({ ...chosen, rows: 1, width }));
}

/** Operands in integer formats: rounded and clipped, as they enter the products. */
function asRead(
  { weights, data }: MinimalAccumulatorOptions,
  { a, b }: Layer['plan'],
  { inputs }: OperandFit,
): Pick<MinimalAccumulatorOptions, 'weights' | 'data'> & { inputs?: InputSet } {
  const { low, high, loadedLow, loadedHigh } = inputs;
  const isClipped = loadedLow > low || loadedHigh < high;
  return {
    weights: loaded(b, weights),
    ...(data === undefined ? {} : { data: loaded(a, data) }),
    ...(isClipped ? { inputs: { kind: 'intervals', low: loadedLow, high: loadedHigh } } : {}),
  };
}

function exponentBits(format: Format): number {
  return format.kind === 'float' ? format.exponentBits : 0;
}

/** A target with one unit of the layer's formats and order, and another accumulator. */
function withAccumulator({ plan }: Layer, change: (accumulator: Accumulator) => Accumulator): Target {
  const { a, b, product, reduction } = plan;
  const changed: Reduction = mapAccumulators(reduction, change);
  const isFloat = leaves(changed).every(({ accumulator }) => accumulator.kind === 'float');
  return defineTarget({
    name: 'accumulator',
    source: 'the asked unit with another accumulator',
    matrixUnits: {
      accumulator: {
        a: [a.format],
        b: [b.format],
        load: a.policy,
        k: 1,
        product: isFloat ? product : null,
        reduction: changed,
        // What is stored is no concern here: the widest there is.
        output: { format: 'binary64' },
      },
    },
  });
}

/** The same order with registers of so many bits. */
function withRegister(layer: Layer, bits: number): Target {
  return withAccumulator(layer, (accumulator) => ({
    kind: 'integer',
    bits,
    overflow: 'saturate',
    when: accumulator.kind === 'integer' ? (accumulator.when ?? 'everyStep') : 'everyStep',
  }));
}

function provedWidths(layer: Layer, inputs: InputSet): Widths {
  const { weights, n } = layer;
  const verdicts = (bits: number) =>
    bounds({ kernel: 'matmul', n, weights, inputs, target: withRegister(layer, bits) }).channels;
  const first = verdicts(WIDEST);
  // A bound of 2^(P−1) fits in P bits if it is the negative end: ask at the widths on either side.
  const channels = first.map(({ bound }) => Math.max(2, Math.ceil(Math.log2(bound + 1)) + 1));
  for (const bits of new Set(channels)) {
    if (bits <= 2) continue;
    const narrower = verdicts(bits - 1);
    channels.forEach((own, c) => {
      if (own === bits && narrower[c]?.verdict === 'proved') channels[c] = bits - 1;
    });
  }
  return { layer: widest(channels), channels };
}

function measuredWidths(layer: Layer): Widths {
  const { n, rows, width, weights, data = [] } = layer;
  const channels: number[] = Array(n).fill(2);
  // Ascending: the channels that a width overflows need one bit more, at least.
  for (let bits = 2; bits < WIDEST; bits++) {
    const { report } = matmul(data, weights, {
      m: rows,
      n,
      k: width,
      target: withRegister(layer, bits),
      record: 'counts',
    });
    let overflowing = 0;
    report.rowFlags.forEach((flags, output) => {
      if ((flags & (OVERFLOW | SATURATION)) === 0) return;
      overflowing += 1;
      channels[output % n] = bits + 1;
    });
    if (overflowing === 0) break;
  }
  return { layer: widest(channels), channels };
}

function presentBits({ plan }: Layer): number | null {
  const bits = leaves(plan.reduction).flatMap(({ accumulator }) =>
    accumulator.kind === 'integer' ? [accumulator.bits] : [],
  );
  return bits.length === 0 ? null : bits.reduce((least, one) => Math.min(least, one));
}

function tryFloat(layer: Layer, format: Format): FloatCandidate {
  const { n, rows, width, weights, inputs, data, minSqnr, maxAbsorbed } = layer;
  const isFused = layer.plan.product === null;
  const target = withAccumulator(layer, () => ({ kind: 'float', rounding: roundTo(format), fused: isFused }));
  const { verdict } = bounds({ kernel: 'matmul', n, weights, inputs, target });
  const head = { format: formatName(format), bits: format.bits, verdict };
  if (data === undefined) return { ...head, overflows: null, sqnr: null, absorbed: null, isKept: null };
  const { report } = matmul(data, weights, { m: rows, n, k: width, target, record: 'counts', reference: true });
  const { overflow = 0, absorption = 0 } = report.counts.accumulate ?? {};
  const absorbed = shareOf(absorption, report.additions?.accumulate ?? 0);
  const sqnr = report.error?.sqnr ?? null;
  const asked = minSqnr !== undefined || maxAbsorbed !== undefined;
  const isKept = (sqnr === null || sqnr >= (minSqnr ?? -Infinity)) && absorbed <= (maxAbsorbed ?? Infinity);
  return { ...head, overflows: overflow, sqnr, absorbed, isKept: asked ? isKept : null };
}

function widest(channels: readonly number[]): number {
  return channels.reduce((most, bits) => Math.max(most, bits), 2);
}
