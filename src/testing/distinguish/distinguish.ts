/**
 * The smallest operands on which two chips, orders or accumulators give different bits.
 *
 * @module
 */
import { checkInteger, checkName, checkObject } from '../../errors/index.ts';
import { type Format, formatName } from '../../formats/index.ts';
import { type NormalForm, normalForm } from '../../identification/normalForm.ts';
import { largestOf } from '../../identification/numbers.ts';
import { encode, encodeBinary64 } from '../../rounding/index.ts';
import type { Target, TargetName } from '../../targets/index.ts';
import { draws } from '../conformance/sample.ts';
import { batchOf, compareProbes, isSimpler, nonZeroOf, type Probe } from './probe.ts';
import { type Ground, structuredProbes } from './probes.ts';
import { generators, randomProbes } from './randomProbes.ts';
import { shrink } from './shrink.ts';
import {
  addendOf,
  checkAlike,
  exponentsIn,
  kernels,
  precisionsOf,
  type Side,
  type SumKernel,
  sideOf,
  sizesOf,
} from './side.ts';
import { exactSum, type SumStep, trace } from './trace.ts';

/** Where to look, and how long. */
export interface DistinguishOptions {
  /** Format of A's elements, where a unit takes several; default its first. */
  readonly a?: Format | string;
  readonly b?: Format | string;
  /** Random rows after the structured probes; default 65,536. */
  readonly rows?: number;
  /** 0 … 2^53 − 1; default 1. */
  readonly seed?: number;
}

/** What one side makes of the operands. */
export interface SideAnswer {
  readonly target: string;
  readonly unit: string;
  /** Order and accumulators in words. */
  readonly arithmetic: string;
  /** Format of the result. */
  readonly format: string;
  readonly value: number;
  /** Hexadecimal. */
  readonly code: string;
  readonly steps: readonly SumStep[];
}

/** Operands on which the two differ, verified by the specification of both. */
export interface Different {
  readonly verdict: 'different';
  readonly kernel: SumKernel;
  /** K. */
  readonly width: number;
  readonly a: readonly number[];
  /** Null for `sum`. */
  readonly b: readonly number[] | null;
  /** Null for `sum`. */
  readonly c: number | null;
  /** Block scales; null where the units have none. */
  readonly scaleA: readonly number[] | null;
  readonly scaleB: readonly number[] | null;
  /** Elements that are not zero, and scales that are not 1. */
  readonly nonZero: number;
  /** The exact sum in decimal digits; null where it is no finite number, and of plans with an epilogue. */
  readonly exact: string | null;
  readonly sides: readonly [SideAnswer, SideAnswer];
  /** Rows tried before. */
  readonly rows: number;
}

/** The two compute the same on all operands, proved. */
export interface Equivalent {
  readonly verdict: 'equivalent';
  readonly kernel: SumKernel;
  readonly reason: string;
}

/** No difference on fresh rows of the named generators. */
export interface Indistinguishable {
  readonly verdict: 'indistinguishable';
  readonly kernel: SumKernel;
  /** Structured probes tried before. */
  readonly probes: number;
  /** Random rows. */
  readonly rows: number;
  readonly generators: readonly string[];
  /** The two deviate on fewer than this share of rows like these, with 95 % confidence: 3 / rows, at most 1. */
  readonly bound: number;
  readonly seed: number;
}

/** No difference on structured probes, and no random rows were asked for that would bound anything. */
export interface Unknown {
  readonly verdict: 'unknown';
  readonly kernel: SumKernel;
  readonly probes: number;
}

export type Distinction = Different | Equivalent | Indistinguishable | Unknown;

/** Random rows, and their seed, where the caller names none. */
const [ROWS, SEED] = [65_536, 1];
/** Random rows to a batch. */
const BATCH = 2048;
/** Telling probes of a batch that are made simpler; the simplest outcome counts. */
const STARTS = 6;

/**
 * Whether two targets give the same bits, and where they do not, the smallest operands that show it: fewest elements other
 * than zero, then the shortest K, then the simplest numbers, step by step on both sides.
 *
 * The operands are values of the formats that both sides take, the addend one of both addends' formats. Two equal normal forms
 * are `equivalent`: names, flags and multiples of K left out, and parameters that no operand can reach. Else structured probes
 * are tried, then random rows. Smallest is the simplest that single simplifications reach; it is no proof that none is smaller.
 *
 * @param targetA - a target, its default unit, or the text `NAME:UNIT`; a user's own order or accumulator as a target too
 * @param kernel - `dot` (default; matrix and vector units), or `sum` (vector units)
 * @throws {@link BittrueError} for names that do not exist, and sides that take different operands
 * @example
 * import { distinguish } from 'bittrue/testing';
 * const found = distinguish('h100:f16', 'a100:f16', 'dot');
 * found.verdict; // 'different'
 * found.verdict === 'different' && [found.a, found.b, found.c]; // [[1], [1], -2.9802322387695312e-8]
 */
export function distinguish(
  targetA: Target | TargetName,
  targetB: Target | TargetName,
  kernel: SumKernel = 'dot',
  options: DistinguishOptions = {},
): Distinction {
  checkName('kernel', kernel, kernels);
  checkDistinguishOptions(options);
  const left = sideOf('targetA', targetA, kernel, options);
  const right = sideOf('targetB', targetB, kernel, options);
  checkAlike(left, right);
  return distinguishSides(kernel, left, right, options);
}

/** Checks where to look, and how long. */
export function checkDistinguishOptions(options: DistinguishOptions): void {
  checkObject('options', options, ['a', 'b', 'rows', 'seed']);
  const { rows = ROWS, seed = SEED } = options;
  checkInteger('options.rows', rows, 0, 2 ** 32 - 1);
  checkInteger('options.seed', seed, 0, Number.MAX_SAFE_INTEGER);
}

/** The same of two sides that take the same operands. */
export function distinguishSides(
  kernel: SumKernel,
  left: Side,
  right: Side,
  { rows = ROWS, seed = SEED }: DistinguishOptions,
): Distinction {
  const reason = equivalence(left, right);
  if (reason !== null) return { verdict: 'equivalent', kernel, reason };
  const ground = groundOf(left, right);
  const tells = (probes: readonly Probe[]): boolean[] => differences(left, right, probes);
  let probes = 0;
  for (const chunk of structuredProbes(ground)) {
    probes += chunk.length;
    const simplest = simplestOf(chunk, ground, tells);
    if (simplest !== null) return told(kernel, left, right, simplest, probes);
  }
  if (rows === 0) return { verdict: 'unknown', kernel, probes };
  const next = draws(seed);
  const random = { ground, widths: widthsOf(left, right), scale: left.scale };
  for (let [done, round] = [0, 0]; done < rows; round++) {
    const chunk = randomProbes(random, Math.min(BATCH, rows - done), round, next);
    done += chunk.length;
    const simplest = simplestOf(chunk, ground, tells);
    if (simplest !== null) return told(kernel, left, right, simplest, probes + done);
  }
  return { verdict: 'indistinguishable', kernel, probes, rows, generators, bound: Math.min(1, 3 / rows), seed };
}

/** Why two sides are the same on all operands; null where that is not proved. */
function equivalence(left: Side, right: Side): string | null {
  const [p, q] = [formOf(left), formOf(right)];
  if (p.text !== q.text) return null;
  const dropped = [...new Set([...p.dropped, ...q.dropped])].filter(
    (one) => p.dropped.includes(one) !== q.dropped.includes(one),
  );
  return `the same formats, order and accumulators${dropped.length > 0 ? `: ${dropped.join('; ')}` : ''}`;
}

/** The normal form of a side's sums, and of what ends them. */
function formOf(side: Side): NormalForm {
  const { text, dropped } = normalForm(side);
  const { ending } = side;
  return { text: `${text}${ending?.form ?? '[]'}`, dropped: [...dropped, ...(ending?.dropped ?? [])] };
}

/** What both sides take, and where their arithmetic may differ. */
function groundOf(left: Side, right: Side): Ground {
  const sizes = [...sizesOf(left.reduction), ...sizesOf(right.reduction), left.k, right.k].filter((n) => n <= 256);
  const near = [0, 1, 2, 3, 4, ...sizes.flatMap((n) => [n - 1, n, n + 1])];
  const places = [...new Set(near)].filter((n) => n >= 0).sort((p, q) => p - q);
  const bits = [...precisionsOf(left), ...precisionsOf(right)];
  const distances = [...new Set(bits.flatMap((n) => [n - 2, n - 1, n, n + 1, n + 2]))]
    .filter((d) => d >= 0 && d <= 64)
    .sort((p, q) => p - q);
  const exponents = [...new Set([...exponentsIn(left), ...exponentsIn(right)])];
  const addends = [addendOf(left), addendOf(right)].flatMap((one) => (one === null ? [] : [one.format]));
  return { a: left.a.format, b: left.b?.format ?? null, addends, places, distances, exponents };
}

/** Lengths of random rows: of one block, of several, and one that fits none. */
function widthsOf(left: Side, right: Side): number[] {
  const sizes = [8, left.k, right.k, ...sizesOf(left.reduction), ...sizesOf(right.reduction)];
  const longest = Math.min(128, largestOf(sizes));
  return [...new Set([longest, 2 * longest, 2 * longest + 3, 4, 3])];
}

function differences(left: Side, right: Side, probes: readonly Probe[]): boolean[] {
  const batch = batchOf(probes, left.scale?.block ?? null);
  const p = left.run(batch);
  const q = right.run(batch);
  return probes.map((_, i) => !Object.is(p[i], q[i]));
}

/** The simplest telling probe that the probes of a batch lead to; null where none tells. */
function simplestOf(
  chunk: readonly Probe[],
  ground: Ground,
  tells: (probes: readonly Probe[]) => boolean[],
): Probe | null {
  const found = tells(chunk);
  const starts = chunk.filter((_, i) => found[i]).sort(compareProbes);
  let best: Probe | null = null;
  for (const start of starts.slice(0, STARTS)) {
    const simple = shrink(start, ground, tells);
    // A probe of a batch is as long as the longest of them; alone it must tell too.
    if (tells([simple])[0] === true && (best === null || isSimpler(simple, best))) best = simple;
  }
  return best;
}

function told(kernel: SumKernel, left: Side, right: Side, probe: Probe, rows: number): Different {
  const batch = batchOf([probe], left.scale?.block ?? null);
  const isSum = kernel === 'sum';
  const hasScales = left.scale !== null;
  return {
    ...{ verdict: 'different', kernel, width: batch.width, a: Array.from(batch.a) },
    ...{ b: isSum ? null : Array.from(batch.b), c: isSum ? null : probe.c },
    scaleA: hasScales ? Array.from(batch.scaleA) : null,
    scaleB: hasScales ? Array.from(batch.scaleB) : null,
    nonZero: isSum ? probe.elements.filter(({ a }) => a !== 0).length : nonZeroOf(probe),
    exact: left.ending === undefined && right.ending === undefined ? exactSum(probe, left.scale?.block ?? null) : null,
    sides: [answerOf(left, probe, batch), answerOf(right, probe, batch)],
    rows,
  };
}

/** What a side makes of a probe. */
export function answerOf(side: Side, probe: Probe, batch: ReturnType<typeof batchOf>): SideAnswer {
  const { target, unit, text, ending } = side;
  const format = ending?.format ?? side.output.format;
  const value = side.run(batch)[0] as number;
  const { steps } = trace(side, probe);
  const code = codeText(format, value);
  return { target, unit, arithmetic: text, format: formatName(format), value, code, steps };
}

/** The code of a result, hexadecimal. */
export function codeText(format: Format, value: number): string {
  const code = format.bits > 53 ? encodeBinary64(value) : encode(format, value);
  return `0x${code.toString(16).padStart(Math.ceil(format.bits / 4), '0')}`;
}
