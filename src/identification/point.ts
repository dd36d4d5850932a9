/**
 * A hypothesis as a point: an order of additions, and a value for every parameter that its accumulators may have.
 *
 * A point is flat, so that a search changes one parameter without knowing the others; `arithmeticOf` makes it what
 * computes, `unitOf` what `defineTarget` takes.
 *
 * @module
 */
import type { Accumulator, Reduction } from '../accumulators/reduction.ts';
import { mapLeaves } from '../accumulators/walk.ts';
import { type Format, formatName, parseFormat } from '../formats/index.ts';
import type { OverflowPolicy, PartialPolicy, RoundingMode, SubnormalPolicy, Tininess } from '../rounding/index.ts';
import { type Rounding, roundTo } from '../rounding/index.ts';
import type { Arithmetic } from './arithmetic.ts';
import { hasAcross, type Order, WITHIN } from './orders.ts';
import type { Question } from './question.ts';

/** What a sum of elements may be. */
export const families = ['aligned', 'float', 'exact', 'integer', 'fixed', 'kahan', 'neumaier'] as const;
export type Family = (typeof families)[number];

/** A rounding, field by field; formats by name. */
interface RoundingFields {
  readonly format: string;
  readonly mode: RoundingMode;
  readonly overflow: OverflowPolicy;
  readonly subnormals: SubnormalPolicy;
  readonly tininess: Tininess;
}

/** One hypothesis. Fields that its kind of accumulator does not have keep their defaults. */
export interface Point {
  readonly order: Order;
  readonly family: Family;
  /** The rounding of sums of elements, or of the one sum. */
  readonly sumFormat: string;
  readonly sumMode: RoundingMode;
  readonly sumOverflow: OverflowPolicy;
  readonly sumSubnormals: SubnormalPolicy;
  readonly sumTininess: Tininess;
  /** Exact products, rounded as sums are, or in a way of their own. */
  readonly product: 'exact' | 'sum' | 'own';
  readonly productFormat: string;
  readonly productMode: RoundingMode;
  readonly productSubnormals: SubnormalPolicy;
  /** The sums of partial results are rounded as those of elements, or in a way of their own. */
  readonly across: 'sum' | 'own';
  readonly acrossFormat: string;
  readonly acrossMode: RoundingMode;
  readonly acrossOverflow: OverflowPolicy;
  readonly acrossSubnormals: SubnormalPolicy;
  readonly acrossTininess: Tininess;
  /** How the result is written. */
  readonly storeMode: RoundingMode;
  readonly storeOverflow: OverflowPolicy;
  readonly storeSubnormals: SubnormalPolicy;
  readonly storeTininess: Tininess;
  /** How operands are read. */
  readonly loadSubnormals: 'gradual' | 'flushInputs';
  readonly addendSubnormals: 'gradual' | 'flushInputs';
  readonly zeroOperands: 'signed' | 'positive';
  readonly ignoreSign: boolean;
  /** Whether a tree's leaves are chains from +0 or the elements themselves. */
  readonly leaf: 'chain' | 'element';
  /** Whether chains of rounded terms that nothing is given to start from begin at +0 or with their first element. */
  readonly start: 'zero' | 'first';
  /** Of aligned sums. */
  readonly fractionBits: number;
  readonly lost: 'truncate' | 'floor' | 'odd';
  readonly leastExponent: number | null;
  readonly zeroRule: 'out' | 'mmasim1';
  readonly zeroGroups: 'out' | 'scale';
  readonly zeroSign: 'positive' | 'allNegative' | 'rounded';
  readonly addend: 'together' | 'late';
  readonly sumBits: number;
  readonly addendBits: number;
  readonly lateLost: 'truncate' | 'floor';
  readonly far: 'cut' | 'zero';
  readonly settle: number | null;
  readonly lanes: 1 | 2;
  readonly group: number;
  readonly productOverflow: 'exact' | 'infinity';
  /** Of exact sums. */
  readonly productExponent: number;
  /** Of registers. */
  readonly bits: number;
  readonly overflow: 'saturate' | 'wrap';
  readonly when: 'everyStep' | 'atEnd';
  readonly registerFraction: number;
  readonly acrossBits: number;
  readonly acrossRegister: 'saturate' | 'wrap';
}

/** The name of a parameter. */
export type Axis = keyof Point;

/** The defaults of each question, made once: a search makes hundreds of thousands of points. */
const made: WeakMap<Question, Omit<Point, 'order' | 'family'>> = /* @__PURE__ */ new WeakMap();

/** A point with the defaults of a question, and what is given. */
export function pointOf(question: Question, given: Partial<Point> & Pick<Point, 'order' | 'family'>): Point {
  let defaults = made.get(question);
  if (defaults === undefined) {
    defaults = defaultsOf(question);
    made.set(question, defaults);
  }
  return { ...defaults, ...given };
}

function defaultsOf({ output }: Question): Omit<Point, 'order' | 'family'> {
  const { overflow } = roundTo(output).policy;
  const wide = output.kind === 'float' ? nameOfFormat(output) : 'binary32';
  const usual: OverflowPolicy = output.kind === 'float' ? overflow : 'ieee';
  return {
    ...{ sumFormat: wide, sumMode: 'tiesToEven', sumOverflow: usual, sumSubnormals: 'gradual' },
    ...{ sumTininess: 'afterRounding', product: 'exact', productFormat: wide, productMode: 'tiesToEven' },
    ...{ productSubnormals: 'gradual', across: 'sum', acrossFormat: wide, acrossMode: 'tiesToEven' },
    ...{ acrossOverflow: usual, acrossSubnormals: 'gradual', acrossTininess: 'afterRounding' },
    ...{ storeMode: 'tiesToEven', storeOverflow: overflow, storeSubnormals: 'gradual', storeTininess: 'afterRounding' },
    ...{ loadSubnormals: 'gradual', addendSubnormals: 'gradual', zeroOperands: 'signed', ignoreSign: false },
    ...{ leaf: 'element', start: 'zero', fractionBits: 24, lost: 'truncate', leastExponent: null, zeroRule: 'out' },
    ...{ zeroGroups: 'out', zeroSign: 'positive', addend: 'together', sumBits: 40, addendBits: 40, lateLost: 'floor' },
    ...{ far: 'cut', settle: null, lanes: 1, group: 1, productOverflow: 'exact', productExponent: 0 },
    ...{ bits: 32, overflow: 'saturate', when: 'everyStep', registerFraction: 0 },
    ...{ acrossBits: output.kind === 'integer' ? output.bits : 32, acrossRegister: 'wrap' },
  };
}

/** Formats are named by what they are, and each name read once. */
const read: Map<string, Format> = /* @__PURE__ */ new Map();
const spelt: WeakMap<Format, string> = /* @__PURE__ */ new WeakMap();

/** A format by the name that a point has. */
export function formatOf(name: string): Format {
  let found = read.get(name);
  if (found === undefined) {
    found = parseFormat(name);
    read.set(name, found);
  }
  return found;
}

/** The name of a format in a point. */
export function nameOfFormat(format: Format): string {
  let found = spelt.get(format);
  if (found === undefined) {
    found = formatName(format);
    spelt.set(format, found);
  }
  return found;
}

/** Roundings by their fields: a search makes few different ones, each thousands of times. */
const roundings: Map<string, Rounding> = /* @__PURE__ */ new Map();
/** Roundings that are kept. */
const MOST = 8192;

function rounding({ format, mode, overflow, subnormals, tininess }: RoundingFields): Rounding {
  const key = `${format} ${mode} ${overflow} ${subnormals} ${tininess}`;
  let found = roundings.get(key);
  if (found === undefined) {
    found = roundTo(formatOf(format), policyOf(formatOf(format), mode, overflow, subnormals, tininess));
    if (roundings.size >= MOST) roundings.clear();
    roundings.set(key, found);
  }
  return found;
}

function policyOf(
  format: Format,
  mode: RoundingMode,
  overflow: OverflowPolicy,
  subnormals: SubnormalPolicy,
  tininess: Tininess,
): PartialPolicy {
  // A NaN in a format without one tells nothing more, and must not end a search.
  const nanInput = format.kind === 'integer' || format.nan === 'none' ? ({ nanInput: 'invalid' } as const) : {};
  return { rounding: mode, overflow, subnormals, tininess, ...nanInput };
}

/** The rounding of sums of elements. */
export function sumRounding(point: Point): Rounding {
  return rounding({
    format: point.sumFormat,
    mode: point.sumMode,
    overflow: point.sumOverflow,
    subnormals: point.sumSubnormals,
    tininess: point.sumTininess,
  });
}

function acrossRounding(point: Point): Rounding {
  if (point.across === 'sum') return sumRounding(point);
  return rounding({
    format: point.acrossFormat,
    mode: point.acrossMode,
    overflow: point.acrossOverflow,
    subnormals: point.acrossSubnormals,
    tininess: point.acrossTininess,
  });
}

function productRounding(point: Point): Rounding | null {
  if (point.product === 'exact') return null;
  if (point.product === 'sum') return sumRounding(point);
  return rounding({
    format: point.productFormat,
    mode: point.productMode,
    overflow: point.sumOverflow,
    subnormals: point.productSubnormals,
    tininess: point.sumTininess,
  });
}

function withinAccumulator(point: Point): Accumulator {
  const { family, bits, overflow, when } = point;
  switch (family) {
    case 'aligned': {
      const { fractionBits, lost, leastExponent, zeroRule, zeroGroups, zeroSign, group, productOverflow } = point;
      const { sumBits, addendBits, lateLost, far, settle } = point;
      const isLate = point.addend === 'late';
      return {
        ...{ kind: 'aligned', fractionBits, lost, zeroRule, zeroSign, group },
        leastExponent: isLate || zeroRule === 'mmasim1' ? null : leastExponent,
        zeroGroups: group > 1 && zeroRule === 'out' ? zeroGroups : 'out',
        productOverflow: group > 1 ? 'exact' : productOverflow,
        addend: isLate ? { sumBits, addendBits, lost: lateLost, far, settle } : 'together',
        lanes: isLate && group === 1 ? point.lanes : 1,
        output: sumRounding(point),
      };
    }
    case 'exact':
      return { kind: 'exact', output: sumRounding(point), productExponent: point.productExponent };
    case 'integer':
      return { kind: 'integer', bits, overflow, when };
    case 'fixed':
      return { kind: 'fixed', rounding: registerRounding(point), fused: point.product === 'exact' };
    case 'float':
      return { kind: 'float', rounding: sumRounding(point), fused: point.product === 'exact' };
    default:
      return { kind: family, rounding: sumRounding(point) };
  }
}

function registerRounding({ bits, registerFraction, sumMode, overflow }: Point): Rounding {
  const fraction = registerFraction === 0 ? '' : `:fraction=${registerFraction}`;
  return roundTo(formatOf(`int${bits}${fraction}`), { rounding: sumMode, overflow, nanInput: 'invalid' });
}

function acrossAccumulator(point: Point): Accumulator {
  if (point.family === 'integer') {
    return { kind: 'integer', bits: point.acrossBits, overflow: point.acrossRegister, when: 'everyStep' };
  }
  const at = point.family === 'fixed' && point.across === 'sum' ? registerRounding(point) : acrossRounding(point);
  return { kind: at.format.kind === 'integer' ? 'fixed' : 'float', rounding: at, fused: false };
}

/** An order with its accumulators. */
export function reductionOf(point: Point): Reduction {
  const [within, across] = [withinAccumulator(point), hasAcross(point.order) ? acrossAccumulator(point) : null];
  const bare = point.leaf === 'element' && point.product !== 'exact';
  const takesFirst = point.start === 'first' && point.product !== 'exact';
  return mapLeaves(point.order, (leaf) => {
    const isWithin = leaf.accumulator === WITHIN;
    const accumulator = isWithin ? within : (across as Accumulator);
    const isTree = leaf.kind !== 'sequential';
    return {
      ...leaf,
      accumulator,
      ...(takesFirst && !isTree ? { start: 'first' } : {}),
      ...(isTree && (bare || !isWithin) && accumulator.kind !== 'integer' ? { leaf: 'element' } : {}),
    };
  });
}

/** What computes as the point says. */
export function arithmeticOf(question: Question, point: Point): Arithmetic {
  const { a, b, output, scale } = question;
  const subnormals = point.loadSubnormals;
  return {
    a: roundTo(a, a.kind === 'float' ? { subnormals } : {}),
    b: roundTo(b, b.kind === 'float' ? { subnormals } : {}),
    addend: addendRounding(question, point),
    positiveZeros: point.zeroOperands === 'positive',
    scale: scale === null ? null : { ...scale, ignoreSign: point.ignoreSign },
    product: productRounding(point),
    reduction: reductionOf(point),
    output: storeRounding(output, point),
  };
}

function addendRounding({ addend, output }: Question, point: Point): Rounding {
  const format = addend ?? output;
  return roundTo(format, format.kind === 'float' ? { subnormals: point.addendSubnormals } : {});
}

function storeRounding(output: Format, point: Point): Rounding {
  const { storeMode, storeOverflow, storeSubnormals, storeTininess } = point;
  return roundTo(output, policyOf(output, storeMode, storeOverflow, storeSubnormals, storeTininess));
}

/** Orders by number, those that are the same data by the same one. */
const numbers: WeakMap<Order, number> = /* @__PURE__ */ new WeakMap();
const spellings: Map<string, number> = /* @__PURE__ */ new Map();

function numberOf(order: Order): number {
  let found = numbers.get(order);
  if (found === undefined) {
    const text = JSON.stringify(order, (key, value) => (key === 'accumulator' ? value === WITHIN : value));
    found = spellings.get(text) ?? spellings.size;
    spellings.set(text, found);
    numbers.set(order, found);
  }
  return found;
}

/** Two points with equal keys compute the same. */
export function keyOf(point: Point): string {
  let key = '';
  for (const name of names) key += name === 'order' ? numberOf(point.order) : `,${point[name]}`;
  return key;
}

/** Every parameter, in one sequence. */
const names: readonly Axis[] = [
  ...(['order', 'family', 'sumFormat', 'sumMode', 'sumOverflow', 'sumSubnormals', 'sumTininess'] as const),
  ...(['product', 'productFormat', 'productMode', 'productSubnormals'] as const),
  ...(['across', 'acrossFormat', 'acrossMode', 'acrossOverflow', 'acrossSubnormals', 'acrossTininess'] as const),
  ...(['storeMode', 'storeOverflow', 'storeSubnormals', 'storeTininess'] as const),
  ...(['loadSubnormals', 'addendSubnormals', 'zeroOperands', 'ignoreSign', 'leaf', 'start'] as const),
  ...(['fractionBits', 'lost', 'leastExponent', 'zeroRule', 'zeroGroups', 'zeroSign', 'addend'] as const),
  ...(['sumBits', 'addendBits', 'lateLost', 'far', 'settle', 'lanes', 'group', 'productOverflow'] as const),
  ...(['productExponent', 'bits', 'overflow', 'when', 'registerFraction', 'acrossBits', 'acrossRegister'] as const),
];
