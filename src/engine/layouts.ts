/**
 * Where the fields of what TypeScript writes and the module reads lie in memory: one table for both sides. From it
 * `scripts/assembly.mjs` writes `assembly/lanes/layouts.ts`, where `ProductJob.WIDTH` is the offset of `width`.
 *
 * @module
 */
import type { Core, Pointer } from './module.ts';

/** Bytes of a field of each type. `u32` holds addresses, integers and truth values; `v128` one constant in all lanes. */
const fieldBytes = { u32: 4, 'u32[3]': 12, f64: 8, 'f64[8]': 64, 'f64[16]': 128, v128: 16 } as const;
const alignment = { u32: 4, 'u32[3]': 4, f64: 8, 'f64[8]': 8, 'f64[16]': 8, v128: 16 } as const;

type Field = keyof typeof fieldBytes;

/** Fields in order. Each lies behind the one before, at a multiple of its number's bytes. */
export type Layout = Readonly<Record<string, Field>>;

/** A value for every field of a layout; true is all ones. */
export type Fields<L extends Layout> = {
  readonly [Name in keyof L]: L[Name] extends 'v128'
    ? number | boolean
    : L[Name] extends 'u32[3]'
      ? readonly number[]
      : number;
};

/** A rounding (format and policy) as constants of lanes; the last ones are read by the general rounding alone. */
export const roundingLayout = {
  minNormal: 'v128',
  /** 2^(fraction bits of the lane − mantissaBits): times a binade's power of two, the lane's last place is the format's. */
  roundingConstant: 'v128',
  /** Magnitudes of at least `over` overflow, and become `top`; those below `tiny` are tiny. */
  over: 'v128',
  tiny: 'v128',
  top: 'v128',
  overNegative: 'v128',
  tinyNegative: 'v128',
  topNegative: 'v128',
  /** What an infinite operand becomes. */
  infinite: 'v128',
  /** 2^−mantissaBits: times a binade's power of two, the quantum. */
  quantum: 'v128',
  /** Masks: which rule sends an inexact magnitude up. */
  toEven: 'v128',
  toAway: 'v128',
  upIfPositive: 'v128',
  upIfNegative: 'v128',
  toOdd: 'v128',
  /** Mask: whether tiny results become zero. Operands below the number after it are read as zero. */
  flushOutputs: 'v128',
  flushBelow: 'v128',
  /** Masks: whether −0 exists; whether opposite numbers sum to −0. */
  negativeZero: 'v128',
  negativeSum: 'v128',
} as const satisfies Layout;

/** A row of a product: one row of A against packed columns of B. Places of fields are addresses. */
export const productJob = {
  a: 'u32',
  b: 'u32',
  /** Elements to a sum, and outputs. */
  length: 'u32',
  width: 'u32',
  /** Where the sums start, and then what they are. */
  acc: 'u32',
  /** Roundings of products and sums. */
  product: 'u32',
  sum: 'u32',
  productTotals: 'u32',
  totals: 'u32',
  /** How `drainTally` accounts overflow. */
  productOverflowAccounting: 'u32',
  overflowAccounting: 'u32',
  /** One 16-bit word an output. */
  flags: 'u32',
  /** Of sums, then of products, four each; then 64 bytes. */
  tallies: 'u32',
  /** Bits that binary32's fraction has more than the format's. */
  shift: 'u32',
  isFused: 'u32',
  isGeneral: 'u32',
  /** Bytes of a panel of B. */
  panel: 'u32',
} as const satisfies Layout;

/** How the sums of a row are formed: `src/twins/products/method.ts` chooses. */
export const productMethod = { general: 0, nearestEven: 1, shortBinary32: 2, binary32: 3 } as const;

/** A row of a product whose products and sums cannot overflow. */
export const overflowFreeJob = {
  a: 'u32',
  b: 'u32',
  length: 'u32',
  width: 'u32',
  acc: 'u32',
  constants: 'u32',
  /** What `magnitudes` found in B; the last three where counts are on. */
  smallest: 'u32',
  oddParts: 'u32',
  leastOddParts: 'u32',
  zeros: 'u32',
  /** Room for what `prepareRow` makes of a row of A. */
  factors: 'u32',
  keys: 'u32',
  exact: 'u32',
  productTotals: 'u32',
  totals: 'u32',
  productOverflowAccounting: 'u32',
  overflowAccounting: 'u32',
  flags: 'u32',
  tallies: 'u32',
  isCounting: 'u32',
  /** Whether a row's factors are exact. */
  hasFactors: 'u32',
  scratch: 'u32',
} as const satisfies Layout;

/** How far sums reach: binary32 rounds none; or it loses no product but subnormal ones; or it may lose any. */
export const sumRange = { narrow: 0, normal: 1, wide: 2 } as const;

/** What rounds where nothing overflows. */
export const overflowFreeConstants = {
  least: 'v128',
  roundingConstant: 'v128',
  productSplit: 'v128',
  split: 'v128',
  tiny: 'v128',
} as const satisfies Layout;

/** A row of outputs by instructions. */
export const programJob = {
  /** The first instruction, and the end of the last. */
  program: 'u32',
  end: 'u32',
  /** Addresses of what instructions name by number: accumulators. */
  table: 'u32',
  arena: 'u32',
  x: 'u32',
  xBinades: 'u32',
  /** Columns of X are 2^xShift bytes apart; from vector to vector 16 bytes, or 0 where all eight are one number. */
  xShift: 'u32',
  xVector: 'u32',
  y: 'u32',
  yBinades: 'u32',
  /** Bytes of a panel of Y. */
  panel: 'u32',
  /** Whether X, Y and their binades are numbers of binary32, which holds their products. */
  isNarrow: 'u32',
  acc: 'u32',
  width: 'u32',
  length: 'u32',
  /** The rounding of products (0: none), and where they go in the arena. */
  product: 'u32',
  productIsGeneral: 'u32',
  products: 'u32',
  /** The rounding of results; 0: none. */
  output: 'u32',
  outputIsGeneral: 'u32',
  /** Four tallies for each of three stages; the stages' totals, and how they account overflow. */
  tallies: 'u32',
  totals: 'u32[3]',
  overflowAccountings: 'u32[3]',
  flags: 'u32',
  /** Flags of a register that changed an integer sum: of one that saturates, and of one that wraps. */
  saturated: 'u32',
  wrapped: 'u32',
  /** Histograms of products and of sums; 0: none. Then every instruction leaves one result, which is counted. */
  productMagnitudes: 'u32',
  magnitudes: 'u32',
} as const satisfies Layout;

/** An instruction; its operands follow, a word each: numbers of elements, or places of values in the arena. */
export const instruction = {
  operation: 'u32',
  /** Where the result goes, and where the sum starts from: places in the arena. */
  result: 'u32',
  start: 'u32',
  /** A number in the table. */
  accumulator: 'u32',
  /** How many operands there are. */
  count: 'u32',
} as const satisfies Layout;

/** What instructions do. */
export const operation = {
  ofElements: 0,
  ofValues: 1,
  aligned: 2,
  exact: 3,
  integerElements: 4,
  integerValues: 5,
  compensated: 6,
  doubles: 7,
} as const;

/** A program's working memory, before its values. A value is eight numbers. */
export const arenaLayout = {
  /** Where the sums start, and the results. */
  start: 'f64[8]',
  result: 'f64[8]',
  zero: 'f64[8]',
  /** Masks: which outputs are right. */
  good: 'f64[8]',
  /** How often registers that wrap changed a sum, then those that saturate; of compensated sums what they lost. */
  changes: 'f64[16]',
  /** What a cut lost: bits; and how many terms, and sums on the way, wholly, lane by lane. */
  cut: 'v128',
  absorbedWholly: 'v128',
  /** Sums of groups, of which there may be any number. */
  groups: 'v128',
} as const satisfies Layout;

/** An accumulator that rounds every sum. */
export const floatFields = {
  rounding: 'u32',
  isGeneral: 'u32',
  /** The bits of a normal number of binary64 that rounding toward zero cuts off; 0: another mode. */
  cutBits: 'u32',
} as const satisfies Layout;

/** An accumulator with a running compensation: Neumaier's, else Kahan's. */
export const compensatedFields = { ...floatFields, isNeumaier: 'u32' } as const satisfies Layout;

/** What becomes of the bits below the last one kept. */
export const loss = { truncate: 0, floor: 1, odd: 2 } as const;

/** An accumulator that aligns its terms. */
export const alignedFields = {
  ...floatFields,
  /** What becomes of bits below the last: one of `loss`. */
  lost: 'u32',
  /** 0: the addend is one of the terms; 1: it joins late and is cut; 2: late, and nothing where it is far below. */
  late: 'u32',
  lateLost: 'u32',
  lanes: 'u32',
  group: 'u32',
  /** What zeros of groups do: 0: those that sum to zero stay out; 1: none does; 2: only those without any product do. */
  zeroGroups: 'u32',
  /** Powers of two: 2^−fractionBits; the addend's least binade, the least binade, a zero addend's; the products' limit. */
  fraction: 'f64',
  addendBinade: 'f64',
  least: 'f64',
  zeroBinade: 'f64',
  limit: 'f64',
  /** 2^−sumBits, 2^−addendBits and half of that; 2^−settle, or 0 where the sum of the two does not settle. */
  sumFraction: 'f64',
  lateFraction: 'f64',
  far: 'f64',
  settle: 'f64',
} as const satisfies Layout;

/** An exact accumulator: 2^productExponent. */
export const exactFields = { ...floatFields, factor: 'f64' } as const satisfies Layout;

/** An integer register. */
export const integerFields = {
  saturates: 'u32',
  /** Elements between fits. */
  every: 'u32',
  /** Its range; 2^bits and the inverse. */
  low: 'f64',
  high: 'f64',
  modulus: 'f64',
  inverse: 'f64',
} as const satisfies Layout;

/** Where fields lie, and the bytes of all. */
interface Placed {
  readonly fields: readonly (readonly [name: string, type: Field, offset: number])[];
  readonly bytes: number;
}

/** What tables were asked for: they never change, and jobs are written many times. */
const known = /* @__PURE__ */ new WeakMap<Layout, Placed>();

function place(layout: Layout): Placed {
  let placed = known.get(layout);
  if (placed === undefined) {
    let bytes = 0;
    const fields = Object.entries(layout).map(([name, type]) => {
      const at = Math.ceil(bytes / alignment[type]) * alignment[type];
      bytes = at + fieldBytes[type];
      return [name, type, at] as const;
    });
    placed = { fields, bytes };
    known.set(layout, placed);
  }
  return placed;
}

/** The offset of every field. */
export function offsetsOf<L extends Layout>(layout: L): { readonly [Name in keyof L]: number } {
  return Object.fromEntries(place(layout).fields.map(([name, , at]) => [name, at])) as { [Name in keyof L]: number };
}

/** Bytes that a layout takes. */
export function layoutBytes(layout: Layout): number {
  return place(layout).bytes;
}

/** Writes all fields of words and numbers. */
export function writeFields<L extends Layout>({ memory }: Core, at: Pointer, layout: L, values: Fields<L>): void {
  const { fields, bytes } = place(layout);
  const view = new DataView(memory.buffer, at, bytes);
  for (const [name, type, offset] of fields) {
    const value = values[name] as number | readonly number[];
    if (type === 'f64') view.setFloat64(offset, value as number, true);
    else if (typeof value === 'number') view.setUint32(offset, value, true);
    else for (let i = 0; i < value.length; i++) view.setUint32(offset + 4 * i, value[i] as number, true);
  }
}

/** Writes constants of vectors, each in all lanes of so many bytes. */
export function writeConstants<L extends Readonly<Record<string, 'v128'>>>(
  { memory }: Core,
  at: Pointer,
  layout: L,
  constants: Fields<L>,
  lane: 4 | 8,
): void {
  const names = Object.keys(layout);
  const words = new Int32Array(memory.buffer, at, names.length * 4);
  const floats = new (lane === 4 ? Float32Array : Float64Array)(memory.buffer, at, (names.length * 16) / lane);
  names.forEach((name, i) => {
    const constant = constants[name] as number | boolean;
    if (typeof constant === 'boolean') words.fill(constant ? -1 : 0, i * 4, i * 4 + 4);
    else floats.fill(constant, (i * 16) / lane, ((i + 1) * 16) / lane);
  });
}
